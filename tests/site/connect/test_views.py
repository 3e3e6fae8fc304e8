from __future__ import annotations

import time

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from django_trove.core.oauth_state import SESSION_KEY
from django_trove.models import TroveAccount

from ..fake_cache_and_clock import DOWN

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("django_trove:account")
ADD = reverse("django_trove:add_service")
CALLBACK = reverse("django_trove:callback")
CONNECT = reverse("django_trove:connect")
DISCONNECT = reverse("django_trove:disconnect")
UNAUTHORIZED = (401, {}, b"")


@pytest.fixture
def start(browser, pretend):
    """
    Begin a connection, and return the address at the Trove.
    """

    def begin(next="", client=browser, **extra):
        return client.post(CONNECT, {"next": next}, **extra).url

    return begin


def says(response, problem, status):
    """
    Whether this is the page of a problem, with a way out.
    """
    page = response.content.decode()
    assert (response.status_code, f'data-error="{problem}"' in page) == (status, True), page
    assert f'<form class="trove-connect" method="post" action="{CONNECT}">' in page
    return True


class TestConnect:
    def test_it_sends_the_user_to_their_trove_with_our_callback(self, start, pretend):
        url = start()
        assert url.startswith(f"{pretend.url}/v1/oauth/authorize/?oauth_token=")
        assert list(pretend.callbacks.values()) == [f"http://testserver{CALLBACK}"]

    def test_a_stranger_is_asked_to_sign_in(self, pretend):
        response = Client().post(CONNECT)
        assert (response.status_code, response.url) == (302, f"/identity/login?next={ACCOUNT}")
        assert not pretend.asked

    def test_behind_a_proxy_the_callback_is_what_the_browser_sees(self, start, pretend, settings):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
        start()
        assert list(pretend.callbacks.values()) == [f"https://site.example{CALLBACK}"]

    def test_django_s_own_proxy_header_counts_too(self, start, pretend, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        start(headers={"x-forwarded-proto": "https", "host": "testserver"})
        assert list(pretend.callbacks.values()) == [f"https://testserver{CALLBACK}"]

    def test_a_callback_on_another_host_is_warned_of(self, start, browser, settings, caplog):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
        start()
        assert "starts on testserver, but its callback is site.example" in caplog.text
        assert "redirects to site.example" in browser.get(ACCOUNT).content.decode()

    @pytest.mark.parametrize(
        ("fault", "problem"),
        [
            (DOWN, "unavailable"),
            (UNAUTHORIZED, "credentials"),
            ((401, {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}, b""), "clock"),
            ((302, {"Location": "https://evil.example/"}, b""), "unsafe"),
            ((200, {}, b"<html>"), "unavailable"),
        ],
    )
    def test_a_trove_that_gives_no_token_gets_a_page(self, browser, pretend, fault, problem):
        pretend.fault = fault
        if "Date" in fault[1]:
            pretend.server.date = fault[1]["Date"]
        response = browser.post(CONNECT, {"next": "/gallery/"})
        assert says(response, problem, 502)
        assert 'name="next" value="/gallery/"' in response.content.decode()

    def test_a_downgrade_stops(self, browser, pretend):
        pretend.confirmed = ""
        assert says(browser.post(CONNECT), "unsafe", 502)

    def test_settings_that_make_no_sense_get_a_page(self, browser, settings):
        settings.TROVE = {"APP_KEY": "", "APP_SECRET": "", "URL": ""}
        assert says(browser.post(CONNECT), "configuration", 502)


class TestCallback:
    def test_who_said_yes_is_connected_and_goes_on(self, browser, start, pretend, user):
        response = pretend.keep(browser, pretend.allow(start("/gallery/?page=2")))
        assert (response.status_code, response.url) == (302, "/gallery/?page=2")
        assert [str(m) for m in get_messages(response.wsgi_request)] == ["Your Trove is connected."]
        assert user.trove_account.token.secret == pretend.secrets[user.trove_account.key]

    def test_without_next_the_account_page_follows(self, browser, start, pretend, settings):
        assert pretend.keep(browser, pretend.allow(start())).url == ACCOUNT
        settings.TROVE = settings.TROVE | {"CONNECT_REDIRECT_URL": "/photos/"}
        assert pretend.keep(browser, pretend.allow(start())).url == "/photos/"

    def test_two_tabs_both_finish(self, browser, start, pretend):
        first, second = start("/one/"), start("/two/")
        assert pretend.keep(browser, pretend.allow(second)).url == "/two/"
        assert pretend.keep(browser, pretend.allow(first)).url == "/one/"

    def test_a_repeated_callback_is_told_so(self, browser, start, pretend):
        back = pretend.allow(start("/gallery/"))
        browser.get(back)
        response = browser.get(back)
        assert says(response, "used", 400)
        assert 'value="/gallery/"' in response.content.decode()
        assert pretend.asked["/v1/oauth/access_token/"] == 1

    def test_a_late_callback_is_told_so(self, browser, start, pretend):
        back = pretend.allow(start())
        session = browser.session
        for flow in session[SESSION_KEY].values():
            flow["started"] = int(time.time()) - 601
        session.save()
        assert says(browser.get(back), "expired", 400)
        assert not TroveAccount.objects.exists()

    def test_who_said_no_is_told_that_nothing_was_shared(self, browser, start, pretend):
        response = browser.get(pretend.deny(start("/gallery/")))
        assert says(response, "denied", 403)
        assert 'value="/gallery/"' in response.content.decode()

    @pytest.mark.parametrize(
        "query", ["?denied={}", "?oauth_problem=permission_denied", "?denied="]
    )
    def test_no_is_understood_however_it_is_said(self, browser, start, query):
        key = start().partition("oauth_token=")[2]
        expected = ("unknown", 400) if query == "?denied=" else ("denied", 403)
        assert says(browser.get(CALLBACK + query.format(key)), *expected)

    def test_a_trove_that_is_down_now_gets_a_page(self, browser, start, pretend):
        back = pretend.allow(start())
        pretend.fault = DOWN
        assert says(browser.get(back), "unavailable", 502)

    def test_a_request_that_the_trove_has_forgotten_gets_a_page(self, browser, start, pretend):
        back = pretend.allow(start())
        pretend.revoke()
        assert says(browser.get(back), "rejected", 400)

    def test_a_trove_that_does_not_tell_the_name_is_connected_all_the_same(
        self, browser, start, pretend
    ):
        pretend.faults["/v1/oauth/user/"] = (403, {}, b"")
        pretend.keep(browser, pretend.allow(start()))
        assert TroveAccount.objects.get().name == ""

    def test_a_head_request_spends_nothing(self, browser, start, pretend):
        back = pretend.allow(start("/gallery/"))
        assert browser.head(back).status_code == 405
        assert pretend.keep(browser, back).url == "/gallery/"

    @pytest.mark.parametrize(
        "header", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}]
    )
    def test_a_prefetch_spends_nothing(self, browser, start, pretend, header):
        back = pretend.allow(start("/gallery/"))
        assert browser.get(back, headers=header).status_code == 503
        assert pretend.keep(browser, back).url == "/gallery/"

    def test_a_host_without_messages_is_served_too(self, browser, start, pretend, settings):
        settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "messages" not in m]
        assert pretend.keep(browser, pretend.allow(start("/gallery/"))).url == "/gallery/"

    def test_a_login_middleware_leaves_our_own_check_in_place(self, start, pretend, settings):
        back = pretend.allow(start())
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert Client().get(back).url == f"/identity/login?next={ACCOUNT}"


