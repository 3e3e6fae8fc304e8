"""
Places of items, and the number of items by place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django_trove.client.values import Location, to_location
from django_trove.core.database import atomic

from ..models import (
    Identity,
    Item,
    Kind,
    Level,
    Library,
    PlaceTally,
    join_place,
    parse_place,
    split_place,
)
from ..models.places import COLUMNS
from ..places.gazetteer import VERSION, find_place
from .memberships import Membership, get_membership
from .tallies import add_to_tallies
from .words import normalize_name

BATCH = 500
KEY_COLUMNS = ("kind", "public", "level", "place", "name")
PLACE_FIELDS = (*COLUMNS.values(), "place_version")


Key = tuple[int, bool, Level, str]


def place_columns(location: Location | None) -> dict[str, Any]:
    """
    Return the columns of the place of an item.
    """
    found = find_place(location) if location else None
    levels = split_place(join_place(found)) if found else {}
    columns = {column: levels.get(level, "") for level, column in COLUMNS.items()}
    return columns | {"place_version": VERSION}


def update_places(
    identity: Identity, before: Iterable[Membership], after: Iterable[Membership]
) -> None:
    """
    Update the tallies after items have changed.
    """
    changes = Counter(_iter_keys(after))
    changes.subtract(_iter_keys(before))
    rows = [(*key, _get_name(key), items) for key, items in sorted(changes.items()) if items]
    add_to_tallies(PlaceTally, identity, KEY_COLUMNS, ("items",), rows)


def count_outdated_places() -> int:
    return int(_find_outdated().count())


def update_outdated_places() -> Iterator[int]:
    """
    Find the places of all items that were found in other data. Each batch is a transaction.

    :returns: the number of items of each batch.
    """
    last = 0
    while rows := list(
        _find_outdated().filter(pk__gt=last).order_by("pk").values_list("pk", "identity")[:BATCH]
    ):
        by_identity = defaultdict(list)
        for pk, identity in rows:
            by_identity[identity].append(pk)
        for identity in Identity.objects.filter(pk__in=by_identity):
            _update_items(identity, by_identity[identity.pk])
        last = rows[-1][0]
        yield len(rows)


def _find_outdated() -> Any:
    located = Item.objects.filter(kind__in=(Kind.PHOTO, Kind.VIDEO), latitude__isnull=False)
    return located.exclude(place_version=VERSION)


def _update_items(identity: Identity, pks: Sequence[int]) -> None:
    with atomic(Item):
        Library.objects.touch(identity.user_id)
        items = list(identity.items.filter(pk__in=pks))
        before = [get_membership(item) for item in items]
        for item in items:
            for column, value in place_columns(to_location(item.latitude, item.longitude)).items():
                setattr(item, column, value)
        Item.objects.bulk_update(items, PLACE_FIELDS)
        update_places(identity, before, [get_membership(item) for item in items])


def _iter_keys(items: Iterable[Membership]) -> Iterator[Key]:
    for item in items:
        for level, place in split_place(item.place).items():
            yield item.kind, item.public, level, place


def _get_name(key: Key) -> str:
    _, _, level, text = key
    place = parse_place(text)
    name = (place.country, place.region, place.name)[level - 1]
    return normalize_name(name)[:200]
