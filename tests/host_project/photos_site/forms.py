"""
The forms of a site, and a test with a fake Trove.
"""

from __future__ import annotations

from typing import Any, assert_type

from django import forms
from django.contrib.auth.models import User

from django_trove.client import Photo
from django_trove.forms.filter_form import TroveFilterForm
from django_trove.forms.photo_field import TrovePhotoField
from django_trove.generic import PhotoListView
from django_trove.testing import fake_trove


class ProfileForm(forms.Form):
    picture = TrovePhotoField(snapshot=True, required=False)
    others = TrovePhotoField(multiple=True, filters={"services": "flickr"})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].user = user  # type: ignore[attr-defined]


class Filtered(PhotoListView):
    filter_form_class = TroveFilterForm


def test_only_snow_is_shown(user: User) -> None:
    with fake_trove() as trove:
        trove.connect(user)
        assert_type(trove.add_photo(title="Snow", tags=["snow"], date="2007-03-04"), Photo)