class TestAccount:
    def test_it_offers_to_connect(self, browser, pretend):
        page = browser.get(ACCOUNT).content.decode()
        assert "Connect your Trove" in page
        assert not pretend.asked

    def test_it_shows_the_state_and_what_can_be_added(self, browser, account):
        page = browser.get(ACCOUNT).content.decode()
        assert "Ann at the Trove" in page
        assert "Add Flickr" in page

    def test_a_trove_that_is_down_does_not_break_it(self, browser, account, pretend):
        pretend.fault = DOWN
        response = browser.get(ACCOUNT)
        assert (response.status_code, b"Try again in a few minutes" in response.content) == (
            200,
            True,
        )

    def test_it_says_when_the_trove_was_revoked(self, browser, account, pretend):
        pretend.revoke()
        page = browser.get(ACCOUNT).content.decode()
        assert "no longer has access to your Trove" in page
        assert "Reconnect" in page

    def test_it_is_never_kept_by_a_cache(self, browser, account):
        assert "no-store" in browser.get(ACCOUNT).headers["Cache-Control"]


class TestDisconnect:
    def test_it_asks_first(self, browser, account):
        assert b"Disconnect your Trove?" in browser.get(DISCONNECT).content
        assert TroveAccount.objects.exists()

    def test_then_it_does(self, browser, account):
        assert browser.post(DISCONNECT).url == ACCOUNT
        assert not TroveAccount.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_without_an_account_it_just_goes_on(self, browser, pretend, method):
        assert getattr(browser, method)(DISCONNECT).url == ACCOUNT


class TestAddService:
    def test_it_leads_to_the_page_at_the_trove_and_back_here(self, browser, account, pretend):
        response = browser.post(ADD, {"service": "flickr"})
        back = f"http://testserver{ACCOUNT}".encode().hex()
        assert (response.status_code, response.url) == (302, f"{pretend.url}/add/once/{back}")

    def test_a_get_is_refused(self, browser):
        assert browser.get(ADD).status_code == 405

    @pytest.mark.parametrize("service", ["", "myspace", "x" * 1000])
    def test_a_service_that_is_not_offered_gets_a_page(self, browser, account, service):
        response = browser.post(ADD, {"service": service})
        assert (response.status_code, b"not-offered" in response.content) == (400, True)

    def test_without_an_account_it_says_so(self, browser, pretend):
        assert says(browser.post(ADD, {"service": "flickr"}), "not-connected", 403)

    def test_a_link_that_leaves_the_trove_is_not_followed(self, browser, account, pretend):
        pretend.faults["/v1/add/flickr/"] = (200, {}, b"//evil.example/")
        response = browser.post(ADD, {"service": "flickr"})
        assert response.status_code == 502
