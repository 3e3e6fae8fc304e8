from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from ..photos.box import MAX_LENGTH, Box, parse_box

MESSAGES: dict[str, Any] = {
    "form": _(
        "Give four numbers with commas, south, west, north, east, in degrees: 40.7,-74.0,40.8,-73.9"
    ),
    "latitude": _("The south and the north are degrees of latitude, from -90 to 90."),
    "longitude": _("The west and the east are degrees of longitude, from -180 to 180."),
    "upside_down": _("The south, the first number, is greater than the north, the third."),
}


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


class DateInput(forms.DateInput):
    """
    A browser's own input for a day: it sends and wants ISO dates, whatever its user's language, and
    complains of anything else.
    """

    DAY = "%Y-%m-%d"
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=self.DAY)

    def format_value(self, value: Any) -> str | None:
        """
        Return what the input shows.
        """
        try:
            day = parse_date(super().format_value(value) or "")
        except ValueError:  # well-formed, and no such day
            return None
        return day.isoformat() if day else None


def date_field(label: Any) -> forms.DateField:
    """
    A day. As everywhere in the package it is one of UTC, since that is what cameras' times are
    kept as: a picture of New Year's Eve stays on its day wherever its visitor is.
    """
    return forms.DateField(
        required=False, label=label, widget=DateInput(), input_formats=[DateInput.DAY]
    )
