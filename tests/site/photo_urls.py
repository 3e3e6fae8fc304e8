"""
The generic views as a site mounts and subclasses them.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import cache_page

from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.photos_json import PhotosJSON
from django_trove.services import Trove


class SnowForm(forms.Form):
    tags = forms.CharField(required=False)
    since = forms.DateField(required=False)

    def __init__(self, data: Any, *, trove: Trove) -> None:
        super().__init__(data)

    @property
    def filters(self) -> dict[str, Any]:
        return self.cleaned_data


class Few(PhotoListView):
    paginate_by = 2


class Filtered(Few):
    filter_form_class = SnowForm
    template_name = "site/filtered.html"


class PhotosOfNamedUser(Few):
    """
    The photos of one user, visible to all signed-in users.
    """

    def get_trove(self) -> Trove:
        users = get_user_model()._default_manager
        return Trove(users.get_by_natural_key(self.kwargs["name"]))


class Misspelt(PhotoListView):
    filters = {"tag": "snow"}  # type: ignore[typeddict-unknown-key]


def shared(request: HttpRequest) -> HttpResponse:
    request.trove.photos(), request.trove.photos(tags="snow")
    return HttpResponse(request.trove.account.name)


def unused(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing")


urlpatterns = [
    path("photos/", Few.as_view(), name="photos"),
    path("photos/<str:trove_id>/", PhotoDetailView.as_view(), name="photo"),
    path("snow/", Few.as_view(filters={"tags": "snow"})),
    path("uncounted/", Few.as_view(total=False)),
    path("numbers/", Few.as_view(template_name="site/numbers.html")),
    path("not-empty/", Few.as_view(allow_empty=False, filters={"tags": "ice"})),
    path("filtered/", Filtered.as_view()),
    path("misspelt/", Misspelt.as_view()),
    path("cached/", cache_page(60)(Few.as_view())),
    path("people/<str:name>/", PhotosOfNamedUser.as_view()),
    path("photos.json", PhotosJSON.as_view(paginate_by=2)),
    path("cached.json", cache_page(60)(PhotosJSON.as_view())),
    path("snow.json", PhotosJSON.as_view(filters={"tags": "snow"}, total=False)),
    path("shared/", shared),
    path("unused/", unused),
    path("trove/", include("django_trove.urls")),
]
