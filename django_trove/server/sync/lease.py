"""
Who looks at an account's service: one worker at a time, by a lease in the account's row, where the
look's progress is kept, too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from ...core.encryption import random_key
from ..conf import conf
from ..connectors.base import Batch
from ..models import Identity
from ..models.identities import IdentityQuerySet

LEASE_SECONDS = 600
"""How long a worker may take for one page, before another one takes over."""

MIN_BACKOFF = 60  # seconds after a first failure; doubled with each further one
MAX_BACKOFF = 86_400
LEASE_LOST_MESSAGE = "It was removed, or looked at by another worker, in the meantime."
ACCESS_REFUSED_MESSAGE = {
    Identity.State.NEEDS_RECONNECT: "It needs to be connected again.",
    Identity.State.DELETING: "It is being removed.",
}

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """
    The account is looked at by somebody else, or can't be looked at any more.
    """


class Lease:
    """
    The right to look at an account's service. Every write asks for it, so that a worker that was
    away for too long writes nothing over what the next one wrote.

    :param identity: the account; taking the lease brings its row's sync up to date.
    """

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.name = random_key()

    def acquire(self) -> None:
        """
        Take a lease that is free or has lapsed, for a new look or to go on with the one that was
        left. Of two who try at once, one succeeds.

        :raises LeaseLost: if somebody has it, or the account can't be looked at.
        """
        now = timezone.now()
        rows = Identity.objects.filter(pk=self.identity.pk)
        free = rows.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=now))
        taken = free.filter(state=Identity.State.ACTIVE).update(
            lease=self.name,
            lease_expires_at=_lease_expiry(),
            sync_number=_resume_or_reset(F("sync_number"), F("sync_number") + 1),
            sync_started_at=_resume_or_reset(F("sync_started_at"), now),
            items_seen=_resume_or_reset(F("items_seen"), 0),
            unreadable_count=_resume_or_reset(F("unreadable_count"), 0),
            items_expected=_resume_or_reset(F("items_expected"), None),
            sync_in_progress=True,
        )
        state = rows.values_list("state", flat=True).first() if not taken else None
        if not taken:
            busy = "It is being looked at already." if state else "It was removed."
            raise LeaseLost(ACCESS_REFUSED_MESSAGE.get(state, busy))  # type: ignore[call-overload]
        self.identity.refresh_from_db(fields=["cursor", "items_seen", "failures", "sync_number"])

    def renew(self) -> None:
        """
        Keep the lease. In a transaction, nobody else takes it until that ends.

        :raises LeaseLost: if it lapsed and was taken, or the account was removed.
        """
        self._write(lease_expires_at=_lease_expiry())

    def save_progress(self, page: Batch, unreadable: int) -> None:
        """
        Keep the lease, and say how far the look is and where it goes on.

        :param unreadable_count: how many of the page's items can't be read.
        :raises LeaseLost: as `renew` does.
        """
        progress = {
            "items_seen": F("items_seen") + len(page.seen),
            "unreadable_count": F("unreadable_count") + unreadable,
        }
        cursor = {} if page.cursor is None else {"cursor": dict(page.cursor)}
        self._write(
            lease_expires_at=_lease_expiry(), items_expected=page.total, **progress, **cursor
        )

    def succeed(self) -> None:
        """
        Note that the look is over, and everything was seen.

        :raises LeaseLost: as `renew` does.
        """
        now = timezone.now()
        asked_meanwhile = When(requested_at__gt=F("sync_started_at"), then=Value(now))
        due = Case(asked_meanwhile, default=Value(now + timedelta(seconds=conf.sync_interval)))
        self._write(
            last_synced_at=now, next_sync_at=due, failures=0, last_error="", sync_in_progress=False
        )
        self.identity.last_synced_at = now

    def yield_(self) -> None:
        """
        Note that the look isn't over, and anybody may go on with it.
        """
        self._write(next_sync_at=timezone.now())

    def back_off(self, reason: str, seconds: float = 0) -> None:
        """
        Note why the service couldn't be read, and leave it alone for a while: longer each time,
        and not for as long as for others that failed at the same moment.

        :param seconds: how long it has to be left alone at least.
        """
        longest = min(MIN_BACKOFF * 2 ** min(self.identity.failures, 20), MAX_BACKOFF)
        wait = max(longest * (0.5 + secrets.randbelow(1000) / 2000), min(seconds, MAX_BACKOFF))
        due = timezone.now() + timedelta(seconds=wait)
        self._mine().update(next_sync_at=due, failures=F("failures") + 1, last_error=reason)

    def revoke(self, reason: str) -> None:
        """
        Note that the account has to be connected again, and ask its service no more.
        """
        state = Identity.State.NEEDS_RECONNECT
        self._mine().update(state=state, failures=F("failures") + 1, last_error=reason)

    def release(self) -> None:
        """
        Give the lease back, if it is still ours. Where the database is away, it lapses.
        """
        try:
            self._mine().update(lease="", lease_expires_at=None)
        except DatabaseError:
            logger.warning("The lease of identity %s lapses by itself.", self.identity.pk)

    def _write(self, **values: Any) -> None:
        if not self._mine().update(**values):
            raise LeaseLost(LEASE_LOST_MESSAGE)

    def _mine(self) -> IdentityQuerySet:
        return Identity.objects.filter(pk=self.identity.pk, lease=self.name)


@contextmanager
def acquire_lease(identity: Identity) -> Iterator[Lease]:
    """
    Hold the lease of an account.

    :raises LeaseLost: if somebody else has it, or the account can't be looked at.
    """
    lease = Lease(identity)
    lease.acquire()
    try:
        yield lease
    finally:
        lease.release()


def _resume_or_reset(kept: Any, fresh: Any) -> Case:
    """
    What a column is when the look that was left goes on, and when a new one begins.
    """
    fresh = fresh if hasattr(fresh, "resolve_expression") else Value(fresh)
    return Case(When(sync_in_progress=True, then=kept), default=fresh)


def _lease_expiry() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_SECONDS)
