"""
The Django cache, as something that may be missing: a cache that is down costs time and no page.
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
    """
    A cache by its alias.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def get(self, key: str, default: Any = None) -> Any:
        """
        Return what is kept; the default also where the cache is down or holds rubbish.
        """
        return self._guard(lambda: caches[self._alias].get(key, default), default)

    def get_many(self, keys: list[str]) -> Iterable[Any]:
        """
        Return the values of those keys that are kept.
        """
        return self._guard(lambda: list(caches[self._alias].get_many(keys).values()), [])

    def set(self, key: str, value: Any, seconds: float) -> None:
        """
        Keep a value.
        """
        self._guard(lambda: caches[self._alias].set(key, value, seconds), None)

    def delete(self, keys: list[str]) -> None:
        """
        Drop values.
        """
        self._guard(lambda: caches[self._alias].delete_many(keys), None)

    def add_once(self, key: str, seconds: float) -> bool:
        """
        Take what can be taken once. Without a cache everybody gets it.

        :param seconds: how long it stays taken.
        """
        return self._guard(lambda: caches[self._alias].add(key, True, seconds), True)

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[bool]:
        """
        Take a lock if it is free, and give it back in the end. Without a cache it is always free.

        :param seconds: how long it holds if its holder dies.
        :returns: whether it is ours.
        """
        token = secrets.token_hex(8)
        ours = self._guard(lambda: caches[self._alias].add(key, token, seconds), True)
        try:
            yield ours
        finally:
            if ours and self.get(key) == token:
                self.delete([key])

    def _guard(self, use: Callable[[], T], otherwise: T) -> T:
        try:
            return use()
        except Exception as error:  # each backend has errors of its own
            logger.warning("The cache %r can't be used: %s", self._alias, type(error).__name__)
            return otherwise
