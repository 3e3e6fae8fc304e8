"""
A reference implementation of albums, the timeline, places and clusters (protocol, section 3.9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..client import Album, Month, Photo, PlaceCount, Query, Result, Video
from ..client.collections import check_collection_query
from .clusters import search_clusters
from .records import Record


def search_collection(records: Iterable[Record], name: str, query: Query) -> Result[Any]:
    """
    :param records: photos and videos of one user, as far as they are granted.
    :param name: the name of a collection.
    :raises QueryError: if the query is invalid, or the collection does not support a field of it.
    """
    check_collection_query(name, query)
    if name == "clusters":
        return search_clusters(records, query)
    matches = [record for record in records if _matches(record, query)]
    if name == "timeline":
        months = _build_months(matches)
        return _build_result(months, months, query)
    found = _build_places(matches) if name == "places" else _build_albums(matches, query)
    start = (query.page - 1) * query.count
    return _build_result(found, found[start : start + query.count], query)


def _matches(record: Record, query: Query) -> bool:
    return all((
        not query.services or record.service in query.services,
        not query.identities_by_id or record.identity in query.identities_by_id,
        not query.albums or record.album_id in query.albums,
        query.public is None or record.public == query.public,
    ))  # fmt: skip


def _build_albums(records: list[Record], query: Query) -> list[Album]:
    groups = _group(records, lambda record: (record.identity, record.album_id))
    albums = [_build_album(identity, group) for (identity, album), group in groups if album]
    return [each for each in albums if not query.trove_id or each.trove_id == query.trove_id]


def _build_album(identity: str, records: Sequence[Record]) -> Album:
    """
    :param records: the newest first.
    """
    photos = [record.item for record in records if not isinstance(record.item, Video)]
    videos = [record.item for record in records if isinstance(record.item, Video)]
    cover: Any = [*photos, *videos][0]
    return Album(
        trove_id=f"{identity}-{cover.album_id}",
        service=cover.service,
        id=cover.album_id,
        identity=identity,
        title=next((r.item.album_title for r in records if r.item.album_title), ""),  # type: ignore[attr-defined]
        photos=len(photos),
        videos=len(videos),
        cover=cover,
    )


def _build_months(records: list[Record]) -> list[Month]:
    def month_of(record: Record) -> tuple[int, int]:
        return (record.local_date.year, record.local_date.month) if record.local_date else (0, 0)

    groups = sorted(_group(records, month_of), reverse=True, key=lambda group: group[0])
    return [
        Month(
            id=f"{year:04}-{month:02}",
            year=year,
            month=month,
            photos=sum(type(record.item) is Photo for record in group),
            videos=sum(isinstance(record.item, Video) for record in group),
        )
        for (year, month), group in groups
    ]


def _build_places(records: list[Record]) -> list[PlaceCount]:
    located = [record for record in records if getattr(record.item, "place", None)]
    groups = _group(located, lambda record: (record.item.place,))  # type: ignore[attr-defined]
    places = [
        PlaceCount(
            id=str(place),
            name=place.name,
            region=place.region,
            country=place.country,
            photos=sum(type(record.item) is Photo for record in group),
            videos=sum(isinstance(record.item, Video) for record in group),
        )
        for (place,), group in groups
    ]
    return sorted(places, key=lambda p: (-p.count, p.country, p.region, p.name))


def _group(
    records: list[Record], key: Callable[[Record], tuple[Any, ...]]
) -> list[tuple[tuple[Any, ...], list[Record]]]:
    """
    Return the records by key. In each group, and of the groups, the newest is first.
    """
    groups = defaultdict(list)
    for record in sorted(records, key=_by_date, reverse=True):
        groups[key(record)].append(record)
    return list(groups.items())


def _by_date(record: Record) -> tuple[int, int]:
    return (record.taken_at_seconds, record.number)


def _build_result(found: Sequence[Any], page: Sequence[Any], query: Query) -> Result[Any]:
    return Result(
        count=len(page),
        page=query.page,
        total_number_of_results=len(found),
        results=tuple(page),
        query=query,
        more=(query.page - 1) * query.count + len(page) < len(found),
    )
