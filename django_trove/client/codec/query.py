"""
A query as JSON (protocol, "Query").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..errors import QueryError
from ..query import LIST_FIELDS, Query, as_utc
from .values import parse_date


def query_to_wire(query: Query) -> dict[str, Any]:
    """
    Write a query.

    :raises QueryError: if it makes no sense.
    """
    query.check()
    if query.trove_id:
        return {"trove_id": query.trove_id}
    wire: dict[str, Any] = {
        "services": None if query.services is None else list(query.services),
        "force-update": query.force_update,
        "count": query.count,
        "page": query.page,
        "attributes": query.attributes,
    }
    wire |= {} if query.total else {"total": False}
    wire |= {"after": query.after} if query.after else {}
    wire |= {name: list(getattr(query, attr)) for attr, name in LIST_FIELDS.items()}
    for name, moment in (("date-from", query.date_from), ("date-to", query.date_to)):
        if moment:
            wire[name] = as_utc(moment).isoformat(" ", "seconds")[:19] + " "
    if query.geo_sw and query.geo_ne:
        wire |= {"geo_sw": list(query.geo_sw), "geo_ne": list(query.geo_ne)}
    if query.geo_near_center:
        wire["geo_near_center"] = list(query.geo_near_center)
        wire["geo_near_radius"] = query.geo_near_radius
    return wire


def query_from_wire(data: Any) -> Query:
    """
    Read a query from a client that may never have been seen before: absent and null fields get
    their defaults, unknown ones are passed over, and what doesn't read is refused.

    :raises QueryError: naming the field as it is spelled on the wire.
    """
    if not isinstance(data, dict):
        raise QueryError("query is not a JSON object.", field="query")
    if data.get("trove_id") not in (None, ""):
        return Query(trove_id=_parse_id(data["trove_id"]))
    values: dict[str, Any] = {}
    for attr, (name, read) in FIELDS.items():
        if data.get(name) is not None:
            values[attr] = read(name, data[name])
    return Query(**values)


def _pass_through(name: str, value: Any) -> Any:
    return value


def _parse_id(value: Any) -> Any:
    return str(value) if type(value) is int and abs(value) < 10**18 else value


def _parse_ids(name: str, value: Any) -> Any:
    return [_parse_id(item) for item in value] if isinstance(value, list) else value


def _parse_date(name: str, value: Any) -> datetime | None:
    if isinstance(value, str) and not value.strip():
        return None
    moment = parse_date(value.strip()) if isinstance(value, str) else None
    if moment is None:
        raise QueryError(f"{name} is not a date that can be read.", field=name)
    return moment


def _parse_location(name: str, value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value


def _parse_int(name: str, value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


FIELDS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    **{attr: (name, _parse_ids) for attr, name in LIST_FIELDS.items()},
    "services": ("services", _pass_through),
    "date_from": ("date-from", _parse_date),
    "date_to": ("date-to", _parse_date),
    "geo_sw": ("geo_sw", _parse_location),
    "geo_ne": ("geo_ne", _parse_location),
    "geo_near_center": ("geo_near_center", _parse_location),
    "geo_near_radius": ("geo_near_radius", _pass_through),
    "page": ("page", _parse_int),
    "count": ("count", _parse_int),
    "force_update": ("force-update", _pass_through),
    "attributes": ("attributes", _pass_through),
    "total": ("total", _pass_through),
    "after": ("after", _pass_through),
}
"""Attributes of a query: their names on the wire, and how each is read."""
