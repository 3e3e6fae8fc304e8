"""
A site with version 2 of the protocol, with the Trove server of this package over HTTP.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_trove.backends.page_calls import page_scope
from django_trove.backends.refresh import _save, refresh_expired_token
from django_trove.client import KeysRejected, TimedOut, TokenRejected, Unreachable
from django_trove.client.oauth2 import OAuth2API
from django_trove.models import TroveAccount
from django_trove.server.models import AccessToken, Application, RefreshToken
from django_trove.services import Trove

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACK, CONNECT = reverse("django_trove:callback"), reverse("django_trove:connect")


@pytest.fixture
def trove(live_server, settings, make_user):
    """
    The Trove server with this site registered, and a browser that is signed in there.
    """
    application = Application.objects.register(
        "The site", callbacks=[f"https://testserver{CALLBACK}"]
    )
    settings.TROVE_SERVER = {"URL": live_server.url}
    settings.TROVE = {
        "APP_KEY": application.key,
        "APP_SECRET": application.secret,
        "URL": live_server.url,
        "CALLBACK_BASE_URL": "https://testserver",
        "CACHE_SECONDS": 0,
        "CONFIRM_ACCOUNT": False,
        "PROTOCOL": 2,
    }
    there = Client()
    there.force_login(make_user("ann-at-the-trove"))
    return there


@pytest.fixture
def connect(browser, trove):
    """
    Start a connection, decide at the Trove, and return to the site.
    """

    def go(decision="allow"):
        url = urlsplit(browser.post(CONNECT, {"next": "/gallery/"}).url)
        form = {"decision": decision, "content_types": "photos"}
        back = urlsplit(trove.post(f"{url.path}?{url.query}", form).url)
        return browser.get(f"{back.path}?{back.query}", secure=True)

    return go


@pytest.fixture
def account(connect):
    connect()
    return TroveAccount.objects.get()


def expire(account):
    past = timezone.now() - timedelta(seconds=1)
    TroveAccount.objects.update(expires_at=past)
    AccessToken.objects.update(expires=past)
    account.refresh_from_db()


def test_user_connects(connect, user):
    assert connect().url == "/gallery/"
    account = TroveAccount.objects.get()
    assert (account.user, account.name) == (user, "ann-at-the-trove")
    assert account.expires_at > timezone.now() + timedelta(seconds=3500)
    assert list(Trove(user).photos()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others use the setting to connect")
def test_site_without_time_zones(connect, settings, user):
    settings.USE_TZ = False
    connect()
    account = TroveAccount.objects.get()
    assert account.expires_at > timezone.now() + timedelta(seconds=3500)
    expire(account)
    assert list(Trove(user).photos()) == []
    account.refresh_from_db()
    assert account.expires_at > timezone.now() + timedelta(seconds=3500)


def test_user_denies(connect):
    response = connect("deny")
    assert response.context["error"].code == "denied"
    assert not TroveAccount.objects.exists()


def test_confirmation_keeps_the_expiry(connect, browser, settings):
    settings.TROVE = settings.TROVE | {"CONFIRM_ACCOUNT": True}
    browser.post(connect().url, {"answer": "confirm"}, secure=True)
    assert TroveAccount.objects.get().expires_at > timezone.now()


def test_response_of_another_trove_is_rejected(browser, trove, settings):
    """
    A mix-up attack (RFC 9207).
    """
    url = urlsplit(browser.post(CONNECT).url)
    form = {"decision": "allow", "content_types": "photos"}
    back = urlsplit(trove.post(f"{url.path}?{url.query}", form).url)
    state, code = (parse_qs(back.query)[name][0] for name in ("state", "code"))
    parameters = {"state": state, "code": code, "iss": "https://evil.example"}
    response = browser.get(CALLBACK, parameters, secure=True)
    assert response.status_code == 502
    assert not AccessToken.objects.exists()


def test_expired_token_is_refreshed(account, user):
    before, fingerprint = account.token, account.fingerprint
    expire(account)
    assert list(Trove(user).photos()) == []
    account.refresh_from_db()
    assert account.token.key != before.key
    assert account.token.secret != before.secret
    assert (account.fingerprint, account.refreshing_until) == (fingerprint, None)
    assert account.expires_at > timezone.now()
    assert AccessToken.objects.count() == 1


def test_valid_token_is_not_refreshed(account, user):
    before = account.token
    Trove(user).photos()
    account.refresh_from_db()
    assert account.token == before


def test_concurrent_refreshes_leave_a_valid_token(account, user):
    """
    Each thread has an account that was read before the refresh.
    """
    expire(account)
    barrier, errors, keys = threading.Barrier(4), [], []

    def work():
        try:
            mine = TroveAccount.objects.get()
            barrier.wait(10)
            refresh_expired_token(mine)
            keys.append(mine.key)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert RefreshToken.objects.count() == 2
    assert list(Trove(user).photos()) == []


@pytest.fixture
def slow_refresh(monkeypatch):
    """
    The response to a refresh arrives after 1.5 seconds.
    """
    refresh = OAuth2API.refresh

    def respond_late(self):
        token = refresh(self)
        time.sleep(1.5)
        return token

    monkeypatch.setattr(OAuth2API, "refresh", respond_late)


def test_token_that_arrives_after_the_deadline_of_the_page_is_stored(
    account, user, settings, slow_refresh
):
    expire(account)
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 0.5, "ERROR_CACHE_SECONDS": 0}
    before, started_at = account.key, time.monotonic()
    for _ in range(2):  # the second page waits for the refresh of the first one
        with page_scope(), pytest.raises(TimedOut):
            Trove(user).photos()
    assert time.monotonic() - started_at < 1.4
    for _ in range(50):
        account.refresh_from_db()
        if account.key != before:
            break
        time.sleep(0.1)
    assert (account.key != before, account.refreshing_until) == (True, None)
    settings.TROVE = settings.TROVE | {"PAGE_DEADLINE": 3}
    with page_scope():
        assert list(Trove(user).photos()) == []
    account.refresh_from_db()
    assert account.state == TroveAccount.State.ACTIVE


@pytest.mark.parametrize("suffix", ["/", ""])
def test_url_of_the_trove_may_end_with_a_slash(connect, settings, suffix):
    settings.TROVE = settings.TROVE | {"URL": settings.TROVE["URL"] + suffix}
    assert connect().url == "/gallery/"


def test_refresh_of_a_killed_process_is_repeated(account, user, settings):
    expire(account)
    TroveAccount.objects.update(refreshing_until=timezone.now() - timedelta(seconds=1))
    assert list(Trove(user).photos()) == []


def test_revoked_authorization_requires_a_reconnection(account, user):
    expire(account)
    AccessToken.objects.all().revoke()
    with pytest.raises(TokenRejected):
        Trove(user).photos().raise_for_error()
    account.refresh_from_db()
    assert account.state == TroveAccount.State.NEEDS_RECONNECT


def test_user_reconnects_during_a_refresh(account, user):
    """
    The new connection is saved just before the refreshed token.
    """
    expire(account)
    saved = []

    def execute(execute, sql, params, *args):
        is_save = sql.startswith("UPDATE") and any("sealed:" in str(value) for value in params)
        if is_save and not saved:
            saved.append(sql)
            TroveAccount.objects.update(connected_at=timezone.now(), fingerprint="new")
        return execute(sql, params, *args)

    before = TroveAccount.objects.values("key", "secret").get()
    with connection.execute_wrapper(execute):
        _save(account)
    assert saved
    assert TroveAccount.objects.values("key", "secret").get() == before


def test_unavailable_trove_does_not_lose_the_refresh_token(account, user, settings):
    expire(account)
    before, url = account.token, settings.TROVE["URL"]
    settings.TROVE = settings.TROVE | {"URL": "http://127.0.0.1:9"}
    with pytest.raises(Unreachable):
        refresh_expired_token(account)
    account.refresh_from_db()
    assert (account.token, account.refreshing_until) == (before, None)
    assert account.state == TroveAccount.State.ACTIVE
    settings.TROVE = settings.TROVE | {"URL": url}
    refresh_expired_token(account)
    assert account.token.key != before.key


def test_wrong_secret_does_not_disconnect(account, user, settings):
    expire(account)
    settings.TROVE = settings.TROVE | {"APP_SECRET": "wrong"}
    with pytest.raises(KeysRejected):
        refresh_expired_token(account)
    account.refresh_from_db()
    assert account.state == TroveAccount.State.ACTIVE


def test_account_of_version_1_works_until_the_user_reconnects(trove, connect, user, settings):
    settings.TROVE = settings.TROVE | {"PROTOCOL": 2}
    connect()
    settings.TROVE = settings.TROVE | {"PROTOCOL": 1}
    assert list(Trove(user).photos()) == []
