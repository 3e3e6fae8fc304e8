"""
Two at the same moment: threads of our own on a database that both see.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

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
        pytest.skip("an in-memory database is seen by one thread only: set TEST_SQLITE_FILE")


@pytest.mark.parametrize("kept", ["cache", "database"])
def test_a_request_sent_twice_at_once_is_answered_once(settings, caller, race, kept):
    """
    P33
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": kept}
    path, headers, _ = caller.sign("GET", "/v1/oauth/photos/")

    def send():
        return caller.send("GET", path, headers, http=Client()).status_code

    assert sorted(race(send, times=4)) == [200, 401, 401, 401]


def test_a_request_token_is_exchanged_once(browser, dance, race):
    """
    P30: two exchanges, each signed for itself.
    """
    request = dance.allowed(browser)
    answers = race(lambda: dance.exchange(request).status_code, times=4)
    assert sorted(answers) == [200, 401, 401, 401]
    assert AccessToken.objects.count() == 1


def test_a_request_is_allowed_once(person, make_person, dance, race):
    """
    P31: two people, or two tabs, say yes at once.
    """
    request = dance.asked()

    def allow():
        browser = Client()
        browser.force_login(person)
        return dance.decide(browser, request).status_code

    assert sorted(race(allow)) == [302, 400]
    assert RequestToken.objects.get().approved_at


def test_a_token_that_is_made_during_revoke_is_revoked(browser, token, dance):
    """
    Whichever of the two comes first, the application is left with nothing.
    """
    request, made = dance.allowed(browser), threading.Event()

    def dawdle(sender, **more):
        made.set()
        time.sleep(0.5)  # the token is there, and nobody else sees it yet

    def exchange():
        try:
            return dance.exchange(request).status_code
        finally:
            connection.close()

    post_save.connect(dawdle, AccessToken)
    try:
        with ThreadPoolExecutor() as threads:
            exchanged = threads.submit(exchange)
            assert made.wait(10)
            browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
            assert exchanged.result() == 200
    finally:
        post_save.disconnect(dawdle, AccessToken)
    assert AccessToken.objects.count() == 2
    assert not AccessToken.objects.valid().exists()


def test_a_nonce_is_spent_once(settings, race):
    """
    P33: whatever keeps it.
    """
    for kept in ("cache", "database"):
        settings.TROVE_SERVER = {"NONCE_STORE": kept}
        assert sorted(race(lambda: nonces.record_nonce("n" * 64), times=4)) == [False] * 3 + [True]
