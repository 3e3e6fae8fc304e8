"""
SQL fragments with parameters, from which search statements are composed. Building and compiling a
queryset takes several times as long as executing its statement.

The fragments contain names of columns and placeholders only; each value is a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connections


class Sql(NamedTuple):
    text: str
    params: tuple[Any, ...] = ()


NEVER = Sql("1 = 0")


def all_of(conditions: Iterable[Sql]) -> Sql:
    return _join(" AND ", conditions)


def any_of(conditions: Iterable[Sql]) -> Sql:
    joined = _join(" OR ", conditions)
    return Sql(f"({joined.text})", joined.params)


def is_one_of(column: str, values: Collection[Any]) -> Sql:
    if not values:
        return NEVER
    return Sql(f"{column} IN ({', '.join(['%s'] * len(values))})", tuple(values))


def select(columns: str, source: str, where: Sql, rest: str = "", *params: Any) -> Sql:
    """
    :param rest: the text after the condition, whose parameters are `params`.
    """
    text = f"SELECT {columns} FROM {source} WHERE {where.text} {rest}"  # noqa: S608 - see above
    return Sql(text, (*where.params, *params))


def fetch_all(using: str, statement: Sql) -> Sequence[tuple[Any, ...]]:
    """
    Return the rows of a statement in a database.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_value(using: str, statement: Sql) -> Any:
    """
    Return the first column of the first row, or None.
    """
    rows = fetch_all(using, statement)
    return rows[0][0] if rows else None


def _join(separator: str, parts: Iterable[Sql]) -> Sql:
    texts: list[str] = []
    params: list[Any] = []
    for text, values in parts:
        texts.append(text)
        params.extend(values)
    return Sql(separator.join(texts), tuple(params))
