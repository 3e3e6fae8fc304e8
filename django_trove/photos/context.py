"""
What a page shows of a user's Trove: values for templates, whichever language they are written in.

Nothing here breaks a page. Where the Trove can't be asked, there is an empty result that says why.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ..client import NotConnected, Photo, QueryError, Result, TokenRejected, TroveError
from ..services import Trove

logger = logging.getLogger(__name__)
TITLES = {
    "facebook": "Facebook",
    "flickr": "Flickr",
    "folder": gettext_lazy("Folder"),
    "google": "Google Photos",
    "smugmug": "SmugMug",
}
"""What people call services; others are called by their names."""

ASPECT_RATIOS = (40, 45, 50, 56, 60, 67, 71, 75, 80, 85, 90, 95, 100, 107, 114, 120, 125, 133, 141, 150,
          160, 167, 178, 190, 200, 220, 240, 270, 300)  # fmt: skip
"""How wide a picture is to its height, in hundredths, as `trove.css` has rows for."""

MAX_TITLE_LENGTH = (
    2000  # characters of an address to come back to; Django redirects to none over 16,384
)


def get_trove(request: HttpRequest | None, user: Any) -> Trove:
    """
    Return a user's Trove: the request's own, where it has one, so that its account is read once.

    :param request: None in a template that is rendered without.
    """
    shared = getattr(request, "trove", None)
    if shared is not None and user is getattr(request, "user", None):
        return shared  # type: ignore[no-any-return]
    return Trove(user)


def get_photos(
    request: HttpRequest | None, trove: Trove, filters: Mapping[str, Any]
) -> Result[Photo]:
    """
    Return one page of photos; an empty one with the reason in `error`, where there are none to get.

    :param filters: see `filters.query_from`.
    """
    if request is not None and trove.user is getattr(request, "user", None):
        disable_page_cache(request)
    try:
        return trove.photos(**filters)
    except TroveError as error:
        return empty_result(error)


def empty_result(error: TroveError) -> Result[Photo]:
    """
    Return no photos, and why. What isn't the user's to mend is logged.
    """
    if not isinstance(error, (NotConnected, TokenRejected)):
        name = type(error).__name__
        logger.warning("No photos for a page: %s %s", name, error.detail, extra={"error": name})
    return Result(error=error)


def gallery_context(
    request: HttpRequest | None, trove: Trove, shown: Result[Photo], *, paged: bool = False
) -> dict[str, Any]:
    """
    Return what `django_trove/gallery.html` draws.

    :param shown: the photos.
    :param paged: whether it draws links to the pages before and after, as `?page=2`.
    """
    about = connect_context(request, trove)
    return about | {
        "photos": shown,
        "paged": paged,
        "note": _gallery_message(shown, about["state"]),
        "yours": partial(is_viewer, request, trove.user),
    }


def viewer_connect_context(
    request: HttpRequest | None, user: Any, next: str = ""
) -> dict[str, Any]:
    """
    Return what `django_trove/connect.html` draws for who looks, which makes the page theirs alone.

    :param user: who looks.
    :param next: where to go afterwards; this page without it.
    """
    if request is not None:
        disable_page_cache(request)
    return connect_context(request, get_trove(request, user), next)


def connect_context(request: HttpRequest | None, trove: Trove, next: str = "") -> dict[str, Any]:
    """
    Return how a user's connection stands, and what `django_trove/connect.html` draws of it.

    :param next: where to go afterwards; this page without it.
    """
    here = next or (request.get_full_path() if request else "")
    return {
        "state": _connection_state(trove),
        "account": trove.account
        if _connection_state(trove) in ("connected", "reconnect")
        else None,
        "next": here,
        "login_url": redirect_to_login(here[:MAX_TITLE_LENGTH]).url,
        "request": request,
    }


def is_viewer(request: HttpRequest | None, user: Any) -> bool:
    """
    Whether a user is the one who looks. To ask that makes the page theirs alone.
    """
    viewer = getattr(request, "user", None)
    if request is not None:
        disable_page_cache(request)
    return viewer is not None and viewer.pk == getattr(user, "pk", None)


def disable_page_cache(request: HttpRequest) -> None:
    """
    Keep a page out of Django's page cache. `cache_page` stores it before the session middleware
    has added `Vary: Cookie`, and would show one user's photos to the next.
    """
    vars(request)["_cache_update_cache"] = False


def nearest_aspect_ratio(photo: Photo) -> int:
    """
    Return the nearest of `ASPECT_RATIOS`; 4 by 3 for a photo whose size isn't known.
    """
    if not photo.width or not photo.height:
        return 133
    ratio = 100 * photo.width / photo.height
    return min(ASPECT_RATIOS, key=lambda shape: max(shape, ratio) / min(shape, ratio))


def service_title(name: str) -> str:
    """
    Return what people call a service.

    :param name: as on the wire, such as "flickr".
    """
    return str(TITLES.get(name) or name.replace("-", " ").title())


def _gallery_message(shown: Result[Photo], state: str) -> str:
    """
    Return what the gallery has to say beside its photos: "" where all is well.
    """
    if isinstance(shown.error, QueryError):
        return "filter"
    if shown.error is None or state in ("anonymous", "connect"):
        return ""
    if shown.stale:
        return "stale"
    return "reconnect" if state == "reconnect" else "unavailable"


def _connection_state(trove: Trove) -> str:
    if not getattr(trove.user, "is_authenticated", False):
        return "anonymous"
    if trove.connected:
        return "connected"
    return "reconnect" if trove.account else "connect"
