"""
Account status, with messages for the user.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import client

__all__ = ["Failure", "Health", "failure_for"]


class Health(models.TextChoices):
    """
    The status of an account. `DEGRADED`: the token is valid, but the last call failed.
    """

    CONNECTED = "connected", _("Connected")
    DEGRADED = "degraded", _("Connected, with errors")
    NEEDS_RECONNECT = "needs_reconnect", _("Reconnect required")


class Failure(models.TextChoices):
    """
    The reason why the last call failed. `TroveAccount.last_error` is the message for operators.
    """

    REVOKED = "revoked", _("This site no longer has access to your Trove.")
    UNDECRYPTABLE = "undecryptable", _("This site can no longer decrypt its access token.")
    OTHER_KEY = "other_key", _("This site is now registered at your Trove with another key.")
    BUSY = "busy", _("This site has sent too many requests to your Trove. Try again later.")
    CREDENTIALS = (
        "credentials",
        _("Your Trove does not recognize this site. Contact the operators of this site."),
    )
    CONFIGURATION = (
        "configuration",
        _("This site or your Trove is not configured correctly. Contact the operators."),
    )
    CLOCK = "clock", _("This site's clock is wrong. Contact the operators of this site.")
    UNSAFE = "unsafe", _("The response of your Trove was not safe to follow.")
    ACCESS_DENIED = "access_denied", _("You have not shared this content with this site.")
    UNAVAILABLE = "unavailable", _("Your Trove is unavailable. Try again in a few minutes.")


FAILURE_BY_ERROR: tuple[tuple[type[client.TroveError], Failure], ...] = (
    (client.TokenRejected, Failure.REVOKED),
    (client.RateLimited, Failure.BUSY),
    (client.KeysRejected, Failure.CREDENTIALS),
    (client.WrongHost, Failure.CONFIGURATION),
    (client.ClockSkewed, Failure.CLOCK),
    (client.UnsafeResponse, Failure.UNSAFE),
    (client.AccessDenied, Failure.ACCESS_DENIED),
)


def failure_for(error: client.TroveError) -> Failure:
    return next(
        (failure for kind, failure in FAILURE_BY_ERROR if isinstance(error, kind)),
        Failure.UNAVAILABLE,
    )
