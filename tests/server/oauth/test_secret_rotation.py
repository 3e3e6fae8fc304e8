"""
An application gets another secret, and nothing stops before its settings are changed (P6).
"""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA512, SIGNATURE_PLAINTEXT

from django_trove.server.models import AccessToken, Application, Nonce, RequestToken

from ..conftest import CALLBACK
from ..signed_requests import Caller, header_with

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"
REQUEST_TOKEN = "/v1/oauth/request_token/?scope=photos"


@pytest.fixture
def old_secret(application):
    """
    The secret that the application had until just now.
    """
    secret = str(application.secret)
    application.rotate_secret()
    return secret


@pytest.fixture
def old(application, old_secret, token):
    """
    The application, with its old secret.
    """
    return Caller(application, token, secret=old_secret)


def end_in(seconds):
    until = timezone.now() + timedelta(seconds=seconds)
    Application.objects.update(previous_secret_until=until)


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, "HMAC-SHA256", SIGNATURE_HMAC_SHA512])
def test_both_secrets_hold_for_a_while(application, token, old, method):
    assert old.get(PHOTOS, signature_method=method).status_code == 200
    assert Caller(application, token).get(PHOTOS, signature_method=method).status_code == 200


def test_the_old_secret_holds_until_its_time_and_no_longer(application, token, old):
    end_in(60)
    assert old.get(PHOTOS).status_code == 200
    end_in(0)
    assert old.get(PHOTOS).status_code == 401
    assert Caller(application, token).get(PHOTOS).status_code == 200


def test_an_old_secret_without_an_end_does_not_hold(old):
    Application.objects.update(previous_secret_until=None)
    assert old.get(PHOTOS).status_code == 401


@pytest.mark.parametrize("nothing", ["", "None"])
def test_where_there_is_no_old_secret_nothing_stands_for_it(application, token, nothing):
    end_in(60)
    caller = Caller(application, token)
    caller.keys = (application.key, nothing, *caller.keys[2:])
    assert caller.get(PHOTOS).status_code == 401


def test_a_second_rotation_ends_the_oldest_secret_at_once(application, token, old):
    middle = str(application.secret)
    application.rotate_secret()
    assert old.get(PHOTOS).status_code == 401
    assert Caller(application, token, secret=middle).get(PHOTOS).status_code == 200


@pytest.mark.parametrize("method", ["HMAC-SHA256", SIGNATURE_PLAINTEXT])
def test_somebody_can_be_asked_with_the_old_secret(application, old_secret, dance, browser, method):
    """
    Both steps that a person's yes lies between.
    """
    caller = Caller(application, secret=old_secret, callback_uri=CALLBACK, signature_method=method)
    assert caller.get(REQUEST_TOKEN).status_code == 200
    request = dance.allowed(browser)
    answer = dance.exchange(request, secret=old_secret, signature_method=method)
    assert answer.status_code == 200
    assert AccessToken.objects.count() == 1


def test_the_old_secret_asks_nobody_after_its_end(application, old_secret, dance, browser):
    request = dance.allowed(browser)
    end_in(0)
    caller = Caller(application, secret=old_secret, callback_uri=CALLBACK)
    assert caller.get(REQUEST_TOKEN).status_code == 401
    assert dance.exchange(request, secret=old_secret).status_code == 401
    assert not AccessToken.objects.exists()


def test_a_wrong_verifier_counts_under_the_old_secret_too(old_secret, dance, browser):
    request = dance.allowed(browser)
    assert dance.exchange(request, verifier="wrong" * 6, secret=old_secret).status_code == 401
    assert RequestToken.objects.get().wrong_verifiers == 1


@pytest.mark.parametrize("nonces", ["cache", "database"])
def test_a_request_signed_with_the_old_secret_is_answered_once(settings, old, nonces):
    """
    P32 and P34: it spends its nonce, and a forged copy spends nothing.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": nonces}
    path, headers, _ = old.sign("GET", PHOTOS)
    forged = header_with(headers, oauth_signature="AAAA")
    assert old.send("GET", path, forged).status_code == 401
    assert not Nonce.objects.exists()
    assert old.send("GET", path, headers).status_code == 200
    assert old.send("GET", path, headers).status_code == 401


def test_a_retired_application_gets_in_with_neither(application, token, old):
    Application.objects.update(active=False)
    assert old.get(PHOTOS).status_code == 401
    assert Caller(application, token).get(PHOTOS).status_code == 401


def test_an_old_secret_opens_nothing_of_another_application(
    make_application, old_secret, make_token
):
    other = make_application("Another")
    other.rotate_secret()
    theirs = make_token(to=other)
    assert Caller(other, theirs, secret=old_secret).get(PHOTOS).status_code == 401


def test_a_secret_that_no_key_opens_can_be_replaced(settings, application, token):
    """
    There is no old one to hold then, and the application works again.
    """
    keys = (token.key, str(token.secret))
    settings.SECRET_KEY = "another key, and the old one is lost"
    lost = Application.objects.get()
    lost.rotate_secret()
    assert (lost.previous_secret, lost.previous_secret_until) == (None, None)
    token.key, token.secret = keys
    token.save()
    assert Caller(lost, token).get(PHOTOS).status_code == 200


def test_no_old_secret_reaches_a_log(old, old_secret, caplog):
    caplog.set_level(logging.DEBUG)
    assert old.get(PHOTOS).status_code == 200
    end_in(0)
    assert old.get(PHOTOS).status_code == 401
    assert old_secret not in caplog.text
