"""
An area of the map as a text: south, west, north, east.
"""

from __future__ import annotations

import math
from typing import NamedTuple

MAX_LENGTH = 200  # characters of a text that holds four numbers
MAX_TURNS = 540.0  # degrees: how far somebody may drag a map around the globe
DECIMALS = 5  # of a degree: a metre


class Box(NamedTuple):
    """
    An area. One whose west is greater than its east crosses the antimeridian.

    :param south: in degrees of latitude, as `north`.
    :param west: in degrees of longitude, as `east`.
    """

    south: float
    west: float
    north: float
    east: float

    def __str__(self) -> str:
        return ",".join(_format_degrees(edge) for edge in self)


WORLD = Box(-90.0, -180.0, 90.0, 180.0)
"""Who asks for photos in it asks for those that have a place."""


def parse_box(text: str) -> Box:
    """
    Read an area. Longitudes beyond 180 are taken back into the range, since a map that was dragged
    over the antimeridian gives such.

    :raises ValueError: with one of the keys of `MESSAGES`.
    """
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("form") from None
    if not all(map(math.isfinite, (south, west, north, east))):
        raise ValueError("form")
    if not (-90 <= south <= 90 and -90 <= north <= 90):
        raise ValueError("latitude")
    if max(abs(west), abs(east)) > MAX_TURNS:
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
    """
    Python would write small numbers as 1e-05.
    """
    text = f"{edge:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
