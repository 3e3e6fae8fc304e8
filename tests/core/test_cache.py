from __future__ import annotations

import pytest
from django.core.cache.backends.base import BaseCache

from django_trove.core.cache import SafeCache


class BrokenCache(BaseCache):
    def __init__(self, location, params):
        super().__init__(params)

    def get(self, *args, **kwargs):
        raise ConnectionError("the cache is away")

    add = set = delete = touch = get


@pytest.fixture
def broken(settings):
    settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.BrokenCache"}}


def test_stored_value_is_returned():
    keeper = SafeCache("default")
    keeper.set("a", 1, 60)
    assert (keeper.get("a"), keeper.get("b", 2), list(keeper.get_many(["a", "b"]))) == (1, 2, [1])
    keeper.delete(["a"])
    assert keeper.get("a") is None


def test_lock_is_exclusive():
    keeper = SafeCache("default")
    with keeper.lock("lock", 60) as first, keeper.lock("lock", 60) as second:
        assert (first, second) == (True, False)
    with keeper.lock("lock", 60) as again:
        assert again


def test_expired_lock_of_new_owner_is_not_released():
    keeper = SafeCache("default")
    with keeper.lock("lock", 60):
        keeper.set("lock", "somebody else's", 60)
    assert keeper.get("lock") == "somebody else's"


def test_unavailable_cache_is_treated_as_empty(broken, caplog):
    keeper = SafeCache("default")
    keeper.set("a", 1, 60)
    keeper.delete(["a"])
    assert (keeper.get("a", "nothing"), list(keeper.get_many(["a"]))) == ("nothing", [])
    with keeper.lock("lock", 60) as ours:
        assert ours
    assert "The cache 'default' is unavailable: ConnectionError" in caplog.text
