"""
What an application asks a Trove for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar, overload

from .content import Content, Location
from .errors import QueryError, TroveError

MAX_COUNT = 500
MAX_PAGE = 10_000_000  # keeps page times count well inside a database's integers
MAX_LIST_LENGTH = 100
MAX_RADIUS = 20_100.0  # kilometres: half way round the Earth
DEFAULT_ORDER = "-service_date"

UNSTORABLE_CHARACTERS = re.compile("[\0\ud800-\udfff]")

LIST_FIELDS = {
    "identities_by_id": "identities_by_id",
    "tags_required": "tags-required",
    "tags_optional": "tags-optional",
    "order_by": "order_by",
}
"""Attributes that hold a list of texts, and their names on the wire."""


@dataclass(slots=True, kw_only=True)
class Query:
    """
    A question to a Trove (protocol, "Query"). Fill it by keyword or, as in 2010, by attribute.

    It is checked when it is made, and again when it is sent.

    :param services: names of services; None asks all of them.
    :param identities_by_id: ids of the person's accounts; empty asks all.
    :param tags_required: every one of these tags; case and surrounding space don't count.
    :param tags_optional: at least one of these, where any is given.
    :param date_from: taken at this moment or later; a naive value is UTC.
    :param date_to: taken at this moment or earlier.
    :param geo_sw: south-west corner of a box as (latitude, longitude); see `within`.
    :param geo_ne: north-east corner of that box.
    :param geo_near_center: centre of a circle as (latitude, longitude); see `near`.
    :param geo_near_radius: radius of that circle in kilometres.
    :param order_by: field names, "-" before one for descending order.
    :param page: from 1.
    :param count: items on a page, 1 to 500.
    :param force_update: ask the services again, not the index or a cache alone.
    :param attributes: exact values of other fields, such as {"album_id": "7"}.
    :param trove_id: asks for one item; everything else is ignored then.
    :param total: whether the total has to be known; without it, a Trove doesn't count for it.
    :param after: where an answer's page ended (`Result.after`), to go on there; `page` is then
        only what the next page is called.
    :raises QueryError: if a value makes no sense; it names the field.
    """

    services: Sequence[str] | None = None
    identities_by_id: Sequence[str] = ()
    tags_required: Sequence[str] = ()
    tags_optional: Sequence[str] = ()
    date_from: datetime | None = None
    date_to: datetime | None = None
    geo_sw: Location | None = None
    geo_ne: Location | None = None
    geo_near_center: Location | None = None
    geo_near_radius: float = 5
    order_by: Sequence[str] = (DEFAULT_ORDER,)
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
        Ask for a box. One whose west is greater than its east crosses the antimeridian.

        :param south_west: (latitude, longitude) in degrees.
        :param north_east: (latitude, longitude) in degrees.
        :returns: this query.
        """
        self.geo_sw, self.geo_ne = south_west, north_east
        self.check()
        return self

    def near(self, center: Location, radius_km: float = 5) -> Self:
        """
        Ask for a circle.

        :param center: (latitude, longitude) in degrees.
        :param radius_km: in kilometres.
        :returns: this query.
        """
        self.geo_near_center, self.geo_near_radius = center, radius_km
        self.check()
        return self

    def check(self) -> None:
        """
        Refuse nonsense before it is sent.

        :raises QueryError: naming the field.
        """
        self._check_lists()
        self._check_dates()
        self._check_places()
        _check_int("page", self.page, MAX_PAGE)
        _check_int("count", self.count, MAX_COUNT)
        _require(isinstance(self.force_update, bool), "force-update", "is true or false")
        _require(isinstance(self.total, bool), "total", "is true or false")
        _require(
            _is_storable_text(self.after) and len(self.after) <= 100,
            "after",
            "is what an answer gave",
        )
        _require(
            _is_scalar_mapping(self.attributes), "attributes", "is a dictionary of plain values"
        )
        _require(_is_storable_text(self.trove_id), "trove_id", "is a text")

    def _check_lists(self) -> None:
        if self.services is not None:
            _check_strings("services", self.services)
        for name, wire_name in LIST_FIELDS.items():
            _check_strings(wire_name, getattr(self, name))

    def _check_dates(self) -> None:
        for name, value in (("date-from", self.date_from), ("date-to", self.date_to)):
            _require(value is None or isinstance(value, datetime), name, "takes a datetime")
        if self.date_from and self.date_to and as_utc(self.date_from) > as_utc(self.date_to):
            raise QueryError("date-from is after date-to.", field="date-from")

    def _check_places(self) -> None:
        for name in ("geo_sw", "geo_ne", "geo_near_center"):
            if getattr(self, name) is not None:
                _check_location(name, getattr(self, name))
        if (self.geo_sw is None) != (self.geo_ne is None):
            missing = "geo_sw" if self.geo_sw is None else "geo_ne"
            raise QueryError(f"{missing} is missing: a box needs both corners.", field=missing)
        if self.geo_sw and self.geo_ne and self.geo_sw[0] > self.geo_ne[0]:
            raise QueryError("geo_sw is north of geo_ne.", field="geo_sw")
        radius = self.geo_near_radius
        _require(
            _is_number(radius) and 0 < radius <= MAX_RADIUS,
            "geo_near_radius",
            f"is a distance in kilometres, above 0 and at most {MAX_RADIUS:.0f}",
        )


