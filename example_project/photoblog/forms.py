from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings

from django_trove.forms import TroveFilterForm, TrovePhotoField

from .models import Profile

COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


class FilterForm(TroveFilterForm):
    """
    The package's filter form with the distance from a town or from coordinates.
    """

    near = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"list": "towns", "placeholder": "Kyoto, or 35, 136"}),
    )
    within = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=25,
        choices=[(25, "25 km"), (5, "5 km"), (100, "100 km"), (1000, "1000 km")],
    )
    field_order = ("text", "tags", "since", "until", "place", "near", "within", "services", "box")

    def clean_near(self) -> tuple[float, float] | None:
        """
        Return latitude and longitude for a name in `PLACES`, or for two numbers.
        """
        value = self.cleaned_data["near"]
        places = {name.casefold(): place for name, place in settings.PLACES.items()}
        if not value or value.casefold() in places:
            return places.get(value.casefold())
        match = COORDINATES.fullmatch(value)
        if not match:
            raise forms.ValidationError(
                f"Enter {', '.join(settings.PLACES)}, or a latitude and a longitude."
            )
        return float(match[1]), float(match[2])

    def selected_filters(self) -> dict[str, Any]:
        filters = super().selected_filters()
        if self.cleaned_data.get("near"):
            filters["near"] = (*self.cleaned_data["near"], self.cleaned_data.get("within", 25))
        return filters

    def iter_active(self) -> Iterator[tuple[str, str, list[str]]]:
        yield from super().iter_active()
        if self.cleaned_data.get("near"):
            yield "near", f"near {self['near'].value()}", []


class ProfileForm(forms.ModelForm):
    picture = TrovePhotoField(snapshot=True, required=False, count=12, label="Profile picture")

    class Meta:
        model = Profile
        fields = ["motto", "picture"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].user = user
