"""
Photos on a map: which, and in which words a place is told.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..client import Photo, QueryError
from ..conf import conf
from ..filters import build_query
from .box import WORLD, Box

logger = logging.getLogger(__name__)
COUNT = 200
"""Photos on a map, unless somebody says how many: few enough for the list beside it."""


def require_location(filters: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return filters that ask for photos with a place only: those in an area or a circle have one,
    and else the area is the world.
    """
    asked = {"count": COUNT} | {name: value for name, value in filters.items() if value}
    if "box" not in asked and "near" not in asked:
        asked["box"] = WORLD
    return asked


def map_context(photos: Iterable[Photo], filters: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what the templates of a map want to know.

    :param filters: that the photos were asked for with.
    """
    placed = located(photos)
    return {"placed": placed, "box": _requested_box(filters), "map_tiles": get_tile_layer()}


def located(photos: Iterable[Photo]) -> list[Photo]:
    """
    Return the photos whose place is on the Earth.
    """
    return [photo for photo in photos if _is_on_earth(photo)]


def get_tile_layer() -> TileLayer | None:
    """
    Return the site's tiles; a setting that makes none is logged, and breaks no page.
    """
    try:
        return parse_tile_layer(conf.map_tiles)
    except ValueError as error:
        logger.error("TROVE has MAP_TILES that make no map: %s", error)
        return None


def format_location(photo: Photo) -> str:
    """
    Return a photo's place in words, such as "35.012° N, 135.768° E"; "" where it has none.
    """
    if photo.location is None:
        return ""
    latitude, longitude = photo.location
    north = _("%(degrees)s° N") if latitude >= 0 else _("%(degrees)s° S")
    east = _("%(degrees)s° E") if longitude >= 0 else _("%(degrees)s° W")
    parts = ((north, latitude), (east, longitude))
    return ", ".join(
        text % {"degrees": number_format(round(abs(degrees), 3), decimal_pos=3)}
        for text, degrees in parts
    )


def _is_on_earth(photo: Photo) -> bool:
    if photo.location is None or not all(map(math.isfinite, photo.location)):
        return False
    return abs(photo.location[0]) <= 90 and abs(photo.location[1]) <= 180


def _requested_box(filters: Mapping[str, Any]) -> Box | None:
    """
    Return the area that was asked for; None where it is the world, or doesn't read.
    """
    try:
        query = build_query(box=filters.get("box"))
    except QueryError:
        return None
    if not query.geo_sw or not query.geo_ne:
        return None
    box = Box(*query.geo_sw, *query.geo_ne)
    return None if box == WORLD else box


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
