"""
Albums, the timeline, places and clusters (protocol, section 3.9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Expression, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from django_trove.client.collections import (
    Album,
    Month,
    PlaceCount,
    check_collection_query,
)
from django_trove.client.query import Query
from django_trove.client.result import Result
from django_trove.core.database import replica_reads

from .. import models
from ..index.albums import newest_item
from ..index.values import parse_ids
from ..models import Kind, MonthTally
from .accounts import filter_accounts
from .clusters import search_clusters
from .engine import find_items
from .refresh import refresh

ALBUM_COLUMNS = ("pk", "service_id", "title", "identity_id", "identity__service")
COUNTED_KINDS = {"photos": Kind.PHOTO, "videos": Kind.VIDEO}


def search_collection(
    user: Any, name: str, query: Query, origin: str, content_types: Collection[str]
) -> Result[Any]:
    """
    Return albums or months, the newest first, places, those with the most items first, or clusters.

    :param name: the name of a collection.
    :param content_types: the counted ones: "photos", "videos" or both.
    :raises QueryError: if the query is invalid, or the collection does not support a field of it.
    """
    check_collection_query(name, query)
    updated = refresh(user, query) if query.force_update else True
    kinds = {each: kind for each, kind in COUNTED_KINDS.items() if each in content_types}
    with replica_reads(not query.force_update):
        result: Result[Any]
        if name == "albums":
            result = _search_albums(user, query, origin, kinds)
        elif name == "clusters":
            result = search_clusters(user, query, origin, kinds)
        elif name == "places":
            result = _search_places(user, query, kinds)
        else:
            result = _search_months(user, query, kinds)
    return replace(result, updating=not updated)


def _search_albums(user: Any, query: Query, origin: str, kinds: dict[str, Kind]) -> Result[Album]:
    counts = {f"matching_{name}": _album_count(name, query) for name in kinds}
    accounts = filter_accounts(query)
    albums = models.Album.objects.filter(accounts, owner=user).annotate(**counts)
    albums = albums.filter(reduce(or_, (Q(**{f"{name}__gt": 0}) for name in counts)))
    if query.trove_id:
        albums = albums.filter(pk__in=parse_ids([query.trove_id]))
    if query.albums:
        albums = albums.filter(service_id__in=query.albums)
    start = (query.page - 1) * query.count
    order = "-newest_public_seconds" if query.public else "-newest_seconds"
    page = albums.order_by(order, "-pk")[start : start + query.count + 1]
    rows = list(page.values_list(*ALBUM_COLUMNS, *counts, named=True))
    rows, more = rows[: query.count], len(rows) > query.count
    covers = _find_covers(user, [row.pk for row in rows], query, origin, kinds)
    return Result(
        count=len(rows),
        page=query.page,
        total_number_of_results=albums.count() if query.total else None,
        results=tuple(_build_album(row, covers.get(row.pk)) for row in rows),
        query=query,
        more=more,
    )


def _find_covers(
    user: Any, pks: Sequence[int], query: Query, origin: str, kinds: dict[str, Kind]
) -> dict[int, Any]:
    """
    Return the covers of a page of albums by primary key. A subquery in the statement of the page
    would also be evaluated for the albums of all previous pages.
    """
    public = {} if query.public is None else {"public": query.public}
    newest = [newest_item(kind, **public).values("pk") for kind in kinds.values()]
    albums = models.Album.objects.filter(pk__in=pks).annotate(cover=Coalesce(*newest, Value(None)))
    covers = {pk: cover for pk, cover in albums.values_list("pk", "cover") if cover}
    items = find_items(user, list(covers.values()), origin)
    return {pk: items.get(cover) for pk, cover in covers.items()}


def _album_count(name: str, query: Query) -> Expression | F:
    if query.public is None:
        return F(name)
    return F(f"public_{name}") if query.public else F(name) - F(f"public_{name}")


def _build_album(album: Any, cover: Any) -> Album:
    return Album(
        trove_id=str(album.pk),
        service=album.identity__service,
        id=album.service_id,
        identity=str(album.identity_id),
        title=album.title,
        photos=getattr(album, "matching_photos", 0),
        videos=getattr(album, "matching_videos", 0),
        cover=cover,
    )


def _search_months(user: Any, query: Query, kinds: dict[str, Kind]) -> Result[Month]:
    tallies = MonthTally.objects.filter(filter_accounts(query), owner=user, kind__in=kinds.values())
    if query.public is not None:
        tallies = tallies.filter(public=query.public)
    months: dict[int, dict[str, int]] = defaultdict(dict)
    names = {kind: name for name, kind in kinds.items()}
    sums = tallies.values_list("month", "kind").annotate(sum=Sum("items")).filter(sum__gt=0)
    for month, kind, items in sums.order_by("-month"):
        months[month][names[kind]] = items
    results = tuple(_build_month(month, counts) for month, counts in months.items())
    return Result(
        count=len(results),
        total_number_of_results=len(results),
        results=results,
        query=query,
        more=False,
    )


def _search_places(user: Any, query: Query, kinds: dict[str, Kind]) -> Result[PlaceCount]:
    tallies = models.PlaceTally.objects.filter(
        filter_accounts(query), owner=user, level=models.Level.PLACE, kind__in=kinds.values()
    )
    if query.public is not None:
        tallies = tallies.filter(public=query.public)
    counts = {name: Sum("items", filter=Q(kind=kind), default=0) for name, kind in kinds.items()}
    sums = tallies.values("place").annotate(total=Sum("items"), **counts).filter(total__gt=0)
    start = (query.page - 1) * query.count
    rows = list(sums.order_by("-total", "place")[start : start + query.count + 1])
    rows, more = rows[: query.count], len(rows) > query.count
    return Result(
        count=len(rows),
        page=query.page,
        total_number_of_results=sums.count() if query.total else None,
        results=tuple(map(_build_place, rows)),
        query=query,
        more=more,
    )


def _build_place(row: Mapping[str, Any]) -> PlaceCount:
    place = models.parse_place(row["place"])
    return PlaceCount(
        id=str(place),
        name=place.name,
        region=place.region,
        country=place.country,
        photos=row.get("photos", 0),
        videos=row.get("videos", 0),
    )


def _build_month(number: int, counts: dict[str, int]) -> Month:
    year, month = divmod(number, 100)
    return Month(
        id=f"{year:04}-{month:02}",
        year=year,
        month=month,
        photos=counts.get("photos", 0),
        videos=counts.get("videos", 0),
    )
