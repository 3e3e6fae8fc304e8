"""
Template context for photos, galleries and the connect button, for Django templates and Jinja2.

No function raises an exception if the Trove is unavailable. The result is then empty, with the
reason in `error`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest

from ..client import CallError, NotGranted, QueryError, Result, TroveError
from ..core.users import is_same_user
from ..filters import ANY, TODAY
from ..models import CONTENT_LABELS
from ..services import Trove
from .anniversaries import group_by_year
from .page_parts import page_parts_context
from .page_urls import NoPageUrls, PageUrls

logger = logging.getLogger(__name__)
MAX_URL_LENGTH = 2000  # of `next` in the login URL; Django rejects redirects over 16,384


def get_trove(request: HttpRequest | None, user: Any, public: Any = "") -> Trove:
    """
    Return a user's Trove as the user of the request may see it. If it is their own, return
    `request.trove` of the middleware, so that the account is read once.

    :param public: as for `show_public_only`.
    """
    shared = getattr(request, "trove", None)
    if shared is not None and user is getattr(request, "user", None):
        return shared  # type: ignore[no-any-return]
    return show_public_only(request, Trove(user), public)


def show_public_only(request: HttpRequest | None, trove: Trove, public: Any = "") -> Trove:
    """
    Return a Trove without its private content, unless it belongs to the user of the request.

    :param public: the filter `public` of the tag or view. Only "any" and False, set explicitly,
        show private content to others.
    """
    if public in (ANY, False, "false"):
        return trove
    return trove.as_seen_by(getattr(request, "user", None))


def get_content(
    request: HttpRequest | None, trove: Trove, filters: Mapping[str, Any], name: str = "photos"
) -> Result[Any]:
    """
    Return one page of content, or an empty result with the reason in `error`.

    :param name: a method of `Trove`, such as "photos" or "statuses".
    """
    if request is not None and is_same_user(trove.user, getattr(request, "user", None)):
        disable_page_cache(request)
    try:
        result: Result[Any] = getattr(trove, name)(**filters)
    except TroveError as error:
        return empty_result(error)
    return result


def empty_result(error: TroveError) -> Result[Any]:
    """
    Return an empty result. An invalid call is logged here; the backend logs an unavailable Trove
    once per pause.
    """
    if isinstance(error, CallError):
        name = type(error).__name__
        logger.warning("A call is invalid: %s %s", name, error.detail, extra={"error": name})
    return Result(error=error)


def gallery_context(
    request: HttpRequest | None,
    trove: Trove,
    result: Result[Any],
    *,
    name: str = "photos",
    paged: bool = False,
) -> dict[str, Any]:
    """
    Return the context of `django_trove/gallery.html`, or of the list of another content type.

    :param name: as for `get_content`. The template variable has this name.
    :param paged: whether to render links to the previous and the next page, as `?page=2`.
    """
    context = connect_context(request, trove)
    return context | {
        name: result,
        "result": result,
        "paged": paged,
        "note": _get_note(result, context["state"]),
        "missing_type": _missing_type(result.error),
        "call_error": _get_call_error(result.error),
        "is_viewer": partial(is_viewer, request, trove.user),
        "is_own": is_same_user(trove.user, getattr(request, "user", None)),
        "page_urls": get_page_urls(request, trove),
    }


def get_page_urls(request: HttpRequest | None, trove: Trove) -> PageUrls:
    """
    Return the URLs of the pages of a Trove. The pages of this package show the photos of the user
    of the request, so that others have none.
    """
    if is_same_user(trove.user, getattr(request, "user", None)):
        return PageUrls(request)
    return NoPageUrls()


def viewer_connect_context(
    request: HttpRequest | None, user: Any, next: str = ""
) -> dict[str, Any]:
    """
    Return the context of `django_trove/connect.html` for the user of the request.

    :param next: the URL to redirect to after connecting. Default: the current page.
    """
    if request is not None:
        disable_page_cache(request)
    context = connect_context(request, get_trove(request, user), next)
    if context["state"] == "connected":
        context["account_shown"]()  # the template displays the link
    return context


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
        **page_parts_context(request),
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


def _get_note(result: Result[Any], state: str) -> str:
    """
    Return the name of the message to display with a result, or "".
    """
    if isinstance(result.error, QueryError):
        return "filter"
    if result.error is None or state in ("anonymous", "connect"):
        return ""
    if result.stale:
        return "stale"
    if isinstance(result.error, NotGranted):
        return "not_granted"
    return "reconnect" if state == "reconnect" else "unavailable"


def _missing_type(error: TroveError | None) -> str:
    """
    Return the translated name of the content type that the user has not authorized, or "".
    """
    if not isinstance(error, NotGranted):
        return ""
    return str(CONTENT_LABELS.get(error.content_type, error.content_type))


def _get_call_error(error: TroveError | None) -> str:
    """
    Return the error of an invalid call, such as a content type that the settings lack, for
    developers.
    """
    return error.detail if settings.DEBUG and isinstance(error, CallError) else ""


def _connection_state(trove: Trove) -> str:
    if not getattr(trove.user, "is_authenticated", False):
        return "anonymous"
    if trove.connected:
        return "connected"
    return "reconnect" if trove.account else "connect"


class ContentList(NamedTuple):
    """
    :param name: a method of `Trove`; the template variable has the same name.
    :param content_type: the content type that users must authorize.
    :param list_tag: the tag that renders a page.
    :param template: the template of that tag.
    """

    name: str
    content_type: str
    list_tag: str
    template: str

    @property
    def variable_tag(self) -> str:
        """
        The tag that returns a page.
        """
        return f"trove_{self.name}"

    def get_page(
        self, request: HttpRequest | None, user: Any, filters: Mapping[str, Any]
    ) -> Result[Any]:
        trove = get_trove(request, user, filters.get("public"))
        return get_content(request, trove, filters, self.name)

    def get_context(
        self, request: HttpRequest | None, user: Any, filters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """
        Return the context of the template.
        """
        trove = get_trove(request, user, filters.get("public"))
        result = get_content(request, trove, filters, self.name)
        return gallery_context(request, trove, result, name=self.name, paged="page" in filters)


PHOTOS = ContentList("photos", "photos", "trove_gallery", "django_trove/gallery.html")
LISTS = (
    PHOTOS,
    ContentList("videos", "videos", "trove_video_list", "django_trove/videos.html"),
    ContentList("statuses", "status", "trove_status_list", "django_trove/statuses.html"),
    ContentList("checkins", "checkins", "trove_checkin_list", "django_trove/checkins.html"),
    ContentList("friends", "friends", "trove_friend_list", "django_trove/friends.html"),
    ContentList("albums", "photos", "trove_album_list", "django_trove/albums.html"),
    ContentList("timeline", "photos", "trove_month_list", "django_trove/months.html"),
    ContentList("places", "photos", "trove_place_list", "django_trove/places.html"),
)


def anniversaries_context(
    request: HttpRequest | None, user: Any, filters: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return the context of `django_trove/anniversaries.html`.
    """
    context = PHOTOS.get_context(request, user, {"on_this_day": TODAY, "count": 100, **filters})
    return context | {"anniversaries": group_by_year(context["photos"])}
