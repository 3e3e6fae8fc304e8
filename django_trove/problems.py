"""
What can stop a connection, each in words that its visitor can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import client, flows
from .connecting import CallbackRejected, GrantInUse

if TYPE_CHECKING:
    Text = str | Promise
else:
    Text = object

__all__ = ["DENIED", "NOT_MY_ACCOUNT", "NOT_OFFERED", "NO_VERIFIER", "ErrorPage", "error_page_for"]


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
    (flows.StateUsed, USED),
    (flows.StateExpired, EXPIRED),
    (flows.StateOfOtherUser, OTHER_USER),
    (flows.StateNotFound, UNKNOWN),
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
