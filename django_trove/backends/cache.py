"""
The response cache of `RemoteBackend`.

Responses are cached per account and operation in a Django cache. A fresh response is returned
without a request. A stale response is returned if the Trove is unavailable (stale-if-error, RFC
5861), or if it does not respond soon: the request then continues in the background
(stale-while-revalidate). Errors are cached for a short time (negative caching), and identical
concurrent requests are sent once (single flight). The cache key contains the token's fingerprint
and the time of the connection, so reconnecting invalidates all responses.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import metadata
from typing import Generic, TypeVar

from ..client import (
    ClockSkewed,
    InvalidResponse,
    KeysRejected,
    RateLimited,
    TimedOut,
    TroveError,
    Unavailable,
    WrongHost,
)
from ..conf import conf
from ..core.cache import SafeCache, process_memory
from ..models import TroveAccount
from ..signals import send_query_answered
from .breaker import LOCK_GRACE, CircuitBreaker
from .page_calls import CallPending, check_capacity, pause, run_call

logger = logging.getLogger(__name__)

T = TypeVar("T")

RecordOutcome = Callable[[TroveAccount], AbstractContextManager[object]]

STALE_IF_ERROR = (Unavailable, RateLimited, InvalidResponse, KeysRejected, WrongHost, ClockSkewed)
"""Errors that do not depend on the query: a stale response is better than none."""

NEGATIVE_TTL = 2.0  # seconds that all other errors are cached, for concurrent requests
MAX_RETRY_AFTER = 3600.0  # seconds
MAX_KEYS = 500
POLL_INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class CachedResponse(Generic[T]):
    """
    :param fetched_at: in seconds since the epoch.
    :param error: set on a stale response: the reason why no newer response is available.
    """

    value: T
    fetched_at: float
    error: TroveError | None = None

    @property
    def is_fresh(self) -> bool:
        """
        False if the clock was set back in the meantime.
        """
        return 0 <= time.time() - self.fetched_at < conf.cache_seconds


class ResponseCache:
    """
    The cached responses of one account.
    """

    def __init__(self, account: TroveAccount, record_outcome: RecordOutcome = nullcontext) -> None:
        self._cache = SafeCache(conf.cache)
        self._account = account
        self._record_outcome = record_outcome
        self._breaker = get_breaker(account.app_key)
        self._account_key = _cache_key(account.fingerprint, account.connected_at.isoformat())

    def get(
        self, operation: str, fetch: Callable[[], T], *, force_refresh: bool = False
    ) -> CachedResponse[T]:
        """
        Return the cached response, or fetch and cache it.

        :param operation: a name and the arguments, separated by a space. Equal strings share one
            response.
        :raises TroveError: if `fetch` fails and no stale response can be returned.
        """
        name = operation.partition(" ")[0]
        key = _cache_key(self._account_key, operation)
        cached: CachedResponse[T] | None = self._cache.get(key)
        if cached and not force_refresh and cached.is_fresh:
            send_query_answered(name, "cache")
            return cached
        try:
            response = self._fetch_single_flight(key, fetch, cached, force_refresh=force_refresh)
        except TroveError as error:
            stale = cached if isinstance(error, STALE_IF_ERROR) else None
            send_query_answered(name, "stale" if stale else "none", error)
            if stale is None:
                raise
            return replace(stale, error=error)
        send_query_answered(name, "cache" if response is cached else "trove")
        return response

    def clear(self) -> None:
        index = f"{self._account_key}:keys"
        keys = self._cache.get(index, ())
        self._cache.delete([*keys, index, f"{self._account_key}:failed"])

    def _fetch_single_flight(
        self,
        key: str,
        fetch: Callable[[], T],
        cached: CachedResponse[T] | None,
        *,
        force_refresh: bool,
    ) -> CachedResponse[T]:
        """
        Fetch, or wait for the process that is fetching. Return a stale response instead of waiting.
        """
        cached_at = cached.fetched_at if cached else 0.0
        lock_seconds = conf.deadline + LOCK_GRACE
        lock_name = f"{key}:{'refresh' if force_refresh else 'fetch'}"
        give_up_at = time.monotonic() + lock_seconds
        while True:
            check_capacity(self._account_key)
            with ExitStack() as lock:
                acquired = lock.enter_context(self._cache.lock(lock_name, lock_seconds))
                newer: CachedResponse[T] | None = self._cache.get(key)
                if newer and newer.fetched_at != cached_at:
                    return newer
                self._raise_cached_error(key)
                if acquired:
                    return self._fetch(key, fetch, cached, lock, patient=force_refresh)
            if cached and not force_refresh:
                return cached
            _wait_or_time_out(give_up_at)

    def _fetch(
        self,
        key: str,
        fetch: Callable[[], T],
        cached: CachedResponse[T] | None,
        lock: ExitStack,
        *,
        patient: bool,
    ) -> CachedResponse[T]:
        """
        :param lock: released when the response is stored, even if the page does not wait for it.
        :param patient: whether to wait for the response although another one is cached.
        """
        outage = self._breaker.check()
        patient = not outage and (patient or not cached)
        watch = None if outage else partial(self._breaker.watch, self._account_key)
        call = partial(
            run_call, fetch, account=self._account_key, patient=patient, should_stop=watch
        )
        record_response = partial(self._breaker.record_response, time.monotonic(), outage)
        try:
            return self._complete(key, call, record_response)
        except CallPending as pending:
            complete = partial(self._complete_late, key, record_response, lock.pop_all())
            pending.when_done(complete)
            if cached and not (patient or outage):
                return cached
            error = outage.error if outage else TimedOut(pending.detail)
            if patient:
                self._store_error(key, error)
            raise error from None

    def _complete(
        self, key: str, get_result: Callable[[], T], record_response: Callable[[], None]
    ) -> CachedResponse[T]:
        try:
            with self._record_outcome(self._account):
                response = CachedResponse(get_result(), time.time())
        except CallPending:
            raise
        except TroveError as error:
            self._store_error(key, error)
            raise
        record_response()
        self._cache.set(key, response, _get_lifetime())
        self._record_key(key)
        if not self._account.is_current:
            self.clear()  # the user disconnected or reconnected during the request
        return response

    def _complete_late(
        self, key: str, record_response: Callable[[], None], lock: ExitStack, result: Future[T]
    ) -> None:
        with lock, suppress(TroveError):
            self._complete(key, result.result, record_response)
            self._cache.delete([f"{self._account_key}:failed"])

    def _record_key(self, key: str) -> None:
        """
        Store the key for `clear`. The oldest keys beyond the limit are evicted.
        """
        index = f"{self._account_key}:keys"
        keys = tuple(dict.fromkeys([*self._cache.get(index, ()), key]))
        self._cache.delete(list(keys[:-MAX_KEYS]))
        self._cache.set(index, keys[-MAX_KEYS:], _get_lifetime() + MAX_RETRY_AFTER)

    def _store_error(self, key: str, error: TroveError) -> None:
        """
        A 5xx response, a timeout or a rate limit can depend on the account, so it is cached for the
        account. Other errors are cached for the operation, unless they open the circuit breaker.
        """
        if self._breaker.record_error(error, self._account_key):
            return
        seconds, scope = conf.error_cache_seconds, key
        if isinstance(error, (Unavailable, RateLimited)):
            scope = self._account_key
            seconds = min(max(error.retry_after or 0, seconds), MAX_RETRY_AFTER)
        if not isinstance(error, STALE_IF_ERROR):
            seconds = min(NEGATIVE_TTL, seconds)
        elif self._cache.get(f"{scope}:failed") is None:
            name = type(error).__name__
            message = "Photos are unavailable: %s %s"
            logger.warning(message, name, error.detail, extra={"error": name})
        self._cache.set(f"{scope}:failed", error, seconds)

    def _raise_cached_error(self, key: str) -> None:
        for error in self._cache.get_many([f"{self._account_key}:failed", f"{key}:failed"]):
            raise error


def get_breaker(app_key: str = "") -> CircuitBreaker:
    key = _cache_key(conf.api_url, app_key or conf.app_key)
    return CircuitBreaker(SafeCache(conf.cache, fallback=process_memory()), key)


def _get_lifetime() -> float:
    """
    Return how long a response may be used, in seconds.
    """
    return max(conf.cache_seconds, conf.stale_if_error_seconds)


def clear_responses(account: TroveAccount) -> None:
    ResponseCache(account).clear()


def _wait_or_time_out(give_up_at: float) -> None:
    if time.monotonic() > give_up_at:
        raise Unavailable("Another process sent the same request and received no response in time.")
    pause(POLL_INTERVAL)


def _cache_key(*parts: str) -> str:
    digest = hashlib.sha256("\n".join([_package_version(), *parts]).encode())
    return f"django_trove:{digest.hexdigest()}"


@cache
def _package_version() -> str:
    """
    Responses are pickled, and another version of the package may define other classes.
    """
    try:
        return metadata.version("django-trove")
    except metadata.PackageNotFoundError:  # run from a checkout
        return ""