def as_utc(moment: datetime) -> datetime:
    """
    Return `moment` as an aware datetime in UTC; a naive one is taken as UTC already.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # within a day of year 1 or 9999, where UTC has no such date
        return moment.replace(tzinfo=UTC)


def _require(holds: bool, field: str, rule: str) -> None:
    if not holds:
        raise QueryError(f"{field} {rule}.", field=field)


def _check_strings(field: str, values: Sequence[str]) -> None:
    """
    A lone string is refused, since each of its letters would pass as an item.
    """
    fits = isinstance(values, Sequence) and not isinstance(values, str)
    _require(fits and all(map(_is_storable_text, values)), field, "is a list of texts")
    _require(len(values) <= MAX_LIST_LENGTH, field, f"has more than {MAX_LIST_LENGTH} items")


def _is_storable_text(value: object) -> bool:
    """
    NUL and lone surrogates are not text that a database takes.
    """
    return isinstance(value, str) and not UNSTORABLE_CHARACTERS.search(value)


def _is_scalar_mapping(values: object) -> bool:
    """
    Names with texts, numbers, true or false: what JSON takes, and a field can be.
    """
    if not isinstance(values, dict):
        return False
    plain = (
        _is_storable_text(value) or _is_number(value) or isinstance(value, bool)
        for value in values.values()
    )
    return all(map(_is_storable_text, values)) and all(plain)


def _check_int(field: str, value: int, most: int) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
    _require(fits, field, f"is a whole number from 1 to {most}, not {value!r:.20}")


def _check_location(field: str, value: Location) -> None:
    fits = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
    _require(fits and all(map(_is_number, value)), field, "is a pair: latitude, longitude")
    latitude, longitude = value
    _require(-90 <= latitude <= 90, field, f"has a latitude of {latitude:g}, not in -90 to 90")
    _require(
        -180 <= longitude <= 180, field, f"has a longitude of {longitude:g}, not in -180 to 180"
    )


def _is_number(value: object) -> bool:
    """
    A number that a float holds, which NaN and an integer of 400 digits are not.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


Item_co = TypeVar("Item_co", bound=Content, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Result(Generic[Item_co]):
    """
    One page of an answer (protocol, "Result and photo"). It iterates and indexes as a list does.

    :param count: how many items the Trove put on this page.
    :param page: from 1.
    :param total_number_of_results: how many there are on all pages; None where that wasn't asked
        for, and the Trove would have had to count.
    :param results: the items.
    :param query: the query that this answers.
    :param skipped: how many records could not be read and were left out.
    :param stale: it is the last good answer, since the Trove can't be asked now.
    :param error: why it is stale, or empty.
    :param more: whether a page follows; None where the Trove doesn't say.
    :param after: where this page ended, for `Query.after`; empty where the Trove doesn't say.
    :param updating: the services were to be asked anew, and the Trove goes on with that.
    """

    count: int = 0
    page: int = 1
    total_number_of_results: int | None = 0
    results: tuple[Item_co, ...] = ()
    query: Query = field(default_factory=Query)
    skipped: int = 0
    stale: bool = False
    error: TroveError | None = None
    more: bool | None = None
    after: str = ""
    updating: bool = False

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Item_co]:
        return iter(self.results)

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item_co, ...]: ...
    def __getitem__(self, index: int | slice) -> Item_co | tuple[Item_co, ...]:
        return self.results[index]

    def __repr__(self) -> str:
        flags = " stale" if self.stale else ""
        return (
            f"<Result count={self.count} total_number_of_results={self.total_number_of_results}"
            f" page={self.page}{flags}>"
        )

    @property
    def has_next(self) -> bool:
        """
        Whether a page follows.
        """
        if self.more is not None:
            return self.more
        before = (self.page - 1) * self.query.count
        total = self.total_number_of_results or 0
        return self.count > 0 and before + self.count < total

    @property
    def next_query(self) -> Query | None:
        """
        The query for the page that follows; None on the last one.
        """
        if not self.has_next:
            return None
        return replace(self.query, page=self.page + 1, after=self.after)

    @property
    def number_of_pages(self) -> int | None:
        """
        How many pages there are at this page size; None where the total isn't known.
        """
        total = self.total_number_of_results
        return None if total is None else -(-total // self.query.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """
    What became of pushed content (protocol, the "push" call).

    :param rejected: for each refused item its `index` in what was pushed, and the `error`.
    """

    received: int = 0
    created: int = 0
    updated: int = 0
    rejected: tuple[Mapping[str, Any], ...] = ()
