from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from django_trove.backends import breaker
from django_trove.backends.breaker import MAX_FAILURES, SLOW_CALL
from django_trove.backends.cache import get_breaker
from django_trove.client import (
    ClockSkewed,
    NotFound,
    TimedOut,
    TroveError,
    Unavailable,
    Unreachable,
)
from django_trove.services import Trove

pytestmark = pytest.mark.django_db

PAUSE = 0.3


@pytest.fixture(autouse=True)
def _pause(settings):
    settings.TROVE = settings.TROVE | {"ERROR_CACHE_SECONDS": PAUSE}


def fail(error, account):
    with pytest.raises(type(error)), get_breaker().guard(account):
        raise error


def is_open():
    try:
        with get_breaker().guard("account"):
            return False
    except TroveError:
        return True


@pytest.mark.parametrize("error", [TimedOut("slow"), Unavailable("error", status=503)])
def test_failures_of_several_accounts_open_the_breaker(error):
    for number in range(MAX_FAILURES):
        fail(error, f"account {number}")
    assert is_open()


def test_timeouts_of_one_account_do_not_open_it():
    for _ in range(MAX_FAILURES * 3):
        fail(TimedOut("slow"), "account")
    assert not is_open()


@pytest.mark.parametrize("response", [None, NotFound("none")])
def test_response_between_timeouts_resets_the_count(response):
    fail(TimedOut("slow"), "one")
    if response:
        fail(response, "three")
    else:
        assert not is_open()
    fail(TimedOut("slow"), "two")
    assert not is_open()


def respond_after(seconds, account, monkeypatch):
    started_at = time.monotonic()
    with get_breaker().guard(account):
        monkeypatch.setattr(time, "monotonic", lambda: started_at + seconds)
    monkeypatch.undo()


def test_slow_response_does_not_reset_the_count(monkeypatch):
    fail(TimedOut("slow"), "one")
    respond_after(SLOW_CALL + 0.5, "three", monkeypatch)
    fail(TimedOut("slow"), "two")
    assert is_open()


def test_slow_response_to_a_probe_closes_the_breaker(monkeypatch):
    fail(Unreachable("refused"), "account")
    time.sleep(PAUSE + 0.05)
    respond_after(SLOW_CALL + 0.5, "account", monkeypatch)
    assert not is_open()


def test_breaker_is_kept_in_memory_while_the_cache_is_unavailable(settings):
    settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.BrokenCache"}}
    fail(Unreachable("refused"), "account")
    assert is_open()
    time.sleep(PAUSE + 0.05)
    assert not is_open()


def test_slow_queries_do_not_open_it_while_other_calls_receive_responses(monkeypatch):
    """
    The two slow calls are watched at the same instant, so that no response is between them.
    """
    monkeypatch.setattr(breaker, "ANSWERED_SECONDS", 1)  # Redis stores whole seconds
    for _ in range(3):
        assert not is_open()  # a response
        for account in ("one", "two"):
            assert not get_breaker().watch(account, seconds=3)
    time.sleep(1.2)
    assert not get_breaker().watch("one", seconds=3.6)
    assert get_breaker().watch("two", seconds=3.6)


def test_pause_ends_if_the_clock_is_set_back(monkeypatch):
    """
    For example after the error that the clock is wrong.
    """
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86400)
    fail(ClockSkewed("a day ahead"), "account")
    monkeypatch.undo()
    assert not is_open()


def test_refused_connection_opens_it_at_once():
    fail(Unreachable("refused"), "account")
    assert is_open()


def test_one_probe_at_a_time_after_the_pause():
    fail(Unreachable("refused"), "account")
    time.sleep(PAUSE + 0.05)
    with get_breaker().guard("account"):
        assert [is_open() for _ in range(5)] == [True] * 5
    assert not is_open()


def test_failed_probe_starts_another_pause():
    fail(Unreachable("refused"), "account")
    time.sleep(PAUSE + 0.05)
    fail(TimedOut("slow"), "another account")
    assert is_open()
    time.sleep(PAUSE + 0.05)
    assert not is_open()


def test_each_application_key_and_trove_has_its_own_breaker(settings):
    fail(Unreachable("refused"), "account")
    assert is_open()
    settings.TROVE = settings.TROVE | {"URL": "https://another.example"}
    assert not is_open()


def test_unavailable_trove_is_logged_once_per_pause(account, user, settings, caplog):
    settings.TROVE = settings.TROVE | {"URL": "http://127.0.0.1:9"}
    with caplog.at_level(logging.INFO, logger="django_trove"):
        for count in range(1, 6):
            with pytest.raises(Unreachable):
                Trove(user).photos(count=count)
    assert len(caplog.records) == 1
    assert "next request is sent in 0.3 seconds" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_workers_send_one_request_after_the_pause(make_account, make_user, fake_server, settings):
    """
    Ten users, whose pages are requested at the same instant when the pause ends.
    """
    users = [make_user(f"user-{number}") for number in range(10)]
    for number, user in enumerate(users):
        make_account(*fake_server.grant(f"access-{number}"), user=user)
    settings.TROVE = settings.TROVE | {"TIMEOUT": 0.5}
    fail(Unreachable("refused"), "account")
    time.sleep(PAUSE + 0.05)
    released = threading.Event()
    fake_server.server.respond = lambda request: released.wait(2) and None

    def get_photos(user):
        try:
            Trove(user).photos()
        except TroveError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(users)) as pool:
        errors = list(pool.map(get_photos, users))
    released.set()
    assert len(fake_server.server.requests) == 1
    assert errors.count(Unreachable) == 9
