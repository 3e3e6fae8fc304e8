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

from .client import Result
from .filters import FILTERS, unknown_filter_message
from .photos.context import (
    LISTS,
    ContentList,
    anniversaries_context,
    viewer_connect_context,
)

__all__ = ["TroveExtension", "environment", "trove_connect", "trove_on_this_day"]


def _build_functions(content: ContentList) -> dict[str, Any]:
    """
    Return two functions for a content type, by name: one returns a page of items, the other renders
    it. Their arguments are those of the template tags.

    :raises TemplateRuntimeError: if a filter is unknown.
    """

    @pass_context
    def get_page(context: Context, user: Any, **filters: Any) -> Result[Any]:
        _check_filters(content.variable_tag, filters)
        return content.get_page(_get_request(context), user, filters)

    @pass_context
    def render_page(context: Context, user: Any, **filters: Any) -> SafeString:
        _check_filters(content.list_tag, filters)
        request = _get_request(context)
        template_context = content.get_context(request, user, filters)
        return render_to_string(content.template, template_context, request)

    return {content.variable_tag: get_page, content.list_tag: render_page}


@pass_context
def trove_on_this_day(context: Context, user: Any, *, days: int = 0, **filters: Any) -> SafeString:
    """
    Render the photos of the same day in earlier years, as the template tag does.
    """
    _check_filters("trove_on_this_day", filters)
    request = _get_request(context)
    template_context = anniversaries_context(request, user, {"days_around": days, **filters})
    return render_to_string("django_trove/anniversaries.html", template_context, request)


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
        environment.globals |= {
            "trove_connect": trove_connect,
            "trove_on_this_day": trove_on_this_day,
        }
        for content in LISTS:
            environment.globals.update(_build_functions(content))


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
