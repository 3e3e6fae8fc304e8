from __future__ import annotations

import threading
import time

import pytest
from django.core.cache import cache
from django.db import connections

from django_trove.backends.cache import ResponseCache, clear_responses, get_breaker
from django_trove.client import (
    AccessDenied,
    ClockSkewed,
    InvalidResponse,
    NotFound,
    RateLimited,
    Unavailable,
    Unreachable,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(make_account):
    return make_account()


class CountingFetch:
    """
    A fetch function that counts its calls and returns or raises the given results.
    """

    def __init__(self, *answers, seconds=0.0):
        self.answers, self.seconds, self.times = list(answers), seconds, 0

    def __call__(self):
        self.times += 1
        time.sleep(self.seconds)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def cached(settings):
    """
    Set the TTL of responses.
    """

    def change(**seconds):
        settings.TROVE = settings.TROVE | {k.upper(): v for k, v in seconds.items()}

    return change


def test_fresh_response_is_returned_without_call(account):
    fetch = CountingFetch("first", "second")
    assert [ResponseCache(account).get("q", fetch).value for _ in range(3)] == ["first"] * 3
    assert fetch.times == 1


def test_each_query_has_its_own_entry(account):
    assert ResponseCache(account).get("one", CountingFetch("1")).value == "1"
    assert ResponseCache(account).get("two", CountingFetch("2")).value == "2"


def test_expired_response_is_fetched_again(account, cached):
    cached(cache_seconds=0.02)
    fetch = CountingFetch("first", "second")
    assert ResponseCache(account).get("q", fetch).value == "first"
    time.sleep(0.03)
    assert ResponseCache(account).get("q", fetch).value == "second"


def test_response_from_the_future_is_fetched_again(account, monkeypatch):
    """
    The clock was ahead, and was corrected.
    """
    fetch = CountingFetch("first", "second")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    ResponseCache(account).get("q", fetch)
    monkeypatch.undo()
    assert [ResponseCache(account).get("q", fetch).value for _ in range(2)] == ["second"] * 2
    assert fetch.times == 2


def test_force_refresh_replaces_response(account):
    fetch = CountingFetch("first", "second")
    ResponseCache(account).get("q", fetch)
    assert ResponseCache(account).get("q", fetch, force_refresh=True).value == "second"
    assert ResponseCache(account).get("q", fetch).value == "second"
    assert fetch.times == 2


@pytest.mark.parametrize(
    "error",
    [Unavailable("down"), RateLimited("slow"), InvalidResponse("?"), ClockSkewed("clock")],
)
def test_stale_response_is_returned_with_error_if_trove_is_down(account, cached, error):
    cached(cache_seconds=0)
    fetch = CountingFetch("good", error)
    assert ResponseCache(account).get("q", fetch).error is None
    answer = ResponseCache(account).get("q", fetch)
    assert (answer.value, type(answer.error)) == ("good", type(error))


@pytest.mark.parametrize("error", [AccessDenied("no"), NotFound("none")])
def test_other_errors_are_raised_despite_stale_response(account, cached, error):
    cached(cache_seconds=0)
    fetch = CountingFetch("good", error)
    ResponseCache(account).get("q", fetch)
    with pytest.raises(type(error)):
        ResponseCache(account).get("q", fetch)


def test_error_is_raised_without_stale_response(account):
    with pytest.raises(Unavailable, match="down"):
        ResponseCache(account).get("q", CountingFetch(Unavailable("down")))


def test_error_is_cached_for_all_accounts(account, make_account, make_user, cached):
    cached(error_cache_seconds=1)
    bob = make_account("b", user=make_user("bob"))
    fetch = CountingFetch(Unreachable("down"), "up again")
    for somebody, question in ((account, "q"), (account, "other"), (bob, "q")):
        with pytest.raises(Unreachable):
            ResponseCache(somebody).get(question, fetch)
    assert fetch.times == 1
    time.sleep(1.01)
    assert ResponseCache(bob).get("q", fetch).value == "up again"


def test_rate_limit_of_one_user_does_not_affect_others(account, make_account, make_user):
    bob = make_account("b", user=make_user("bob"))
    fetch = CountingFetch(RateLimited("slow", retry_after=60), "fine")
    with pytest.raises(RateLimited):
        ResponseCache(account).get("q", fetch)
    with pytest.raises(RateLimited):
        ResponseCache(account).get("other", fetch)
    assert ResponseCache(bob).get("q", fetch).value == "fine"


def test_retry_after_sets_error_ttl(account, cached):
    cached(down_seconds=0)
    fetch = CountingFetch(Unavailable("down", retry_after=60), "up")
    for _ in range(2):
        with pytest.raises(Unavailable):
            ResponseCache(account).get("q", fetch)
    assert fetch.times == 1


def test_force_refresh_respects_cached_error(account):
    fetch = CountingFetch("good", Unavailable("down"))
    ResponseCache(account).get("q", fetch)
    answers = [ResponseCache(account).get("q", fetch, force_refresh=True) for _ in range(3)]
    assert [answer.value for answer in answers] == ["good"] * 3
    assert fetch.times == 2


def test_delete_removes_all_entries(account, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    get_breaker(account.app_key).record_response(time.monotonic(), None)
    state_of_the_breaker = set(cache._cache)
    ResponseCache(account).get("one", CountingFetch("1"))
    ResponseCache(account).get("two", CountingFetch("2"))
    assert len(set(cache._cache) - state_of_the_breaker) == 3  # and the list of keys
    clear_responses(account)
    assert set(cache._cache) == state_of_the_breaker


@pytest.mark.parametrize(
    "seconds",
    [
        {"cache_seconds": 300, "stale_if_error_seconds": 0},
        {"cache_seconds": 9000, "stale_if_error_seconds": 0},
        {"cache_seconds": 300, "stale_if_error_seconds": 9000},
    ],
)
def test_delete_removes_entries_until_they_expire(account, cached, settings, monkeypatch, seconds):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cached(**seconds)
    cache.clear()
    ResponseCache(account).get("q", CountingFetch("1"))
    [key] = [key for key in cache._cache if key.endswith(":keys")]
    later = time.time() + max(seconds.values()) - 1
    monkeypatch.setattr(time, "time", lambda: later)
    clear_responses(account)
    assert key not in cache._cache
    assert [name for name in cache._cache if not name.endswith(":answered")] == []


def test_reconnected_account_has_no_old_responses(account):
    ResponseCache(account).get("q", CountingFetch("old"))
    account.connected_at = account.connected_at.replace(year=2001)
    assert ResponseCache(account).get("q", CountingFetch("new")).value == "new"


def run_in_threads(number, do):
    """
    Call a function in several threads at the same time, and return the results.
    """
    results, start = [], threading.Barrier(number)

    def run():
        start.wait()
        try:
            results.append(do())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()  # connections are per thread

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_concurrent_misses_make_one_call(account):
    fetch = CountingFetch("answer", seconds=0.2)
    results = run_in_threads(20, lambda: ResponseCache(account).get("q", fetch).value)
    assert (results, fetch.times) == (["answer"] * 20, 1)


@pytest.mark.django_db(transaction=True)
def test_concurrent_misses_share_one_error(account):
    fetch = CountingFetch(NotFound("none"), seconds=0.2)
    results = run_in_threads(20, lambda: ResponseCache(account).get("q", fetch))
    assert ({type(error) for error in results}, fetch.times) == ({NotFound}, 1)


@pytest.mark.django_db(transaction=True)
def test_stale_response_is_returned_while_another_thread_refreshes(account, cached):
    cached(cache_seconds=0.01)
    ResponseCache(account).get("q", CountingFetch("old"))
    time.sleep(0.02)
    fetch, began = CountingFetch("new", seconds=0.5), time.monotonic()

    def page():
        return ResponseCache(account).get("q", fetch).value, time.monotonic() - began

    results = sorted(run_in_threads(5, page), key=lambda pair: pair[1])
    assert [value for value, _ in results] == ["old"] * 4 + ["new"]
    assert results[3][1] < 0.4
    assert fetch.times == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_force_refreshes_make_one_call(account):
    ResponseCache(account).get("q", CountingFetch("old"))
    fetch = CountingFetch("new", seconds=0.2)
    results = run_in_threads(
        20, lambda: ResponseCache(account).get("q", fetch, force_refresh=True).value
    )
    assert (results, fetch.times) == (["new"] * 20, 1)


@pytest.mark.django_db(transaction=True)
def test_lock_of_dead_thread_expires(account, cached):
    cached(deadline=-4.8)  # with the grace period, the lock expires after 0.2 seconds
    over = threading.Event()

    def hang():
        ResponseCache(account).get("q", over.wait)
        connections.close_all()

    stuck = threading.Thread(target=hang)
    stuck.start()
    time.sleep(0.05)
    assert ResponseCache(account).get("q", CountingFetch("answer")).value == "answer"
    over.set()
    stuck.join()
