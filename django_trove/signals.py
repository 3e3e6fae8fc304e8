"""
Signals of the site app. Exceptions in receivers are logged and do not fail the page.

The signals of an account are sent on commit, with the arguments `user` and `account`. `call_made`
and `query_answered` are for metrics: they are sent immediately, in the same thread, and do not
identify the user.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

from .client import Call, TroveError
from .core.database import on_commit

if TYPE_CHECKING:
    from django.db.models import Model

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
"""A user connected a Trove for the first time."""

reconnected = Signal()
"""A user with an account connected again, possibly to another Trove account."""

disconnected = Signal()
"""An account was deleted. The argument `account` has no primary key."""

needs_reconnect = Signal()
"""The Trove rejected the access token of an account. Its user must reconnect."""

call_made = Signal()
"""An HTTP request was sent to the Trove. Each retry is a call of its own. Argument: `call`, a
`client.Call`."""

query_answered = Signal()
"""A query was answered. Arguments: `operation` (a content type such as "photos", a collection, one
item such as "photo", "user" or "services"), `source` ("trove", "cache", "stale", or "none" if it
failed) and `error`, a `TroveError` for the last two."""


def send_call_made(call: Call) -> None:
    call_made.send_robust(sender=Call, call=call)


def send_query_answered(operation: str, source: str, error: TroveError | None = None) -> None:
    query_answered.send_robust(sender=None, operation=operation, source=source, error=error)


def send_on_commit(signal: Signal, account: Model, user: Any) -> None:
    send = partial(signal.send_robust, sender=type(account), user=user, account=account)
    on_commit(send, type(account))
