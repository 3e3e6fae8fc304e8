"""
How an account fares, as its user sees it.
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

from .fake_cache_and_clock import DOWN

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


def test_an_account_that_was_just_connected_is_well(account):
    assert (account.health, account.reason) == (Health.CONNECTED, "")
    assert account.last_success_at == account.connected_at


def test_a_call_that_fails_degrades_it_and_one_that_goes_well_mends_it(account, user, pretend):
    pretend.fault = DOWN
    with pytest.raises(Unavailable):
        Trove(user).photos()
    assert (stored().health, stored().needs_reconnect) == (Health.DEGRADED, False)
    assert stored().reason == Failure.UNAVAILABLE.label
    pretend.fault = None
    assert list(Trove(user).iter_photos())
    assert (stored().health, stored().reason, stored().last_error) == (Health.CONNECTED, "", "")
    assert stored().last_success_at > account.connected_at


def test_a_revoked_one_needs_to_be_connected_again(account, user, pretend):
    pretend.revoke()
    with pytest.raises(TroveError):
        Trove(user).photos()
    assert (stored().health, stored().reason) == (Health.NEEDS_RECONNECT, Failure.REVOKED.label)


def test_so_does_one_that_no_key_opens(account, settings):
    settings.SECRET_KEY = "another one"
    assert (stored().health, stored().reason) == (
        Health.NEEDS_RECONNECT,
        Failure.UNDECRYPTABLE.label,
    )


def test_a_bad_question_is_no_trouble(account, user):
    with pytest.raises(TroveError):
        Trove(user).photos(count=-1)
    assert stored().health == Health.CONNECTED


def test_trouble_that_a_later_release_wrote_is_said_all_the_same(make_account):
    assert make_account(failure="of tomorrow").reason == Failure.UNAVAILABLE.label


@pytest.mark.parametrize("name", client.__all__)
def test_every_error_of_the_client_is_some_trouble(name):
    kind = getattr(client, name)
    if isinstance(kind, type) and issubclass(kind, TroveError):
        assert failure_for(kind("words")) in Failure


def test_each_kind_of_trouble_is_told_apart():
    assert len({failure_for(kind("words")) for kind, _ in FAILURE_BY_ERROR}) == len(
        FAILURE_BY_ERROR
    )


def test_accounts_are_found_by_their_health(make_account, make_user):
    well = make_account("a")
    troubled = make_account("b", user=make_user("bob"), failure=Failure.BUSY)
    gone = make_account(
        "c", user=make_user("cy"), state=TroveAccount.State.NEEDS_RECONNECT, failure=Failure.REVOKED
    )
    found = [list(TroveAccount.objects.in_health(health)) for health in Health]
    assert found == [[well], [troubled], [gone]]
    assert [account.health for [account] in found] == list(Health)


class TestOnTheAccountPage:
    def test_trouble_is_said_once_with_the_last_good_time(self, browser, account, pretend):
        day = timezone.now() - timedelta(days=40)
        TroveAccount.objects.update(connected_at=day, last_used_at=day + timedelta(days=1))
        pretend.fault = DOWN
        page = browser.get(ACCOUNT).content.decode()
        assert 'data-health="degraded"' in page
        assert page.count('role="status"') == 1
        assert f'datetime="{stored().last_success_at.astimezone():%Y-%m-%d}' in page
        assert f'action="{CONNECT}"' in page

    def test_one_click_connects_the_same_row_again(self, browser, account, pretend):
        pretend.revoke()
        page = browser.get(ACCOUNT).content.decode()
        assert 'data-health="needs_reconnect"' in page
        pretend.keep(browser, pretend.allow(browser.post(CONNECT).url))
        assert (stored().pk, stored().health) == (account.pk, Health.CONNECTED)
        assert "data-health" not in browser.get(ACCOUNT).content.decode()


class TestInTheTag:
    def test_a_sound_connection_is_a_link(self, account, tag):
        assert "data-health" not in tag()
        assert "<button" not in tag()

    def test_trouble_is_said_with_a_button(self, account, tag):
        account.record_failure("HTTP 500 of /v1/", Failure.UNAVAILABLE)
        assert 'data-health="degraded"' in tag()
        assert "HTTP 500" not in tag()
        assert f'action="{CONNECT}"' in tag()

    def test_a_lost_one_says_why_with_a_button(self, account, tag):
        account.record_revoked("401")
        assert "no longer has access to your Trove" in tag()
        assert f'action="{CONNECT}"' in tag()
