"""
Photos on a map: which, and in which words a place is told.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .boxes import WORLD, Box
from .client import Photo, QueryError
from .conf import conf
from .filters import query_from
from .tiles import Tiles, tiles_of

__all__ = ["COUNT", "map_facts", "map_tiles", "on_the_map", "place_text", "with_a_place"]

logger = logging.getLogger(__name__)

COUNT = 200
"""Photos on a map, unless somebody says how many: few enough for the list beside it."""


def on_the_map(filters: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return filters that ask for photos with a place only: those in an area or a circle have one,
    and else the area is the world.
    """
    asked = {"count": COUNT} | {name: value for name, value in filters.items() if value}
    if "box" not in asked and "near" not in asked:
        asked["box"] = WORLD
    return asked


def map_facts(photos: Iterable[Photo], filters: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what the templates of a map want to know.

    :param filters: that the photos were asked for with.
    """
    placed = with_a_place(photos)
    return {"placed": placed, "box": _area(filters), "map_tiles": map_tiles()}


def with_a_place(photos: Iterable[Photo]) -> list[Photo]:
    """
    Return the photos whose place is on the Earth.
    """
    return [photo for photo in photos if _is_on_earth(photo)]


def map_tiles() -> Tiles | None:
    """
    Return the site's tiles; a setting that makes none is logged, and breaks no page.
    """
    try:
        return tiles_of(conf.map_tiles)
    except ValueError as error:
        logger.error("TROVE has MAP_TILES that make no map: %s", error)
        return None


def place_text(photo: Photo) -> str:
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


def _area(filters: Mapping[str, Any]) -> Box | None:
    """
    Return the area that was asked for; None where it is the world, or doesn't read.
    """
    try:
        query = query_from(box=filters.get("box"))
    except QueryError:
        return None
    if not query.geo_sw or not query.geo_ne:
        return None
    box = Box(*query.geo_sw, *query.geo_ne)
    return None if box == WORLD else box
