"""
Queries of a Trove.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self

from .errors import QueryError
from .values import Location

MAX_COUNT = 500
MAX_PAGE = 10_000_000  # page times count must fit into a 64-bit integer
MAX_TEXT_LENGTH = 200
MAX_ZOOM = 24
MAX_DAYS_AROUND = 31
MAX_RADIUS = 20_100.0  # kilometers: half the circumference of the Earth
EARTH_RADIUS_KM = 6371.0088  # the mean radius
DEFAULT_ORDER = "-service_date"
SORTABLE_FIELDS = ("service_date", "date", "service", "trove_id", "width", "height")
ATTRIBUTE_NAMES = ("album_id", "license", "owner", "public", "title", "id")
CURSOR_PATTERN = re.compile(r"(-?[0-9]{1,19})\.([0-9]{1,18})")
"""Seconds since 1970 and the number of the last item (protocol, section 4.8)."""

UNSTORABLE_CHARACTERS = re.compile("[\0\ud800-\udfff]")

LIST_FIELDS = {
    "identities_by_id": "identities_by_id",
    "albums": "albums",
    "tags_required": "tags-required",
    "tags_optional": "tags-optional",
    "order_by": "order_by",
}
"""Attributes that are lists of strings, and their names in the protocol."""

MAX_LENGTHS = {
    "services": 50,
    "identities_by_id": 100,
    "albums": 50,
    "tags-required": 30,
    "tags-optional": 30,
    "order_by": len(SORTABLE_FIELDS),
    "attributes": len(ATTRIBUTE_NAMES),
}
"""The number of values that a field may have (protocol, section 7)."""


@dataclass(slots=True, kw_only=True)
class Query:
    """
    A query (protocol, section 4). Set the fields by keyword or, as in 2010, by attribute.

    The fields are validated on creation and before the query is sent.

    :param services: names of services. None: all services.
    :param identities_by_id: ids of the user's accounts on services. Empty: all accounts.
    :param albums: ids of albums at the services. Empty: all items, in an album or not.
    :param public: True: public items only; False: private items only; None: both.
    :param text: words, each of which must be in the title or the description, as a word or as the
        beginning of one. Case is ignored.
    :param place: the name of a place, a region or a country, or several of them, such as
        "Williamsburg, New York". Case and diacritics are ignored.
    :param zoom: the zoom level of the map for clusters, 0 to 24. Other queries ignore it.
    :param videos: whether a query of photos also returns videos.
    :param tags_required: tags that an item must have. Case and surrounding whitespace are ignored.
    :param tags_optional: tags of which an item must have at least one, if any are given.
    :param date_from: taken at or after this time. Naive values are in UTC.
    :param date_to: taken at or before this time.
    :param day_from: taken on or after this day, in the local time of the photo.
    :param day_to: taken on or before this day, in the local time of the photo.
    :param on_this_day: taken on the same day of an earlier year, in the local time of the photo.
    :param days_around: the number of days before and after `on_this_day` to include, 0 to 31.
    :param geo_sw: the southwest corner of a box as (latitude, longitude): see `within`.
    :param geo_ne: the northeast corner of the box.
    :param geo_near_center: the center of a circle as (latitude, longitude): see `near`.
    :param geo_near_radius: the radius of the circle in kilometers.
    :param order_by: field names; the prefix "-" means descending.
    :param page: the page number, from 1.
    :param count: the number of items per page, 1 to 500.
    :param force_update: sync with the services before responding.
    :param attributes: exact values of other fields, such as {"album_id": "7"}.
    :param trove_id: return this item and ignore all other fields.
    :param total: whether the response must contain the total.
    :param after: the cursor of the previous page (`Result.after`). `page` is then only a label.
    :raises QueryError: if a value is invalid. The message contains the field.
    """

    services: Sequence[str] | None = None
    identities_by_id: Sequence[str] = field(default_factory=list)
    albums: Sequence[str] = field(default_factory=list)
    public: bool | None = None
    text: str = ""
    place: str = ""
    zoom: int | None = None
    videos: bool = False
    tags_required: Sequence[str] = field(default_factory=list)
    tags_optional: Sequence[str] = field(default_factory=list)
    date_from: datetime | None = None
    date_to: datetime | None = None
    day_from: date | None = None
    day_to: date | None = None
    on_this_day: date | None = None
    days_around: int = 0
    geo_sw: Location | None = None
    geo_ne: Location | None = None
    geo_near_center: Location | None = None
    geo_near_radius: float = 5
    order_by: Sequence[str] = field(default_factory=lambda: [DEFAULT_ORDER])
    page: int = 1
    count: int = 50
    force_update: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    trove_id: str = ""
    total: bool = True
    after: str = ""

    def __post_init__(self) -> None:
        self.check()

    def within(self, south_west: Location, north_east: Location) -> Self:
        """
        Filter by a box. If west is greater than east, the box crosses the antimeridian.

        :param south_west: (latitude, longitude) in degrees.
        :param north_east: (latitude, longitude) in degrees.
        :returns: this query.
        """
        self.geo_sw, self.geo_ne = south_west, north_east
        self.check()
        return self

    def near(self, center: Location, radius_km: float = 5) -> Self:
        """
        Filter by a circle.

        :param center: (latitude, longitude) in degrees.
        :param radius_km: in kilometers.
        :returns: this query.
        """
        self.geo_near_center, self.geo_near_radius = center, radius_km
        self.check()
        return self

    def check(self) -> None:
        """
        Validate all fields.

        :raises QueryError: if a value is invalid.
        """
        self._check_lists()
        self._check_dates()
        self._check_places()
        _check_int("page", self.page, 1, MAX_PAGE)
        _check_int("count", self.count, 1, MAX_COUNT)
        _check_int("days-around", self.days_around, 0, MAX_DAYS_AROUND)
        self._check_booleans()
        if self.zoom is not None:
            _check_int("zoom", self.zoom, 0, MAX_ZOOM)
        for name in ("text", "place"):
            _require(
                _is_storable_text(getattr(self, name))
                and len(getattr(self, name)) <= MAX_TEXT_LENGTH,
                name,
                f"must be a string of at most {MAX_TEXT_LENGTH} characters",
            )
        _require(
            _is_storable_text(self.after) and len(self.after) <= 100,
            "after",
            "must be the cursor of a response",
        )
        _require(
            _is_scalar_mapping(self.attributes),
            "attributes",
            "must be a dictionary of strings, numbers and booleans",
        )
        _check_length("attributes", self.attributes)
        _require(_is_storable_text(self.trove_id), "trove_id", "must be a string")

    def _check_lists(self) -> None:
        if self.services is not None:
            _check_strings("services", self.services)
        for name, wire_name in LIST_FIELDS.items():
            _check_strings(wire_name, getattr(self, name))

    def _check_booleans(self) -> None:
        for name in ("force_update", "total", "videos"):
            value = getattr(self, name)
            _require(isinstance(value, bool), name.replace("_", "-"), "must be true or false")
        is_valid = self.public is None or isinstance(self.public, bool)
        _require(is_valid, "public", "must be true, false or null")

    def _check_dates(self) -> None:
        for name, value in (("date-from", self.date_from), ("date-to", self.date_to)):
            _require(value is None or isinstance(value, datetime), name, "must be a datetime")
        if self.date_from and self.date_to and as_utc(self.date_from) > as_utc(self.date_to):
            raise QueryError("date-from must not be after date-to.", field="date-from")
        for name in ("day_from", "day_to", "on_this_day"):
            day = getattr(self, name)
            is_day = isinstance(day, date) and not isinstance(day, datetime)
            _require(day is None or is_day, name.replace("_", "-"), "must be a date")
        if self.day_from and self.day_to and self.day_from > self.day_to:
            raise QueryError("day-from must not be after day-to.", field="day-from")

    def _check_places(self) -> None:
        for name in ("geo_sw", "geo_ne", "geo_near_center"):
            if getattr(self, name) is not None:
                _check_location(name, getattr(self, name))
        if (self.geo_sw is None) != (self.geo_ne is None):
            missing = "geo_sw" if self.geo_sw is None else "geo_ne"
            raise QueryError(f"{missing} is missing. A box has two corners.", field=missing)
        if self.geo_sw and self.geo_ne and self.geo_sw[0] > self.geo_ne[0]:
            raise QueryError("geo_sw must not be north of geo_ne.", field="geo_sw")
        radius = self.geo_near_radius
        _require(
            _is_number(radius) and 0 < radius <= MAX_RADIUS,
            "geo_near_radius",
            f"must be a distance in kilometers, above 0 and at most {MAX_RADIUS:.0f}",
        )


def as_utc(moment: datetime) -> datetime:
    """
    Return an aware datetime in UTC. Naive values are in UTC already.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # within a day of year 1 or 9999
        return moment.replace(tzinfo=UTC)


