"""
Rotation of an application's secret (protocol, section 2.1).
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
def previous_secret(application):
    """
    The previous secret of the application.
    """
    secret = str(application.secret)
    application.rotate_secret()
    return secret


@pytest.fixture
def previous(application, previous_secret, token):
    """
    The application with its previous secret.
    """
    return Caller(application, token, secret=previous_secret)


def expire_in(seconds):
    until = timezone.now() + timedelta(seconds=seconds)
    Application.objects.update(previous_secret_until=until)


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, "HMAC-SHA256", SIGNATURE_HMAC_SHA512])
def test_both_secrets_are_valid(application, token, previous, method):
    assert previous.get(PHOTOS, signature_method=method).status_code == 200
    assert Caller(application, token).get(PHOTOS, signature_method=method).status_code == 200


def test_the_previous_secret_expires(application, token, previous):
    expire_in(60)
    assert previous.get(PHOTOS).status_code == 200
    expire_in(0)
    assert previous.get(PHOTOS).status_code == 401
    assert Caller(application, token).get(PHOTOS).status_code == 200


def test_a_previous_secret_without_an_expiry_is_invalid(previous):
    Application.objects.update(previous_secret_until=None)
    assert previous.get(PHOTOS).status_code == 401


@pytest.mark.parametrize("secret", ["", "None"])
def test_an_empty_previous_secret_is_invalid(application, token, secret):
    expire_in(60)
    caller = Caller(application, token)
    caller.keys = (application.key, secret, *caller.keys[2:])
    assert caller.get(PHOTOS).status_code == 401


def test_a_second_rotation_invalidates_the_first_secret(application, token, previous):
    middle = str(application.secret)
    application.rotate_secret()
    assert previous.get(PHOTOS).status_code == 401
    assert Caller(application, token, secret=middle).get(PHOTOS).status_code == 200


@pytest.mark.parametrize("method", ["HMAC-SHA256", SIGNATURE_PLAINTEXT])
def test_the_flow_with_the_previous_secret(application, previous_secret, dance, browser, method):
    caller = Caller(
        application, secret=previous_secret, callback_uri=CALLBACK, signature_method=method
    )
    assert caller.get(REQUEST_TOKEN).status_code == 200
    request = dance.allowed(browser)
    response = dance.exchange(request, secret=previous_secret, signature_method=method)
    assert response.status_code == 200
    assert AccessToken.objects.count() == 1


def test_the_flow_with_an_expired_previous_secret(application, previous_secret, dance, browser):
    request = dance.allowed(browser)
    expire_in(0)
    caller = Caller(application, secret=previous_secret, callback_uri=CALLBACK)
    assert caller.get(REQUEST_TOKEN).status_code == 401
    assert dance.exchange(request, secret=previous_secret).status_code == 401
    assert not AccessToken.objects.exists()


def test_a_wrong_verifier_with_the_previous_secret_counts(previous_secret, dance, browser):
    request = dance.allowed(browser)
    assert dance.exchange(request, verifier="wrong" * 6, secret=previous_secret).status_code == 401
    assert RequestToken.objects.get().wrong_verifiers == 1


@pytest.mark.parametrize("store", ["cache", "database"])
def test_a_request_signed_with_the_previous_secret_is_responseed_once(settings, previous, store):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": store}
    path, headers, _ = previous.sign("GET", PHOTOS)
    forged = header_with(headers, oauth_signature="AAAA")
    assert previous.send("GET", path, forged).status_code == 401
    assert not Nonce.objects.exists()
    assert previous.send("GET", path, headers).status_code == 200
    assert previous.send("GET", path, headers).status_code == 401


def test_both_secrets_of_an_inactive_application_are_invalid(application, token, previous):
    Application.objects.update(active=False)
    assert previous.get(PHOTOS).status_code == 401
    assert Caller(application, token).get(PHOTOS).status_code == 401


def test_the_previous_secret_is_invalid_for_another_application(
    make_application, previous_secret, make_token
):
    other = make_application("Another")
    other.rotate_secret()
    token = make_token(to=other)
    assert Caller(other, token, secret=previous_secret).get(PHOTOS).status_code == 401


def test_a_secret_that_cannot_be_decrypted_can_be_rotated(settings, application, token):
    keys = (token.key, str(token.secret))
    settings.SECRET_KEY = "another key, and the previous one is lost"
    application = Application.objects.get()
    application.rotate_secret()
    assert (application.previous_secret, application.previous_secret_until) == (None, None)
    token.key, token.secret = keys
    token.save()
    assert Caller(application, token).get(PHOTOS).status_code == 200


def test_the_previous_secret_is_not_logged(previous, previous_secret, caplog):
    caplog.set_level(logging.DEBUG)
    assert previous.get(PHOTOS).status_code == 200
    expire_in(0)
    assert previous.get(PHOTOS).status_code == 401
    assert previous_secret not in caplog.text
