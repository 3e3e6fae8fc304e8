"""
Keyset pagination (protocol, section 4.8). It requires an order by date; other orders use offsets.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from django_trove.client.errors import QueryError
from django_trove.client.query import CURSOR_PATTERN


def supports_cursor(order: Sequence[str]) -> bool:
    return [name.removeprefix("-") for name in order] == ["taken_at_seconds", "pk"]


def encode_cursor(seconds: int, pk: int) -> str:
    return f"{seconds}.{pk}"


def after_cursor(cursor: str, order: Sequence[str], id_column: str) -> Q:
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
    lookup = "lt" if order[0].startswith("-") else "gt"
    after = Q(**{f"taken_at_seconds__{lookup}": seconds}) | Q(**{f"{id_column}__{lookup}": pk})
    return Q(**{f"taken_at_seconds__{lookup}e": seconds}) & after