def _require(is_valid: bool, field: str, rule: str) -> None:
    if not is_valid:
        raise QueryError(f"{field} {rule}.", field=field)


def _check_strings(field: str, values: Sequence[str]) -> None:
    is_list = isinstance(values, Sequence) and not isinstance(values, str)
    _require(is_list and all(map(_is_storable_text, values)), field, "must be a list of strings")
    _check_length(field, values)


def _check_length(field: str, values: Sized) -> None:
    maximum = MAX_LENGTHS[field]
    _require(len(values) <= maximum, field, f"must not have more than {maximum} items")


def _is_storable_text(value: object) -> bool:
    """
    Databases reject NUL and lone surrogates.
    """
    return isinstance(value, str) and not UNSTORABLE_CHARACTERS.search(value)


def _is_scalar_mapping(values: object) -> bool:
    if not isinstance(values, dict):
        return False
    are_scalars = (
        _is_storable_text(value) or _is_number(value) or isinstance(value, bool)
        for value in values.values()
    )
    return all(map(_is_storable_text, values)) and all(are_scalars)


def _check_int(field: str, value: int, minimum: int, maximum: int) -> None:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    rule = f"must be an integer from {minimum} to {maximum}, not {value!r:.20}"
    _require(is_int and minimum <= value <= maximum, field, rule)


def _check_location(field: str, value: Location) -> None:
    is_pair = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
    _require(is_pair and all(map(_is_number, value)), field, "must be a pair: latitude, longitude")
    latitude, longitude = value
    _require(
        -90 <= latitude <= 90, field, f"has a latitude of {latitude:g}, which is not in -90 to 90"
    )
    _require(
        -180 <= longitude <= 180,
        field,
        f"has a longitude of {longitude:g}, which is not in -180 to 180",
    )


def _is_number(value: object) -> bool:
    """
    NaN and integers beyond the range of a float are rejected.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max
