"""
The health of an account and its presentation to the user.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from django_trove import client
from django_trove.client import TroveError, Unavailable
from django_trove.health import FAILURE_BY_ERROR, Failure, Health, failure_for
from django_trove.models import TroveAccount
from django_trove.services import Trove

from .fake_trove_server import DOWN

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("django_trove:account")
CONNECT = reverse("django_trove:connect")


@pytest.fixture
def tag(user):
    def draw():
        request = RequestFactory().get("/page/")
        request.user = type(user)._default_manager.get(pk=user.pk)
        return Template("{% load trove %}{% trove_connect %}").render(Context({"request": request}))

    return draw


def stored():
    return TroveAccount.objects.get()


def test_new_account_is_connected(account):
    assert (account.health, account.reason) == (Health.CONNECTED, "")
    assert account.last_success_at == account.connected_at


def test_error_degrades_account_and_success_resets_it(account, user, fake_server):
    fake_server.error_response = DOWN
    with pytest.raises(Unavailable):
        Trove(user).photos()
    assert (stored().health, stored().needs_reconnect) == (Health.DEGRADED, False)
    assert stored().reason == Failure.UNAVAILABLE.label
    fake_server.error_response = None
    assert list(Trove(user).iter_photos())
    assert (stored().health, stored().reason, stored().last_error) == (Health.CONNECTED, "", "")
    assert stored().last_success_at > account.connected_at


def test_revoked_account_needs_reconnection(account, user, fake_server):
    fake_server.revoke()
    with pytest.raises(TroveError):
        Trove(user).photos()
    assert (stored().health, stored().reason) == (Health.NEEDS_RECONNECT, Failure.REVOKED.label)


def test_undecryptable_account_needs_reconnection(account, settings):
    settings.SECRET_KEY = "another one"
    assert (stored().health, stored().reason) == (
        Health.NEEDS_RECONNECT,
        Failure.UNDECRYPTABLE.label,
    )


def test_query_error_does_not_change_health(account, user):
    with pytest.raises(TroveError):
        Trove(user).photos(count=-1)
    assert stored().health == Health.CONNECTED


def test_unknown_failure_has_reason(make_account):
    assert make_account(failure="of tomorrow").reason == Failure.UNAVAILABLE.label


@pytest.mark.parametrize("name", client.__all__)
def test_all_client_errors_have_a_failure(name):
    kind = getattr(client, name)
    if isinstance(kind, type) and issubclass(kind, TroveError):
        assert failure_for(kind("words")) in Failure


def test_errors_have_distinct_failures():
    assert len({failure_for(kind("words")) for kind, _ in FAILURE_BY_ERROR}) == len(
        FAILURE_BY_ERROR
    )


def test_in_health(make_account, make_user):
    connected = make_account("a")
    degraded = make_account("b", user=make_user("bob"), failure=Failure.BUSY)
    lost = make_account(
        "c", user=make_user("cy"), state=TroveAccount.State.NEEDS_RECONNECT, failure=Failure.REVOKED
    )
    accounts_by_health = [list(TroveAccount.objects.in_health(health)) for health in Health]
    assert accounts_by_health == [[connected], [degraded], [lost]]
    assert [account.health for [account] in accounts_by_health] == list(Health)


class TestAccountPage:
    def test_failure_is_shown_once_with_last_success(self, browser, account, fake_server):
        day = timezone.now() - timedelta(days=40)
        TroveAccount.objects.update(connected_at=day, last_used_at=day + timedelta(days=1))
        fake_server.error_response = DOWN
        page = browser.get(ACCOUNT).content.decode()
        assert 'data-health="degraded"' in page
        assert page.count('role="status"') == 1
        assert f'datetime="{stored().last_success_at.astimezone():%Y-%m-%d}' in page
        assert f'action="{CONNECT}"' in page

    def test_reconnection_updates_same_row(self, browser, account, fake_server):
        fake_server.revoke()
        page = browser.get(ACCOUNT).content.decode()
        assert 'data-health="needs_reconnect"' in page
        fake_server.follow_callback(browser, fake_server.allow(browser.post(CONNECT).url))
        assert (stored().pk, stored().health) == (account.pk, Health.CONNECTED)
        assert "data-health" not in browser.get(ACCOUNT).content.decode()


class TestConnectTag:
    def test_connected_account_is_a_link(self, account, tag):
        assert "data-health" not in tag()
        assert "<button" not in tag()

    def test_failure_is_shown_with_button(self, account, tag):
        account.record_failure("HTTP 500 of /v1/", Failure.UNAVAILABLE)
        assert 'data-health="degraded"' in tag()
        assert "HTTP 500" not in tag()
        assert f'action="{CONNECT}"' in tag()

    def test_lost_connection_is_shown_with_reason_and_button(self, account, tag):
        account.record_revoked("401")
        assert "no longer has access to your Trove" in tag()
        assert f'action="{CONNECT}"' in tag()
