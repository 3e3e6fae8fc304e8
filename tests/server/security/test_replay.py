"""
Requests that were answered already, and what a refusal gives away.
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


def headers_of(response):
    """
    But for the id of the request, which is another each time.
    """
    return tuple(sorted(pair for pair in response.items() if pair[0] != "X-Request-ID"))


def test_an_unsigned_or_forged_request_leaves_no_nonce_behind(settings, caller):
    """
    P14
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "database"}
    Client().get(PHOTOS, secure=True)
    path, headers, _ = caller.sign("GET", PHOTOS)
    caller.send("GET", path, header_with(headers, oauth_signature="AAAA"))
    caller.send("GET", path, header_with(headers, oauth_consumer_key="nobody"))
    assert not Nonce.objects.exists()
    assert caller.send("GET", path, headers).status_code == 200
    assert Nonce.objects.count() == 1


def test_a_request_is_answered_once(caller):
    """
    P32
    """
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", path, headers).status_code == 200
    again = caller.send("GET", path, headers)
    assert again.status_code == 401
    assert again["WWW-Authenticate"].startswith("OAuth realm=")


def test_a_request_is_remembered_however_many_follow(settings, caller):
    """
    P32: as a Trove is set up without another word, whatever its cache drops.
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


@pytest.mark.parametrize("nonces", ["cache", "database"])
def test_a_forged_copy_does_not_use_up_the_genuine_request(settings, caller, nonces):
    """
    P34
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": nonces}
    path, headers, _ = caller.sign("GET", PHOTOS)
    forged = header_with(headers, oauth_signature="AAAA")
    assert caller.send("GET", path, forged).status_code == 401
    assert caller.send("GET", path, headers).status_code == 200
    assert caller.send("GET", path, headers).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_a_time_stamp_has_to_be_near(caller, seconds, status):
    """
    P35
    """
    response = caller.get(PHOTOS, timestamp=str(int(time.time()) + seconds))
    assert response.status_code == status
    if status == 401:
        assert "seconds" in response.json()["detail"]


def test_a_nonce_is_kept_as_long_as_its_time_stamp_could_fit(settings, caller, monkeypatch):
    """
    P35: a stamp that is ahead by one window fits until two have passed.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "cache"}
    kept = []
    backend = caches["default"]
    add = backend.add
    monkeypatch.setattr(backend, "add", lambda *args: kept.append(args[2]) or add(*args))
    assert caller.get(PHOTOS).status_code == 200
    assert kept == [600]


def test_plaintext_opens_no_content(caller):
    """
    P36
    """
    response = caller.get(PHOTOS, signature_method=SIGNATURE_PLAINTEXT)
    assert response.status_code == 400


def test_plaintext_gets_a_request_token_over_tls(dance):
    """
    Old clients begin with it.
    """
    assert dance.request_token(signature_method=SIGNATURE_PLAINTEXT).status_code == 200


def test_every_wrong_key_token_or_secret_looks_the_same(
    make_application, make_token, django_assert_num_queries, token
):
    """
    P37: status, body, headers and the number of queries.
    """
    application = token.application
    retired = make_application("Retired", active=False)
    revoked = make_token()
    AccessToken.objects.filter(pk=revoked.pk).revoke()
    unknown = type(token)(key="k" * 32)
    unknown.secret = "s" * 32
    stranger = type(application)(key="?")
    stranger.secret = "s" * 32
    others = make_token(to=make_application("Another"))
    rotated, expired = make_application("Rotated"), make_application("Rotated long ago")
    old = str(expired.secret)
    for one in (rotated, expired):
        one.rotate_secret()
    Application.objects.filter(pk=expired.pk).update(previous_secret_until=timezone.now())
    cases = {
        "unknown application": Caller(stranger, token),
        "retired application": Caller(retired, token),
        "wrong secret": Caller(application, token, secret="s" * 32),
        "unknown token": Caller(application, unknown),
        "revoked token": Caller(application, revoked),
        "another application's token": Caller(application, others),
        "neither secret": Caller(rotated, make_token(to=rotated), secret="s" * 32),
        "old secret after its end": Caller(expired, make_token(to=expired), secret=old),
    }
    seen = set()
    for name, caller in cases.items():
        path, headers, _ = caller.sign("GET", PHOTOS)
        with django_assert_num_queries(1, info=name):
            response = caller.send("GET", path, headers)
        headers = headers_of(response)
        seen.add((response.status_code, response.content, headers))
    assert len(seen) == 1
    assert seen.pop()[0] == 401


@pytest.mark.parametrize("step", ["request_token", "access_token"])
def test_every_wrong_key_or_secret_looks_the_same_at_the_token_endpoints(
    dance, browser, make_application, django_assert_num_queries, step
):
    """
    P37: whoever can't sign learns neither which applications nor which request tokens there are.
    """
    request = dance.allowed(browser)
    unasked = dance.asked()
    unknown = SimpleNamespace(key="k" * 32, secret=request.secret)
    application, stranger = Application.objects.get(), Application(key="?")
    stranger.secret = "s" * 32
    retired = make_application("Retired", active=False)
    cases = [Caller(stranger), Caller(retired), Caller(application, secret="s" * 32)]
    more, queries = {"callback_uri": CALLBACK}, 1
    if step == "access_token":
        more, queries = {"verifier": request.verifier}, 2
        cases = [Caller(one, request, secret="s" * 32) for one in (stranger, retired, application)]
        cases += [Caller(application, one) for one in (unknown, unasked)]
        cases += [Caller(make_application("Another"), request)]
    seen = set()
    for caller in cases:
        path, headers, _ = caller.sign("GET", f"/v1/oauth/{step}/", **more)
        with django_assert_num_queries(queries):
            response = caller.send("GET", path, headers)
        seen.add((response.status_code, response.content, headers_of(response)))
    assert len(seen) == 1
    assert seen.pop()[0] == 401


@pytest.mark.parametrize(
    "written", ["Bearer x", "Basic eDp5", "OAuth foo", "OAuth", "OAuth a=", '"']
)
@pytest.mark.parametrize("path", [PHOTOS, "/v1/oauth/request_token/", "/oauth/access_token/"])
def test_any_other_authorization_is_unauthorized(db, path, written):
    """
    P44
    """
    response = Client().get(path, headers={"Authorization": written}, secure=True)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'OAuth realm="Trove"'


def test_no_secret_reaches_a_log(caller, dance, browser, caplog, token):
    """
    C2, at the Trove: oauthlib writes base strings at DEBUG.
    """
    caplog.set_level(logging.DEBUG)
    request = dance.allowed(browser)
    dance.exchange(request, verifier="wrong" * 6)
    forger = Application(key=token.application.key)
    forger.secret = "not the secret"
    dance.exchange(request, by=forger)  # its base string holds the verifier
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
    ours = [record for record in caplog.records if "trove" in record.name]
    assert any("signature" in record.getMessage() for record in ours)


def test_a_verifier_is_compared_in_constant_time(browser, dance, monkeypatch):
    """
    P38. Signatures are compared by oauthlib's own `safe_string_equals`, which is so as well.
    """
    compared = []
    compare = hmac.compare_digest

    def counted(one, other):
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    request = dance.allowed(browser)
    compared.clear()
    dance.exchange(request)
    assert any(request.verifier.encode() in pair for pair in compared)
