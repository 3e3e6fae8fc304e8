"""
Connecting with each of Django's session stores, also while SECRET_KEY is changed.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from django_trove.models import TroveAccount
from tests.session_stores import STORES, rotate_secret_key, use_session_store

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("django_trove:account")
CONNECT = reverse("django_trove:connect")


@pytest.fixture(params=STORES)
def browser(request, settings, tmp_path, user):
    use_session_store(settings, request.param, tmp_path)
    client = Client()
    client.force_login(user)
    return client


def is_signed_in(browser):
    return browser.get(ACCOUNT).status_code == 200


def test_first_request_after_key_change_is_the_confirmation(browser, fake_server, settings, user):
    back = fake_server.allow(browser.post(CONNECT, {"next": "/gallery/"}).url)
    confirmation = browser.get(back).url
    rotate_secret_key(settings)
    response = browser.post(confirmation, {"answer": "confirm"})
    assert (response.status_code, response.url) == (302, "/gallery/")
    assert TroveAccount.objects.get(user=user)
    assert is_signed_in(browser)


def test_first_request_after_key_change_is_the_callback(browser, fake_server, settings, user):
    back = fake_server.allow(browser.post(CONNECT).url)
    rotate_secret_key(settings)
    fake_server.follow_callback(browser, back)
    assert TroveAccount.objects.get(user=user)
    assert is_signed_in(browser)


def test_first_request_after_key_change_starts_a_connection(browser, fake_server, settings, user):
    rotate_secret_key(settings)
    fake_server.follow_callback(browser, fake_server.allow(browser.post(CONNECT).url))
    assert TroveAccount.objects.get(user=user)
    assert is_signed_in(browser)


def test_used_callback_is_recognized(browser, fake_server):
    """
    The used entry is stored, in the cookie, too.
    """
    back = fake_server.allow(browser.post(CONNECT).url)
    fake_server.follow_callback(browser, back)
    assert 'data-error="used"' in browser.get(back).content.decode()


class ChangeSession:
    """
    A middleware that changes the session before the view.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.session["visits"] = request.session.get("visits", 0) + 1
        return self.get_response(request)


def test_changes_of_middleware_are_kept(browser, fake_server, settings):
    name = f"{__name__}.ChangeSession"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
    fake_server.follow_callback(browser, fake_server.allow(browser.post(CONNECT).url))
    assert browser.session["visits"] == 3


def test_sign_out_in_another_tab(browser, fake_server, monkeypatch):
    """
    The session is deleted while the callback is handled.
    """
    back = fake_server.allow(browser.post(CONNECT).url)
    session = browser.session

    def sign_out(*args):
        session.delete()
        return True

    monkeypatch.setattr("django_trove.core.cache.SafeCache.add", sign_out)
    response = browser.get(back)
    assert response.status_code == 302
