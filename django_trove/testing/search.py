"""
A reference implementation of queries (protocol, section 4) on a list of items.
"""

from __future__ import annotations

import math
from calendar import isleap
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import combinations
from typing import Any
from unicodedata import normalize

from ..client import Query, QueryError, Result
from ..client.query import (
    ATTRIBUTE_NAMES,
    CURSOR_PATTERN,
    DEFAULT_ORDER,
    EARTH_RADIUS_KM,
    SORTABLE_FIELDS,
    as_utc,
)
from ..client.values import Location, Place
from .records import Record
from .words import split_words


def search_records(records: Iterable[Record], query: Query) -> Result[Any]:
    """
    Search the items of one user.

    :raises QueryError: if the query is invalid. The error contains the field.
    """
    query.check()
    if query.trove_id:
        found = tuple(r.item for r in records if r.item.trove_id == query.trove_id)
        return Result(
            count=len(found),
            total_number_of_results=len(found),
            results=found,
            query=Query(trove_id=query.trove_id),
            more=False,
        )
    order = _parse_order(query)
    _check_attributes(query)
    matches = _sort_records([record for record in records if _matches(record, query)], order)
    if query.after:
        remaining = _skip_to_cursor(matches, query, order)
    else:
        remaining = matches[(query.page - 1) * query.count :]
    page, more = remaining[: query.count], len(remaining) > query.count
    next_cursor = ""
    if more and _supports_cursor(order):
        next_cursor = f"{page[-1].taken_at_seconds}.{page[-1].number}"
    return Result(
        count=len(page),
        page=query.page,
        total_number_of_results=len(matches) if query.total else None,
        results=tuple(record.item for record in page),
        query=query,
        more=more,
        after=next_cursor,
    )


