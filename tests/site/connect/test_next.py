"""
`next` is a path, and never the name of a URL pattern.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("django_trove:account")
CONNECT = reverse("django_trove:connect")
ADD_SERVICE = reverse("django_trove:add_service")
RELATIVE = ["?page=2", "#top", "next", "account", "django_trove:account", "a b", "photos/", "."]
PARTS = st.sampled_from([*RELATIVE, "/", "%", "{", ":", "http://testserver", "\r\n", "\0", "é"])
URLS = st.lists(st.one_of(PARTS, st.text(max_size=5)), max_size=4).map("".join)


@pytest.fixture
def connect(browser, fake_server):
    def run(next):
        """
        Return the URL to which the user is redirected after connecting.
        """
        back = fake_server.allow(browser.post(CONNECT, {"next": next}).url)
        response = fake_server.follow_callback(browser, back)
        assert response.status_code == 302
        return response.url

    return run


@pytest.mark.parametrize("next", RELATIVE)
def test_relative_next_is_ignored(connect, next):
    assert connect(next) == ACCOUNT


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(next=URLS)
def test_any_next_results_in_a_redirect(connect, next):
    cache.clear()  # the number of connections per user is limited
    url = connect(next)
    assert url.startswith(("/", "http://testserver"))


@pytest.mark.parametrize("next", RELATIVE)
def test_start_of_connection_in_one_project(browser, settings, next):
    """
    Connecting redirects to the page that adds a service.
    """
    settings.TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}
    settings.TROVE_SERVER = {}
    assert browser.post(CONNECT, {"next": next}).url == reverse("trove_server:home")


@pytest.mark.parametrize("next", RELATIVE)
def test_failed_connection_keeps_no_relative_next(browser, fake_server, next):
    back = fake_server.deny(browser.post(CONNECT, {"next": next}).url)
    page = browser.get(back).content.decode()
    assert f'href="{ACCOUNT}"' in page
    assert f'href="{next}"' not in page
