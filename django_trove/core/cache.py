"""
A wrapper around a Django cache that treats errors as cache misses.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.cache import caches

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SafeCache:
    def __init__(self, alias: str) -> None:
        self._alias = alias

    def get(self, key: str, default: Any = None) -> Any:
        return self._guard(lambda: caches[self._alias].get(key, default), default)

    def get_many(self, keys: list[str]) -> Iterable[Any]:
        """
        Return the values of those keys that exist.
        """
        return self._guard(lambda: list(caches[self._alias].get_many(keys).values()), [])

    def set(self, key: str, value: Any, seconds: float) -> None:
        self._guard(lambda: caches[self._alias].set(key, value, seconds), None)

    def delete(self, keys: list[str]) -> None:
        self._guard(lambda: caches[self._alias].delete_many(keys), None)

    def add(self, key: str, value: Any, seconds: float) -> bool:
        """
        Return True to the first caller only, or to every caller if the cache is unavailable.
        """
        return self._guard(lambda: caches[self._alias].add(key, value, seconds), True)

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

    def _guard(self, operation: Callable[[], T], default: T) -> T:
        try:
            return operation()
        except Exception as error:  # each backend raises exceptions of its own
            logger.warning("The cache %r is unavailable: %s", self._alias, type(error).__name__)
            return default
