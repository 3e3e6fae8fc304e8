"""
Filters as a template or a form gives them, made into a query.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, TypedDict, Unpack

from django.utils.dateparse import parse_date, parse_datetime

from .client import CallError, Query, QueryError

END_OF_DAY = time(23, 59, 59)  # the protocol counts whole seconds

WIRE_NAMES = {
    "tags-required": "tags",
    "tags-optional": "any_tags",
    "identities_by_id": "identities",
    "date-from": "since",
    "date-to": "until",
    "geo_near_center": "near",
    "geo_near_radius": "near",
    "geo_sw": "box",
    "geo_ne": "box",
    "force-update": "force_update",
}
"""What the client calls a field, and what is typed here."""


class Filters(TypedDict, total=False):
    """
    The filters as a type, so that a checker knows their names and values: see `build_query`.
    """

    tags: str | Iterable[str] | None
    any_tags: str | Iterable[str] | None
    services: str | Iterable[str] | None
    identities: str | Iterable[str] | None
    since: str | date | None
    until: str | date | None
    near: str | Iterable[float | str] | None
    box: str | Iterable[float | str] | None
    count: int | str | None
    page: int | str | None
    order_by: str | Iterable[str] | None
    force_update: bool | None


def build_query(**filters: Unpack[Filters]) -> Query:
    """
    Make a query. None and "" are no filter at all, as an empty field of a form sends them.

    :param tags: all of these; a list, or a text with commas.
    :param any_tags: at least one of these, likewise.
    :param services: of one of these, likewise.
    :param identities: of one of these accounts, likewise.
    :param since: taken on this day or later; a date, a datetime, or either as ISO text. Without a
        zone it is UTC, since that is what cameras' times are kept as.
    :param until: taken on this day or earlier; the whole of a day counts.
    :param near: "latitude,longitude" or "latitude,longitude,kilometres", or as many numbers.
    :param box: "south,west,north,east", or as many numbers.
    :param count: photos on a page.
    :param page: from 1.
    :param order_by: field names, "-" before one for descending.
    :param force_update: ask the services again.
    :raises QueryError: naming the filter as it was typed.
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


def unknown_filter_message(name: str) -> str:
    """
    Return what to say of a filter that there isn't.
    """
    near = difflib.get_close_matches(name, FILTERS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FILTERS)}."
    return f"{name} is no filter. {hint}"


def _rename_error_field(error: QueryError) -> QueryError:
    words = WIRE_NAMES | {"geo_near_radius": "near's last number"}
    detail = re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], error.detail)
    return QueryError(detail, field=WIRE_NAMES.get(error.field, error.field))


def _parse_names(attribute: str) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, Iterable):
            raise QueryError(f"{name} is a list, or a text with commas.", field=name)
        listed = list(value)
        return {attribute: listed} if listed else {}

    return read


def _parse_datetime(attribute: str, at: time) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        try:
            found = _parse_date(value.strip()) if isinstance(value, str) else value
        except ValueError:  # well-formed, and no such day
            found = None
        if isinstance(found, datetime):
            return {attribute: found}
        if isinstance(found, date):
            return {attribute: datetime.combine(found, at, tzinfo=UTC)}
        raise QueryError(f"{name} is a date such as 2007-03-04, not {value!r:.30}.", field=name)

    return read


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
        raise QueryError(f'{name} is "{form}", not {value!r:.50}.', field=name)
    return numbers


def _parse_near(name: str, value: Any) -> dict[str, Any]:
    latitude, longitude, *radius = _parse_numbers(name, value, "latitude,longitude[,kilometres]")
    center = {"geo_near_center": (latitude, longitude)}
    return center | {"geo_near_radius": radius[0]} if radius else center


def _parse_box(name: str, value: Any) -> dict[str, Any]:
    south, west, north, east = _parse_numbers(name, value, "south,west,north,east")
    if south > north:
        raise QueryError(f"{name} has a south of {south:g} and a north of {north:g}.", field=name)
    return {"geo_sw": (south, west), "geo_ne": (north, east)}


def _parse_int(name: str, value: Any) -> dict[str, Any]:
    read = isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value)
    return {name: int(value) if read else value}


def _pass_through(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


FILTERS: dict[str, Callable[[str, Any], dict[str, Any]]] = {
    "tags": _parse_names("tags_required"),
    "any_tags": _parse_names("tags_optional"),
    "services": _parse_names("services"),
    "identities": _parse_names("identities_by_id"),
    "since": _parse_datetime("date_from", time.min),
    "until": _parse_datetime("date_to", END_OF_DAY),
    "near": _parse_near,
    "box": _parse_box,
    "count": _parse_int,
    "page": _parse_int,
    "order_by": _parse_names("order_by"),
    "force_update": _pass_through,
}
"""The filters, and how each is read."""
