"""
Pages of a site whose Trove is slow or does not respond.
"""

from __future__ import annotations

import socket
import threading
import time

import pytest
from django.template import Context, Template

from django_trove import signals
from django_trove.backends.cache import get_breaker
from django_trove.backends.page_calls import (
    MAX_ABANDONED_CALLS,
    CallPending,
    check_capacity,
    page_scope,
    run_call,
)
from django_trove.client import TimedOut, Unavailable, Unreachable
from django_trove.middleware import TroveMiddleware
from django_trove.models import TroveAccount
from django_trove.services import Trove
from tests.client.fake_server import RecordedRequest, Response

pytestmark = pytest.mark.django_db(transaction=True)

THREE_TAGS = Template(
    "{% load trove %}{% trove_gallery user %}{% trove_gallery user count=2 %}"
    "{% trove_gallery user count=3 %}"
)


@pytest.fixture(autouse=True)
def _short_deadlines(fake_server, settings):
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 0.4, "TIMEOUT": 3}


@pytest.fixture
def slow(fake_server):
    """
    Make the fake Trove wait before each response, and release it at the end of the test.
    """
    released = threading.Event()
    fake_server.released = released

    def respond(request: RecordedRequest) -> Response:
        released.wait(5)
        return fake_server.respond(request)

    def start() -> threading.Event:
        fake_server.server.respond = respond
        return released

    yield start
    released.set()


def wait_until(condition, seconds=5.0):
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def call_threads():
    return [thread for thread in threading.enumerate() if thread.name == "django_trove call"]


@pytest.fixture(autouse=True)
def _finished_calls(slow):
    """
    Wait for the calls of the test before its database is deleted.
    """
    yield
    slow().set()
    wait_until(lambda: not call_threads())


def test_page_stops_waiting_at_deadline(account, user, slow):
    slow()
    started_at = time.monotonic()
    with page_scope(), pytest.raises(TimedOut, match=r"within 0\.4 seconds"):
        Trove(user).photos()
    assert 0.3 < time.monotonic() - started_at < 2


def test_page_does_not_wait_for_slow_name_resolution(account, user, settings, monkeypatch):
    """
    The timeouts of a request do not apply to `getaddrinfo`.
    """
    settings.TROVE = settings.TROVE | {"URL": "https://trove.example"}
    released = threading.Event()

    def resolve(*args):
        released.wait(5)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    started_at = time.monotonic()
    with page_scope(), pytest.raises(TimedOut):
        Trove(user).photos()
    assert time.monotonic() - started_at < 2
    released.set()
    wait_until(lambda: not call_threads())


def test_all_tags_of_a_page_share_the_deadline(account, user, slow):
    slow()
    started_at = time.monotonic()
    with page_scope():
        html = THREE_TAGS.render(Context({"user": user}))
    assert time.monotonic() - started_at < 2
    assert html.count("unavailable") == 3


def test_script_waits_longer_than_page(account, user, slow):
    released = slow()
    threading.Timer(0.8, released.set).start()
    assert len(Trove(user).photos()) == 3


def test_late_response_is_cached_for_next_page(account, user, slow, fake_server):
    released = slow()
    with page_scope(), pytest.raises(TimedOut):
        Trove(user).photos()
    released.set()
    wait_until(lambda: not call_threads())
    with page_scope():
        assert len(Trove(user).photos()) == 3
        assert len(Trove(user).photos(count=2)) == 2  # the error is no longer cached
    assert fake_server.photo_calls == 2
    account.refresh_from_db()
    assert (account.failure, account.last_used_at is None) == ("", False)


def test_stale_response_is_returned_while_the_trove_is_slow(account, user, slow, settings):
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 3}
    with page_scope():
        Trove(user).photos()
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    released = slow()
    started_at = time.monotonic()
    with page_scope():
        assert len(Trove(user).photos()) == 3
    waited = time.monotonic() - started_at
    with page_scope():
        assert len(Trove(user).photos()) == 3
    assert 0.4 < waited < 2
    assert time.monotonic() - started_at < waited + 0.5
    released.set()


def test_force_update_waits_although_a_response_is_cached(account, user, slow, settings):
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 2}
    with page_scope():
        Trove(user).photos()
    released = slow()
    threading.Timer(0.8, released.set).start()
    with page_scope():
        photos = Trove(user).photos(force_update=True)
    assert (len(photos), photos.stale) == (3, False)
    assert released.is_set()


