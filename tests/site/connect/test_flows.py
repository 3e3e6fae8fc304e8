from __future__ import annotations

import pytest
from django.urls import reverse

from django_trove.client import Unavailable
from django_trove.connect.flows import complete, signals, start
from django_trove.models import TroveAccount
from django_trove.services import Trove

from ..fake_cache_and_clock import DOWN, photo

pytestmark = pytest.mark.django_db

CONNECT = reverse("django_trove:connect")


@pytest.fixture
def connect(pretend, django_capture_on_commit_callbacks):
    """
    Go the whole way for a user.
    """

    def go(user):
        url, flow = start("https://site.example/callback/")
        verifier = pretend.allow(url).partition("oauth_verifier=")[2]
        with django_capture_on_commit_callbacks(execute=True):
            return complete(user, flow.request_token, verifier)

    return go


def test_user_connects_and_sees_photos(browser, user, pretend):
    """
    Click, say yes at the Trove, come back, see photos.
    """
    to_the_trove = browser.post(CONNECT, {"next": "/gallery/"})
    assert to_the_trove.url.startswith(f"{pretend.url}/v1/oauth/authorize/?oauth_token=")
    assert pretend.keep(browser, pretend.allow(to_the_trove.url)).url == "/gallery/"
    assert TroveAccount.objects.get().name == "Ann at the Trove"
    assert [p.title for p in Trove(user).photos()] == ["Snow 0", "Snow 1", "Snow 2"]


def test_first_connection_and_reconnection_send_different_signals(connect, user, heard):
    first = connect(user)
    again = connect(user)
    assert heard.names == ["connected", "reconnected"]
    assert heard.sent[1]["account"] == again
    assert (again.pk, TroveAccount.objects.count()) == (first.pk, 1)
    assert again.fingerprint != first.fingerprint


def test_reconnection_resets_health(connect, user, pretend, make_account):
    make_account(state=TroveAccount.State.NEEDS_RECONNECT, last_error="revoked")
    connect(user)
    assert (Trove(user).connected, Trove(user).account.last_error) == (True, "")


def test_reconnection_clears_cache(connect, user, pretend):
    pretend.next_token = "the-same"
    pretend.grant("the-same")
    connect(user)
    Trove(user).photos()
    pretend.photos = [photo(9)]
    connect(user)
    assert [p.id for p in Trove(user).photos()] == ["9"]


def test_signal_is_sent_on_commit(pretend, user, heard):
    url, flow = start("https://site.example/callback/")
    verifier = pretend.allow(url).partition("oauth_verifier=")[2]
    complete(user, flow.request_token, verifier)
    assert heard.names == []


def test_failing_receiver_does_not_fail_connection(connect, user, heard):
    def broken(**sent):
        raise RuntimeError("a receiver of the host's")

    signals.connected.connect(broken)
    connect(user)
    assert heard.names == ["connected"]
    assert Trove(user).connected


def test_error_during_connection_saves_no_account(pretend, user):
    _, flow = start("https://site.example/callback/")
    pretend.fault = DOWN
    with pytest.raises(Unavailable):
        complete(user, flow.request_token, "verifier")
    assert not TroveAccount.objects.exists()


def test_long_name_is_truncated(connect, user, pretend):
    pretend.faults["/v1/oauth/user/"] = (200, {}, b'{"name": "%s"}' % (b"x" * 1000))
    assert len(connect(user).name) == 255
