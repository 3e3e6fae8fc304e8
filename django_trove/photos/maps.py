"""
Photos on a map, and the tile layer.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..client import Photo, QueryError
from ..client.query import MAX_ZOOM
from ..conf import conf
from ..core.box import WORLD, Box
from ..filters import build_query
from .page_urls import PageUrls

logger = logging.getLogger(__name__)
MAP_PARAMETERS = ("box", "count", "page", "order_by", "force_update", "zoom")
COUNT = 200
"""The default number of photos on a map."""


def require_location(filters: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return filters that match only photos with a location: without `box` or `near`, the box is the
    world.
    """
    given = {name: value for name, value in filters.items() if value or value is False}
    located_filters = {"count": COUNT} | given
    if "box" not in located_filters and "near" not in located_filters:
        located_filters["box"] = WORLD
    return located_filters


def map_context(
    photos: Iterable[Photo], filters: Mapping[str, Any], page_urls: PageUrls | None = None
) -> dict[str, Any]:
    """
    Return the template context for a map.

    :param filters: the filters of the photos.
    :param page_urls: the pages of their owner. Its page "map_json" loads further photos.
    """
    return {
        "located": located(photos),
        "box": _requested_box(filters),
        "map_tiles": get_tile_layer(),
        "clusters_url": _build_clusters_url(filters, page_urls) if page_urls else "",
    }


def _build_clusters_url(filters: Mapping[str, Any], page_urls: PageUrls) -> str:
    """
    Return the URL of the clusters without the box and the zoom level, or "" if there is none.
    """
    url = page_urls.get_url("map_json")
    others = {
        name: _to_text(value) for name, value in filters.items() if name not in MAP_PARAMETERS
    }
    return f"{url}?{urlencode(others)}" if url else ""


def _to_text(value: Any) -> str:
    """
    Return a filter for a query string.
    """
    if isinstance(value, (date, str)):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, Iterable) else str(value)


def located(photos: Iterable[Photo]) -> list[Photo]:
    return [photo for photo in photos if _has_valid_location(photo)]


def get_tile_layer() -> TileLayer | None:
    """
    Return the site's tile layer. An invalid setting is logged and does not fail the page.
    """
    try:
        return parse_tile_layer(conf.map_tiles)
    except ValueError as error:
        logger.error("TROVE['MAP_TILES'] is invalid: %s", error)
        return None


def format_location(photo: Photo) -> str:
    """
    Return a photo's place, such as "Williamsburg, New York, United States", or else its location,
    such as "35.012° N, 135.768° E", or "".
    """
    if photo.place:
        return str(photo.place)
    return _format_coordinates(*photo.location, get_language()) if photo.location else ""


@lru_cache(maxsize=4096)
def _format_coordinates(latitude: float, longitude: float, language: str | None) -> str:
    north = _("%(degrees)s° N") if latitude >= 0 else _("%(degrees)s° S")
    east = _("%(degrees)s° E") if longitude >= 0 else _("%(degrees)s° W")
    parts = ((north, latitude), (east, longitude))
    return ", ".join(
        text % {"degrees": number_format(round(abs(degrees), 3), decimal_pos=3)}
        for text, degrees in parts
    )


def _has_valid_location(photo: Photo) -> bool:
    if photo.location is None or not all(map(math.isfinite, photo.location)):
        return False
    return abs(photo.location[0]) <= 90 and abs(photo.location[1]) <= 180


def _requested_box(filters: Mapping[str, Any]) -> Box | None:
    """
    Return the box of the filters, or None if there is none, it is the world, or it is invalid.
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


@dataclass(frozen=True, slots=True)
class TileLayer:
    """
    A tile layer for Leaflet.

    :param url: a template with {z}, {x} and {y}, and optionally {s} and {r}.
    :param attribution: HTML of the site's own.
    """

    url: str
    attribution: str = ""
    max_zoom: int = 19


def parse_tile_layer(value: Any) -> TileLayer | None:
    """
    Parse the setting `MAP_TILES`.

    :raises ValueError: with a message that completes "MAP_TILES is invalid: ".
    """
    if not value:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("it must be a dictionary.")
    for key in value:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}; the keys are {', '.join(KEYS)}.")
    url, max_zoom = str(value.get("URL") or ""), value.get("MAX_ZOOM", 19)
    if not all(part in url.replace("{-y}", "{y}") for part in REQUIRED_PLACEHOLDERS):
        raise ValueError("its URL must contain {z}, {x} and {y}.")
    if not isinstance(max_zoom, int) or not 1 <= max_zoom <= MAX_ZOOM:
        raise ValueError(f"its MAX_ZOOM must be an integer from 1 to {MAX_ZOOM}.")
    return TileLayer(url, str(value.get("ATTRIBUTION") or ""), max_zoom)
