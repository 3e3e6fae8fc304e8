"""
Boxes on the surface of the Earth.
"""

from __future__ import annotations

from typing import NamedTuple

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
        """
        South, west, north and east, separated by commas.
        """
        return ",".join(_format_degrees(edge) for edge in self)


WORLD = Box(-90.0, -180.0, 90.0, 180.0)
"""Matches all photos that have a location."""


def _format_degrees(edge: float) -> str:
    # str() would format small numbers as 1e-05.
    text = f"{edge:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
