"""
The error pages of the connection views.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .. import client
from ..client import TroveError
from ..conf import conf
from ..core.logs import log_unavailable
from ..core.oauth_state import StateExpired, StateNotFound, StateOfOtherUser, StateUsed
from .flows import CallbackRejected, GrantInUse
from .redirects import absolute_url, callback_host_mismatch, safe_next_url

if TYPE_CHECKING:
    Text = str | Promise
else:
    Text = object

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """
    :param code: identifies the error in templates and tests.
    :param status: the HTTP status.
    :param restart: whether the page offers to start again.
    """

    code: str
    status: int
    title: Text
    text: Text
    restart: bool = True


def render_exception(request: HttpRequest, error: Exception, target: str) -> HttpResponse:
    """
    Log an exception and render its error page.

    :param target: the URL that the user wanted to visit.
    """
    detail = error.detail if isinstance(error, TroveError) else ""
    extra = {"user_id": request.user.pk, "error": type(error).__name__}
    logger.warning("A connection failed: %s %s", extra["error"], detail, extra=extra)
    return render_error(request, error_page_for(error), target)


def render_error(request: HttpRequest, error: ErrorPage, target: str) -> HttpResponse:
    context = {
        "error": error,
        "next": safe_next_url(request, target),
        "callback": absolute_url(request, "callback"),
        "trove_url": conf.web_url,
        "callback_host": callback_host_mismatch(request),
    }
    response = render(request, "django_trove/connect_error.html", context, status=error.status)
    if error.status == 503:
        log_unavailable(request, response)
    return response


def error_page_for(error: Exception) -> ErrorPage:
    return next((page for kind, page in ERROR_PAGES if isinstance(error, kind)), UNAVAILABLE)


DENIED = ErrorPage(
    "denied",
    200,
    _("Permission denied"),
    _("You did not authorize this site. Nothing was changed."),
)
NO_VERIFIER = ErrorPage(
    "no-verifier",
    400,
    _("Incomplete response"),
    _("The response of your Trove does not contain a verification code."),
)
NOT_MY_ACCOUNT = ErrorPage(
    "not-my-account",
    200,
    _("The account was not connected"),
    _(
        "This site deleted the access token. Nothing else was changed. Sign out at the Trove "
        "before you start again, so that you can sign in with another account."
    ),
)
UNKNOWN = ErrorPage(
    "unknown",
    400,
    _("Unknown connection"),
    _("The connection was not started in this browser, or you signed in again in the meantime."),
)
USED = ErrorPage(
    "used",
    400,
    _("This link has already been used"),
    _("Each link works once. If your Trove is not connected, start again."),
)
EXPIRED = ErrorPage(
    "expired",
    400,
    _("The connection expired"),
    _("You have ten minutes to authorize a connection. Nothing was shared."),
)
OTHER_USER = ErrorPage(
    "other-user",
    403,
    _("Another user started this connection"),
    _("The connection was started by another user of this site. Your account was not changed."),
)
GRANT_IN_USE = ErrorPage(
    "in-use",
    403,
    _("This Trove is already connected"),
    _("Another user of this site has this connection. Nothing was changed."),
)
REJECTED = ErrorPage(
    "rejected",
    400,
    _("Your Trove rejected the request"),
    _("The request expired or was already used."),
)
UNSAFE = ErrorPage(
    "unsafe",
    502,
    _("Unsafe response"),
    _("The response of the Trove was not safe to follow. Nothing was shared."),
)
CREDENTIALS = ErrorPage(
    "credentials",
    502,
    _("Your Trove does not recognize this site"),
    _("The site's application key or secret is wrong. Contact the operators of this site."),
)
CLOCK = ErrorPage(
    "clock",
    502,
    _("This site's clock is wrong"),
    _("It differs too much from the clock of the Trove. Contact the operators of this site."),
)
CALLBACK = ErrorPage(
    "callback",
    502,
    _("This site's callback URL is not registered"),
    _("The operators of this site must register exactly this URL at the Trove:"),
)
CONFIGURATION = ErrorPage(
    "configuration",
    502,
    _("This site is not configured"),
    _("The site's Trove settings are invalid. Contact the operators of this site."),
)
NOT_OFFERED = ErrorPage(
    "not-offered",
    400,
    _("Service not available"),
    _("Your Trove does not offer this service."),
    restart=False,
)
SIGN_UP_CLOSED = ErrorPage(
    "sign-up-closed",
    403,
    _("Sign-up is closed"),
    _("The Trove of this site accepts no new users. If you have an account there, connect it."),
)
NOT_CONNECTED = ErrorPage(
    "not-connected",
    403,
    _("No Trove is connected"),
    _("Connect your Trove first."),
)
TOO_MANY_STARTS = ErrorPage(
    "too-many",
    429,
    _("Too many attempts"),
    _("You started too many connections. Try again in ten minutes."),
    restart=False,
)
UNAVAILABLE = ErrorPage(
    "unavailable",
    503,
    _("Your Trove is unavailable"),
    _("It cannot be reached at the moment. Try again in a few minutes."),
)
PAGE_UNAVAILABLE = replace(UNAVAILABLE, restart=False)
"""The response to a page of the site that does not handle the exception."""

ERROR_PAGES: tuple[tuple[type[Exception], ErrorPage], ...] = (
    (StateUsed, USED),
    (StateExpired, EXPIRED),
    (StateOfOtherUser, OTHER_USER),
    (StateNotFound, UNKNOWN),
    (GrantInUse, GRANT_IN_USE),
    (client.SignUpClosed, SIGN_UP_CLOSED),
    (client.AccessDenied, DENIED),
    (client.NotFound, NOT_OFFERED),
    (client.TokenRejected, REJECTED),
    (client.UnsafeResponse, UNSAFE),
    (client.KeysRejected, CREDENTIALS),
    (client.WrongHost, CONFIGURATION),
    (client.ClockSkewed, CLOCK),
    (client.NotConnected, NOT_CONNECTED),
    (CallbackRejected, CALLBACK),
    (client.CallError, CONFIGURATION),
)
