"""
The fields of a query as parameters of a request, such as `services=facebook&tags=a,b&page=2`, which
clients of 2011 send (protocol, section 9.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_trove.client.query import LIST_FIELDS

from ..oauth.parameters import Parameters


def parse_flat_query(parameters: Parameters) -> dict[str, Any]:
    """
    Return the query in the format of the parameter `query`. Values that cannot be parsed are
    unchanged: the codec rejects them with the name of the field.
    """
    query = {name: parse(text) for name, parse in PARSERS.items() if (text := parameters.get(name))}
    if tags := parameters.get("tags"):
        query["tags-required"] = query.get("tags-required", []) + _split(tags)
    return query


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _parse_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _parse_numbers(text: str) -> list[float | str]:
    return [_parse_number(part) for part in _split(text)]


def _parse_boolean(text: str) -> bool | str:
    return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)


PARSERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys((*LIST_FIELDS.values(), "services"), _split),
    **dict.fromkeys(("geo_sw", "geo_ne", "geo_near_center"), _parse_numbers),
    "geo_near_radius": _parse_number,
    **dict.fromkeys(("force-update", "total", "public", "videos"), _parse_boolean),
    **dict.fromkeys(("date-from", "date-to", "day-from", "day-to", "on-this-day"), str),
    **dict.fromkeys(
        ("count", "page", "days-around", "after", "text", "place", "zoom", "trove_id"), str
    ),
}
