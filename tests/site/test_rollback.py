"""
A host's view that raises an exception under ATOMIC_REQUESTS: the state of the account is kept.
"""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from django_trove.client import TroveError
from django_trove.models import TroveAccount
from django_trove.services import Trove

from .fake_trove_server import DOWN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def photos(request):
    """
    Write to the database, call the Trove, and do not catch the exception.
    """
    request.user.first_name = "Changed"
    request.user.save()
    Trove(request.user).photos()
    return HttpResponse()


def photos_in_savepoint(request):
    try:
        with transaction.atomic():
            Trove(request.user).photos()
    except TroveError:
        return HttpResponse()
    return HttpResponse(status=204)


def photos_caught(request):
    try:
        Trove(request.user).photos()
    except TroveError:
        return HttpResponse()
    return HttpResponse(status=204)


urlpatterns = [
    path("photos/", photos),
    path("savepoint/", photos_in_savepoint),
    path("caught/", photos_caught),
]


@pytest.fixture(autouse=True)
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.fixture
def browser(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize("url", ["/photos/", "/savepoint/", "/caught/"])
def test_rejected_token_is_recorded(browser, account, fake_server, sent_signals, url):
    fake_server.revoke()
    assert browser.get(url).status_code == (500 if url == "/photos/" else 200)
    account.refresh_from_db()
    account.user.refresh_from_db()
    assert account.state == TroveAccount.State.NEEDS_RECONNECT
    assert account.user.first_name == ""
    assert sent_signals.names == ["needs_reconnect"]
    browser.get(url)
    assert sent_signals.names == ["needs_reconnect"]


@pytest.mark.parametrize("url", ["/photos/", "/savepoint/", "/caught/"])
def test_failure_is_recorded(browser, account, fake_server, url):
    fake_server.error_response = DOWN
    browser.get(url)
    account.refresh_from_db()
    assert (account.failure, account.state) == ("unavailable", TroveAccount.State.ACTIVE)


def test_outside_of_a_request_the_transaction_decides(account, fake_server, sent_signals):
    fake_server.revoke()
    with pytest.raises(TroveError), transaction.atomic():
        Trove(account.user).photos()
    account.refresh_from_db()
    assert account.state == TroveAccount.State.ACTIVE
    assert sent_signals.names == []


def test_other_changes_of_the_request_are_rolled_back(browser, account, fake_server):
    fake_server.revoke()
    browser.get("/photos/")
    account.user.refresh_from_db()
    assert account.user.first_name == ""
