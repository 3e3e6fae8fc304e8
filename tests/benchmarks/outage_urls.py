"""
The pages of `outage`.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from django_trove.generic import PhotoListView

GALLERY = "{% load trove %}{% trove_gallery request.user tags=tag %}"


def tagged(request: HttpRequest, tag: str) -> HttpResponse:
    template = engines["django"].from_string(GALLERY)
    return HttpResponse(template.render({"tag": tag}, request))


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("This page does not use the Trove.")


urlpatterns = [
    path("photos/", PhotoListView.as_view()),
    path("tagged/<str:tag>/", tagged),
    path("plain/", plain),
    path("trove/", include("django_trove.urls")),
]
