"""
A lease on the identity row: one worker syncs an account at a time. The row also stores the sync's
progress.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as AnyDatabaseError
from django.db.models import Case, F, Value, When
from django.utils import timezone

from ...core.encryption import random_key
from ..conf import conf
from ..connectors.base import Batch
from ..connectors.messages import NO_MESSAGE, Message
from ..models import Identity
from ..models.identities import LEASE_SECONDS, MAX_BACKOFF, IdentityQuerySet, newer_request
from ..models.messages import MessageField

RENEWAL_SECONDS = 60  # the lease is renewed with each batch, and in between if it is older
MIN_BACKOFF = 60  # seconds after the first failure; doubled with each further one
LEASE_LOST_MESSAGE = "The account was removed, or another worker took over its sync."
ACCESS_REFUSED_MESSAGE = {
    Identity.State.NEEDS_RECONNECT: "The account must be reconnected.",
    Identity.State.DELETING: "The account is being removed.",
}

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """
    Another worker has the lease, or the account cannot be synced any more.
    """


class Lease:
    """
    The lease of one account. Every write is conditional on it, so a worker whose lease has expired
    cannot overwrite the work of the next one.
    """

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.name = random_key()
        self._renewed_at = timezone.now()

    def acquire(self) -> None:
        """
        Take a free or expired lease, to start a sync or to resume one. The update is atomic: only
        one of several workers succeeds.

        :raises LeaseLost: if another worker has it, or the account cannot be synced.
        """
        now = self._renewed_at = timezone.now()
        rows = Identity.objects.filter(pk=self.identity.pk)
        available = rows.unleased()
        acquired = available.filter(state=Identity.State.ACTIVE).update(
            lease=self.name,
            lease_expires_at=_lease_expiry(),
            sync_number=_resume_or_reset(F("sync_number"), F("sync_number") + 1),
            sync_started_at=_resume_or_reset(F("sync_started_at"), now),
            items_seen=_resume_or_reset(F("items_seen"), 0),
            unreadable_count=_resume_or_reset(F("unreadable_count"), 0),
            items_expected=_resume_or_reset(F("items_expected"), None),
            doubt=_resume_or_reset(F("doubt"), Value("", MessageField())),
            sync_in_progress=True,
        )
        state = rows.values_list("state", flat=True).first() if not acquired else None
        if not acquired:
            busy = (
                "A sync of the account is already running." if state else "The account was removed."
            )
            raise LeaseLost(ACCESS_REFUSED_MESSAGE.get(state, busy))  # type: ignore[call-overload]
        self.identity.refresh_from_db(fields=["cursor", "items_seen", "failures", "sync_number"])

    def renew(self) -> None:
        """
        Extend the lease. In a transaction, this also locks the row.

        :raises LeaseLost: if the lease was taken over, or the account removed.
        """
        self._renewed_at = timezone.now()
        self._write(lease_expires_at=_lease_expiry())

    def renew_if_due(self) -> None:
        """
        Renew the lease, except within `RENEWAL_SECONDS` after the last renewal.

        :raises LeaseLost: as `renew`.
        """
        if abs(timezone.now() - self._renewed_at) >= timedelta(seconds=RENEWAL_SECONDS):
            self.renew()

    def save_progress(self, batch: Batch, unreadable: int, doubt: Message) -> None:
        """
        Extend the lease, and save the progress and the cursor.

        :param unreadable: number of unreadable items in the batch.
        :param doubt: reason why the listing may be incomplete, or "".
        :raises LeaseLost: if the lease was taken over, or the account removed.
        """
        progress = {
            "items_seen": F("items_seen") + len(batch.seen),
            "unreadable_count": F("unreadable_count") + unreadable,
        }
        values: dict[str, Any] = {} if batch.cursor is None else {"cursor": dict(batch.cursor)}
        if doubt:
            values["doubt"] = doubt
        self._renewed_at = timezone.now()
        self._write(
            lease_expires_at=_lease_expiry(), items_expected=batch.total, **progress, **values
        )

    def succeed(
        self,
        kept_items: int | None = None,
        kept_reason: Message = NO_MESSAGE,
        unpermitted: Sequence[str] = (),
    ) -> None:
        """
        End a complete sync. A sync requested after its start makes the account due at once.

        :param kept_items: after a full sync, the number of items that it did not find and did not
            remove. A confirmation of the operator ends.
        :param kept_reason: why they were not removed.
        :param unpermitted: the wanted content types that the service does not permit.
        :raises LeaseLost: if the lease was taken over, or the account removed.
        """
        now = timezone.now()
        requested = When(newer_request(), then=Value(now))
        due = Case(requested, default=Value(now + timedelta(seconds=conf.sync_interval)))
        values: dict[str, Any] = {}
        if kept_items is not None:
            values = {"kept_items": kept_items, "kept_reason": kept_reason}
            values["confirmed_removals"] = 0
        self._write(
            last_synced_at=now,
            next_sync_at=due,
            failures=0,
            last_error="",
            sync_in_progress=False,
            unpermitted_types=list(unpermitted),
            **values,
        )
        self.identity.last_synced_at = now

    def yield_(self) -> None:
        """
        End an incomplete sync; any worker may resume it.
        """
        self._write(next_sync_at=timezone.now())

    def back_off(self, reason: Message, seconds: float = 0) -> None:
        """
        Save the reason of a failure, and schedule a retry with exponential backoff and jitter.

        :param seconds: the minimum delay.
        """
        backoff = min(MIN_BACKOFF * 2 ** min(self.identity.failures, 20), MAX_BACKOFF)
        wait = max(backoff * (0.5 + secrets.randbelow(1000) / 2000), min(seconds, MAX_BACKOFF))
        due = timezone.now() + timedelta(seconds=wait)
        self._rows().update(next_sync_at=due, failures=F("failures") + 1, last_error=reason)

    def revoke(self, reason: Message) -> None:
        """
        Mark the account as disconnected; it is not synced until it is reconnected.
        """
        state = Identity.State.NEEDS_RECONNECT
        self._rows().update(state=state, failures=F("failures") + 1, last_error=reason)

    def release(self) -> None:
        """
        Release the lease if it is still ours. If the database is unavailable, it expires.
        """
        try:
            self._rows().update(lease="", lease_expires_at=None)
        except AnyDatabaseError:
            logger.warning(
                "The lease of identity %s could not be released. It will expire.", self.identity.pk
            )

    def _write(self, **values: Any) -> None:
        if not self._rows().update(**values):
            raise LeaseLost(LEASE_LOST_MESSAGE)

    def _rows(self) -> IdentityQuerySet:
        return Identity.objects.filter(pk=self.identity.pk, lease=self.name)


@contextmanager
def acquire_lease(identity: Identity) -> Iterator[Lease]:
    """
    Hold the lease of an account.

    :raises LeaseLost: if another worker has it, or the account cannot be synced.
    """
    lease = Lease(identity)
    lease.acquire()
    try:
        yield lease
    finally:
        lease.release()


def _resume_or_reset(current: Any, initial: Any) -> Case:
    """
    Return the old value if a sync is in progress, and the initial one otherwise.
    """
    initial = initial if hasattr(initial, "resolve_expression") else Value(initial)
    return Case(When(sync_in_progress=True, then=current), default=initial)


def _lease_expiry() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_SECONDS)
