"""
Form fields for boxes and dates.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from ..core.box import Box
from .box import MAX_LENGTH, parse_box

MESSAGES: dict[str, Any] = {
    "form": _(
        "Enter south, west, north and east in degrees, separated by commas: 40.7,-74.0,40.8,-73.9"
    ),
    "latitude": _("South and north must be latitudes from -90 to 90."),
    "longitude": _("West and east must be longitudes from -180 to 180."),
    "upside_down": _("South (the first number) must not be greater than north (the third)."),
}


class BoxField(forms.CharField):
    """
    A field for a box. The cleaned value is a `Box`, or None if the field is empty.
    """

    default_error_messages = MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH} | kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # The map's script finds the field by the data attribute.
        return super().widget_attrs(widget) | {"data-trove-box": True, "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_box(text)
        except ValueError as error:
            code = str(error)
            raise forms.ValidationError(self.error_messages[code], code=code) from None

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Box) else value


class DateInput(forms.DateInput):
    """
    `<input type="date">`. Browsers submit and require ISO 8601 dates in every language.
    """

    DAY = "%Y-%m-%d"
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=self.DAY)

    def format_value(self, value: Any) -> str | None:
        try:
            day = parse_date(super().format_value(value) or "")
        except ValueError:  # well-formed, but not a valid date
            return None
        return day.isoformat() if day else None


def date_field(label: Any) -> forms.DateField:
    """
    A day in the local time of a photo, regardless of the time zone of its viewers.
    """
    return forms.DateField(
        required=False, label=label, widget=DateInput(), input_formats=[DateInput.DAY]
    )
