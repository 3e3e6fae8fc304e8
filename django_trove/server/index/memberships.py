"""
The columns of items that determine where they are counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..models import Item


class Membership(NamedTuple):
    """
    The columns of an item that determine the album, the month, the place and the cell of the map
    in which it is counted.
    """

    kind: int
    public: bool
    album_id: str
    local_seconds: int
    place: str
    latitude: float | None
    longitude: float | None
    map_cell: int | None


COLUMNS = Membership._fields


def read_memberships(items: Any) -> list[Membership]:
    """
    :param items: a queryset.
    """
    return [Membership(*values) for values in items.values_list(*COLUMNS)]


def get_membership(item: Item) -> Membership:
    return Membership(*(getattr(item, name) for name in COLUMNS))
