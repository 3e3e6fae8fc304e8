"""
A plain reading of the protocol's "Query": what it finds among photos, without an index.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from ..client import Photo, Query, QueryError, Result
from ..client.content import Location
from ..client.query import DEFAULT_ORDER, as_utc

EARTH_RADIUS_KM = 6371.0088
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNDATED = -(2**62)
CURSOR_PATTERN = re.compile(r"(-?[0-9]{1,19})\.([0-9]{1,18})")
ORDERS = ("service_date", "date", "service", "trove_id", "width", "height")
ATTRIBUTES = ("album_id", "license", "owner", "public", "title", "id")


@dataclass(frozen=True, slots=True)
class Record:
    """
    A photo in a Trove.

    :param number: what its trove id is ordered by.
    :param identity: the id of the account on a service that it comes from.
    """

    number: int
    photo: Photo
    identity: str = ""

    @property
    def moment(self) -> int:
        """
        Whole seconds since 1970 in UTC; long before all others for an undated photo.
        """
        date = self.photo.date
        return UNDATED if date is None else (as_utc(date) - EPOCH) // timedelta(seconds=1)


def search_records(records: Iterable[Record], query: Query) -> Result[Photo]:
    """
    Answer a query.

    :param records: one person's photos, in any order.
    :raises QueryError: if the query makes no sense; it names the field.
    """
    query.check()
    if query.trove_id:
        one = tuple(r.photo for r in records if r.photo.trove_id == query.trove_id)
        asked = Query(trove_id=query.trove_id)
        return Result(
            count=len(one), total_number_of_results=len(one), results=one, query=asked, more=False
        )
    order = _parse_order(query)
    _check_attributes(query)
    found = _sort_records([record for record in records if _matches(record, query)], order)
    left = (
        _is_after_cursor(found, query, order)
        if query.after
        else found[(query.page - 1) * query.count :]
    )
    page, more = left[: query.count], len(left) > query.count
    return Result(
        count=len(page),
        page=query.page,
        total_number_of_results=len(found) if query.total else None,
        results=tuple(record.photo for record in page),
        query=query,
        more=more,
        after=f"{page[-1].moment}.{page[-1].number}" if more and _supports_cursor(order) else "",
    )


def normalize_tag(tag: str) -> str:
    """
    Return what two spellings of one tag have in common: case, surrounding space and how accents
    are composed don't count.
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()


def distance_km(one: Location, other: Location) -> float:
    """
    Return the distance on a globe, by the chord through the Earth.

    :param one: latitude and longitude in degrees.
    """
    chord = math.dist(_to_unit_vector(one), _to_unit_vector(other))
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, chord / 2))


def _matches(record: Record, query: Query) -> bool:
    photo = record.photo
    own = {normalize_tag(tag) for tag in photo.tags} - {""}
    return all((
        not query.services or photo.service in query.services,
        not query.identities_by_id or record.identity in query.identities_by_id,
        all(normalize_tag(tag) in own for tag in query.tags_required),
        not query.tags_optional or any(normalize_tag(tag) in own for tag in query.tags_optional),
        _is_in_date_range(record, query),
        not (query.geo_sw and query.geo_ne) or _is_in_box(photo, query),
        not query.geo_near_center or _is_near(photo, query),
        all(getattr(photo, name) == value for name, value in query.attributes.items()),
    ))  # fmt: skip


def _is_in_date_range(record: Record, query: Query) -> bool:
    """
    Whole seconds, both ends included; an undated photo lies in no range.
    """
    if query.date_from is None and query.date_to is None:
        return True
    date, earliest, latest = map(_to_seconds, (record.photo.date, query.date_from, query.date_to))
    if date is None or (earliest and date < earliest):
        return False
    return latest is None or date <= latest


def _to_seconds(moment: datetime | None) -> datetime | None:
    return moment and as_utc(moment).replace(microsecond=0)


def _is_in_box(photo: Photo, query: Query) -> bool:
    if photo.location is None or query.geo_sw is None or query.geo_ne is None:
        return False
    latitude, longitude = photo.location
    (south, west), (north, east) = query.geo_sw, query.geo_ne
    names = (180.0, -180.0) if abs(longitude) == 180 else (longitude,)  # one meridian has two
    if west <= east:
        across = any(west <= name <= east for name in names)
    else:
        across = any(name >= west or name <= east for name in names)
    return across and south <= latitude <= north


def _is_near(photo: Photo, query: Query) -> bool:
    if photo.location is None or query.geo_near_center is None:
        return False
    return distance_km(photo.location, query.geo_near_center) <= query.geo_near_radius


def _to_unit_vector(place: Location) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, place)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def _parse_order(query: Query) -> list[str]:
    """
    Return the names to order by. Ties go by trove id, in the first field's direction.
    """
    names = list(query.order_by) or [DEFAULT_ORDER]
    if not {name.removeprefix("-") for name in names} <= set(ORDERS):
        raise QueryError(f"order_by must be one of {', '.join(ORDERS)}.", field="order_by")
    return [*names, "-trove_id" if names[0].startswith("-") else "trove_id"]


def _sort_records(records: list[Record], order: Sequence[str]) -> list[Record]:
    for name in reversed(order):
        records.sort(key=_sort_key(name.removeprefix("-")), reverse=name.startswith("-"))
    return records


def _sort_key(name: str) -> Any:
    if name in ("service_date", "date"):
        return lambda record: record.moment
    if name == "trove_id":
        return lambda record: record.number
    return lambda record: getattr(record.photo, name)


def _supports_cursor(order: Sequence[str]) -> bool:
    """
    Whether pages can go on where one ended: in an order by date alone.
    """
    return len(order) == 2 and order[0].removeprefix("-") in ("service_date", "date")


def _is_after_cursor(found: list[Record], query: Query, order: Sequence[str]) -> list[Record]:
    place = CURSOR_PATTERN.fullmatch(query.after)
    if place is None or abs(int(place[1])) >= 2**63:
        raise QueryError("after is not a valid cursor.", field="after")
    if not _supports_cursor(order):
        raise QueryError("after requires an order by date alone.", field="after")
    end = int(place[1]), int(place[2])
    descending = order[0].startswith("-")
    places = ((record, (record.moment, record.number)) for record in found)
    return [record for record, place in places if (place < end if descending else place > end)]


def _check_attributes(query: Query) -> None:
    for name, value in query.attributes.items():
        if name not in ATTRIBUTES:
            detail = f"The names in attributes must be from {', '.join(ATTRIBUTES)}."
            raise QueryError(detail, field="attributes")
        if not isinstance(value, bool if name == "public" else str):
            expected = "a boolean" if name == "public" else "a string"
            raise QueryError(f"attributes: {name} must be {expected}.", field="attributes")
