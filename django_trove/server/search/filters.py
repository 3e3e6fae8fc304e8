"""
Conditions for the fields of a query, except tags, accounts and places.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connections

from django_trove.client.errors import QueryError
from django_trove.client.query import UNSTORABLE_CHARACTERS, Query
from django_trove.client.values import MAX_UTC_OFFSET

from ..connectors.base import to_service_id
from ..index.words import WORDS_VECTOR, split_into_words
from ..models import UNDATED, Kind
from ..models.values import to_epoch_seconds
from .sql import NEVER, Sql, is_one_of

DAY_SECONDS = 24 * 60 * 60
MAX_OFFSET_SECONDS = MAX_UTC_OFFSET * 60

ATTRIBUTE_COLUMNS = {
    "album_id": "album_id",
    "license": "license",
    "owner": "owner_name",
    "public": "public",
    "title": "title",
    "id": "service_id",
}


def parse_attributes(query: Query, kind: int) -> dict[str, Any]:
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
    if "service_id" in values:
        values["service_id"] = to_service_id(Kind(kind).name.lower(), values["service_id"])
    return values


def item_conditions(
    table: str, query: Query, attributes: Mapping[str, Any], using: str
) -> list[Sql]:
    """
    Return conditions on columns that tag rows do not have.

    :param table: the name of the items in the statement.
    :param attributes: the requested values by column.
    :param using: the database.
    """
    conditions = [Sql(f"{table}.{column} = %s", (value,)) for column, value in attributes.items()]
    if query.public is not None:
        conditions.append(
            _public_condition(table, using) if query.public else Sql(f"NOT {table}.public")
        )
    if query.albums:
        conditions.append(is_one_of(f"{table}.album_id", sorted(set(query.albums))))
    if query.text.strip():
        conditions += _text_conditions(f"{table}.words", query.text, using)
    return conditions


def _public_condition(table: str, using: str) -> Sql:
    """
    The index of public items is partial. SQLite uses it only if the query contains the condition of
    the index, which is `public` with Django 5.2, and `public = 1` with Django 6.1.
    """
    if connections[using].vendor == "sqlite":
        return Sql(f"{table}.public AND {table}.public = 1")
    return Sql(f"{table}.public")


def has_words_index(using: str) -> bool:
    """
    Return whether the database finds words in an index. Others scan the words.
    """
    return connections[using].vendor == "postgresql"


def _text_conditions(column: str, text: str, using: str) -> list[Sql]:
    """
    SQLite uses its partial index only for a condition that contains that of the index.
    """
    words = split_into_words(text)
    if not words:
        return [NEVER]
    if has_words_index(using):
        query = " & ".join(f"'{word}':*" for word in words)
        return [Sql(f"{WORDS_VECTOR.format(column)} @@ %s::tsquery", (query,))]
    pattern = f"({column} LIKE %s OR {column} LIKE %s)"
    matches = [Sql(pattern, (f"{word}%", f"% {word}%")) for word in words]
    return [Sql(f"{column} <> ''"), *matches]


def date_conditions(query: Query) -> list[Sql]:
    """
    An item without a date is in no range (protocol, section 4.5). For days, there are additional
    conditions on `taken_at_seconds`. They exclude no further item, but limit the range of the index
    that the database reads.
    """
    conditions = []
    if query.date_from:
        conditions.append(_compare("r.taken_at_seconds >= %s", to_epoch_seconds(query.date_from)))
    if query.date_to:
        conditions.append(_compare("r.taken_at_seconds <= %s", to_epoch_seconds(query.date_to)))
    if query.day_from:
        conditions.append(taken_since(midnight(query.day_from)))
    if query.day_to:
        conditions.append(taken_before(midnight(query.day_to) + DAY_SECONDS))
    if (query.date_to or query.day_to) and not (query.date_from or query.day_from):
        conditions.append(_compare("r.taken_at_seconds > %s", UNDATED))
    return conditions


def taken_since(local_seconds: int) -> Sql:
    return Sql(
        "r.local_seconds >= %s AND r.taken_at_seconds >= %s",
        (local_seconds, local_seconds - MAX_OFFSET_SECONDS),
    )


def taken_before(local_seconds: int) -> Sql:
    return Sql(
        "r.local_seconds < %s AND r.taken_at_seconds < %s",
        (local_seconds, local_seconds + MAX_OFFSET_SECONDS),
    )


def _compare(text: str, value: int) -> Sql:
    return Sql(text, (value,))


def midnight(day: date) -> int:
    return to_epoch_seconds(datetime.combine(day, time.min, UTC))
