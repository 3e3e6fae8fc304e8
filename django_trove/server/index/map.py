"""
Cells of the map of items, and the number of items by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django_trove.client.values import Location
from django_trove.core.map_grid import cell_of, first_cell

from ..models import Identity, Kind, MapTally
from ..models.map import LEVELS, UNITS_PER_DEGREE
from .memberships import Membership
from .tallies import add_to_tallies

COUNTED_KINDS = (Kind.PHOTO, Kind.VIDEO)
KEY_COLUMNS = ("kind", "public", "level", "cell")
SUM_COLUMNS = ("items", "latitudes", "longitudes")

Key = tuple[Any, ...]
"""The values of `KEY_COLUMNS`."""


def map_cell_of(location: Location | None) -> int | None:
    return cell_of(*location) if location else None


def update_map(
    identity: Identity, before: Iterable[Membership], after: Iterable[Membership]
) -> None:
    """
    Update the tallies after items have changed.
    """
    changes: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for items, sign in ((before, -1), (after, 1)):
        for item in items:
            _add_item(changes, item, sign)
    rows = [(*key, *sums) for key, sums in changes.items() if any(sums)]
    add_to_tallies(MapTally, identity, KEY_COLUMNS, SUM_COLUMNS, rows)


def _add_item(changes: defaultdict[Key, list[int]], item: Membership, sign: int) -> None:
    if item.map_cell is None or item.kind not in COUNTED_KINDS:
        return
    values = (1, *(_to_units(degrees) for degrees in (item.latitude, item.longitude)))
    for level in LEVELS:
        sums = changes[item.kind, item.public, level, first_cell(item.map_cell, level)]
        for index, value in enumerate(values):
            sums[index] += sign * value


def _to_units(degrees: float | None) -> int:
    return round((degrees or 0) * UNITS_PER_DEGREE)
