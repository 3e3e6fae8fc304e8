"""
Template context for photos, galleries and the connect button, for Django templates and Jinja2.

No function raises an exception if the Trove is unavailable. The result is then empty, with the
reason in `error`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest

from ..client import CallError, Photo, QueryError, Result, TroveError
from ..services import Trove

logger = logging.getLogger(__name__)
MAX_URL_LENGTH = 2000  # of `next` in the login URL; Django rejects redirects over 16,384


def get_trove(request: HttpRequest | None, user: Any) -> Trove:
    """
    Return a user's Trove. If it is the user of the request, return `request.trove` of the
    middleware, so that the account is read once.
    """
    shared = getattr(request, "trove", None)
    if shared is not None and user is getattr(request, "user", None):
        return shared  # type: ignore[no-any-return]
    return Trove(user)


def get_photos(
    request: HttpRequest | None, trove: Trove, filters: Mapping[str, Any]
) -> Result[Photo]:
    """
    Return one page of photos, or an empty result with the reason in `error`.
    """
    if request is not None and trove.user is getattr(request, "user", None):
        disable_page_cache(request)
    try:
        return trove.photos(**filters)
    except TroveError as error:
        return empty_result(error)


def empty_result(error: TroveError) -> Result[Photo]:
    """
    Return an empty result. An invalid call is logged here; the backend logs an unavailable Trove
    once per pause.
    """
    if isinstance(error, CallError):
        name = type(error).__name__
        logger.warning("A call is invalid: %s %s", name, error.detail, extra={"error": name})
    return Result(error=error)


def gallery_context(
    request: HttpRequest | None, trove: Trove, photos: Result[Photo], *, paged: bool = False
) -> dict[str, Any]:
    """
    Return the context of `django_trove/gallery.html`.

    :param paged: whether to render links to the previous and the next page, as `?page=2`.
    """
    context = connect_context(request, trove)
    return context | {
        "photos": photos,
        "paged": paged,
        "note": _gallery_note(photos, context["state"]),
        "is_viewer": partial(is_viewer, request, trove.user),
    }


def viewer_connect_context(
    request: HttpRequest | None, user: Any, next: str = ""
) -> dict[str, Any]:
    """
    Return the context of `django_trove/connect.html` for the user of the request.

    :param next: the URL to redirect to after connecting. Default: the current page.
    """
    if request is not None:
        disable_page_cache(request)
    return connect_context(request, get_trove(request, user), next)


def connect_context(request: HttpRequest | None, trove: Trove, next: str = "") -> dict[str, Any]:
    """
    Return the context of `django_trove/connect.html`.

    :param next: the URL to redirect to after connecting, which may be relative to the current page.
        Default: the current page.
    """
    next = _resolve_url(request, next) if request else next
    state = _connection_state(trove)
    return {
        "state": state,
        "account": trove.account if state in ("connected", "reconnect") else None,
        "next": next,
        "login_url": redirect_to_login(next[:MAX_URL_LENGTH]).url,
        "request": request,
    }


def _resolve_url(request: HttpRequest, url: str) -> str:
    """
    Return a URL that may be relative to the current page, as in a link.
    """
    page = request.get_full_path()
    try:
        return urljoin(page, url)
    except ValueError:
        return page


def is_viewer(request: HttpRequest | None, user: Any) -> bool:
    """
    Return whether the user is the user of the request, and disable the page cache.
    """
    viewer = getattr(request, "user", None)
    if request is not None:
        disable_page_cache(request)
    return viewer is not None and viewer.pk == getattr(user, "pk", None)


def disable_page_cache(request: HttpRequest) -> None:
    """
    Exclude the page from Django's page cache. `cache_page` stores it before the session middleware
    adds `Vary: Cookie`, and would show one user's photos to another user.
    """
    vars(request)["_cache_update_cache"] = False


def _gallery_note(photos: Result[Photo], state: str) -> str:
    """
    Return the name of the message to display with the photos, or "".
    """
    if isinstance(photos.error, QueryError):
        return "filter"
    if photos.error is None or state in ("anonymous", "connect"):
        return ""
    if photos.stale:
        return "stale"
    return "reconnect" if state == "reconnect" else "unavailable"


def _connection_state(trove: Trove) -> str:
    if not getattr(trove.user, "is_authenticated", False):
        return "anonymous"
    if trove.connected:
        return "connected"
    return "reconnect" if trove.account else "connect"
