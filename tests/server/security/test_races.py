"""
Simultaneous requests, in threads with a shared database.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.test import Client

from django_trove.server.models import AccessToken, RequestToken
from django_trove.server.oauth import nonces

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shared_database():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("an in-memory database is not shared by threads: set TEST_SQLITE_FILE")


@pytest.mark.parametrize("store", ["cache", "database"])
def test_simultaneous_replays_are_rejected(settings, caller, race, store):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": store}
    path, headers, _ = caller.sign("GET", "/v1/oauth/photos/")

    def send():
        return caller.send("GET", path, headers, http=Client()).status_code

    assert sorted(race(send, times=4)) == [200, 401, 401, 401]


def test_a_request_token_is_exchanged_once(browser, dance, race):
    """
    Each exchange has its own signature.
    """
    request = dance.allowed(browser)
    statuses = race(lambda: dance.exchange(request).status_code, times=4)
    assert sorted(statuses) == [200, 401, 401, 401]
    assert AccessToken.objects.count() == 1


def test_a_request_token_is_authorized_once(person, make_person, dance, race):
    request = dance.asked()

    def allow():
        browser = Client()
        browser.force_login(person)
        return dance.decide(browser, request).status_code

    assert sorted(race(allow)) == [302, 400]
    assert RequestToken.objects.get().approved_at


@pytest.mark.parametrize("attempt", range(8))
def test_a_request_token_is_authorized_or_denied(person, dance, race, attempt):
    """
    One of two simultaneous decisions is rejected with an error page; the other one is in effect.
    """
    request, decisions = dance.asked(), ["allow", "deny"][:: 1 if attempt % 2 else -1]
    browsers = {decision: Client() for decision in decisions}
    for browser in browsers.values():
        browser.force_login(person)
    remaining = list(decisions)

    def decide():
        decision = remaining.pop()
        response = dance.decide(browsers[decision], request, decision)
        return decision, response.status_code, getattr(response, "url", "")

    (accepted, status, url), (_, rejected_status, _) = sorted(race(decide), key=itemgetter(1))
    assert (status, rejected_status) == (302, 400)
    assert ("oauth_verifier=" in url, "user_refused" in url) == (
        accepted == "allow",
        accepted == "deny",
    )
    request.verifier = dict(parse_qsl(urlsplit(url).query)).get("oauth_verifier", "v")
    assert dance.exchange(request).status_code == (200 if accepted == "allow" else 401)


def test_a_token_that_is_created_while_revoking_is_revoked(browser, token, dance):
    """
    Regardless of the order, the application has no valid token afterwards.
    """
    request, created = dance.allowed(browser), threading.Event()

    def delay_commit(sender, **kwargs):
        created.set()
        time.sleep(0.5)  # the token is not committed yet

    def exchange():
        try:
            return dance.exchange(request).status_code
        finally:
            connection.close()

    post_save.connect(delay_commit, AccessToken)
    try:
        with ThreadPoolExecutor() as threads:
            future = threads.submit(exchange)
            assert created.wait(10)
            browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
            assert future.result() == 200
    finally:
        post_save.disconnect(delay_commit, AccessToken)
    assert AccessToken.objects.count() == 2
    assert not AccessToken.objects.valid().exists()


def test_a_nonce_is_recorded_once(settings, race):
    for store in ("cache", "database"):
        settings.TROVE_SERVER = {"NONCE_STORE": store}
        assert sorted(race(lambda: nonces.record_nonce("n" * 64), times=4)) == [False] * 3 + [True]
