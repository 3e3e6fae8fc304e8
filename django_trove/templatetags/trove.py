"""
`{% load trove %}`

A tag never breaks its page: where the Trove can't be asked, it gives an empty result that says why.
What is wrong with a tag as it is written is said when the template is compiled, and what is wrong
with a value that comes in when it is rendered (a visitor may have typed it) is said in the result.
"""

from __future__ import annotations

from typing import Any

from django.template import Context, Library, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Parser, Token

from ..client import Photo, QueryError, Result
from ..filters import build_query
from ..photos.context import (
    gallery_context,
    get_photos,
    get_trove,
    nearest_aspect_ratio,
    service_title,
    viewer_connect_context,
)
from ..photos.maps import format_location, map_context, require_location

OPTIONS = ("form", "assets")  # of tags, and no filters

register = Library()
plain = Library()

USAGE = {
    "trove_photos": 'trove_photos user tags="snow" count=12 as photos',
    "trove_gallery": 'trove_gallery user tags="snow" count=12',
    "trove_map": 'trove_map user tags="snow"',
    "trove_connect": 'trove_connect next="/photos/"',
}
"""The tags as they are meant, for who wrote them otherwise."""


@plain.simple_tag(takes_context=True)
def trove_photos(context: Context, user: Any, **filters: Any) -> Result[Photo]:
    """
    {% trove_photos user tags="snow,Williamsburg" since="2007-03-04" count=12 as photos %}

    :param user: whose photos.
    :param filters: see `filters.query_from`.
    :returns: one page; with `stale` or `error` set where the Trove can't be asked.
    """
    request = context.get("request")
    return get_photos(request, get_trove(request, user), filters)


@plain.inclusion_tag("django_trove/gallery.html", takes_context=True)
def trove_gallery(context: Context, user: Any, **filters: Any) -> dict[str, Any]:
    """
    {% trove_gallery user services="flickr" %}

    :param user: whose photos; only they themselves are asked to connect.
    :param filters: as for `trove_photos`.
    """
    request = context.get("request")
    trove = get_trove(request, user)
    photos = get_photos(request, trove, filters)
    return gallery_context(request, trove, photos, paged="page" in filters)


@plain.inclusion_tag("django_trove/map.html", takes_context=True)
def trove_map(
    context: Context, user: Any, *, form: Any = None, assets: bool = True, **filters: Any
) -> dict[str, Any]:
    """
    {% trove_map user tags="snow" %} or {% trove_map user form=filter_form %}: the photos that have
    a place.

    :param user: whose photos; only they themselves are asked to connect.
    :param form: a `TroveFilterForm`, whose filters come first.
    :param assets: whether the map brings its style sheets and scripts; False for a second one on
        the page, or where the page has included "django_trove/map_assets.html" itself.
    :param filters: as for `trove_photos`.
    """
    request = context.get("request")
    trove = get_trove(request, user)
    try:
        asked = require_location(filters | (form.filters if form else {}))
        photos = get_photos(request, trove, asked)
    except QueryError as error:  # of a form that isn't valid, which says so itself
        asked, photos = {}, Result(error=error)
    shown = gallery_context(request, trove, photos)
    return shown | {"assets": assets, **map_context(photos, asked)}


@register.inclusion_tag("django_trove/map.html")
def trove_map_of(photos: Any, *, form: Any = None, assets: bool = True) -> dict[str, Any]:
    """
    {% trove_map_of photos %}: those of a page that have a place, without asking for any.

    :param photos: a result of `trove_photos` or `Trove.photos`, or any photos.
    :param form: the `TroveFilterForm` that they were chosen with, for its area.
    """
    given = photos or ()
    asked = form.filters if form and form.is_valid() else {}
    return {"photos": given, "state": "connected", "assets": assets, **map_context(given, asked)}


register.filter("trove_place", format_location)
register.filter("trove_shape", nearest_aspect_ratio)
register.filter("trove_service", service_title)


@plain.inclusion_tag("django_trove/connect.html", takes_context=True)
def trove_connect(context: Context, *, next: str = "") -> dict[str, Any]:
    """
    {% trove_connect %}: a button for who has no Trove connected, a link for who has.

    :param next: where to go afterwards; this page without it.
    """
    request = context.get("request")
    user = getattr(request, "user", None) or context.get("user")
    return viewer_connect_context(request, user, next)


def _register_checked(name: str) -> None:
    """
    Register a tag that is checked when the template is compiled, with a hint at how it is meant.
    """
    build = plain.tags[name]

    def compiled(parser: Parser, token: Token) -> Node:
        try:
            node: Node = build(parser, token)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(f"{error}. {_usage_hint(name)}") from None
        _check_arguments(name, node)
        return node

    register.tag(name, compiled)


def _check_arguments(name: str, node: Any) -> None:
    given: dict[str, FilterExpression] = {
        key: value for key, value in node.kwargs.items() if key not in OPTIONS
    }
    user = node.args[0] if node.args else given.pop("user", None)
    if user is not None and _is_literal(user):
        raise _syntax_error(name, f"user is a user, such as request.user, and not {user.token}.")
    if name == "trove_connect":
        return
    literals = {key: value.resolve(Context()) for key, value in given.items() if _is_literal(value)}
    try:
        build_query(**dict.fromkeys(given) | literals)
    except QueryError as error:
        raise _syntax_error(name, error.detail) from None
    if name == "trove_photos" and not node.target_var:
        raise _syntax_error(name, "its photos need a name: end it with as photos.")


def _syntax_error(name: str, what: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(f"{name}: {what} {_usage_hint(name)}")


def _usage_hint(name: str) -> str:
    return f"Write it as {{% {USAGE[name]} %}}."


def _is_literal(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    return isinstance(expression.var, str) or expression.var.literal is not None


for tag in USAGE:
    _register_checked(tag)
