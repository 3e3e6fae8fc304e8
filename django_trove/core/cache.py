"""
A wrapper around a Django cache that treats errors as cache misses. No other module imports
`django.core.cache`.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, TypeVar

from django.core.cache import InvalidCacheBackendError, caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections, router, transaction

__all__ = [
    "VOLATILE_CACHES",
    "CacheUnavailable",
    "DummyCache",
    "InvalidCacheBackendError",
    "SafeCache",
    "get_backend",
    "process_memory",
]

VOLATILE_CACHES = (LocMemCache, DatabaseCache, FileBasedCache)
"""Caches that delete unexpired entries above MAX_ENTRIES."""

LOG_INTERVAL = 60  # seconds between two warnings of a process about one cache
SLOW_ERROR = 0.1  # seconds
PAUSE_SECONDS = 5
"""How long a process does not use a cache that did not respond: a page uses it many times, and each
time would wait for a timeout."""

FALLBACK_SECONDS = 60
"""How long a process uses the fallback after an error. Some operations may still succeed, such as
reading from a full disk."""

logger = logging.getLogger(__name__)
last_warnings: dict[str, float] = {}
paused_until: dict[str, float] = {}
last_errors: dict[str, float] = {}

T = TypeVar("T")


class CacheUnavailable(Exception):
    """
    The cache raised an error.
    """


def get_backend(alias: str) -> BaseCache:
    """
    Return a Django cache, for system checks.

    :raises InvalidCacheBackendError: if it is not configured.
    """
    return caches[alias]


def process_memory() -> BaseCache:
    """
    Return a cache in the memory of this process.
    """
    return LocMemCache("django_trove", {})


class SafeCache:
    """
    :param alias: the alias in `CACHES`.
    :param scope: prefix of each key, if several installations share the cache.
    :param fallback: the cache to use while it is unavailable.
    """

    def __init__(self, alias: str, scope: str = "", fallback: BaseCache | None = None) -> None:
        self._alias = alias
        self._fallback = fallback
        self._prefix = f"{scope}:" if scope else ""

    def get(self, key: str, default: Any = None) -> Any:
        return self._guard(lambda cache: cache.get(self._prefix + key, default), default)

    def get_many(self, keys: list[str]) -> Iterable[Any]:
        """
        Return the values of those keys that exist.
        """
        names = [self._prefix + key for key in keys]
        return self._guard(lambda cache: list(cache.get_many(names).values()), [])

    def set(self, key: str, value: Any, seconds: float) -> None:
        self._guard(lambda cache: cache.set(self._prefix + key, value, seconds), None)

    def delete(self, keys: list[str]) -> None:
        self._guard(lambda cache: cache.delete_many([self._prefix + key for key in keys]), None)

    def add(self, key: str, value: Any, seconds: float) -> bool:
        """
        Return True to the first caller only, or to every caller if the cache is unavailable.
        """
        return self._guard(lambda cache: cache.add(self._prefix + key, value, seconds), True)

    def add_or_raise(self, key: str, seconds: float) -> bool:
        """
        Return True to the first caller only.

        :raises CacheUnavailable: if the cache is unavailable.
        """
        added = self._guard(lambda cache: cache.add(self._prefix + key, True, seconds), None)
        if added is None:
            raise CacheUnavailable
        return added

    def increment(self, key: str, amount: int, seconds: float) -> int:
        """
        Add to a counter that starts at 0, and return its value; 0 if the cache is unavailable.

        :param seconds: the lifetime of a new counter.
        """

        def add(cache: BaseCache) -> int:
            name = self._prefix + key
            with suppress(ValueError):  # a new counter
                return int(cache.incr(name, amount))
            if cache.add(name, amount, seconds):
                return amount
            with suppress(ValueError):  # evicted after another process added it
                return int(cache.incr(name, amount))
            return amount

        return self._guard(add, 0)

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[bool]:
        """
        Acquire a lock without waiting, and release it on exit. If the cache is unavailable, the
        lock is always acquired.

        :param seconds: the time after which the lock expires if its process is killed.
        :returns: whether the lock was acquired.
        """
        token = secrets.token_hex(8)
        acquired = self.add(key, token, seconds)
        try:
            yield acquired
        finally:
            if acquired and self.get(key) == token:
                self.delete([key])

    def _guard(self, operation: Callable[[BaseCache], T], default: T) -> T:
        started_at = time.monotonic()
        if not self._is_paused(started_at):
            try:
                cache = caches[self._alias]
                with _savepoint(cache):
                    return operation(cache)
            except Exception as error:  # each backend raises exceptions of its own
                _warn(self._alias, error)
                self._record_error(started_at)
        return operation(self._fallback) if self._fallback else default

    def _is_paused(self, now: float) -> bool:
        failed_at = last_errors.get(self._alias)
        if self._fallback and failed_at is not None and now < failed_at + FALLBACK_SECONDS:
            return True
        return now < paused_until.get(self._alias, 0)

    def _record_error(self, started_at: float) -> None:
        last_errors[self._alias] = now = time.monotonic()
        if now - started_at >= SLOW_ERROR:
            paused_until[self._alias] = now + PAUSE_SECONDS


def _savepoint(cache: BaseCache) -> AbstractContextManager[Any]:
    """
    Return a savepoint for a cache in the database: an error would otherwise abort the transaction
    of the caller, on PostgreSQL.
    """
    if isinstance(cache, DatabaseCache):
        alias = router.db_for_write(cache.cache_model_class)
        if connections[alias].in_atomic_block:
            return transaction.atomic(using=alias)
    return nullcontext()


def _warn(alias: str, error: Exception) -> None:
    """
    Log an error, at most once in `LOG_INTERVAL`: a page can use the cache many times.
    """
    now = time.monotonic()
    if now >= last_warnings.get(alias, 0) + LOG_INTERVAL:
        last_warnings[alias] = now
        logger.warning("The cache %r is unavailable: %s", alias, type(error).__name__)
