"""
The template tags as functions for Django's Jinja2 backend.

    {% set photos = trove_photos(user, tags="snow", count=12) %}
    {{ trove_gallery(user, services="flickr") }}
    {{ trove_connect() }}

They render the templates below `django_trove/`, so `TEMPLATES` must also contain a DjangoTemplates
backend, unless there are Jinja2 templates with these names.
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
    Return one page of photos, with `stale` or `error` set if the Trove is unavailable.

    :param user: the owner of the photos.
    :param filters: see `filters.build_query`.
    :raises TemplateRuntimeError: if a filter is unknown.
    """
    _check_filters("trove_photos", filters)
    request = _get_request(context)
    return get_photos(request, get_trove(request, user), filters)


@pass_context
def trove_gallery(context: Context, user: Any, **filters: Any) -> SafeString:
    """
    Render one page of photos as a gallery.

    :param user: the owner of the photos. Other users see no connect button.
    :param filters: as for `trove_photos`.
    :raises TemplateRuntimeError: if a filter is unknown.
    """
    _check_filters("trove_gallery", filters)
    request = _get_request(context)
    trove = get_trove(request, user)
    photos = get_photos(request, trove, filters)
    template_context = gallery_context(request, trove, photos, paged="page" in filters)
    return render_to_string("django_trove/gallery.html", template_context, request)


@pass_context
def trove_connect(context: Context, *, next: str = "") -> SafeString:
    """
    Render the connect button, or a link to the account page for connected users.

    :param next: the URL to redirect to after connecting. Default: the current page.
    """
    request = _get_request(context)
    user = getattr(request, "user", None) or context.get("user")
    template_context = viewer_connect_context(request, user, next)
    return render_to_string("django_trove/connect.html", template_context, request)


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
    `OPTIONS = {"environment": "django_trove.jinja2.environment"}`, for projects without an
    environment function of their own.
    """
    jinja_environment = Environment(**options)  # noqa: S701 - Django's backend turns autoescape on
    jinja_environment.add_extension(TroveExtension)
    return jinja_environment


def _get_request(context: Context) -> HttpRequest | None:
    request = context.get("request")
    return request if isinstance(request, HttpRequest) else None


def _check_filters(name: str, filters: dict[str, Any]) -> None:
    for filter_name in filters:
        if filter_name not in FILTERS:
            raise TemplateRuntimeError(f"{name}: {unknown_filter_message(filter_name)}")
