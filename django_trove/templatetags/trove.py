"""
`{% load trove %}`

A tag never breaks its page: where the Trove can't be asked, it gives an empty result that says why.
What is wrong with a tag as it is written is said when the template is compiled, and what is wrong
with a value that comes in when it is rendered (a visitor may have typed it) is said in the result.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.template import Context, Library, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Parser, Token

from ..client import NotConnected, Photo, QueryError, Result, TokenRejected, TroveError
from ..filters import query_from
from ..maps import map_facts, on_the_map, place_text
from ..services import Trove

__all__ = [
    "register",
    "trove_connect",
    "trove_gallery",
    "trove_map",
    "trove_map_of",
    "trove_photos",
]

logger = logging.getLogger("django_trove.tags")

LONGEST = 2000  # characters of an address to come back to; Django redirects to none over 16,384

OPTIONS = ("user", "form", "assets")  # of tags, and no filters

register = Library()
plain = Library()


@plain.simple_tag(takes_context=True)
def trove_photos(context: Context, user: Any, **filters: Any) -> Result[Photo]:
    """
    {% trove_photos user tags="snow,Williamsburg" since="2007-03-04" count=12 as photos %}

    :param user: whose photos.
    :param filters: see `filters.query_from`.
    :returns: one page; with `stale` or `error` set where the Trove can't be asked.
    """
    return _photos(context, Trove(user), filters)


@plain.inclusion_tag("django_trove/gallery.html", takes_context=True)
def trove_gallery(context: Context, user: Any, **filters: Any) -> dict[str, Any]:
    """
    {% trove_gallery user services="flickr" %}

    :param user: whose photos; only they themselves are asked to connect.
    :param filters: as for `trove_photos`.
    """
    trove = Trove(user)
    photos = _photos(context, trove, filters)
    connection = _connection(context, trove)
    return connection | {
        "photos": photos,
        "note": _note(photos, connection["state"]),
        "yours": partial(_is_viewer, context, user),
    }


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
    trove = Trove(user)
    try:
        asked = on_the_map(filters | (form.filters if form else {}))
        photos = _photos(context, trove, asked)
    except QueryError as error:  # of a form that isn't valid, which says so itself
        asked, photos = {}, Result(error=error)
    connection = _connection(context, trove)
    return connection | {
        "photos": photos,
        "note": _note(photos, connection["state"]),
        "yours": partial(_is_viewer, context, user),
        "assets": assets,
        **map_facts(photos, asked),
    }


@register.inclusion_tag("django_trove/map.html")
def trove_map_of(photos: Any, *, form: Any = None, assets: bool = True) -> dict[str, Any]:
    """
    {% trove_map_of photos %}: those of a page that have a place, without asking for any.

    :param photos: a result of `trove_photos` or `Trove.photos`, or any photos.
    :param form: the `TroveFilterForm` that they were chosen with, for its area.
    """
    given = photos or ()
    asked = form.filters if form and form.is_valid() else {}
    return {"photos": given, "state": "connected", "assets": assets, **map_facts(given, asked)}


register.filter("trove_place", place_text)


@register.inclusion_tag("django_trove/connect.html", takes_context=True)
def trove_connect(context: Context, *, next: str = "") -> dict[str, Any]:
    """
    {% trove_connect %}: a button for who has no Trove connected, a link for who has.

    :param next: where to go afterwards; this page without it.
    """
    user = getattr(context.get("request"), "user", None) or context.get("user")
    _is_viewer(context, user)
    return _connection(context, Trove(user), next)


def _photos(context: Context, trove: Trove, filters: dict[str, Any]) -> Result[Photo]:
    request = context.get("request")
    if request is not None and trove.user is getattr(request, "user", None):
        _not_for_others(request)
    try:
        return trove.photos(**filters)
    except (NotConnected, TokenRejected) as error:
        return Result(error=error)  # known, and its user is told
    except TroveError as error:
        logger.warning("No photos for a page: %s %s", type(error).__name__, error.detail)
        return Result(error=error)


def _is_viewer(context: Context, user: Any) -> bool:
    """
    Whether a user is the one who looks. To ask that makes the page theirs alone.
    """
    request = context.get("request")
    viewer = getattr(request, "user", None)
    if request is not None:
        _not_for_others(request)
    return viewer is not None and viewer.pk == getattr(user, "pk", None)


def _not_for_others(request: HttpRequest) -> None:
    """
    Keep a page out of Django's page cache. `cache_page` stores it before the session middleware
    has added `Vary: Cookie`, and would show one user's photos to the next.
    """
    vars(request)["_cache_update_cache"] = False


def _connection(context: Context, trove: Trove, next: str = "") -> dict[str, Any]:
    request: HttpRequest | None = context.get("request")
    here = next or (request.get_full_path() if request else "")
    return {
        "state": _state(trove),
        "next": here,
        "login_url": redirect_to_login(here[:LONGEST]).url,
        "request": request,
    }


def _note(photos: Result[Photo], state: str) -> str:
    """
    Return what the gallery has to say beside its photos: "" where all is well.
    """
    if isinstance(photos.error, QueryError):
        return "filter"
    if photos.error is None or state in ("anonymous", "connect"):
        return ""
    if photos.stale:
        return "stale"
    return "reconnect" if state == "reconnect" else "unavailable"


def _state(trove: Trove) -> str:
    if not getattr(trove.user, "is_authenticated", False):
        return "anonymous"
    if trove.connected:
        return "connected"
    return "reconnect" if trove.account else "connect"


def _checked(name: str) -> None:
    """
    Register a tag whose literal filters are tried when the template is compiled.
    """
    build = plain.tags[name]

    def compiled(parser: Parser, token: Token) -> Node:
        node: Node = build(parser, token)
        given = {name: value for name, value in node.kwargs.items() if name not in OPTIONS}  # type: ignore[attr-defined]
        literals = {k: v.resolve(Context()) for k, v in given.items() if _is_literal(v)}
        try:
            query_from(**dict.fromkeys(given) | literals)
        except QueryError as error:
            raise TemplateSyntaxError(f"{name}: {error.detail}") from None
        return node

    register.tag(name, compiled)


def _is_literal(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    return isinstance(expression.var, str) or expression.var.literal is not None


_checked("trove_photos")
_checked("trove_gallery")
_checked("trove_map")
