"""
How long an answer is good for: the cache policy.

Answers are kept per account and question in the configured Django cache. A fresh one is given
without asking; an older one serves while the Trove can't be asked. A failure is kept for a moment
too, so that the pages of a site don't each wait for the same time-out, and a question is asked once
however many pages want its answer. The key carries the grant and when it was made, so connecting
anew leaves every older answer behind.
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
"""Failures that say nothing about the question: an older answer is better than none."""

NEGATIVE_TTL = 2.0  # seconds that other failures are kept: for those who wait for the same answer
MAX_RETRY_AFTER = 3600.0  # seconds at most that a Trove may ask for to be left alone
MAX_KEYS = 500
POLL_INTERVAL = 0.05
LOCK_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class CachedResponse(Generic[T]):
    """
    What the Trove said.

    :param value: the answer itself.
    :param fetched_at: when it came, in seconds since the epoch.
    :param error: why the Trove can't be asked now, where this is an old answer for that reason.
    """

    value: T
    fetched_at: float
    error: TroveError | None = None


class ResponseCache:
    """
    The answers kept for one account.
    """

    def __init__(self, account: TroveAccount) -> None:
        self._keeper = SafeCache(conf.cache)
        self._row = account
        self._account = _cache_key(account.fingerprint, account.connected_at.isoformat())
        self._trove = _cache_key(conf.api_url, account.app_key or conf.app_key)

    def get(
        self, question: str, ask: Callable[[], T], *, force_refresh: bool = False
    ) -> CachedResponse[T]:
        """
        Return the answer to a question.

        :param question: what is asked, in one text: the same text is the same question. Its first
            word is what kind of question it is.
        :param ask: asks the Trove.
        :param force_refresh: ask even if there is a fresh answer.
        :raises TroveError: if the Trove can't be asked and no answer is kept.
        """
        kind = question.partition(" ")[0]
        key = _cache_key(self._account, question)
        kept: CachedResponse[T] | None = self._keeper.get(key)
        if kept and not force_refresh and time.time() - kept.fetched_at < conf.cache_seconds:
            send_query_answered(kind, "cache")
            return kept
        try:
            answer = self._fetch_single_flight(key, ask, kept, force_refresh=force_refresh)
        except TroveError as error:
            stale = kept if isinstance(error, STALE_IF_ERROR) else None
            send_query_answered(kind, "stale" if stale else "none", error)
            if stale is None:
                raise
            return replace(stale, error=error)
        send_query_answered(kind, "cache" if answer is kept else "trove")
        return answer

    def clear(self) -> None:
        """
        Drop every answer of the account.
        """
        index = f"{self._account}:keys"
        self._keeper.delete([*self._keeper.get(index, ()), index, f"{self._account}:failed"])

    def _fetch_single_flight(
        self, key: str, ask: Callable[[], T], kept: CachedResponse[T] | None, *, force_refresh: bool
    ) -> CachedResponse[T]:
        """
        Ask, or wait for the one who is asking already. Who has an older answer takes that instead.
        """
        began = kept.fetched_at if kept else 0.0
        most = (conf.deadline or 0) + LOCK_GRACE
        give_up = time.monotonic() + most
        while True:
            with self._keeper.lock(
                f"{key}:{'renewing' if force_refresh else 'asking'}", most
            ) as ours:
                newer: CachedResponse[T] | None = self._keeper.get(key)
                if newer and newer.fetched_at > began:
                    return newer
                self._raise_cached_failure(key)
                if ours:
                    return self._fetch(key, ask)
            if kept and not force_refresh:
                return kept
            wait_or_timeout(give_up)

    def _fetch(self, key: str, ask: Callable[[], T]) -> CachedResponse[T]:
        try:
            answer = CachedResponse(ask(), time.time())
        except TroveError as error:
            self._store_failure(key, error)
            raise
        self._keeper.set(key, answer, max(conf.cache_seconds, conf.stale_if_error_seconds))
        self._record_key(key)
        if not TroveAccount.objects.same_grant(self._row).exists():
            self.clear()  # it was disconnected, or connected anew, while the Trove was asked
        return answer

    def _record_key(self, key: str) -> None:
        """
        Note which answers are kept, so that they can be dropped; the oldest make room.
        """
        index = f"{self._account}:keys"
        names = tuple(dict.fromkeys([*self._keeper.get(index, ()), key]))
        self._keeper.delete(list(names[:-MAX_KEYS]))
        self._keeper.set(index, names[-MAX_KEYS:], conf.stale_if_error_seconds + MAX_RETRY_AFTER)

    def _store_failure(self, key: str, error: TroveError) -> None:
        """
        A Trove that can't be reached, or a site that is set up wrongly, is so for everybody. One
        that answers that it can't, or not in time, may do so because of this account's question.
        """
        wait = (
            conf.error_cache_seconds
            if isinstance(error, STALE_IF_ERROR)
            else min(NEGATIVE_TTL, conf.error_cache_seconds)
        )
        if isinstance(error, (Unavailable, RateLimited)):
            wait = min(max(error.retry_after or 0, wait), MAX_RETRY_AFTER)
        scope = key
        if isinstance(error, (Unreachable, KeysRejected, ClockSkewed)):
            scope = self._trove
        elif isinstance(error, (Unavailable, RateLimited)):
            scope = self._account
        self._keeper.set(f"{scope}:failed", error, wait)

    def _raise_cached_failure(self, key: str) -> None:
        names = [f"{scope}:failed" for scope in (self._trove, self._account, key)]
        for error in self._keeper.get_many(names):
            raise error


def clear_responses(account: TroveAccount) -> None:
    """
    Drop every answer that is kept for an account.
    """
    ResponseCache(account).clear()


def wait_or_timeout(give_up: float) -> None:
    if time.monotonic() > give_up:
        raise Unavailable("Another page asks the same, and no answer came in time.")
    time.sleep(POLL_INTERVAL)


def _cache_key(*parts: str) -> str:
    digest = hashlib.sha256("\n".join([_package_version(), *parts]).encode())
    return f"django_trove:{digest.hexdigest()}"


@cache
def _package_version() -> str:
    """
    Answers are kept as objects, and another version's may have another shape.
    """
    try:
        return metadata.version("django-trove")
    except metadata.PackageNotFoundError:  # run from a checkout
        return ""
