"""
The tags for Django's Jinja2 backend: what `{% load trove %}` gives to Django's own templates.

    {% set photos = trove_photos(user, tags="snow", count=12) %}
    {{ trove_gallery(user, services="flickr") }}
    {{ trove_connect() }}

What is drawn are the same templates under `django_trove/`, so a DjangoTemplates backend has to be
in `TEMPLATES` as well, or templates of these names in Jinja2.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from jinja2 import Environment, TemplateRuntimeError, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .client import Photo, Result
from .filters import FILTERS, unknown_filter_message
from .photos.context import gallery_context, get_photos, get_trove, viewer_connect_context

__all__ = ["TroveExtension", "environment", "trove_connect", "trove_gallery", "trove_photos"]


@pass_context
def trove_photos(context: Context, user: Any, **filters: Any) -> Result[Photo]:
    """
    Return one page of photos; with `stale` or `error` set where the Trove can't be asked.

    :param user: whose photos.
    :param filters: see `filters.query_from`.
    :raises TemplateRuntimeError: if there is no such filter.
    """
    _check_filters("trove_photos", filters)
    request = _get_request(context)
    return get_photos(request, get_trove(request, user), filters)


@pass_context
def trove_gallery(context: Context, user: Any, **filters: Any) -> SafeString:
    """
    Return one page as a gallery.

    :param user: whose photos; only they themselves are asked to connect.
    :param filters: as for `trove_photos`.
    :raises TemplateRuntimeError: if there is no such filter.
    """
    _check_filters("trove_gallery", filters)
    request = _get_request(context)
    trove = get_trove(request, user)
    photos = get_photos(request, trove, filters)
    shown = gallery_context(request, trove, photos, paged="page" in filters)
    return render_to_string("django_trove/gallery.html", shown, request)


@pass_context
def trove_connect(context: Context, *, next: str = "") -> SafeString:
    """
    Return a button for who has no Trove connected, a link for who has.

    :param next: where to go afterwards; this page without it.
    """
    request = _get_request(context)
    user = getattr(request, "user", None) or context.get("user")
    shown = viewer_connect_context(request, user, next)
    return render_to_string("django_trove/connect.html", shown, request)


class TroveExtension(Extension):
    """
    `OPTIONS = {"extensions": ["django_trove.jinja2.TroveExtension"]}`
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals.update(
            trove_photos=trove_photos, trove_gallery=trove_gallery, trove_connect=trove_connect
        )


def environment(**options: Any) -> Environment:
    """
    `OPTIONS = {"environment": "django_trove.jinja2.environment"}`, where a project has none of its
    own.
    """
    made = Environment(**options)  # noqa: S701 - Django's backend turns autoescape on
    made.add_extension(TroveExtension)
    return made


def _get_request(context: Context) -> HttpRequest | None:
    found = context.get("request")
    return found if isinstance(found, HttpRequest) else None


def _check_filters(name: str, given: dict[str, Any]) -> None:
    for each in given:
        if each not in FILTERS:
            raise TemplateRuntimeError(f"{name}: {unknown_filter_message(each)}")
