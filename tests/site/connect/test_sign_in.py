"""
The maximum age of the sign-in (`TROVE["MAX_LOGIN_AGE"]`), with Django's login view.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from django_trove.connect import sign_in
from django_trove.connect.sign_in import SESSION_KEY
from django_trove.models import TroveAccount

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.connect.login_urls")]

ACCOUNT, CONNECT = reverse("django_trove:account"), reverse("django_trove:connect")
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _five_minutes(settings, fake_server):
    settings.TROVE = settings.TROVE | {"MAX_LOGIN_AGE": 300}
    settings.LOGIN_URL = LOGIN


@pytest.fixture
def log_in(make_user):
    make_user(password="pass-word")

    def log_in(client, path=LOGIN):
        form = {"username": "ann", "password": "pass-word"}
        query = parse_qs(urlsplit(path).query)
        if "next" in query:
            form["next"] = query["next"][0]
        return client.post(LOGIN, form)

    return log_in


@pytest.fixture
def client(log_in):
    client = Client()
    log_in(client)
    return client


def age_sign_in(client, seconds):
    session = client.session
    session[SESSION_KEY] -= seconds
    session.save()


def is_authorization(url, fake_server):
    return url.startswith(fake_server.url)


def test_recent_sign_in_is_sufficient(client, fake_server):
    assert is_authorization(client.post(CONNECT).url, fake_server)
    age_sign_in(client, 290)
    assert is_authorization(client.post(CONNECT).url, fake_server)


@pytest.mark.parametrize("seconds", [310, -3600])
def test_old_or_future_sign_in_is_repeated(client, fake_server, log_in, seconds):
    """
    The user returns to the account page, whose button continues with the same values.
    """
    age_sign_in(client, seconds)
    response = client.post(CONNECT, {"next": "/photos/?page=2", "service": "flickr"})
    assert response.url.startswith(f"{LOGIN}?next={ACCOUNT}")
    assert not fake_server.request_counts
    back = log_in(client, response.url)
    assert back.url == f"{ACCOUNT}?next=%2Fphotos%2F%3Fpage%3D2&service=flickr"
    page = client.get(back.url).content.decode()
    assert "Connecting a Trove requires a recent sign-in." in page
    assert 'name="next" value="/photos/?page=2"' in page
    assert 'name="service" value="flickr"' in page
    assert client.post(CONNECT, {"next": "/photos/?page=2"}).url.startswith(fake_server.url)


def test_without_values_the_user_returns_to_the_account_page(client, log_in):
    age_sign_in(client, 310)
    assert client.post(CONNECT).url == f"{LOGIN}?next={ACCOUNT}"


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_other_hosts_are_no_targets(client, log_in, url):
    age_sign_in(client, 310)
    assert client.post(CONNECT, {"next": url}).url == f"{LOGIN}?next={ACCOUNT}"
    page = client.get(ACCOUNT, {"next": url}).content.decode()
    assert 'name="next"' not in page


@pytest.mark.parametrize("service", ["a b", "x" * 200, '"><script>'])
def test_invalid_service_is_ignored(client, service):
    assert 'name="service"' not in client.get(ACCOUNT, {"service": service}).content.decode()


def test_time_of_the_sign_in_may_be_unknown(client):
    """
    The user signed in before this app was installed.
    """
    session = client.session
    del session[SESSION_KEY]
    session.save()
    assert client.post(CONNECT).url.startswith(LOGIN)


def test_sign_in_is_not_repeated_by_default(client, fake_server, settings):
    settings.TROVE = {**settings.TROVE, "MAX_LOGIN_AGE": None}
    age_sign_in(client, 10**9)
    assert is_authorization(client.post(CONNECT).url, fake_server)


def test_connection_that_has_started_can_end(client, fake_server):
    """
    The sign-in may expire while the user is at the Trove.
    """
    callback = fake_server.allow(client.post(CONNECT).url)
    age_sign_in(client, 310)
    fake_server.follow_callback(client, callback)
    assert TroveAccount.objects.count() == 1


def test_sign_in_without_session_is_ignored(rf):
    user = get_user_model()()
    sign_in.record_sign_in(None, user=user)
    sign_in.record_sign_in(rf.get("/"), user=user)
    assert not hasattr(rf.get("/"), "session")
