from __future__ import annotations

import logging

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from django_trove.connect.flows import MAX_STARTS
from django_trove.core import oauth_state
from django_trove.models import TroveAccount

from ..fake_trove_server import DOWN

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("django_trove:account")
ADD = reverse("django_trove:add_service")
CALLBACK = reverse("django_trove:callback")
CONNECT = reverse("django_trove:connect")
DISCONNECT = reverse("django_trove:disconnect")
UNAUTHORIZED = (401, {}, b"")


@pytest.fixture
def start(browser, fake_server):
    """
    Start the flow and return the URL at the Trove.
    """

    def begin(next="", client=browser, **extra):
        return client.post(CONNECT, {"next": next}, **extra).url

    return begin


def shows_error(response, problem, status):
    """
    Return whether the response is this error page, with a button or link.
    """
    page = response.content.decode()
    assert (response.status_code, f'data-error="{problem}"' in page) == (status, True), page
    assert f'<form class="trove-connect" method="post" action="{CONNECT}">' in page
    return True


class TestConnect:
    def test_redirects_to_trove_with_callback(self, start, fake_server):
        url = start()
        assert url.startswith(f"{fake_server.url}/v1/oauth/authorize/?oauth_token=")
        assert list(fake_server.callbacks.values()) == [f"http://testserver{CALLBACK}"]

    def test_one_user_cannot_request_all_request_tokens_of_the_site(
        self, browser, fake_server, make_user
    ):
        statuses = [browser.post(CONNECT).status_code for _ in range(MAX_STARTS + 2)]
        assert statuses == [302] * MAX_STARTS + [429] * 2
        assert len(fake_server.callbacks) == MAX_STARTS
        assert b'data-error="too-many"' in browser.post(CONNECT).content
        other = Client()
        other.force_login(make_user("other"))
        assert other.post(CONNECT).status_code == 302

    def test_anonymous_user_is_asked_to_sign_in(self, fake_server):
        response = Client().post(CONNECT)
        assert (response.status_code, response.url) == (302, f"/identity/login?next={ACCOUNT}")
        assert not fake_server.request_counts

    def test_callback_behind_proxy(self, start, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
        start()
        assert list(fake_server.callbacks.values()) == [f"https://site.example{CALLBACK}"]

    def test_callback_with_secure_proxy_ssl_header(self, start, fake_server, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        start(headers={"x-forwarded-proto": "https", "host": "testserver"})
        assert list(fake_server.callbacks.values()) == [f"https://testserver{CALLBACK}"]

    def test_callback_on_another_host_shows_warning(self, start, browser, settings, caplog):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
        start()
        assert "starts on testserver, but its callback is site.example" in caplog.text
        assert "redirects to site.example" in browser.get(ACCOUNT).content.decode()

    @pytest.mark.parametrize(
        ("response", "problem"),
        [
            (DOWN, "unavailable"),
            (UNAUTHORIZED, "credentials"),
            ((401, {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}, b""), "clock"),
            ((302, {"Location": "https://evil.example/"}, b""), "unsafe"),
            ((200, {}, b"<html>"), "unavailable"),
        ],
    )
    def test_error_page_if_trove_returns_no_token(self, browser, fake_server, response, problem):
        fake_server.error_response = response
        if "Date" in response[1]:
            fake_server.server.date = response[1]["Date"]
        response = browser.post(CONNECT, {"next": "/gallery/"})
        assert shows_error(response, problem, 503 if problem == "unavailable" else 502)
        assert 'name="next" value="/gallery/"' in response.content.decode()

    def test_oauth_core_1_0_is_rejected(self, browser, fake_server):
        fake_server.callback_confirmed = ""
        assert shows_error(browser.post(CONNECT), "unsafe", 502)

    def test_error_page_for_invalid_settings(self, browser, settings):
        settings.TROVE = {"APP_KEY": "", "APP_SECRET": "", "URL": ""}
        assert shows_error(browser.post(CONNECT), "configuration", 502)


class TestCallback:
    def test_authorized_user_is_connected_and_redirected(self, browser, start, fake_server, user):
        response = fake_server.follow_callback(
            browser, fake_server.allow(start("/gallery/?page=2"))
        )
        assert (response.status_code, response.url) == (302, "/gallery/?page=2")
        assert [str(m) for m in get_messages(response.wsgi_request)] == ["Your Trove is connected."]
        assert user.trove_account.token.secret == fake_server.secrets[user.trove_account.key]

    def test_redirects_to_account_page_without_next(self, browser, start, fake_server, settings):
        assert fake_server.follow_callback(browser, fake_server.allow(start())).url == ACCOUNT
        settings.TROVE = settings.TROVE | {"CONNECT_REDIRECT_URL": "/photos/"}
        assert fake_server.follow_callback(browser, fake_server.allow(start())).url == "/photos/"

    def test_flows_in_two_tabs_both_finish(self, browser, start, fake_server):
        first, second = start("/one/"), start("/two/")
        assert fake_server.follow_callback(browser, fake_server.allow(second)).url == "/two/"
        assert fake_server.follow_callback(browser, fake_server.allow(first)).url == "/one/"

    def test_repeated_callback_shows_error(self, browser, start, fake_server):
        back = fake_server.allow(start("/gallery/"))
        browser.get(back)
        response = browser.get(back)
        assert shows_error(response, "used", 400)
        assert 'value="/gallery/"' in response.content.decode()
        assert fake_server.request_counts["/v1/oauth/access_token/"] == 1

    def test_expired_callback_shows_error(self, browser, start, fake_server, move_clock):
        back = fake_server.allow(start())
        move_clock(oauth_state, 601)
        assert shows_error(browser.get(back), "expired", 400)
        assert not TroveAccount.objects.exists()

    def test_denial_shows_message_and_is_not_logged(self, browser, start, fake_server, caplog):
        response = browser.get(fake_server.deny(start("/gallery/")))
        assert shows_error(response, "denied", 200)
        assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
        assert 'value="/gallery/"' in response.content.decode()

    def test_denial_by_a_connected_user_changes_nothing(self, browser, start, fake_server, account):
        page = browser.get(fake_server.deny(start())).content.decode()
        assert "Nothing was changed." in page
        assert TroveAccount.objects.get().token == account.token

    @pytest.mark.parametrize(
        "query", ["?denied={}", "?oauth_problem=permission_denied", "?denied="]
    )
    def test_all_denial_parameters_are_recognized(self, browser, start, query):
        key = start().partition("oauth_token=")[2]
        expected = ("unknown", 400) if query == "?denied=" else ("denied", 200)
        assert shows_error(browser.get(CALLBACK + query.format(key)), *expected)

    @pytest.mark.usefixtures("no_error_records")
    def test_error_page_if_trove_is_down(self, browser, start, fake_server):
        back = fake_server.allow(start())
        fake_server.error_response = DOWN
        assert shows_error(browser.get(back), "unavailable", 503)

    def test_error_page_for_expired_request_token(self, browser, start, fake_server):
        back = fake_server.allow(start())
        fake_server.revoke()
        assert shows_error(browser.get(back), "rejected", 400)

    def test_connection_without_name(self, browser, start, fake_server):
        fake_server.path_errors["/v1/oauth/user/"] = (403, {}, b"")
        fake_server.follow_callback(browser, fake_server.allow(start()))
        assert TroveAccount.objects.get().name == ""

    def test_head_request_does_not_use_state(self, browser, start, fake_server):
        back = fake_server.allow(start("/gallery/"))
        assert browser.head(back).status_code == 405
        assert fake_server.follow_callback(browser, back).url == "/gallery/"

    @pytest.mark.parametrize(
        "header", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}]
    )
    def test_prefetch_does_not_use_state(self, browser, start, fake_server, header):
        back = fake_server.allow(start("/gallery/"))
        assert browser.get(back, headers=header).status_code == 503
        assert fake_server.follow_callback(browser, back).url == "/gallery/"

    def test_works_without_messages_framework(self, browser, start, fake_server, settings):
        settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "messages" not in m]
        assert (
            fake_server.follow_callback(browser, fake_server.allow(start("/gallery/"))).url
            == "/gallery/"
        )

    def test_works_with_login_required_middleware(self, start, fake_server, settings):
        back = fake_server.allow(start())
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert Client().get(back).url == f"/identity/login?next={ACCOUNT}"


