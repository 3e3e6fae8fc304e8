"""
The response cache of `RemoteBackend`.

Responses are cached per account and operation in a Django cache. A fresh response is returned
without a request. A stale response is returned if the Trove is unavailable (stale-if-error, RFC
5861). Errors are cached for a short time (negative caching), and identical concurrent requests are
sent once (single flight). The cache key contains the token's fingerprint and the time of the
connection, so reconnecting invalidates all responses.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import Generic, TypeVar

from ..client import (
    ClockSkewed,
    InvalidResponse,
    KeysRejected,
    RateLimited,
    TroveError,
    Unavailable,
    Unreachable,
)
from ..conf import conf
from ..core.cache import SafeCache
from ..models import TroveAccount
from ..signals import send_query_answered

T = TypeVar("T")

STALE_IF_ERROR = (Unavailable, RateLimited, InvalidResponse, KeysRejected, ClockSkewed)
"""Errors that do not depend on the query: a stale response is better than none."""

NEGATIVE_TTL = 2.0  # seconds that all other errors are cached, for concurrent requests
MAX_RETRY_AFTER = 3600.0  # seconds
MAX_KEYS = 500
POLL_INTERVAL = 0.05
LOCK_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class CachedResponse(Generic[T]):
    """
    :param fetched_at: in seconds since the epoch.
    :param error: set on a stale response: the reason why no newer response is available.
    """

    value: T
    fetched_at: float
    error: TroveError | None = None


class ResponseCache:
    """
    The cached responses of one account.
    """

    def __init__(self, account: TroveAccount) -> None:
        self._cache = SafeCache(conf.cache)
        self._account = account
        self._account_key = _cache_key(account.fingerprint, account.connected_at.isoformat())
        self._trove_key = _cache_key(conf.api_url, account.app_key or conf.app_key)

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
        if cached and not force_refresh and time.time() - cached.fetched_at < conf.cache_seconds:
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
        lock_seconds = (conf.deadline or 0) + LOCK_GRACE
        lock_name = f"{key}:{'refresh' if force_refresh else 'fetch'}"
        give_up_at = time.monotonic() + lock_seconds
        while True:
            with self._cache.lock(lock_name, lock_seconds) as acquired:
                newer: CachedResponse[T] | None = self._cache.get(key)
                if newer and newer.fetched_at > cached_at:
                    return newer
                self._raise_cached_error(key)
                if acquired:
                    return self._fetch(key, fetch)
            if cached and not force_refresh:
                return cached
            _wait_or_time_out(give_up_at)

    def _fetch(self, key: str, fetch: Callable[[], T]) -> CachedResponse[T]:
        try:
            response = CachedResponse(fetch(), time.time())
        except TroveError as error:
            self._store_error(key, error)
            raise
        self._cache.set(key, response, max(conf.cache_seconds, conf.stale_if_error_seconds))
        self._record_key(key)
        if not TroveAccount.objects.same_grant(self._account).exists():
            self.clear()  # the user disconnected or reconnected during the request
        return response

    def _record_key(self, key: str) -> None:
        """
        Store the key for `clear`. The oldest keys beyond the limit are evicted.
        """
        index = f"{self._account_key}:keys"
        keys = tuple(dict.fromkeys([*self._cache.get(index, ()), key]))
        self._cache.delete(list(keys[:-MAX_KEYS]))
        self._cache.set(index, keys[-MAX_KEYS:], conf.stale_if_error_seconds + MAX_RETRY_AFTER)

    def _store_error(self, key: str, error: TroveError) -> None:
        """
        Connection and credential errors apply to every account, so they are cached for the site. A
        5xx response, a timeout or a rate limit can depend on the account, so it is cached for the
        account. All other errors are cached for the operation.
        """
        seconds = conf.error_cache_seconds
        if not isinstance(error, STALE_IF_ERROR):
            seconds = min(NEGATIVE_TTL, seconds)
        if isinstance(error, (Unavailable, RateLimited)):
            seconds = min(max(error.retry_after or 0, seconds), MAX_RETRY_AFTER)
        scope = key
        if isinstance(error, (Unreachable, KeysRejected, ClockSkewed)):
            scope = self._trove_key
        elif isinstance(error, (Unavailable, RateLimited)):
            scope = self._account_key
        self._cache.set(f"{scope}:failed", error, seconds)

    def _raise_cached_error(self, key: str) -> None:
        scopes = (self._trove_key, self._account_key, key)
        for error in self._cache.get_many([f"{scope}:failed" for scope in scopes]):
            raise error


def clear_responses(account: TroveAccount) -> None:
    ResponseCache(account).clear()


def _wait_or_time_out(give_up_at: float) -> None:
    if time.monotonic() > give_up_at:
        raise Unavailable("Another process sent the same request and received no response in time.")
    time.sleep(POLL_INTERVAL)


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
