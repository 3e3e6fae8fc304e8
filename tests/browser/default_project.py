"""
A project that overrides no templates, and sends the strictest policy that the app supports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.generic import TemplateView

from django_trove.forms import TroveFilterForm, TrovePhotoField
from django_trove.generic import PhotoDetailView, PhotoListView

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src https://photos.example; media-src https://photos.example; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class FourPhotosView(PhotoListView):
    paginate_by = 4
    filter_form_class = TroveFilterForm


class PhotoForm(forms.Form):
    picture = TrovePhotoField(required=False, count=4)

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        self.fields["picture"].user = user  # type: ignore[attr-defined]


@login_required
def choose_photo(request: HttpRequest) -> HttpResponse:
    form = PhotoForm(request.POST or None, user=request.user)
    saved = form.cleaned_data["picture"] if form.is_valid() else ""
    return render(request, "default_project/choose_photo.html", {"form": form, "saved": saved})


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return middleware


urlpatterns = [
    path("trove/", include("django_trove.urls")),
    path("photos/", FourPhotosView.as_view(), name="photos"),
    path("photos/<str:trove_id>/", PhotoDetailView.as_view(), name="photo"),
    path("library/", include("django_trove.photo_urls")),
    path("choose-photo/", choose_photo),
    path(
        "two-galleries/",
        TemplateView.as_view(template_name="default_project/two_galleries.html"),
    ),
    path("lists/", TemplateView.as_view(template_name="default_project/lists.html")),
    path("sign-in/", LoginView.as_view(), name="login"),
]
