"""
`{% load trove %}`

Tags do not fail the page: if the Trove is unavailable, the result is empty, with the reason in
`error`. Errors in the tag's arguments raise a `TemplateSyntaxError` when the template is compiled.
Invalid values that come from variables, such as user input, are reported in the result.
"""

from __future__ import annotations

from typing import Any

from django.template import Context, Library, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Parser, Token

from ..client import QueryError, Result
from ..client.collections import COLLECTION_FIELDS
from ..core.durations import format_duration
from ..core.exposure import format_exposure
from ..filters import build_query, check_collection_filters
from ..photos.context import (
    LISTS,
    ContentList,
    anniversaries_context,
    gallery_context,
    get_content,
    get_trove,
    viewer_connect_context,
)
from ..photos.display import (
    build_srcset,
    image_attributes,
    nearest_aspect_ratio,
    service_title,
    time_element,
)
from ..photos.facts import build_facts
from ..photos.maps import format_location, map_context, require_location
from ..photos.page_urls import get_album_url, get_page_url

OPTIONS = ("form", "assets", "days")  # arguments that are not filters

register = Library()
unchecked = Library()

VARIABLE_TAGS = {each.variable_tag: each for each in LISTS}
LIST_TAGS = {each.list_tag: each for each in LISTS}
COLLECTIONS = {
    tag: each.name
    for tag, each in (VARIABLE_TAGS | LIST_TAGS).items()
    if each.name in COLLECTION_FIELDS
}

USAGE = {
    **{tag: f"{tag} user count=12 as {each.name}" for tag, each in VARIABLE_TAGS.items()},
    **{tag: f"{tag} user count=12" for tag in LIST_TAGS},
    "trove_photos": 'trove_photos user tags="snow" count=12 as photos',
    "trove_gallery": 'trove_gallery user tags="snow" count=12',
    "trove_timeline": 'trove_timeline user services="flickr" as timeline',
    "trove_month_list": 'trove_month_list user services="flickr"',
    "trove_map": 'trove_map user tags="snow"',
    "trove_on_this_day": "trove_on_this_day user days=0",
    "trove_connect": 'trove_connect next="/photos/"',
}
"""Correct usage, for error messages."""


def _register_list(content: ContentList) -> None:
    """
    Register two tags for a content type: one assigns a page of items to a variable, the other
    renders them.

        {% trove_photos user tags="snow,Williamsburg" since="2007-03-04" count=12 as photos %}
        {% trove_gallery user services="flickr" %}

    The arguments are the owner of the content and filters (`filters.build_query`). The result has
    `stale` or `error` set if the Trove is unavailable. Users other than the owner see no connect
    button, and public content only unless the tag contains `public="any"`.
    """

    @unchecked.simple_tag(takes_context=True, name=content.variable_tag)
    def get_page(context: Context, user: Any, **filters: Any) -> Result[Any]:
        return content.get_page(context.get("request"), user, filters)

    @unchecked.inclusion_tag(content.template, takes_context=True, name=content.list_tag)
    def render_page(context: Context, user: Any, **filters: Any) -> dict[str, Any]:
        return content.get_context(context.get("request"), user, filters)


for content_list in LISTS:
    _register_list(content_list)


@unchecked.inclusion_tag("django_trove/anniversaries.html", takes_context=True)
def trove_on_this_day(
    context: Context, user: Any, *, days: int = 0, **filters: Any
) -> dict[str, Any]:
    """
    {% trove_on_this_day user days=0 %}: the photos of the same day in earlier years, by year.
    Nothing is rendered if there are none.

    :param days: the number of days before and after the day to include.
    :param filters: as for `trove_photos`. `on_this_day` replaces the current date.
    """
    return anniversaries_context(context.get("request"), user, {"days_around": days, **filters})


