"""
Replays, and information in rejections (protocol, sections 2.2 and 6.3).
"""

import hmac
import logging
import re
import time
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from oauthlib.oauth1 import SIGNATURE_PLAINTEXT

from django_trove.server.models import AccessToken, Application, Nonce

from ..conftest import CALLBACK
from ..signed_requests import Caller, header_with

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"


def get_headers(response):
    """
    Return the headers without the request id.
    """
    return tuple(sorted(pair for pair in response.items() if pair[0] != "X-Request-ID"))


def test_an_invalid_request_records_no_nonce(settings, caller):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "database"}
    Client().get(PHOTOS, secure=True)
    path, headers, _ = caller.sign("GET", PHOTOS)
    caller.send("GET", path, header_with(headers, oauth_signature="AAAA"))
    caller.send("GET", path, header_with(headers, oauth_consumer_key="nobody"))
    assert not Nonce.objects.exists()
    assert caller.send("GET", path, headers).status_code == 200
    assert Nonce.objects.count() == 1


def test_a_replay_is_rejected(caller):
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", path, headers).status_code == 200
    replay = caller.send("GET", path, headers)
    assert replay.status_code == 401
    assert replay["WWW-Authenticate"].startswith("OAuth realm=")


def test_a_nonce_is_unique_per_application_and_token(
    application, make_application, make_token, make_person
):
    same = {"nonce": "the-same", "timestamp": str(int(time.time()))}
    user, other = make_token(), make_token(user=make_person("grace2"))
    application2 = make_application("Second")
    other_application = make_token(to=application2)
    for one, token in (
        (application, user),
        (application, other),
        (application2, other_application),
    ):
        response = Caller(one, token).get(PHOTOS, **same)
        assert (token.key, response.status_code) == (token.key, 200)
        assert Caller(one, token).get(PHOTOS, **same).status_code == 401


def test_a_full_cache_does_not_permit_a_replay(settings, caller):
    """
    By default, nonces are in the database.
    """
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 3},
        }
    }
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", path, headers).status_code == 200
    for _ in range(10):
        assert caller.get(PHOTOS).status_code == 200
    assert caller.send("GET", path, headers).status_code == 401


@pytest.mark.parametrize("store", ["cache", "database"])
def test_a_forged_copy_does_not_use_up_the_nonce(settings, caller, store):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": store}
    path, headers, _ = caller.sign("GET", PHOTOS)
    forged = header_with(headers, oauth_signature="AAAA")
    assert caller.send("GET", path, forged).status_code == 401
    assert caller.send("GET", path, headers).status_code == 200
    assert caller.send("GET", path, headers).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_the_timestamp_must_be_within_the_window(caller, seconds, status):
    response = caller.get(PHOTOS, timestamp=str(int(time.time()) + seconds))
    assert response.status_code == status
    if status == 401:
        assert "seconds" in response.json()["detail"]


