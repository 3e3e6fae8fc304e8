"""
Where a page ended, so that the next one goes on there without counting its way (protocol,
"Query"). It works in an order by date alone, which is the usual one; others have numbered pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Q

from django_trove.client.errors import QueryError

CURSOR_PATTERN = re.compile(r"(-?[0-9]{1,19})\.([0-9]{1,18})")


def supports_cursor(order: Sequence[str]) -> bool:
    """
    Return whether pages in this order can go on where one ended.

    :param order: columns, "-" before those that descend, the item's id last.
    """
    return [name.removeprefix("-") for name in order] == ["taken_at_seconds", "pk"]


def encode_cursor(moment: int, item: int) -> str:
    """
    Write where a page ended.
    """
    return f"{moment}.{item}"


def after_cursor(text: str, order: Sequence[str], item: str) -> Q:
    """
    Return the condition of coming after the end of a page. It is written so that a database
    begins there in its index, as it doesn't for a plain "or".

    :param text: as `encode_cursor` wrote it.
    :param item: the column of the item's id.
    :raises QueryError: if it can't be read, or the order is another one.
    """
    place = CURSOR_PATTERN.fullmatch(text)
    if place is None or abs(int(place[1])) >= 2**63:
        raise QueryError("after is not what an answer gave.", field="after")
    if not supports_cursor(order):
        raise QueryError("after goes with an order by date alone.", field="after")
    moment, pk = int(place[1]), int(place[2])
    way = "lt" if order[0].startswith("-") else "gt"
    further = Q(**{f"taken_at_seconds__{way}": moment}) | Q(**{f"{item}__{way}": pk})
    return Q(**{f"taken_at_seconds__{way}e": moment}) & further
