"""
What a site may want to know. Each is sent after the commit, with `user` and `account`.

A receiver that fails is logged by Django and stops neither the others nor the page.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal

if TYPE_CHECKING:
    from .models import TroveAccount

__all__ = ["connected", "disconnected", "needs_reconnect", "reconnected", "send_on_commit"]

connected = Signal()
"""A user has connected their Trove for the first time."""

reconnected = Signal()
"""A user who had an account here has connected again, perhaps to another Trove account."""

disconnected = Signal()
"""An account is gone. It is handed over as it was, without a primary key."""

needs_reconnect = Signal()
"""The Trove no longer takes an account's token; only its user can mend that."""


def send_on_commit(signal: Signal, account: TroveAccount, user: Any) -> None:
    """
    Send a signal when what it tells of is in the database, and never when it was rolled back.
    """
    send = partial(signal.send_robust, sender=type(account), user=user, account=account)
    transaction.on_commit(send)
