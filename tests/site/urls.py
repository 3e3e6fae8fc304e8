"""
Pages of a site with photos, which it caches.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.cache import cache_page

GALLERY = "{% load trove %}{% trove_gallery owner %}"
PHOTOS = (
    "{% load trove %}{% trove_photos user as photos %}"
    "{% for p in photos %}{{ p.title }}{% endfor %}"
)


def show(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(template).render(context, request))


@cache_page(60)
def gallery(request: HttpRequest) -> HttpResponse:
    return show(request, GALLERY, owner=request.user)


@cache_page(60)
def photos(request: HttpRequest) -> HttpResponse:
    return show(request, PHOTOS)


@cache_page(60)
def person(request: HttpRequest, name: str) -> HttpResponse:
    owner = get_user_model()._default_manager.get_by_natural_key(name)
    return show(request, GALLERY, owner=owner)


urlpatterns = [
    path("gallery/", gallery),
    path("photos/", photos),
    path("people/<str:name>/", person),
    path("trove/", include("django_trove.urls")),
]
