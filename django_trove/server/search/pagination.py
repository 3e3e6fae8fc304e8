"""
Keyset pagination (protocol, section 4.8). It requires an order by date; other orders use offsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django_trove.client.errors import QueryError
from django_trove.client.query import CURSOR_PATTERN

from .sql import Sql


class Page(NamedTuple):
    """
    :param order: names of columns of items, with "-" for descending order.
    :param after: the condition of a cursor.
    :param offset: the number of rows to skip.
    """

    order: Sequence[str]
    after: Sql | None
    offset: int
    limit: int


def supports_cursor(order: Sequence[str]) -> bool:
    return [name.removeprefix("-") for name in order] == ["taken_at_seconds", "id"]


def encode_cursor(seconds: int, pk: int) -> str:
    return f"{seconds}.{pk}"


def after_cursor(cursor: str, order: Sequence[str], id_column: str) -> Sql:
    """
    Return the condition for the rows after a cursor. Its first part is redundant, but lets the
    database start at this position of the index; it would not for the disjunction alone.
    """
    match = CURSOR_PATTERN.fullmatch(cursor)
    if match is None or abs(int(match[1])) >= 2**63:
        raise QueryError("after is not a valid cursor.", field="after")
    if not supports_cursor(order):
        raise QueryError("after requires an order by date alone.", field="after")
    seconds, pk = int(match[1]), int(match[2])
    is_after = "<" if order[0].startswith("-") else ">"
    return Sql(
        f"r.taken_at_seconds {is_after}= %s"
        f" AND (r.taken_at_seconds {is_after} %s OR {id_column} {is_after} %s)",
        (seconds, seconds, pk),
    )
