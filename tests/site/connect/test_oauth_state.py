from __future__ import annotations

import secrets
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from django_trove.client import Token
from django_trove.core import oauth_state
from django_trove.core.cache import SafeCache
from django_trove.core.oauth_state import (
    MAX_COOKIE_LENGTH,
    MAX_TOTAL_LENGTH,
    OAuthStateStore,
    PendingAuthorization,
    StateExpired,
    StateNotFound,
    StateOfOtherUser,
    StateUsed,
    set_state_cookies,
)

FLOW = PendingAuthorization(Token("request-key", "request-secret"), "/gallery/", {"link": 7})


class Browser:
    """
    Each call of the store is a request with the cookies of the previous responses.
    """

    def __init__(self, **options):
        self.cookies = {}
        self.options = options

    def call(self, method, *arguments, user=1, name="trove_test"):
        request = RequestFactory().get("/", **self.options)
        request.user, request.COOKIES = SimpleNamespace(pk=user), dict(self.cookies)
        response = HttpResponse()
        try:
            store = OAuthStateStore(request, cache=SafeCache("default"), name=name)
            return getattr(store, method)(*arguments)
        finally:
            self.response = set_state_cookies(request, response)
            self.receive(response)

    def receive(self, response):
        for name, cookie in response.cookies.items():
            self.cookies[name] = cookie.value
            if not cookie.value:
                del self.cookies[name]


@pytest.fixture
def browser():
    return Browser()


def total_length(browser):
    return sum(len(name) + len(value) for name, value in browser.cookies.items())


def test_state_can_be_used_once(browser):
    browser.call("add", FLOW)
    assert browser.call("peek", "request-key") == FLOW
    assert browser.call("pop", "request-key") == FLOW
    with pytest.raises(StateUsed) as caught:
        browser.call("pop", "request-key")
    assert caught.value.next == "/gallery/"


def test_the_secret_may_be_empty(browser):
    """
    In OAuth 2 without PKCE.
    """
    browser.call("add", PendingAuthorization(Token("state", "")))
    assert browser.call("pop", "state").request_token == Token("state", "")


def test_a_used_cookie_that_is_sent_again_is_recognized(browser):
    browser.call("add", FLOW)
    before = dict(browser.cookies)
    browser.call("pop", "request-key")
    browser.cookies = before
    with pytest.raises(StateUsed):
        browser.call("pop", "request-key")


def test_unknown_state_is_rejected(browser):
    for key in ("request-key", "", "x" * 10_000, "\0"):
        with pytest.raises(StateNotFound):
            browser.call("pop", key)


def test_state_of_another_user_is_rejected_and_kept(browser):
    browser.call("add", FLOW)
    with pytest.raises(StateOfOtherUser) as caught:
        browser.call("pop", "request-key", user=2)
    assert caught.value.next == ""
    assert browser.call("pop", "request-key") == FLOW


def test_state_of_another_browser_is_unknown(browser):
    browser.call("add", FLOW)
    with pytest.raises(StateNotFound):
        Browser().call("pop", "request-key")


@pytest.mark.parametrize("seconds", [600, 3600])
def test_state_expires(browser, move_clock, seconds):
    browser.call("add", replace(FLOW, seconds=seconds))
    (cookie,) = browser.response.cookies.values()
    assert cookie["max-age"] == 3600
    move_clock(oauth_state, seconds - 1)
    assert browser.call("peek", "request-key").request_token == FLOW.request_token
    move_clock(oauth_state, seconds + 1)
    with pytest.raises(StateExpired):
        browser.call("pop", "request-key")


def test_the_oldest_states_are_discarded(browser):
    for number in range(20):
        browser.call("add", PendingAuthorization(Token(f"key-{number}", "s" * 32)))
    assert 5 < len(browser.cookies) < 20
    assert total_length(browser) <= MAX_TOTAL_LENGTH
    assert browser.call("pop", "key-19").request_token.key == "key-19"
    with pytest.raises(StateNotFound):
        browser.call("pop", "key-0")