def test_force_update_after_the_deadline_returns_a_stale_response(account, user, slow, settings):
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 0.5}
    with page_scope():
        Trove(user).photos()
    slow()
    with page_scope():
        photos = Trove(user).photos(force_update=True)
    assert (len(photos), photos.stale) == (3, True)


def test_response_for_disconnected_account_is_not_kept(account, user, slow, fake_server):
    released = slow()
    with page_scope(), pytest.raises(TimedOut):
        Trove(user).photos()
    connected_at = account.connected_at
    account.delete()
    released.set()
    wait_until(lambda: not call_threads())
    again = TroveAccount(user=user, name="Ann", connected_at=connected_at)
    again.token = account.token
    again.save()
    with page_scope():
        Trove(user).photos()
    assert fake_server.photo_calls == 2


def test_revoked_token_is_recorded_by_late_response(account, user, slow, fake_server):
    released = slow()
    with page_scope(), pytest.raises(TimedOut):
        Trove(user).photos()
    fake_server.revoke()
    released.set()
    wait_until(lambda: not call_threads())
    account.refresh_from_db()
    assert account.state == TroveAccount.State.NEEDS_RECONNECT


def test_metrics_are_sent_in_thread_of_page(account, user):
    threads = []

    def receive(**kwargs):
        threads.append(threading.current_thread())

    signals.call_made.connect(receive)
    try:
        with page_scope():
            Trove(user).photos()
    finally:
        signals.call_made.disconnect(receive)
    assert threads == [threading.current_thread()]


def test_number_of_abandoned_calls_is_limited():
    """
    Without the limit, each page would leave a thread behind.
    """
    released = threading.Event()

    def call_trove(account, message):
        with page_scope(), pytest.raises(Unavailable, match=message):
            run_call(released.wait, account=account)

    pages = [
        threading.Thread(target=call_trove, args=[f"account {number}", "did not respond"])
        for number in range(MAX_ABANDONED_CALLS)
    ]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    for number in range(3):
        call_trove(f"another account {number}", "Too many requests")
    assert len(call_threads()) == MAX_ABANDONED_CALLS
    released.set()


def test_pages_of_the_site_have_a_deadline(account, browser, slow):
    """
    The page without the middleware, and the connection views.
    """
    slow()
    started_at = time.monotonic()
    response = browser.post("/trove/connect/")
    assert (response.status_code, time.monotonic() - started_at < 2) == (503, True)
    assert "unavailable" in response.content.decode()


def test_middleware_sets_deadline(account, user, slow, rf):
    """
    ASGI handlers send `request_started` in another context.
    """
    slow()

    def view(request):
        with pytest.raises(TimedOut):
            Trove(user).photos()

    started_at = time.monotonic()
    TroveMiddleware(view)(rf.get("/"))
    assert time.monotonic() - started_at < 2


def test_page_limits_calls_of_iter_photos(account, user, slow):
    slow()
    started_at = time.monotonic()
    with page_scope(), pytest.raises(TimedOut):
        list(Trove(user).iter_photos())
    assert time.monotonic() - started_at < 2


def test_all_pages_of_iter_photos_share_the_deadline(account, user, fake_server):
    def respond(request: RecordedRequest) -> Response:
        time.sleep(0.15)
        return fake_server.respond(request)

    assert len(list(Trove(user).iter_photos(count=1))) >= 3
    fake_server.server.respond = respond
    started_at = time.monotonic()
    with page_scope(), pytest.raises(TimedOut):
        list(Trove(user).iter_photos(count=1))
    assert time.monotonic() - started_at < 2


def test_iter_photos_sends_no_request_while_the_breaker_is_open(account, user, fake_server):
    with pytest.raises(Unreachable), get_breaker().guard("account"):
        raise Unreachable("refused")
    requests = len(fake_server.server.requests)
    with page_scope(), pytest.raises(Unreachable):
        list(Trove(user).iter_photos())
    assert len(fake_server.server.requests) == requests


def test_abandoned_calls_of_one_account_do_not_affect_others():
    """
    The pages of an account whose queries hang are rendered with stale responses.
    """
    released = threading.Event()
    for _ in range(MAX_ABANDONED_CALLS + 3):
        with page_scope(), pytest.raises(CallPending):
            run_call(lambda: released.wait(5), account="ada", patient=False)
    time.sleep(0.5)
    with page_scope():
        check_capacity("grace")
        with pytest.raises(Unavailable):
            check_capacity("ada")
    released.set()
