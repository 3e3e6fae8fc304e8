"""
A circuit breaker for the Trove, shared by all workers through the cache.

It opens if no connection can be made, if the Trove rejects the site's credentials, or if calls of
several accounts wait for too long or fail with a server error while no call receives a response in
time. Slow queries alone do not open it, so that users of a few accounts cannot stop the requests of
all others. While it is open, no request is sent. After the pause, one request at a time is sent as
a probe. A response in time closes the breaker, and so does any response to a probe.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..client import (
    ClockSkewed,
    KeysRejected,
    TimedOut,
    TroveError,
    Unavailable,
    Unreachable,
    WrongHost,
)
from ..conf import conf
from ..core.cache import SafeCache

logger = logging.getLogger(__name__)

MAX_FAILURES = 2  # of different accounts
FAILURE_WINDOW = 60.0  # seconds
SLOW_CALL = 2.0
"""Seconds after which a call counts as a timeout. All workers may be waiting, so that the next page
starts to wait when they stop. Both together take less than 4 s."""

ANSWERED_SECONDS = 1.0
"""Seconds after a response in which no failure counts: only some queries fail then. Less than
`SLOW_CALL`, so that this does not delay the opening."""

OUTAGE_TTL = 86400.0
LOCK_GRACE = 5.0

SITE_ERRORS = (Unreachable, KeysRejected, WrongHost, ClockSkewed)
"""Errors that do not depend on the account."""


@dataclass(frozen=True, slots=True)
class Outage:
    """
    :param retry_at: the time of the next probe, in seconds since the epoch.
    """

    error: TroveError
    retry_at: float

    @property
    def is_paused(self) -> bool:
        """
        Whether no request must be sent. False if the clock was set back in the meantime.
        """
        return 0 < self.retry_at - time.time() <= conf.error_cache_seconds


class CircuitBreaker:
    def __init__(self, cache: SafeCache, key: str) -> None:
        self._cache = cache
        self._outage_key = f"{key}:outage"
        self._probe_key = f"{key}:probe"
        self._answered_key = f"{key}:answered"
        self._slots = [f"{key}:failure:{number}" for number in range(MAX_FAILURES)]

    @contextmanager
    def guard(self, account: str) -> Iterator[None]:
        """
        Raise the error of the outage, or record the outcome of the call inside the context.

        :param account: identifies the account.
        """
        outage, started_at = self.check(), time.monotonic()
        try:
            yield
        except TroveError as error:
            self.record_error(error, account)
            raise
        self.record_response(started_at, outage)

    def check(self) -> Outage | None:
        """
        :returns: the outage, if the call is a probe.
        :raises TroveError: the error of the outage, if no request must be sent now.
        """
        outage: Outage | None = self._cache.get(self._outage_key)
        if outage is None:
            return None
        probe_seconds = conf.deadline + LOCK_GRACE
        if outage.is_paused or not self._cache.add(self._probe_key, True, probe_seconds):
            raise outage.error
        return outage

    def watch(self, account: str, seconds: float) -> bool:
        """
        Record that a call is waiting for its response.

        :param seconds: since the call was started.
        :returns: whether the breaker is open, so that the page must not wait any longer.
        """
        if seconds >= SLOW_CALL:
            return self.record_error(TimedOut(f"No response within {SLOW_CALL:g} s."), account)
        return self.is_open

    @property
    def is_open(self) -> bool:
        return self._cache.get(self._outage_key) is not None

    def record_response(self, started_at: float, outage: Outage | None) -> None:
        """
        Close the breaker, unless the response was too slow for pages.

        :param started_at: the start of the call, as a value of `time.monotonic()`.
        :param outage: set if the call is a probe, which may be slow.
        """
        if outage or time.monotonic() - started_at < SLOW_CALL:
            self._close()

    def _close(self) -> None:
        self._cache.set(self._answered_key, True, ANSWERED_SECONDS)
        if self._cache.get_many([self._outage_key, *self._slots]):
            self._cache.delete([self._outage_key, self._probe_key, *self._slots])

    def record_error(self, error: TroveError, account: str) -> bool:
        """
        :returns: whether the breaker is open.
        """
        if isinstance(error, SITE_ERRORS):
            self._open(error)
        elif not isinstance(error, Unavailable):
            self._close()
            return False
        elif self.is_open or self._is_failure_of_all(account):
            self._open(error)
        else:
            return False
        return True

    def _open(self, error: TroveError) -> None:
        """
        Open the breaker, unless a previous error has opened it.
        """
        outage: Outage | None = self._cache.get(self._outage_key)
        if outage and outage.is_paused:
            return
        pause = conf.error_cache_seconds
        self._cache.set(self._outage_key, Outage(error, time.time() + pause), OUTAGE_TTL)
        self._cache.delete([self._probe_key])
        name = type(error).__name__
        message = "The Trove is unavailable. The next request is sent in %g seconds. %s: %s"
        logger.warning(message, pause, name, error.detail, extra={"error": name})

    def _is_failure_of_all(self, account: str) -> bool:
        """
        Count a failure, unless a call of any account has just received a response.
        """
        if self._cache.get(self._answered_key):
            return False
        return self._count_failures(account) == MAX_FAILURES

    def _count_failures(self, account: str) -> int:
        """
        Count an account once. Adding a key is atomic in every cache.
        """
        for number, slot in enumerate(self._slots, start=1):
            added = self._cache.add(slot, account, FAILURE_WINDOW)
            if added or self._cache.get(slot) == account:
                return number
        return MAX_FAILURES
