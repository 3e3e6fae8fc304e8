"""
How an account fares, in words for the person whose it is.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import client

__all__ = ["Failure", "Health", "failure_for"]


class Health(models.TextChoices):
    """
    What a page has to know: whether photos come, and whether the person can do something.
    """

    CONNECTED = "connected", _("Connected")
    DEGRADED = "degraded", _("Connected, with trouble")
    NEEDS_RECONNECT = "needs_reconnect", _("Has to be connected again")


class Failure(models.TextChoices):
    """
    Why the last call failed. The client's own words are for who runs the site.
    """

    REVOKED = "revoked", _("Your Trove no longer lets this site in.")
    SEALED = "sealed", _("This site can no longer read its access to your Trove.")
    OTHER_KEY = "other_key", _("This site uses another key at your Trove by now.")
    BUSY = "busy", _("Your Trove wants to be asked less often for a while.")
    KEYS = "keys", _("Your Trove doesn't know this site. Only its makers can mend that.")
    CLOCK = "clock", _("This site's clock is wrong. Only its makers can mend that.")
    UNSAFE = "unsafe", _("Your Trove gave an answer that would be dangerous to follow.")
    REFUSED = "refused", _("Your Trove wouldn't show what this site asked for.")
    DOWN = "unavailable", _("Your Trove didn't answer. Please try again in a few minutes.")


FAILURE_BY_ERROR: tuple[tuple[type[client.TroveError], Failure], ...] = (
    (client.TokenRejected, Failure.REVOKED),
    (client.RateLimited, Failure.BUSY),
    (client.KeysRejected, Failure.KEYS),
    (client.ClockSkewed, Failure.CLOCK),
    (client.UnsafeResponse, Failure.UNSAFE),
    (client.AccessDenied, Failure.REFUSED),
)


def failure_for(error: client.TroveError) -> Failure:
    """
    Return what a failed call is to the person; no answer, where it is nothing more exact.
    """
    return next(
        (trouble for kind, trouble in FAILURE_BY_ERROR if isinstance(error, kind)), Failure.DOWN
    )
