"""
Parsing of a box from text.
"""

from __future__ import annotations

import math

from ..core.box import Box

MAX_LENGTH = 200
MAX_LONGITUDE = 540.0  # degrees: a map can be dragged around the globe


def parse_box(text: str) -> Box:
    """
    Parse south, west, north and east. Longitudes beyond 180 are normalized, because a map that was
    dragged across the antimeridian sends them.

    :raises ValueError: with a key of `forms.fields.MESSAGES`.
    """
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("form") from None
    if not all(map(math.isfinite, (south, west, north, east))):
        raise ValueError("form")
    if not (-90 <= south <= 90 and -90 <= north <= 90):
        raise ValueError("latitude")
    if max(abs(west), abs(east)) > MAX_LONGITUDE:
        raise ValueError("longitude")
    if south > north:
        raise ValueError("upside_down")
    if east - west >= 360:
        return Box(south, -180.0, north, 180.0)
    return Box(south, _wrap_longitude(west), north, _wrap_longitude(east))


def _wrap_longitude(longitude: float) -> float:
    if -180 <= longitude <= 180:
        return longitude
    return (longitude + 180) % 360 - 180
