"""
The tiles that a map is drawn on, where a site has some.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["TileLayer", "parse_tile_layer"]

REQUIRED_PLACEHOLDERS = ("{z}", "{x}", "{y}")
KEYS = ("URL", "ATTRIBUTION", "MAX_ZOOM")
MAX_ZOOM = 24


@dataclass(frozen=True, slots=True)
class TileLayer:
    """
    A source of tiles, as Leaflet takes it.

    :param url: with {z}, {x} and {y}; {s} and {r} as Leaflet knows them.
    :param attribution: who made them, as HTML of the site's own.
    :param max_zoom: the deepest level that there is.
    """

    url: str
    attribution: str = ""
    max_zoom: int = 19


def parse_tile_layer(given: Any) -> TileLayer | None:
    """
    Read the setting `MAP_TILES`.

    :returns: None where there is none.
    :raises ValueError: saying what is wrong with it.
    """
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise ValueError("it is no dictionary.")
    for key in given:
        if key not in KEYS:
            raise ValueError(f"{key!r} means nothing there; there are {', '.join(KEYS)}.")
    url, max_zoom = str(given.get("URL") or ""), given.get("MAX_ZOOM", 19)
    if not all(part in url.replace("{-y}", "{y}") for part in REQUIRED_PLACEHOLDERS):
        raise ValueError("its URL needs {z}, {x} and {y}.")
    if not isinstance(max_zoom, int) or not 1 <= max_zoom <= MAX_ZOOM:
        raise ValueError(f"its MAX_ZOOM is a whole number from 1 to {MAX_ZOOM}.")
    return TileLayer(url, str(given.get("ATTRIBUTION") or ""), max_zoom)
