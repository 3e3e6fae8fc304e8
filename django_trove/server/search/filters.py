"""
Conditions on columns of items that tag rows do not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connections

from django_trove.client.errors import QueryError
from django_trove.client.query import UNSTORABLE_CHARACTERS, Query

from ..index.words import WORDS_VECTOR, split_into_words
from .sql import NEVER, Sql, is_one_of

ATTRIBUTE_COLUMNS = {
    "album_id": "album_id",
    "license": "license",
    "owner": "owner_name",
    "public": "public",
    "title": "title",
    "id": "service_id",
}


def parse_attributes(query: Query) -> dict[str, Any]:
    """
    Return the requested values by column.
    """
    values: dict[str, Any] = {}
    for name, value in query.attributes.items():
        if name not in ATTRIBUTE_COLUMNS:
            detail = f"The names in attributes must be from {', '.join(ATTRIBUTE_COLUMNS)}."
            raise QueryError(detail, field="attributes")
        if name == "public":
            valid = isinstance(value, bool)
        else:
            valid = isinstance(value, str) and not UNSTORABLE_CHARACTERS.search(value)
        if not valid:
            expected = "a boolean" if name == "public" else "a string"
            raise QueryError(f"attributes: {name} must be {expected}.", field="attributes")
        values[ATTRIBUTE_COLUMNS[name]] = value
    return values


def item_conditions(
    table: str, query: Query, attributes: Mapping[str, Any], using: str
) -> list[Sql]:
    """
    :param table: the name of the items in the statement.
    :param attributes: the requested values by column.
    :param using: the database.
    """
    conditions = [Sql(f"{table}.{column} = %s", (value,)) for column, value in attributes.items()]
    if query.public is not None:  # without a parameter: the index of public items is partial
        conditions.append(Sql(f"{table}.public" if query.public else f"NOT {table}.public"))
    if query.albums:
        conditions.append(is_one_of(f"{table}.album_id", sorted(set(query.albums))))
    if query.text.strip():
        conditions += _text_conditions(f"{table}.words", query.text, using)
    return conditions


def _text_conditions(column: str, text: str, using: str) -> list[Sql]:
    """
    PostgreSQL has an index of the words (`index.words`); other databases scan the user's items.
    """
    words = split_into_words(text)
    if not words:
        return [NEVER]
    if connections[using].vendor == "postgresql":
        query = " & ".join(f"'{word}':*" for word in words)
        return [Sql(f"{WORDS_VECTOR.format(column)} @@ %s::tsquery", (query,))]
    pattern = f"({column} LIKE %s OR {column} LIKE %s)"
    return [Sql(pattern, (f"{word}%", f"% {word}%")) for word in words]