class TestAccount:
    def test_offers_connection(self, browser, fake_server):
        page = browser.get(ACCOUNT).content.decode()
        assert "Connect your Trove" in page
        assert not fake_server.request_counts

    def test_shows_status_and_available_services(self, browser, account):
        page = browser.get(ACCOUNT).content.decode()
        assert "Ann at the Trove" in page
        assert "Add Flickr" in page

    def test_works_if_trove_is_down(self, browser, account, fake_server):
        fake_server.error_response = DOWN
        response = browser.get(ACCOUNT)
        assert (response.status_code, b"Try again in a few minutes" in response.content) == (
            200,
            True,
        )

    def test_shows_revocation(self, browser, account, fake_server):
        fake_server.revoke()
        page = browser.get(ACCOUNT).content.decode()
        assert "no longer has access to your Trove" in page
        assert "Reconnect" in page

    def test_is_not_cacheable(self, browser, account):
        assert "no-store" in browser.get(ACCOUNT).headers["Cache-Control"]


class TestDisconnect:
    def test_get_asks_for_confirmation(self, browser, account):
        assert b"Disconnect your Trove?" in browser.get(DISCONNECT).content
        assert TroveAccount.objects.exists()

    def test_post_disconnects(self, browser, account):
        assert browser.post(DISCONNECT).url == ACCOUNT
        assert not TroveAccount.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_without_account_redirects(self, browser, fake_server, method):
        assert getattr(browser, method)(DISCONNECT).url == ACCOUNT


class TestAddService:
    def test_redirects_to_trove_with_return_url(self, browser, account, fake_server):
        response = browser.post(ADD, {"service": "flickr"})
        back = f"http://testserver{ACCOUNT}".encode().hex()
        assert (response.status_code, response.url) == (302, f"{fake_server.url}/add/once/{back}")

    def test_get_is_not_allowed(self, browser):
        assert browser.get(ADD).status_code == 405

    @pytest.mark.parametrize("service", ["", "myspace", "x" * 1000])
    def test_error_page_for_unavailable_service(self, browser, account, service):
        response = browser.post(ADD, {"service": service})
        assert (response.status_code, b"not-offered" in response.content) == (400, True)

    def test_error_page_without_account(self, browser, fake_server):
        assert shows_error(browser.post(ADD, {"service": "flickr"}), "not-connected", 403)

    def test_link_to_another_host_is_rejected(self, browser, account, fake_server):
        fake_server.path_errors["/v1/add/flickr/"] = (200, {}, b"//evil.example/")
        response = browser.post(ADD, {"service": "flickr"})
        assert response.status_code == 503
