"""
A bounding box, also as a string: south, west, north, east.
"""

from __future__ import annotations

import math
from typing import NamedTuple

MAX_LENGTH = 200
MAX_LONGITUDE = 540.0  # degrees: a map can be dragged around the globe
DECIMALS = 5  # about a meter


class Box(NamedTuple):
    """
    A box in degrees. If west is greater than east, it crosses the antimeridian.
    """

    south: float
    west: float
    north: float
    east: float

    def __str__(self) -> str:
        return ",".join(_format_degrees(edge) for edge in self)


WORLD = Box(-90.0, -180.0, 90.0, 180.0)
"""Matches all photos that have a location."""


def parse_box(text: str) -> Box:
    """
    Parse a box. Longitudes beyond 180 are normalized, because a map that was dragged across the
    antimeridian sends them.

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


def _format_degrees(edge: float) -> str:
    # str() would format small numbers as 1e-05.
    text = f"{edge:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
