"""
What a visitor may filter by.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings

from django_trove.client import Identity

__all__ = ["FilterForm"]

COORDINATES = re.compile(r"\s*(-?[0-9.]+)\s*,\s*(-?[0-9.]+)\s*")
DATE = forms.DateInput(attrs={"type": "date"})


class FilterForm(forms.Form):
    """
    A filter, all of it optional; the page's address holds it.
    """

    tags = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"placeholder": "snow, sea"})
    )
    services = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    since = forms.DateField(required=False, widget=DATE, label="From")
    until = forms.DateField(required=False, widget=DATE, label="To")
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
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, identities: tuple[Identity, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        names = sorted({identity.service for identity in identities})
        self.fields["services"].choices = [(name, name.title()) for name in names]

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

    @property
    def filters(self) -> dict[str, Any]:
        """
        The filters of a valid form as `Trove.photos` takes them.
        """
        data = self.cleaned_data
        filters = {name: data[name] for name in ("tags", "services", "since", "until", "page")}
        if data["place"]:
            filters["near"] = (*data["place"], data["within"])
        return filters