def normalize_tag(tag: str) -> str:
    """
    Return the canonical form of a tag (protocol, section 4.4): case, surrounding whitespace and
    the composition of accents are ignored.
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()


def distance_km(start: Location, end: Location) -> float:
    """
    Return the distance on a sphere, calculated from the chord.
    """
    chord = math.dist(_to_unit_vector(start), _to_unit_vector(end))
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, chord / 2))


def _matches(record: Record, query: Query) -> bool:
    item_tags = {normalize_tag(tag) for tag in record.tags} - {""}
    return all((
        not query.services or record.service in query.services,
        not query.identities_by_id or record.identity in query.identities_by_id,
        all(normalize_tag(tag) in item_tags for tag in query.tags_required),
        not query.tags_optional
        or any(normalize_tag(tag) in item_tags for tag in query.tags_optional),
        _is_in_date_range(record, query),
        not query.on_this_day
        or _is_anniversary(record, query.on_this_day, query.days_around),
        not (query.geo_sw and query.geo_ne) or _is_in_box(record, query),
        not query.geo_near_center or _is_near(record, query),
        all(getattr(record, name) == value for name, value in query.attributes.items()),
        query.public is None or record.public == query.public,
        not query.albums or record.album_id in query.albums,
        not query.text.strip() or _contains_words(record, query.text),
        not query.place.strip() or _is_at_place(record, query.place),
    ))  # fmt: skip


def _contains_words(record: Record, text: str) -> bool:
    """
    Return whether each word of a text is a word, or the beginning of one, in the title or the
    description.
    """
    words, wanted = split_words(f"{record.title} {record.description}"), split_words(text)
    return bool(wanted) and all(any(w.startswith(start) for w in words) for start in wanted)


def _is_at_place(record: Record, text: str) -> bool:
    """
    Return whether a text is the name of the place, the region or the country, alone, or followed by
    wider ones.
    """
    place = getattr(record.item, "place", None)
    if not isinstance(place, Place) or not place:
        return False
    names = list(filter(None, (place.name, place.region, place.country)))
    texts = (each for size in (1, 2, 3) for each in combinations(names, size))
    return split_words(text) in (split_words(" ".join(each)) for each in texts)


def _is_in_date_range(record: Record, query: Query) -> bool:
    """
    Compare whole seconds. The range includes both ends and no undated photos.
    """
    if not _is_in_day_range(record, query):
        return False
    if query.date_from is None and query.date_to is None:
        return True
    date, earliest, latest = map(_to_seconds, (record.date, query.date_from, query.date_to))
    if date is None or (earliest and date < earliest):
        return False
    return latest is None or date <= latest


def _is_in_day_range(record: Record, query: Query) -> bool:
    if query.day_from is None and query.day_to is None:
        return True
    if record.local_date is None:
        return False
    day = record.local_date.date()
    return (query.day_from or day) <= day <= (query.day_to or day)


def _is_anniversary(record: Record, day: date, days_around: int) -> bool:
    """
    Return whether a day near the one of the photo is the same day in an earlier year.
    """
    if record.local_date is None:
        return False
    taken = record.local_date.date().toordinal()
    near = range(taken - days_around, taken + days_around + 1)
    days = (date.fromordinal(each) for each in near if 0 < each <= date.max.toordinal())
    return any(each.year < day.year and _is_same_day(each, day) for each in days)


def _is_same_day(first: date, second: date) -> bool:
    """
    29 February is 28 February in other years.
    """
    if (first.month, first.day) == (second.month, second.day):
        return True
    ends_february = {(2, 28), (2, 29)} == {(day.month, day.day) for day in (first, second)}
    return ends_february and not (isleap(first.year) and isleap(second.year))


def _to_seconds(value: datetime | None) -> datetime | None:
    return value and as_utc(value).replace(microsecond=0)


def _is_in_box(record: Record, query: Query) -> bool:
    if record.location is None or query.geo_sw is None or query.geo_ne is None:
        return False
    latitude, longitude = record.location
    (south, west), (north, east) = query.geo_sw, query.geo_ne
    longitudes = (180.0, -180.0) if abs(longitude) == 180 else (longitude,)  # the same meridian
    if west <= east:
        is_between = any(west <= value <= east for value in longitudes)
    else:
        is_between = any(value >= west or value <= east for value in longitudes)
    return is_between and south <= latitude <= north


def _is_near(record: Record, query: Query) -> bool:
    if record.location is None or query.geo_near_center is None:
        return False
    return distance_km(record.location, query.geo_near_center) <= query.geo_near_radius


def _to_unit_vector(location: Location) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, location)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def _parse_order(query: Query) -> list[str]:
    """
    Return the sort fields. The last one is the Trove id, in the direction of the first field.
    """
    names = list(query.order_by) or [DEFAULT_ORDER]
    if not {name.removeprefix("-") for name in names} <= set(SORTABLE_FIELDS):
        detail = f"order_by must be one of {', '.join(SORTABLE_FIELDS)}."
        raise QueryError(detail, field="order_by")
    return [*names, "-trove_id" if names[0].startswith("-") else "trove_id"]


def _sort_records(records: list[Record], order: Sequence[str]) -> list[Record]:
    for name in reversed(order):
        records.sort(key=_sort_key(name.removeprefix("-")), reverse=name.startswith("-"))
    return records


def _sort_key(name: str) -> Any:
    if name in ("service_date", "date"):
        return lambda record: record.taken_at_seconds
    if name == "trove_id":
        return lambda record: record.number
    return lambda record: getattr(record, name)


def _supports_cursor(order: Sequence[str]) -> bool:
    """
    Cursors require an order by date alone.
    """
    return len(order) == 2 and order[0].removeprefix("-") in ("service_date", "date")


def _skip_to_cursor(records: list[Record], query: Query, order: Sequence[str]) -> list[Record]:
    match = CURSOR_PATTERN.fullmatch(query.after)
    if match is None or abs(int(match[1])) >= 2**63:
        raise QueryError("after is not a valid cursor.", field="after")
    if not _supports_cursor(order):
        raise QueryError("after requires an order by date alone.", field="after")
    cursor = int(match[1]), int(match[2])
    positions = ((record, (record.taken_at_seconds, record.number)) for record in records)
    if order[0].startswith("-"):
        return [record for record, position in positions if position < cursor]
    return [record for record, position in positions if position > cursor]


def _check_attributes(query: Query) -> None:
    for name, value in query.attributes.items():
        if name not in ATTRIBUTE_NAMES:
            detail = f"The names in attributes must be from {', '.join(ATTRIBUTE_NAMES)}."
            raise QueryError(detail, field="attributes")
        if not isinstance(value, bool if name == "public" else str):
            expected = "a boolean" if name == "public" else "a string"
            raise QueryError(f"attributes: {name} must be {expected}.", field="attributes")
