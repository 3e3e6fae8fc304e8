"""
Who looks at an account's service: one worker at a time, by a lease in the account's row.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from .conf import conf
from .keys import new_key
from .models import Identity
from .models.people import IdentityQuerySet

__all__ = ["LEASE_SECONDS", "Lease", "LeaseLost", "lease_of"]

LEASE_SECONDS = 600
"""How long a worker may take for one page, before another one takes over."""

FIRST_WAIT = 60  # seconds after a first failure; doubled with each further one
LONGEST_WAIT = 86_400


class LeaseLost(Exception):
    """
    The account is looked at by somebody else, or was removed.
    """


class Lease:
    """
    The right to look at an account's service. Every write asks for it, so that a worker that was
    away for too long writes nothing over what the next one wrote.
    """

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.name = new_key()

    def take(self) -> None:
        """
        Take a lease that is free or has lapsed. Of two who try at once, one succeeds.

        :raises LeaseLost: if somebody has it.
        """
        now = timezone.now()
        rows = Identity.objects.filter(pk=self.identity.pk)
        free = rows.filter(Q(lease_until=None) | Q(lease_until__lt=now))
        taken = free.update(
            lease=self.name, lease_until=_until(), started=now, done=0, expected=None, unreadable=0
        )
        if not taken:
            raise LeaseLost(
                "It is being looked at already." if rows.exists() else "It was removed."
            )

    def renew(self, seen: int, unreadable: int, expected: int | None) -> None:
        """
        Keep the lease, and say how far the look is. In a transaction, nobody else takes the lease
        until that ends.

        :param seen: items since the last time.
        :param unreadable: how many of those can't be read.
        :param expected: how many there are in all, where that is known.
        :raises LeaseLost: if it lapsed and was taken, or the account was removed.
        """
        kept = self._mine().update(
            lease_until=_until(),
            done=F("done") + seen,
            unreadable=F("unreadable") + unreadable,
            expected=expected,
        )
        if not kept:
            raise LeaseLost("It was removed, or looked at by another worker, in the meantime.")

    def succeed(self) -> None:
        """
        Note that everything was seen.

        :raises LeaseLost: as `renew` does.
        """
        now = timezone.now()
        due = now + timedelta(seconds=conf.sync_every)
        if not self._mine().update(last_synced=now, due=due, failures=0, last_error=""):
            raise LeaseLost("It was removed, or looked at by another worker, in the meantime.")
        self.identity.last_synced = now

    def fail(self, reason: str) -> None:
        """
        Note why the service couldn't be read, and leave it alone for a while: longer each time,
        and not for as long as for others that failed at the same moment.
        """
        longest = min(FIRST_WAIT * 2 ** min(self.identity.failures, 20), LONGEST_WAIT)
        wait = longest * (0.5 + secrets.randbelow(1000) / 2000)
        due = timezone.now() + timedelta(seconds=wait)
        self._mine().update(due=due, failures=F("failures") + 1, last_error=reason)

    def release(self) -> None:
        """
        Give the lease back, if it is still ours.
        """
        self._mine().update(lease="", lease_until=None)

    def _mine(self) -> IdentityQuerySet:
        return Identity.objects.filter(pk=self.identity.pk, lease=self.name)


@contextmanager
def lease_of(identity: Identity) -> Iterator[Lease]:
    """
    Hold the lease of an account.

    :raises LeaseLost: if somebody else has it.
    """
    lease = Lease(identity)
    lease.take()
    try:
        yield lease
    finally:
        lease.release()


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_SECONDS)
