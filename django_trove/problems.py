"""
What can stop a connection, each in words that its visitor can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import client, flows
from .connecting import CallbackRefused, GrantTaken

if TYPE_CHECKING:
    Text = str | Promise
else:
    Text = object

__all__ = ["DENIED", "NOT_ME", "NOT_OFFERED", "NO_VERIFIER", "Problem", "problem_of"]


@dataclass(frozen=True, slots=True)
class Problem:
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


DENIED = Problem(
    "denied",
    403,
    _("You said no"),
    _("Your Trove was not connected, and nothing was shared. You can start again at any time."),
)
NO_VERIFIER = Problem(
    "no-verifier",
    400,
    _("Something is missing"),
    _("Your Trove sent you back without the proof that it was you who allowed this."),
)
NOT_ME = Problem(
    "not-me",
    200,
    _("That Trove wasn't kept"),
    _(
        "This site has forgotten it, and nothing else was changed. Sign out at the Trove before "
        "you start again, so that it asks who you are."
    ),
)
UNKNOWN = Problem(
    "unknown",
    400,
    _("This wasn't started here"),
    _("The connection wasn't started in this browser, or you have signed in anew since."),
)
SPENT = Problem(
    "repeated",
    400,
    _("This was done already"),
    _("This link works once, and it has been used. If you aren't connected, start again."),
)
LATE = Problem(
    "late",
    400,
    _("That took too long"),
    _("A connection has to be allowed within ten minutes. Nothing was shared."),
)
OTHER_USER = Problem(
    "other-user",
    403,
    _("Somebody else started this"),
    _("Another user of this site started the connection. It wasn't attached to you."),
)
TAKEN = Problem(
    "taken",
    403,
    _("This Trove is connected already"),
    _("Another user of this site has this connection. Nothing was changed."),
)
REJECTED = Problem(
    "rejected",
    400,
    _("Your Trove didn't accept this"),
    _("It no longer knows this request: it may have taken too long, or been used before."),
)
DOWNGRADE = Problem(
    "unsafe",
    502,
    _("This Trove doesn't answer safely"),
    _("It gave an answer that would be dangerous to follow, so we stopped. Nothing was shared."),
)
KEYS = Problem(
    "keys",
    502,
    _("Your Trove doesn't know this site"),
    _("It refused the keys of this site. Only the people who run the site can mend that."),
)
CLOCK = Problem(
    "clock",
    502,
    _("This site's clock is wrong"),
    _("It differs too much from the Trove's. Only the people who run the site can mend that."),
)
CALLBACK = Problem(
    "callback",
    502,
    _("This site's address isn't registered"),
    _(
        "The Trove sends people back only where it was told to. The people who run the site have "
        "to register this address there, exactly:"
    ),
)
SETUP = Problem(
    "setup",
    502,
    _("This site isn't set up yet"),
    _("The settings for the Trove make no sense. Only the people who run the site can mend that."),
)
NOT_OFFERED = Problem(
    "not-offered",
    400,
    _("Your Trove doesn't offer that"),
    _("It has no such service to add."),
    restart=False,
)
NOT_CONNECTED = Problem(
    "not-connected",
    403,
    _("No Trove is connected"),
    _("Connect your Trove first."),
)
DOWN = Problem(
    "unavailable",
    502,
    _("Your Trove doesn't answer"),
    _("It can't be reached just now. Please try again in a few minutes."),
)

PROBLEMS: tuple[tuple[type[Exception], Problem], ...] = (
    (flows.FlowSpent, SPENT),
    (flows.FlowLate, LATE),
    (flows.FlowOfOther, OTHER_USER),
    (flows.FlowUnknown, UNKNOWN),
    (GrantTaken, TAKEN),
    (client.Refused, DENIED),
    (client.TokenRejected, REJECTED),
    (client.UnsafeAnswer, DOWNGRADE),
    (client.KeysRejected, KEYS),
    (client.ClockWrong, CLOCK),
    (client.NotConnected, NOT_CONNECTED),
    (CallbackRefused, CALLBACK),
    (client.CallError, SETUP),
)


def problem_of(error: Exception) -> Problem:
    """
    Return the page for what went wrong; a Trove that can't answer, where there is none of its own.
    """
    return next((problem for kind, problem in PROBLEMS if isinstance(error, kind)), DOWN)
