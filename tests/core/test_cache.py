from __future__ import annotations

import time

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from django_trove.core.cache import (
    PAUSE_SECONDS,
    SLOW_ERROR,
    CacheUnavailable,
    SafeCache,
    last_warnings,
    process_memory,
)


class BrokenCache(BaseCache):
    def __init__(self, location, params):
        super().__init__(params)

    def get(self, *args, **kwargs):
        raise ConnectionError("The cache is unavailable.")

    add = set = delete = touch = incr = get_many = set_many = delete_many = clear = get


@pytest.fixture(autouse=True)
def empty():
    caches["default"].clear()


@pytest.fixture
def broken(settings):
    last_warnings.clear()
    settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.BrokenCache"}}


def test_stored_value_is_returned():
    cache = SafeCache("default")
    cache.set("a", 1, 60)
    assert (cache.get("a"), cache.get("b", 2), list(cache.get_many(["a", "b"]))) == (1, 2, [1])
    cache.delete(["a"])
    assert cache.get("a") is None


def test_lock_is_exclusive():
    cache = SafeCache("default")
    with cache.lock("lock", 60) as first, cache.lock("lock", 60) as second:
        assert (first, second) == (True, False)
    with cache.lock("lock", 60) as again:
        assert again


def test_expired_lock_of_new_owner_is_not_released():
    cache = SafeCache("default")
    with cache.lock("lock", 60):
        cache.set("lock", "somebody else's", 60)
    assert cache.get("lock") == "somebody else's"


def test_unavailable_cache_is_treated_as_empty(broken, caplog):
    cache = SafeCache("default")
    cache.set("a", 1, 60)
    cache.delete(["a"])
    assert (cache.get("a", "nothing"), list(cache.get_many(["a"]))) == ("nothing", [])
    with cache.lock("lock", 60) as ours:
        assert ours
    assert (cache.add("b", True, 60), cache.increment("c", 1, 60)) == (True, 0)
    with pytest.raises(CacheUnavailable):
        cache.add_or_raise("d", 60)


def test_unavailable_cache_is_logged_once_per_interval(broken, caplog):
    for _ in range(20):
        SafeCache("default").get("a")
    assert caplog.messages == ["The cache 'default' is unavailable: ConnectionError"]


class HangingCache(BrokenCache):
    calls = 0

    def get(self, *args, **kwargs):
        HangingCache.calls += 1
        time.sleep(SLOW_ERROR)
        raise TimeoutError

    add = set = delete = touch = incr = get_many = set_many = delete_many = clear = get


def test_cache_that_does_not_respond_is_not_used_for_some_seconds(settings, monkeypatch):
    settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.HangingCache"}}
    monkeypatch.setattr(HangingCache, "calls", 0)
    monkeypatch.setattr("django_trove.core.cache.paused_until", {})
    cache = SafeCache("default")
    assert [cache.get("a", "nothing") for _ in range(20)] == ["nothing"] * 20
    assert HangingCache.calls == 1
    with pytest.raises(CacheUnavailable):
        cache.add_or_raise("d", 60)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + PAUSE_SECONDS)
    cache.get("a")
    assert HangingCache.calls == 2


def test_error_of_one_value_does_not_pause_the_cache(broken, settings):
    SafeCache("default").get("a")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    test_stored_value_is_returned()


def test_fallback_is_used_while_the_cache_is_unavailable(broken):
    cache = SafeCache("default", fallback=process_memory())
    cache.set("a", 1, 60)
    assert (cache.get("a"), cache.add("a", 2, 60)) == (1, False)


def test_fallback_is_used_if_only_writing_fails(settings, monkeypatch):
    """
    For example on a full disk.
    """
    cache = SafeCache("default", fallback=process_memory())
    monkeypatch.setattr(caches["default"], "set", BrokenCache("", {}).set)
    cache.set("a", 1, 60)
    assert (cache.get("a"), list(cache.get_many(["a"]))) == (1, [1])


def test_value_that_cannot_be_pickled_is_not_stored():
    cache = SafeCache("default")
    cache.set("a", lambda: None, 60)
    assert cache.get("a") is None


@pytest.mark.django_db
def test_database_cache_without_its_table_does_not_abort_the_transaction(settings):
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "missing_table"}}
    cache = SafeCache("default")
    assert (cache.get("a"), cache.increment("b", 1, 60)) == (None, 0)
    assert not get_user_model().objects.exists()


def test_counter():
    cache = SafeCache("default")
    assert [cache.increment("n", amount, 60) for amount in (1, 1, 3)] == [1, 2, 5]
    assert cache.get("n") == 5


def test_value_is_added_once():
    cache = SafeCache("default")
    assert [cache.add("a", 1, 60), cache.add("a", 1, 60)] == [True, False]
    assert [cache.add_or_raise("b", 60), cache.add_or_raise("b", 60)] == [True, False]


def test_scopes_are_separate():
    first, second = SafeCache("default", "first"), SafeCache("default", "second")
    first.set("a", 1, 60)
    second.set("a", 2, 60)
    second.delete(["b"])
    assert (first.get("a"), second.get("a"), list(second.get_many(["a"]))) == (1, 2, [2])
    with first.lock("lock", 60) as mine, second.lock("lock", 60) as other:
        assert (mine, other) == (True, True)
