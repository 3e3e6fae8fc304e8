"""
What a site may want to know. A receiver that fails is logged by Django and stops neither the others
nor the page.

Those of an account are sent after the commit, with `user` and `account`. `call_made` and `query_answered` are
for counters: they are sent as it happens, in the thread where it happens, and name nobody.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal

from .client import Call, TroveError

if TYPE_CHECKING:
    from .models import TroveAccount

__all__ = [
    "call_made",
    "connected",
    "disconnected",
    "needs_reconnect",
    "query_answered",
    "reconnected",
    "send_call_made",
    "send_on_commit",
    "send_query_answered",
]

connected = Signal()
"""A user has connected their Trove for the first time."""

reconnected = Signal()
"""A user who had an account here has connected again, perhaps to another Trove account."""

disconnected = Signal()
"""An account is gone. It is handed over as it was, without a primary key."""

needs_reconnect = Signal()
"""The Trove no longer takes an account's token; only its user can mend that."""

call_made = Signal()
"""The Trove was asked over HTTP, once more for each time that it was tried: `call`, a `Call`."""

query_answered = Signal()
"""A question of a page or a view has its answer: `question` ("photos", "photo", "user" or
"services"), `source` ("trove", "cache", "stale", or "none" where it failed), and `error`, the
`TroveError` of the latter two."""


def send_call_made(call: Call) -> None:
    """
    Send `call_made`.
    """
    call_made.send_robust(sender=Call, call=call)


def send_query_answered(question: str, source: str, error: TroveError | None = None) -> None:
    """
    Send `query_answered`.
    """
    query_answered.send_robust(sender=None, question=question, source=source, error=error)


def send_on_commit(signal: Signal, account: TroveAccount, user: Any) -> None:
    """
    Send a signal when what it tells of is in the database, and never when it was rolled back.
    """
    send = partial(signal.send_robust, sender=type(account), user=user, account=account)
    transaction.on_commit(send)
