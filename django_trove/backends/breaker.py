"""
A circuit breaker for the Trove, shared by all workers through the cache.

It opens if no connection can be made, if the Trove rejects the site's credentials, or after
timeouts of several accounts without a response between them. While it is open, no request is sent.
After the pause, one request at a time is sent as a probe. Any response closes the breaker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

from ..client import ClockSkewed, KeysRejected, TimedOut, TroveError, Unreachable
from ..conf import conf
from ..core.cache import SafeCache

logger = logging.getLogger(__name__)

MAX_TIMEOUTS = 3  # of different accounts
TIMEOUT_WINDOW = 60.0  # seconds
OUTAGE_TTL = 86400.0
LOCK_GRACE = 5.0

SITE_ERRORS = (Unreachable, KeysRejected, ClockSkewed)
"""Errors that do not depend on the account."""


@dataclass(frozen=True, slots=True)
class Outage:
    """
    :param retry_at: the time of the next probe, in seconds since the epoch.
    """

    error: TroveError
    retry_at: float


class CircuitBreaker:
    def __init__(self, cache: SafeCache, key: str) -> None:
        self._cache = cache
        self._outage_key = f"{key}:outage"
        self._probe_key = f"{key}:probe"
        self._slots = [f"{key}:timeout:{number}" for number in range(MAX_TIMEOUTS)]

    @contextmanager
    def guard(self, account: str = "") -> Iterator[None]:
        """
        Raise the error of the outage, or record the outcome of the call inside the context.

        :param account: identifies the account; "" for a call without one.
        """
        self.check()
        try:
            yield
        except TroveError as error:
            self.record_error(error, account or token_hex(8))
            raise
        self.record_response()

    def check(self) -> Outage | None:
        """
        :returns: the outage, if the call is a probe.
        :raises TroveError: the error of the outage, if no request must be sent now.
        """
        outage: Outage | None = self._cache.get(self._outage_key)
        if outage is None:
            return None
        if time.time() < outage.retry_at:
            raise outage.error
        if not self._cache.add(self._probe_key, True, conf.deadline + LOCK_GRACE):
            raise outage.error
        return outage

    def record_response(self) -> None:
        """
        Close the breaker, whatever the response was.
        """
        if self._cache.get_many([self._outage_key, *self._slots]):
            self._cache.delete([self._outage_key, self._probe_key, *self._slots])

    def record_error(self, error: TroveError, account: str) -> None:
        if isinstance(error, SITE_ERRORS):
            self._open(error)
        elif not isinstance(error, TimedOut):
            self.record_response()
        elif self._cache.get(self._outage_key) or self._count_timeouts(account) == MAX_TIMEOUTS:
            self._open(error)

    def _open(self, error: TroveError) -> None:
        """
        Open the breaker, unless a previous error has opened it.
        """
        outage: Outage | None = self._cache.get(self._outage_key)
        now, pause = time.time(), conf.error_cache_seconds
        if outage and now < outage.retry_at:
            return
        self._cache.set(self._outage_key, Outage(error, now + pause), OUTAGE_TTL)
        self._cache.delete([self._probe_key])
        name = type(error).__name__
        message = "The Trove is unavailable. The next request is sent in %g seconds. %s: %s"
        logger.warning(message, pause, name, error.detail, extra={"error": name})

    def _count_timeouts(self, account: str) -> int:
        """
        Count an account once. Adding a key is atomic in every cache.
        """
        for number, slot in enumerate(self._slots, start=1):
            added = self._cache.add(slot, account, TIMEOUT_WINDOW)
            if added or self._cache.get(slot) == account:
                return number
        return MAX_TIMEOUTS
