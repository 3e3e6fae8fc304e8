"""
What the pages have in common: who may see them, and the page of what went wrong.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .. import client
from ..client import TroveError
from ..conf import conf
from ..core.oauth_state import StateExpired, StateNotFound, StateOfOtherUser, StateUsed
from .flows import CallbackRejected, GrantInUse
from .redirects import absolute_url, callback_host_mismatch, safe_next_url

if TYPE_CHECKING:
    Text = str | Promise
else:
    Text = object


logger = logging.getLogger(__name__)


def render_exception(request: HttpRequest, error: Exception, target: str) -> HttpResponse:
    """
    Show what went wrong.

    :param target: where the visitor wanted to go.
    """
    detail = error.detail if isinstance(error, TroveError) else ""
    facts = {"user_id": request.user.pk, "error": type(error).__name__}
    logger.warning("A connection was stopped: %s %s", facts["error"], detail, extra=facts)
    return render_error(request, error_page_for(error), target)


def render_error(request: HttpRequest, problem: ErrorPage, target: str) -> HttpResponse:
    """
    Show the page of a problem, with a way out.
    """
    context = {
        "problem": problem,
        "next": safe_next_url(request, target),
        "callback": absolute_url(request, "callback"),
        "trove_url": conf.web_url,
        "other_host": callback_host_mismatch(request),
    }
    return render(request, "django_trove/failed.html", context, status=problem.status)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """
    One page.

    :param code: what templates and tests know it by.
    :param status: of the answer.
    :param restart: whether starting again may help.
    """

    code: str
    status: int
    title: Text
    text: Text
    restart: bool = True


DENIED = ErrorPage(
    "denied",
    403,
    _("You said no"),
    _("Your Trove was not connected, and nothing was shared. You can start again at any time."),
)
NO_VERIFIER = ErrorPage(
    "no-verifier",
    400,
    _("Something is missing"),
    _("Your Trove sent you back without the proof that it was you who allowed this."),
)
NOT_MY_ACCOUNT = ErrorPage(
    "not-me",
    200,
    _("That Trove wasn't kept"),
    _(
        "This site has forgotten it, and nothing else was changed. Sign out at the Trove before "
        "you start again, so that it asks who you are."
    ),
)
UNKNOWN = ErrorPage(
    "unknown",
    400,
    _("This wasn't started here"),
    _("The connection wasn't started in this browser, or you have signed in anew since."),
)
USED = ErrorPage(
    "repeated",
    400,
    _("This was done already"),
    _("This link works once, and it has been used. If you aren't connected, start again."),
)
EXPIRED = ErrorPage(
    "late",
    400,
    _("That took too long"),
    _("A connection has to be allowed within ten minutes. Nothing was shared."),
)
OTHER_USER = ErrorPage(
    "other-user",
    403,
    _("Somebody else started this"),
    _("Another user of this site started the connection. It wasn't attached to you."),
)
GRANT_IN_USE = ErrorPage(
    "taken",
    403,
    _("This Trove is connected already"),
    _("Another user of this site has this connection. Nothing was changed."),
)
REJECTED = ErrorPage(
    "rejected",
    400,
    _("Your Trove didn't accept this"),
    _("It no longer knows this request: it may have taken too long, or been used before."),
)
UNSAFE = ErrorPage(
    "unsafe",
    502,
    _("This Trove doesn't answer safely"),
    _("It gave an answer that would be dangerous to follow, so we stopped. Nothing was shared."),
)
CREDENTIALS = ErrorPage(
    "keys",
    502,
    _("Your Trove doesn't know this site"),
    _("It refused the keys of this site. Only the people who run the site can mend that."),
)
CLOCK = ErrorPage(
    "clock",
    502,
    _("This site's clock is wrong"),
    _("It differs too much from the Trove's. Only the people who run the site can mend that."),
)
CALLBACK = ErrorPage(
    "callback",
    502,
    _("This site's address isn't registered"),
    _(
        "The Trove sends people back only where it was told to. The people who run the site have "
        "to register this address there, exactly:"
    ),
)
CONFIGURATION = ErrorPage(
    "setup",
    502,
    _("This site isn't set up yet"),
    _("The settings for the Trove make no sense. Only the people who run the site can mend that."),
)
NOT_OFFERED = ErrorPage(
    "not-offered",
    400,
    _("Your Trove doesn't offer that"),
    _("It has no such service to add."),
    restart=False,
)
NOT_CONNECTED = ErrorPage(
    "not-connected",
    403,
    _("No Trove is connected"),
    _("Connect your Trove first."),
)
UNAVAILABLE = ErrorPage(
    "unavailable",
    502,
    _("Your Trove doesn't answer"),
    _("It can't be reached just now. Please try again in a few minutes."),
)
ERROR_PAGES: tuple[tuple[type[Exception], ErrorPage], ...] = (
    (StateUsed, USED),
    (StateExpired, EXPIRED),
    (StateOfOtherUser, OTHER_USER),
    (StateNotFound, UNKNOWN),
    (GrantInUse, GRANT_IN_USE),
    (client.AccessDenied, DENIED),
    (client.TokenRejected, REJECTED),
    (client.UnsafeResponse, UNSAFE),
    (client.KeysRejected, CREDENTIALS),
    (client.ClockSkewed, CLOCK),
    (client.NotConnected, NOT_CONNECTED),
    (CallbackRejected, CALLBACK),
    (client.CallError, CONFIGURATION),
)


def error_page_for(error: Exception) -> ErrorPage:
    """
    Return the page for what went wrong; a Trove that can't answer, where there is none of its own.
    """
    return next((problem for kind, problem in ERROR_PAGES if isinstance(error, kind)), UNAVAILABLE)
