"""
The items of a map, near ones in clusters (protocol, sections 3.9 and 5.6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery

from django_trove.client.collections import Cluster
from django_trove.client.content import Photo
from django_trove.client.query import MAX_COUNT, MAX_ZOOM, Query
from django_trove.client.result import Result
from django_trove.core.box import WORLD, Box
from django_trove.core.map_grid import (
    choose_level,
    count_deepest,
    find_ranges,
    first_cell,
    get_bounds,
    intersects,
)

from ..index.map import map_cell_of
from ..models import Item, Kind, MapTally
from ..models.map import LEVELS, UNITS_PER_DEGREE
from .accounts import filter_accounts
from .content import row_to_content
from .engine import find_items, search

COUNTED = frozenset(
    {"services", "identities_by_id", "public", "videos", "geo_sw", "geo_ne", "zoom", "total"}
    | {"force_update"}
)
"""The fields of a query whose clusters are read from tallies."""


class Part(NamedTuple):
    """
    A cell with items of one kind.

    :param cell: the first deepest cell.
    :param level: its level.
    :param tally: the primary key of its tally, if there is one.
    :param photo: the item, if it is the only one.
    """

    cell: int
    level: int
    kind: int
    items: int
    latitudes: float
    longitudes: float
    tally: int | None = None
    photo: Photo | None = None


@dataclass
class Group:
    parts: list[Part] = field(default_factory=list)

    @property
    def tally(self) -> int | None:
        return self.parts[0].tally

    @property
    def photo(self) -> Photo | None:
        return self.parts[0].photo

    def count(self, kind: int) -> int:
        return sum(part.items for part in self.parts if part.kind == kind)

    def build(self, cell: int, level: int, photo: Photo | None) -> Cluster:
        items = sum(part.items for part in self.parts)
        bounds = [get_bounds(part.cell, part.level) for part in self.parts]
        return Cluster(
            id=f"{level}-{cell}",
            photos=self.count(Kind.PHOTO),
            videos=self.count(Kind.VIDEO),
            latitude=sum(part.latitudes for part in self.parts) / items,
            longitude=sum(part.longitudes for part in self.parts) / items,
            box=(
                min(box.south for box in bounds),
                min(box.west for box in bounds),
                max(box.north for box in bounds),
                max(box.east for box in bounds),
            ),
            photo=photo,
        )


def search_clusters(
    user: Any, query: Query, origin: str, kinds: Mapping[str, Kind]
) -> Result[Cluster]:
    """
    Return the clusters of a box. Without a box, it is the world.
    """
    box = Box(*query.geo_sw, *query.geo_ne) if query.geo_sw and query.geo_ne else WORLD
    query = replace(query, geo_sw=box[:2], geo_ne=box[2:])
    level = choose_level(box, MAX_ZOOM if query.zoom is None else query.zoom)
    wanted = [kind for name, kind in kinds.items() if name == "photos" or query.videos]
    more = False
    if _has_other_filters(query):
        parts, more = _read_items(user, query, origin, wanted)
    else:
        parts = _read_tallies(user, query, box, level, wanted)
    groups: dict[int, Group] = {}
    for part in parts:
        groups.setdefault(first_cell(part.cell, level), Group()).parts.append(part)
    tallies = [group.tally for group in groups.values() if group.tally is not None]
    photos = _find_photos(user, origin, parts[0].level, tallies) if tallies else {}
    clusters = tuple(
        group.build(cell, level, group.photo or photos.get(group.tally or 0))
        for cell, group in sorted(groups.items())
    )
    return Result(
        count=len(clusters),
        total_number_of_results=len(clusters),
        results=clusters,
        query=query,
        more=more,
    )


def _has_other_filters(query: Query) -> bool:
    default = Query()
    return any(
        getattr(query, name) != getattr(default, name)
        for name in Query.__slots__
        if name not in COUNTED
    )


def _read_tallies(
    user: Any, query: Query, box: Box, level: int, kinds: Collection[Kind]
) -> list[Part]:
    counted_level = min(each for each in LEVELS if each >= level)
    ranges = (Q(cell__range=each) for each in find_ranges(box, counted_level))
    tallies = MapTally.objects.filter(
        filter_accounts(query),
        reduce(or_, ranges),
        owner=user,
        level=counted_level,
        kind__in=kinds,
        items__gt=0,
    )
    if query.public is not None:
        tallies = tallies.filter(public=query.public)
    rows = tallies.values_list("cell", "kind", "items", "latitudes", "longitudes", "pk")
    return [
        Part(
            cell,
            counted_level,
            kind,
            items,
            latitudes / UNITS_PER_DEGREE,
            longitudes / UNITS_PER_DEGREE,
            pk,
        )
        for cell, kind, items, latitudes, longitudes, pk in rows
        if intersects(box, cell, counted_level)
    ]


def _read_items(
    user: Any, query: Query, origin: str, kinds: Collection[Kind]
) -> tuple[list[Part], bool]:
    """
    Return the newest matching items, and whether there are more.
    """
    query = replace(query, zoom=None, count=MAX_COUNT, page=1, total=False)
    kind, *_ = kinds
    result = search(user, replace(query, videos=len(kinds) > 1), origin, kind, row_to_content)
    parts = []
    for photo in result:
        cell = map_cell_of(photo.location)
        assert cell is not None  # noqa: S101 - all of the items are in the box
        kind = Kind[photo.object_type.upper()]
        parts.append(Part(cell, LEVELS[-1], kind, 1, photo.latitude, photo.longitude, photo=photo))
    return parts, bool(result.more)


def _find_photos(user: Any, origin: str, level: int, pks: Collection[int]) -> dict[int, Photo]:
    """
    Return an item of each tally of a level, by the primary key of the tally.
    """
    tallies = MapTally.objects.filter(pk__in=pks)
    items = Item.objects.filter(
        identity=OuterRef("identity"),
        kind=OuterRef("kind"),
        public=OuterRef("public"),
        map_cell__gte=OuterRef("cell"),
        map_cell__lt=OuterRef("cell") + count_deepest(level),
    ).order_by("map_cell")
    found = tallies.values_list("pk", Subquery(items.values("pk")[:1]))
    by_tally = dict(found)
    photos = find_items(user, list(filter(None, by_tally.values())), origin)
    return {pk: photos[item] for pk, item in by_tally.items() if item in photos}
