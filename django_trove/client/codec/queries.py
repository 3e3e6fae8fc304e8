"""
Queries (protocol, section 4). They are decoded strictly: a filter that is ignored would return more
than was requested.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from ..errors import QueryError
from ..query import LIST_FIELDS, Query, as_utc
from .values import parse_date

DAYS = ("day_from", "day_to", "on_this_day")
NAMES = LIST_FIELDS | {
    attr: attr.replace("_", "-")
    for attr in ("date_from", "date_to", *DAYS, "days_around", "force_update")
}
"""The names of attributes in the protocol, if they differ."""

OPTIONAL = ("after", "text", "place", "videos")
PLACES = ("geo_sw", "geo_ne", "geo_near_center")
DAY_PATTERN = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def query_to_wire(query: Query) -> dict[str, Any]:
    """
    :raises QueryError: if the query is invalid.
    """
    query.check()
    public = {} if query.public is None else {"public": query.public}
    if query.trove_id:
        return {"trove_id": query.trove_id, **public}
    wire: dict[str, Any] = {
        "services": None if query.services is None else list(query.services),
        "force-update": query.force_update,
        "count": query.count,
        "page": query.page,
        "attributes": query.attributes,
        **public,
    }
    wire |= {} if query.total else {"total": False}
    wire |= {} if query.zoom is None else {"zoom": query.zoom}
    wire |= {name: value for name in OPTIONAL if (value := getattr(query, name))}
    wire |= {name: list(getattr(query, attr)) for attr, name in LIST_FIELDS.items()}
    for name, moment in (("date-from", query.date_from), ("date-to", query.date_to)):
        if moment:
            wire[name] = as_utc(moment).isoformat(" ", "seconds")[:19] + " "
    wire |= {NAMES[attr]: day.isoformat() for attr in DAYS if (day := getattr(query, attr))}
    wire |= {"days-around": query.days_around} if query.on_this_day else {}
    wire |= {name: list(place) for name in PLACES if (place := getattr(query, name))}
    wire |= {"geo_near_radius": query.geo_near_radius} if query.geo_near_center else {}
    return wire


def query_from_wire(data: Any) -> Query:
    """
    Missing and null fields get their defaults, and unknown fields are ignored (protocol, section
    4.2).

    :raises QueryError: if a value is invalid. `field` is its name in the protocol.
    """
    if not isinstance(data, dict):
        raise QueryError("query must be a JSON object.", field="query")
    if data.get("trove_id") not in (None, ""):
        public = _parse_boolean("public", data.get("public"))
        return Query(trove_id=_parse_id(data["trove_id"]), public=public)
    values: dict[str, Any] = {}
    for attr in Query.__slots__:
        name = NAMES.get(attr, attr)
        if data.get(name) is not None:
            parse = PARSERS.get(attr)
            values[attr] = parse(name, data[name]) if parse else data[name]
    return Query(**values)


def _parse_id(value: Any) -> Any:
    return str(value) if type(value) is int and abs(value) < 10**18 else value


def _parse_ids(name: str, value: Any) -> Any:
    return [_parse_id(item) for item in value] if isinstance(value, list) else value


def _parse_date(name: str, value: Any) -> datetime | None:
    if isinstance(value, str) and not value.strip():
        return None
    moment = parse_date(value.strip()) if isinstance(value, str) else None
    if moment is None:
        raise QueryError(f"{name} is not a valid date.", field=name)
    return moment


def _parse_day(name: str, value: Any) -> date | None:
    if isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, str) and DAY_PATTERN.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise QueryError(f"{name} is not a valid day, such as 2007-03-04.", field=name)


def _parse_location(name: str, value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value


def _parse_int(name: str, value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


def _parse_services(name: str, value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _parse_boolean(name: str, value: Any) -> Any:
    return bool(value) if type(value) is int and value in {0, 1} else value


PARSERS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(LIST_FIELDS, _parse_ids),
    **dict.fromkeys(("date_from", "date_to"), _parse_date),
    **dict.fromkeys(DAYS, _parse_day),
    **dict.fromkeys(PLACES, _parse_location),
    **dict.fromkeys(("page", "count", "days_around", "zoom"), _parse_int),
    "services": _parse_services,
    **dict.fromkeys(("force_update", "public", "videos"), _parse_boolean),
}
