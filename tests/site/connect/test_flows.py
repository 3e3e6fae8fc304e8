from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_trove.client import Unavailable
from django_trove.connect.flows import complete, signals, start
from django_trove.models import TroveAccount
from django_trove.services import Trove

from ..fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db

CONNECT = reverse("django_trove:connect")


@pytest.fixture
def connect(fake_server, django_capture_on_commit_callbacks):
    """
    Complete the flow for a user.
    """

    def go(user):
        url, flow = start("https://site.example/callback/")
        verifier = fake_server.allow(url).partition("oauth_verifier=")[2]
        with django_capture_on_commit_callbacks(execute=True):
            return complete(user, flow.request_token, verifier)

    return go


def test_user_connects_and_sees_photos(browser, user, fake_server):
    to_the_trove = browser.post(CONNECT, {"next": "/gallery/"})
    assert to_the_trove.url.startswith(f"{fake_server.url}/v1/oauth/authorize/?oauth_token=")
    assert (
        fake_server.follow_callback(browser, fake_server.allow(to_the_trove.url)).url == "/gallery/"
    )
    assert TroveAccount.objects.get().name == "Ann at the Trove"
    assert [p.title for p in Trove(user).photos()] == ["Snow 0", "Snow 1", "Snow 2"]


def test_first_connection_and_reconnection_send_different_signals(connect, user, sent_signals):
    first = connect(user)
    again = connect(user)
    assert sent_signals.names == ["connected", "reconnected"]
    assert sent_signals.sent[1]["account"] == again
    assert (again.pk, TroveAccount.objects.count()) == (first.pk, 1)
    assert again.fingerprint != first.fingerprint


def test_reconnection_resets_health(connect, user, fake_server, make_account):
    make_account(state=TroveAccount.State.NEEDS_RECONNECT, last_error="revoked")
    connect(user)
    assert (Trove(user).connected, Trove(user).account.last_error) == (True, "")


def test_reconnection_clears_cache(connect, user, fake_server):
    fake_server.next_token = "the-same"
    fake_server.grant("the-same")
    connect(user)
    Trove(user).photos()
    fake_server.photos = [photo(9)]
    connect(user)
    assert [p.id for p in Trove(user).photos()] == ["9"]


def test_signal_is_sent_on_commit(fake_server, user, sent_signals):
    url, flow = start("https://site.example/callback/")
    verifier = fake_server.allow(url).partition("oauth_verifier=")[2]
    complete(user, flow.request_token, verifier)
    assert sent_signals.names == []


def test_failing_receiver_does_not_fail_connection(connect, user, sent_signals):
    def broken(**sent):
        raise RuntimeError("a receiver of the host's")

    signals.connected.connect(broken)
    connect(user)
    assert sent_signals.names == ["connected"]
    assert Trove(user).connected


def test_error_during_connection_saves_no_account(fake_server, user):
    _, flow = start("https://site.example/callback/")
    fake_server.error_response = DOWN
    with pytest.raises(Unavailable):
        complete(user, flow.request_token, "verifier")
    assert not TroveAccount.objects.exists()


def test_long_name_is_truncated(connect, user, fake_server):
    fake_server.path_errors["/v1/oauth/user/"] = (200, {}, b'{"name": "%s"}' % (b"x" * 1000))
    assert len(connect(user).name) == 255


@pytest.mark.parametrize(("status", "level"), [(403, "INFO"), (500, "WARNING")])
def test_connection_without_a_name_is_logged(connect, fake_server, caplog, status, level):
    caplog.set_level("INFO", "django_trove.connect")
    user = get_user_model().objects.create_user("ada")
    fake_server.path_errors["/v1/oauth/user/"] = (status, {}, b"")
    assert connect(user).name == ""
    assert [(record.levelname, record.getMessage()[:25]) for record in caplog.records] == [
        (level, "The Trove did not return "),
        ("INFO", f"User {user.pk} connected their Trove."[:25]),
    ]
