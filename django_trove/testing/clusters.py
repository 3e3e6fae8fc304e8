"""
A reference implementation of the clusters of a map (protocol, sections 3.9 and 5.6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..client import Cluster, Photo, Query, Result, Video
from ..client.query import MAX_COUNT, MAX_ZOOM
from ..core.box import WORLD, Box
from ..core.map_grid import cell_of, choose_level, first_cell
from .records import Record
from .search import search_records

UNLIMITED = {"services", "identities_by_id", "public", "videos", "geo_sw", "geo_ne", "zoom"}
"""The filters with which all items are counted, instead of the newest ones."""


def search_clusters(records: Iterable[Record], query: Query) -> Result[Cluster]:
    """
    :param records: photos and videos of one user, as far as they are granted.
    """
    box = Box(*query.geo_sw, *query.geo_ne) if query.geo_sw and query.geo_ne else WORLD
    level = choose_level(box, MAX_ZOOM if query.zoom is None else query.zoom)
    shown = [each for each in records if query.videos or type(each.item) is Photo]
    filters = replace(query, geo_sw=box[:2], geo_ne=box[2:], count=MAX_COUNT)
    found = search_records(shown, filters)
    items, more = list(found), found.more
    while more and not _is_limited(query):
        filters = replace(filters, page=filters.page + 1)
        found = search_records(shown, filters)
        items, more = [*items, *found], found.more
    groups = defaultdict(list)
    for item in items:
        groups[first_cell(cell_of(*item.location), level)].append(item)
    clusters = tuple(_build_cluster(f"{level}-{cell}", groups[cell]) for cell in sorted(groups))
    return Result(
        count=len(clusters),
        total_number_of_results=len(clusters),
        results=clusters,
        query=query,
        more=bool(more),
    )


def _is_limited(query: Query) -> bool:
    default = Query()
    others = set(Query.__slots__) - UNLIMITED - {"total", "force_update"}
    return any(getattr(query, name) != getattr(default, name) for name in others)


def _build_cluster(identifier: str, photos: list[Any]) -> Cluster:
    latitudes, longitudes = zip(*(photo.location for photo in photos), strict=True)
    return Cluster(
        id=identifier,
        photos=sum(type(photo) is Photo for photo in photos),
        videos=sum(isinstance(photo, Video) for photo in photos),
        latitude=sum(latitudes) / len(photos),
        longitude=sum(longitudes) / len(photos),
        box=(min(latitudes), min(longitudes), max(latitudes), max(longitudes)),
        photo=photos[0],
    )
