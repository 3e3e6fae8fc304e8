"""
Race conditions, reproduced by a second request at the critical moment.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections
from django.test import Client
from django.urls import reverse

from django_trove.backends.cache import ResponseCache
from django_trove.backends.remote import disconnect
from django_trove.client import Unavailable
from django_trove.models import TroveAccount
from django_trove.services import Trove

pytestmark = pytest.mark.django_db

CONNECT = reverse("django_trove:connect")


@pytest.fixture
def other_tab(browser):
    """
    Another tab of the same browser.
    """
    tab = Client()
    tab.cookies = browser.cookies
    return tab


@pytest.fixture
def run_during(fake_server):
    """
    Call a function while the Trove handles the first request for a path.
    """

    def at(path, do):
        reply, left = fake_server.server.respond, [do]

        def respond_slowly(request):
            if request.url.partition("?")[0].endswith(path) and left:
                left.pop()()
                connections.close_all()  # of the server thread
            return reply(request)

        fake_server.server.respond = respond_slowly

    return at


def get_error(response):
    return response.context["error"].code


@pytest.mark.django_db(transaction=True)
def test_flows_started_concurrently_both_finish(browser, other_tab, fake_server, run_during):
    urls = []
    run_during("request_token/", lambda: urls.append(other_tab.post(CONNECT).url))
    urls.append(browser.post(CONNECT).url)
    for tab, url in zip((other_tab, browser), urls, strict=True):
        assert fake_server.follow_callback(tab, fake_server.allow(url)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_flows_started_at_the_same_instant_both_finish(browser, fake_server):
    """
    Two tabs send the cookies that the browser had before. It receives both responses.
    """
    tabs = [_copy_tab(browser) for _ in range(4)]
    barrier = threading.Barrier(len(tabs))

    def start(tab):
        barrier.wait(10)
        try:
            return tab.post(CONNECT).url
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tabs)) as threads:
        urls = list(threads.map(start, tabs))
    for tab in tabs:
        browser.cookies.update(tab.cookies)
    for url in urls:
        response = fake_server.follow_callback(browser, fake_server.allow(url))
        assert response.status_code == 302


def _copy_tab(browser):
    tab = Client()
    tab.cookies = SimpleCookie({name: cookie.value for name, cookie in browser.cookies.items()})
    return tab


@pytest.mark.django_db(transaction=True)
def test_used_state_stays_used_while_another_tab_finishes(
    browser, other_tab, fake_server, run_during
):
    one, two = (fake_server.allow(browser.post(CONNECT).url) for _ in range(2))
    run_during("access_token/", lambda: other_tab.get(two))
    assert browser.get(one).status_code == 302
    assert get_error(browser.get(two)) == "used"


@pytest.mark.django_db(transaction=True)
def test_concurrent_duplicate_callback_is_rejected(browser, other_tab, fake_server, run_during):
    back, second = fake_server.allow(browser.post(CONNECT).url), []
    run_during("access_token/", lambda: second.append(other_tab.get(back)))
    assert browser.get(back).status_code == 302
    assert get_error(second[0]) == "used"
    assert fake_server.request_counts["/v1/oauth/access_token/"] == 1


def cached():
    """
    Return the photos in the cache. Only a cache in local memory can be inspected.
    """
    if not isinstance(caches["default"], LocMemCache):
        pytest.skip("only a cache in this process can be looked into")
    return [key for key, value in cache._cache.items() if b"Snow" in value]


def test_response_after_disconnection_is_not_cached(account):
    def ask():
        disconnect(TroveAccount.objects.get())
        return "Snow"

    ResponseCache(account).get("photos", ask)
    assert cached() == []


def test_disconnection_clears_large_cache(account):
    answers = ResponseCache(account)
    for number in range(510):
        answers.get(f"question {number}", lambda: "Snow")
    answers.clear()
    assert cached() == []


def test_deleting_user_clears_cache(account, user, django_capture_on_commit_callbacks):
    Trove(user).photos()
    assert cached()
    with django_capture_on_commit_callbacks(execute=True):
        user.delete()
    assert cached() == []


def test_concurrent_disconnections_send_one_signal(
    account, sent_signals, django_capture_on_commit_callbacks
):
    one, two = TroveAccount.objects.get(), TroveAccount.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        disconnect(one)
        disconnect(two)
    assert sent_signals.names == ["disconnected"]


def test_query_error_of_one_user_does_not_affect_others(make_account, make_user, fake_server, user):
    make_account(*fake_server.grant("access-1"))
    bob = make_user("bob")
    make_account(*fake_server.grant("access-2"), user=bob)
    reply = fake_server.server.respond

    def respond_with_error(request):
        if "poison" in request.body.decode():
            return 500, {"Retry-After": "3600"}, b""
        return reply(request)

    fake_server.server.respond = respond_with_error
    with pytest.raises(Unavailable):
        Trove(user).photos(tags="poison")
    assert Trove(bob).photos().count == 3


@pytest.mark.django_db(transaction=True)
def test_new_connection_clears_cache(account, browser, user, fake_server):
    assert Trove(user).photos()
    assert cached()
    fake_server.follow_callback(browser, fake_server.allow(browser.post(CONNECT).url))
    assert cached() == []