def test_the_length_is_limited_for_all_stores_together(browser):
    """
    Web servers reject a request with more than 8 KB of cookies, on every page. A session in a
    cookie can require half of that.
    """
    for number in range(9):
        name, url = f"trove_{'abc'[number % 3]}", "/?" + secrets.token_urlsafe(300 + 100 * number)
        browser.call("add", PendingAuthorization(Token(f"k{number}", "s"), url), name=name)
        browser.call("peek", f"k{number}", name=name)
        assert total_length(browser) <= MAX_TOTAL_LENGTH


def test_used_states_are_discarded_before_others(browser):
    url = "/?" + secrets.token_urlsafe(300)
    browser.call("add", PendingAuthorization(Token("first", "s"), url))
    browser.call("add", PendingAuthorization(Token("second", "s"), url))
    browser.call("pop", "second")
    number = len(browser.cookies)
    while len(browser.cookies) == number:  # until one is discarded
        browser.call("add", PendingAuthorization(Token(f"other-{number}", "s"), url))
        number += 1
    with pytest.raises(StateNotFound):
        browser.call("peek", "second")
    assert browser.call("pop", "first").next == url


def test_states_of_another_project_on_the_same_host_are_kept(browser, settings):
    browser.call("add", FLOW)
    key, settings.SECRET_KEY = settings.SECRET_KEY, "of the other project"
    browser.call("add", PendingAuthorization(Token("other", "s")))
    settings.SECRET_KEY = key
    assert browser.call("pop", "request-key") == FLOW


def test_the_attributes_of_the_cookie(settings):
    """
    They are those of the session cookie, but SameSite is always Lax.
    """
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    settings.SESSION_COOKIE_DOMAIN = ".site.example"
    for secure in (False, True):
        browser = Browser(secure=secure)
        browser.call("add", FLOW)
        (cookie,) = browser.response.cookies.values()
        assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, "/")
        assert (bool(cookie["secure"]), cookie["domain"]) == (secure, ".site.example")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/" + "\u4e2d\u6587" * 5000, True),  # short after compression
        ("/" + secrets.token_hex(8000), False),
    ],
)
def test_a_cookie_is_encrypted_and_not_too_long(browser, url, kept):
    browser.call("add", PendingAuthorization(FLOW.request_token, url))
    assert "request" not in str(browser.response.cookies)
    assert len(str(browser.response.cookies)) < MAX_COOKIE_LENGTH + 296
    pending = browser.call("pop", "request-key")
    assert pending.next == (url if kept else "")


def test_a_cookie_is_bound_to_its_token_and_purpose(browser):
    browser.call("add", FLOW)
    browser.call("add", PendingAuthorization(Token("other-key", "other-secret")))
    (one, first), (two, second) = browser.cookies.items()
    browser.cookies |= {
        one: second,
        two: first,
        one.replace("test", "grant"): first,
        "trove_test_x": "x",
    }
    for key in ("request-key", "other-key"):
        with pytest.raises(StateNotFound):
            browser.call("pop", key)
    with pytest.raises(StateNotFound):
        browser.call("pop", "request-key", name="trove_grant")


def test_other_cookies_are_ignored(browser):
    """
    Some of these names are not allowed in a response.
    """
    long = f"trove_test_{'A' * 32}"
    names = ["trove_test_", "trove_test_\xe9", "trove_test_(a b)", long, f"a_trove_test_{'a' * 32}"]
    browser.cookies = dict.fromkeys(names, "x")
    browser.call("add", FLOW)
    assert browser.cookies.keys() > set(names)
    assert browser.call("pop", "request-key") == FLOW


def test_states_that_are_added_at_the_same_instant_are_independent(browser):
    """
    Two requests with the same cookies; the browser receives both responses.
    """
    before, responses = dict(browser.cookies), []
    for key in ("one", "two"):
        browser.cookies = dict(before)
        browser.call("add", PendingAuthorization(Token(key, "s")))
        responses.append(browser.response)
    browser.cookies = before
    for response in responses:
        browser.receive(response)
    assert browser.call("pop", "one").request_token.key == "one"
    assert browser.call("pop", "two").request_token.key == "two"


def test_state_survives_key_rotation(browser, settings):
    browser.call("add", FLOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    assert browser.call("pop", "request-key") == FLOW