@unchecked.inclusion_tag("django_trove/map.html", takes_context=True)
def trove_map(
    context: Context, user: Any, *, form: Any = None, assets: bool = True, **filters: Any
) -> dict[str, Any]:
    """
    {% trove_map user tags="snow" %} or {% trove_map user form=filter_form %}: the photos that have
    a location.

    :param user: the owner of the photos. Other users see no connect button.
    :param form: a `TroveFilterForm`. Its filters override `filters`.
    :param assets: whether to render the style sheets and scripts. Use False for a second map on the
        page, or if the page includes "django_trove/map_assets.html".
    :param filters: as for `trove_photos`.
    """
    request = context.get("request")
    trove = get_trove(request, user, filters.get("public"))
    try:
        located_filters = require_location(filters | (form.filters if form else {}))
        photos = get_content(request, trove, located_filters)
    except QueryError as error:  # the form is invalid and displays its errors
        located_filters, photos = {}, Result(error=error)
    gallery = gallery_context(request, trove, photos)
    page_urls = None if photos.error else gallery["page_urls"]
    return gallery | {"assets": assets, **map_context(photos, located_filters, page_urls)}


@register.inclusion_tag("django_trove/map.html")
def trove_map_of(photos: Any, *, form: Any = None, assets: bool = True) -> dict[str, Any]:
    """
    {% trove_map_of photos %}: those of the given photos that have a location.

    :param photos: a result of `trove_photos` or `Trove.photos`, or any photos.
    :param form: the `TroveFilterForm` of the photos, for its box.
    """
    photos = photos or ()
    filters = form.filters if form and form.is_valid() else {}
    return {
        "photos": photos,
        "state": "connected",
        "assets": assets,
        **map_context(photos, filters),
    }


register.filter("trove_page_url", get_page_url)
register.filter("trove_album_url", get_album_url)
register.filter("trove_place", format_location)
register.filter("trove_shape", nearest_aspect_ratio)
register.filter("trove_exposure", format_exposure)
register.filter("trove_srcset", build_srcset)
register.filter("trove_duration", format_duration)
register.filter("trove_service", service_title)
register.filter("trove_time", time_element)
register.simple_tag(build_facts, name="trove_facts")
register.simple_tag(image_attributes, name="trove_image_attributes")


@unchecked.inclusion_tag("django_trove/connect.html", takes_context=True)
def trove_connect(context: Context, *, next: str = "") -> dict[str, Any]:
    """
    {% trove_connect %}: the connect button, or a link to the account page for connected users.

    :param next: the URL to redirect to after connecting. Default: the current page.
    """
    request = context.get("request")
    user = getattr(request, "user", None) or context.get("user")
    return viewer_connect_context(request, user, next)


def _register_checked(name: str) -> None:
    """
    Register a tag whose arguments are checked when the template is compiled.
    """
    build = unchecked.tags[name]

    def compile_checked(parser: Parser, token: Token) -> Node:
        try:
            node: Node = build(parser, token)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(f"{error}. {_usage_hint(name)}") from None
        _check_arguments(name, node)
        return node

    register.tag(name, compile_checked)


def _check_arguments(name: str, node: Any) -> None:
    arguments: dict[str, FilterExpression] = {
        key: value for key, value in node.kwargs.items() if key not in OPTIONS
    }
    user = node.args[0] if node.args else arguments.pop("user", None)
    if user is not None and _is_literal(user):
        raise _syntax_error(name, f"user must be a user, such as request.user, not {user.token}.")
    if name == "trove_connect":
        return
    if "days" in node.kwargs:
        arguments["days_around"] = node.kwargs["days"]
    literals = {
        key: value.resolve(Context()) for key, value in arguments.items() if _is_literal(value)
    }
    try:
        build_query(**dict.fromkeys(arguments) | literals)
        if name in COLLECTIONS:
            check_collection_filters(COLLECTIONS[name], arguments)
    except QueryError as error:
        raise _syntax_error(name, error.detail) from None
    if name in VARIABLE_TAGS and not node.target_var:
        variable = VARIABLE_TAGS[name].name
        message = f"a variable name is missing: end the tag with as {variable}."
        raise _syntax_error(name, message)


def _syntax_error(name: str, message: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(f"{name}: {message} {_usage_hint(name)}")


def _usage_hint(name: str) -> str:
    return f"Example: {{% {USAGE[name]} %}}."


def _is_literal(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    return isinstance(expression.var, str) or expression.var.literal is not None


for tag in USAGE:
    _register_checked(tag)
