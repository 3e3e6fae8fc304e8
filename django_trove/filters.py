"""
Keyword filters of templates, forms and `Trove.photos`, converted to a `Query`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import localdate

from .client import CallError, Query, QueryError
from .client.collections import COLLECTION_FIELDS
from .client.query import SORTABLE_FIELDS

WIRE_NAMES = {
    "tags-required": "tags",
    "tags-optional": "any_tags",
    "identities_by_id": "identities",
    "albums": "album",
    "date-from": "since",
    "date-to": "until",
    "day-from": "since",
    "day-to": "until",
    "on-this-day": "on_this_day",
    "days-around": "days_around",
    "geo_near_center": "near",
    "geo_near_radius": "near",
    "geo_sw": "box",
    "geo_ne": "box",
    "force-update": "force_update",
}
"""The keyword filter of each query field, for error messages."""

ANY = "any"
TODAY = "today"
BOOLEANS = {"true": True, "false": False}


class Filters(TypedDict, total=False):
    """
    The names and types of the filters. `build_query` documents them.
    """

    tags: str | Iterable[str] | None
    any_tags: str | Iterable[str] | None
    services: str | Iterable[str] | None
    identities: str | Iterable[str] | None
    album: str | Iterable[str] | None
    text: str | None
    place: str | None
    zoom: int | str | None
    public: bool | str | None
    videos: bool | str | None
    since: str | date | None
    until: str | date | None
    on_this_day: str | date | None
    days_around: int | str | None
    near: str | Iterable[float | str] | None
    box: str | Iterable[float | str] | None
    count: int | str | None
    page: int | str | None
    order_by: str | Iterable[str] | None
    force_update: bool | None


def build_query(**filters: Unpack[Filters]) -> Query:
    """
    Convert filters to a query. Filters that are None or "" are ignored, as for empty form fields.

    :param tags: tags that a photo must have: a list, or a string with commas.
    :param any_tags: tags of which a photo must have at least one: a list, or a string with commas.
    :param services: names of services: a list, or a string with commas.
    :param identities: ids of accounts on services: a list, or a string with commas.
    :param album: ids of albums: one id, a list, or a string with commas.
    :param text: words, each of which must be in the title or the description.
    :param place: the name of a place, a region or a country, or several of them, such as
        "Williamsburg, New York".
    :param zoom: the zoom level of the map for clusters, 0 to 24.
    :param public: True: public photos only; False: private photos only; "any": both. For the
        content of a user who is not the viewer, tags and views use True unless it is set.
    :param videos: whether to return videos, too.
    :param since: taken on or after this day, in the local time of the photo: a date, or a string
        such as "2007-03-04". A datetime or an ISO 8601 string with a time is a moment, in UTC
        unless it has a time zone.
    :param until: taken on or before this day or moment.
    :param on_this_day: taken on the same day of an earlier year: a date, or "today" for the current
        date (`timezone.localdate`).
    :param days_around: the number of days before and after `on_this_day` to include.
    :param near: "latitude,longitude" or "latitude,longitude,kilometers", or as many numbers.
    :param box: "south,west,north,east", or as many numbers.
    :param count: the number of photos per page.
    :param page: the page number, from 1.
    :param order_by: field names; the prefix "-" means descending.
    :param force_update: sync with the services before responding.
    :raises QueryError: if a filter is unknown or invalid. The message contains its name.
    """
    fields: dict[str, Any] = {}
    for name, value in filters.items():
        if name not in FILTERS:
            raise QueryError(unknown_filter_message(name), field=name)
        if value is not None and value != "":
            fields |= FILTERS[name](name, value)
    try:
        return Query(**fields)
    except QueryError as error:
        raise _rename_error_field(error) from None


def resolve_query(query: Query | None, filters: Filters) -> Query:
    """
    Return the query, or the query that the filters describe.

    :raises CallError: if both are given.
    :raises QueryError: if a filter is invalid.
    """
    if query is not None and filters:
        raise CallError("Give a query or filters, not both.")
    return build_query(**filters) if query is None else query


def check_collection_filters(collection: str, names: Iterable[str]) -> None:
    """
    :param collection: the name of a collection, such as "albums".
    :param names: the names of filters.
    :raises QueryError: if the collection does not support one of them.
    """
    supported = {
        WIRE_NAMES.get(field, WIRE_NAMES.get(field.replace("_", "-"), field))
        for field in COLLECTION_FIELDS[collection]
    }
    for name in names:
        if name not in supported:
            filters = ", ".join(each for each in FILTERS if each in supported)
            message = f"{collection} cannot be filtered by {name}. The filters are {filters}."
            raise QueryError(message, field=name)


def unknown_filter_message(name: str) -> str:
    matches = difflib.get_close_matches(name, FILTERS, n=1)
    hint = f"Did you mean {matches[0]}?" if matches else f"The filters are {', '.join(FILTERS)}."
    return f'unknown filter "{name}". {hint}'


def _rename_error_field(error: QueryError) -> QueryError:
    names = WIRE_NAMES | {"geo_near_radius": "the radius of near"}
    detail = re.sub("|".join(map(re.escape, names)), lambda match: names[match[0]], error.detail)
    return QueryError(detail, field=WIRE_NAMES.get(error.field, error.field))


def _parse_names(attribute: str) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, Iterable):
            raise QueryError(f"{name} must be a list or a string with commas.", field=name)
        names = list(value)
        return {attribute: names} if names else {}

    return read


def _parse_order(name: str, value: Any) -> dict[str, Any]:
    fields = _parse_names("order_by")(name, value)
    for each in fields.get("order_by", ()):
        if str(each).removeprefix("-") not in SORTABLE_FIELDS:
            choices = ", ".join(SORTABLE_FIELDS)
            raise QueryError(f"{name} must be one of {choices}, not {each!r:.20}.", field=name)
    return fields


def _parse_day_or_moment(day: str, moment: str) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        try:
            parsed = _parse_date(value.strip()) if isinstance(value, str) else value
        except ValueError:  # well-formed, but not a valid date
            parsed = None
        if isinstance(parsed, datetime):
            return {moment: parsed}
        if isinstance(parsed, date):
            return {day: parsed}
        raise QueryError(
            f"{name} must be a date such as 2007-03-04, not {value!r:.30}.", field=name
        )

    return read


def _parse_day(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = localdate() if value.strip().lower() == TODAY else _parse_day_text(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return {name: value}
    raise QueryError(f'{name} must be "{TODAY}" or a date such as 2007-03-04.', field=name)


def _parse_day_text(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:  # well-formed, but not a valid date
        return None


def _parse_date(text: str) -> date | None:
    return parse_date(text) if len(text) <= len("2007-03-04") else parse_datetime(text)


def _parse_numbers(name: str, value: Any, form: str) -> list[float]:
    counts = (form.count(",") + 1, form.replace("[,", "").count(",") + 1)
    try:
        parts = value.split(",") if isinstance(value, str) else list(value)
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in counts:
        raise QueryError(f'{name} must be "{form}", not {value!r:.50}.', field=name)
    return numbers


def _parse_near(name: str, value: Any) -> dict[str, Any]:
    latitude, longitude, *radius = _parse_numbers(name, value, "latitude,longitude[,kilometers]")
    center = {"geo_near_center": (latitude, longitude)}
    return center | {"geo_near_radius": radius[0]} if radius else center


def _parse_box(name: str, value: Any) -> dict[str, Any]:
    south, west, north, east = _parse_numbers(name, value, "south,west,north,east")
    if south > north:
        raise QueryError(
            f"{name}: south ({south:g}) must not be greater than north ({north:g}).", field=name
        )
    return {"geo_sw": (south, west), "geo_ne": (north, east)}


def _parse_int(name: str, value: Any) -> dict[str, Any]:
    is_number = isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value)
    return {name: int(value) if is_number else value}


def _parse_text(name: str, value: Any) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value}  # SafeString, too


def _parse_boolean(name: str, value: Any) -> dict[str, Any]:
    parsed = BOOLEANS.get(value.strip().lower(), value) if isinstance(value, str) else value
    if not isinstance(parsed, bool):
        raise QueryError(f"{name} must be True or False, not {value!r:.20}.", field=name)
    return {name: parsed}


def _parse_public(name: str, value: Any) -> dict[str, Any]:
    return {name: None} if value == ANY else _parse_boolean(name, value)


def _pass_through(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


FILTERS: dict[str, Callable[[str, Any], dict[str, Any]]] = {
    "tags": _parse_names("tags_required"),
    "any_tags": _parse_names("tags_optional"),
    "services": _parse_names("services"),
    "identities": _parse_names("identities_by_id"),
    "album": _parse_names("albums"),
    "text": _parse_text,
    "place": _parse_text,
    "zoom": _parse_int,
    "public": _parse_public,
    "videos": _parse_boolean,
    "since": _parse_day_or_moment("day_from", "date_from"),
    "until": _parse_day_or_moment("day_to", "date_to"),
    "on_this_day": _parse_day,
    "days_around": _parse_int,
    "near": _parse_near,
    "box": _parse_box,
    "count": _parse_int,
    "page": _parse_int,
    "order_by": _parse_order,
    "force_update": _pass_through,
}
