"""
An area of the map as a text: south, west, north, east.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["WORLD", "Box", "BoxField", "parse_box"]

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

MESSAGES: dict[str, Any] = {
    "form": _(
        "Give four numbers with commas, south, west, north, east, in degrees: 40.7,-74.0,40.8,-73.9"
    ),
    "latitude": _("The south and the north are degrees of latitude, from -90 to 90."),
    "longitude": _("The west and the east are degrees of longitude, from -180 to 180."),
    "upside_down": _("The south, the first number, is greater than the north, the third."),
}


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


class BoxField(forms.CharField):
    """
    A field for an area; its value is a `Box`, or None where it is empty.
    """

    default_error_messages = MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH} | kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """
        Mark the field, so that a map on the page finds it.
        """
        mark = {"data-trove-box": True, "autocomplete": "off"}
        return super().widget_attrs(widget) | mark

    def clean(self, value: Any) -> Any:
        """
        Return a `Box`, or None.

        :raises ValidationError: saying which of the numbers is wrong.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_box(text)
        except ValueError as error:
            code = str(error)
            raise forms.ValidationError(self.error_messages[code], code=code) from None

    def prepare_value(self, value: Any) -> Any:
        """
        Return what is shown of an initial value.
        """
        return str(value) if isinstance(value, Box) else value


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
