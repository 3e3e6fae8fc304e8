"""
What a visitor may filter by: as in every site, and around a place that the settings know by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings

from django_trove.forms.filter_form import TroveFilterForm

__all__ = ["FilterForm"]

COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


class FilterForm(TroveFilterForm):
    """
    A filter, all of it optional; the page's address holds it.
    """

    place = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"list": "places", "placeholder": "Kyoto, or 35, 136"}),
    )
    within = forms.TypedChoiceField(
        required=False,
        label="Around it",
        coerce=int,
        empty_value=25,
        choices=[(25, "25 km"), (5, "5 km"), (100, "100 km"), (1000, "1000 km")],
    )
    field_order = ("tags", "since", "until", "place", "within", "services", "box")

    def clean_place(self) -> tuple[float, float] | None:
        """
        Take a name that the settings know, or a latitude and a longitude in degrees.
        """
        written = self.cleaned_data["place"]
        known = {name.casefold(): place for name, place in settings.PLACES.items()}
        if not written or written.casefold() in known:
            return known.get(written.casefold())
        found = COORDINATES.fullmatch(written)
        if not found:
            raise forms.ValidationError(
                f"Name one of {', '.join(settings.PLACES)}, or give latitude, longitude."
            )
        return float(found[1]), float(found[2])

    def chosen(self) -> dict[str, Any]:
        """
        Return the filters, with the place's.
        """
        filters = super().chosen()
        if self.cleaned_data.get("place"):
            filters["near"] = (*self.cleaned_data["place"], self.cleaned_data.get("within", 25))
        return filters

    def active(self) -> Iterator[tuple[str, str, list[str]]]:
        """
        Yield each active filter, with the place's.
        """
        yield from super().active()
        if self.cleaned_data.get("place"):
            yield "place", f"around {self['place'].value()}", []