def test_a_nonce_is_stored_for_twice_the_window(settings, caller, monkeypatch):
    """
    A timestamp that is one window ahead is valid for two windows.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "cache"}
    timeouts = []
    backend = caches["default"]
    add = backend.add
    monkeypatch.setattr(backend, "add", lambda *args: timeouts.append(args[2]) or add(*args))
    assert caller.get(PHOTOS).status_code == 200
    assert timeouts[0] == 600


def test_plaintext_is_rejected_for_content(caller):
    response = caller.get(PHOTOS, signature_method=SIGNATURE_PLAINTEXT)
    assert response.status_code == 400


def test_plaintext_is_accepted_for_a_request_token(dance):
    """
    For clients of 2010.
    """
    assert dance.request_token(signature_method=SIGNATURE_PLAINTEXT).status_code == 200


def test_rejections_of_content_requests_are_identical(
    make_application, make_token, django_assert_num_queries, token
):
    """
    Status, body, headers and number of queries.
    """
    application = token.application
    inactive = make_application("Inactive", active=False)
    revoked = make_token()
    AccessToken.objects.filter(pk=revoked.pk).revoke()
    unknown = type(token)(key="k" * 32)
    unknown.secret = "s" * 32
    unknown_application = type(application)(key="?")
    unknown_application.secret = "s" * 32
    foreign = make_token(to=make_application("Another"))
    rotated, expired = make_application("Rotated"), make_application("Rotated long ago")
    previous = str(expired.secret)
    for rotated_application in (rotated, expired):
        rotated_application.rotate_secret()
    Application.objects.filter(pk=expired.pk).update(previous_secret_until=timezone.now())
    cases = {
        "unknown application": Caller(unknown_application, token),
        "inactive application": Caller(inactive, token),
        "wrong secret": Caller(application, token, secret="s" * 32),
        "unknown token": Caller(application, unknown),
        "revoked token": Caller(application, revoked),
        "another application's token": Caller(application, foreign),
        "wrong secret after rotation": Caller(rotated, make_token(to=rotated), secret="s" * 32),
        "expired previous secret": Caller(expired, make_token(to=expired), secret=previous),
    }
    responses = set()
    for name, caller in cases.items():
        path, headers, _ = caller.sign("GET", PHOTOS)
        with django_assert_num_queries(1, info=name):
            response = caller.send("GET", path, headers)
        headers = get_headers(response)
        responses.add((response.status_code, response.content, headers))
    assert len(responses) == 1
    assert responses.pop()[0] == 401


@pytest.mark.parametrize("step", ["request_token", "access_token"])
def test_rejections_of_token_requests_are_identical(
    dance, browser, make_application, django_assert_num_queries, step
):
    """
    Without a valid signature, they do not reveal which applications and request tokens exist.
    """
    request = dance.allowed(browser)
    unauthorized = dance.asked()
    unknown = SimpleNamespace(key="k" * 32, secret=request.secret)
    application, unknown_application = Application.objects.get(), Application(key="?")
    unknown_application.secret = "s" * 32
    inactive = make_application("Inactive", active=False)
    cases = [Caller(unknown_application), Caller(inactive), Caller(application, secret="s" * 32)]
    extra, queries = {"callback_uri": CALLBACK}, 1
    if step == "access_token":
        extra, queries = {"verifier": request.verifier}, 2
        cases = [
            Caller(one, request, secret="s" * 32)
            for one in (unknown_application, inactive, application)
        ]
        cases += [Caller(application, one) for one in (unknown, unauthorized)]
        cases += [Caller(make_application("Another"), request)]
    responses = set()
    for caller in cases:
        path, headers, _ = caller.sign("GET", f"/v1/oauth/{step}/", **extra)
        with django_assert_num_queries(queries):
            response = caller.send("GET", path, headers)
        responses.add((response.status_code, response.content, get_headers(response)))
    assert len(responses) == 1
    assert responses.pop()[0] == 401


@pytest.mark.parametrize(
    "header", ["Bearer x", "Basic eDp5", "OAuth foo", "OAuth", "OAuth a=", '"']
)
@pytest.mark.parametrize("path", [PHOTOS, "/v1/oauth/request_token/", "/oauth/access_token/"])
def test_another_authorization_scheme_is_unauthorized(db, path, header):
    response = Client().get(path, headers={"Authorization": header}, secure=True)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'OAuth realm="Trove"'


def test_no_secret_reaches_a_log(caller, dance, browser, caplog, token):
    """
    oauthlib logs base strings at the level DEBUG.
    """
    caplog.set_level(logging.DEBUG)
    request = dance.allowed(browser)
    dance.exchange(request, verifier="wrong" * 6)
    forger = Application(key=token.application.key)
    forger.secret = "not the secret"
    dance.exchange(request, by=forger)  # the base string contains the verifier
    path, headers, _ = caller.sign("GET", PHOTOS)
    caller.send("GET", path, header_with(headers, oauth_signature="AAAA"))
    caller.send("GET", path, headers)
    signature = re.search('oauth_signature="([^"]*)"', headers["Authorization"])[1]
    for secret in (
        token.application.secret,
        token.secret,
        request.secret,
        request.verifier,
        signature,
    ):
        assert secret not in caplog.text
    records = [record for record in caplog.records if "trove" in record.name]
    assert any("signature" in record.getMessage() for record in records)


def test_a_verifier_is_compared_in_constant_time(browser, dance, monkeypatch):
    """
    oauthlib compares signatures in constant time, too (`safe_string_equals`).
    """
    compared = []
    compare = hmac.compare_digest

    def record(first, second):
        compared.append((first, second))
        return compare(first, second)

    monkeypatch.setattr(hmac, "compare_digest", record)
    request = dance.allowed(browser)
    compared.clear()
    dance.exchange(request)
    assert any(request.verifier.encode() in pair for pair in compared)
