"""
Signals and log records for monitoring, and their request ids.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from django_trove import signals
from django_trove.client import TroveError
from django_trove.client.logs import get_request_id
from django_trove.core.cache import SafeCache
from django_trove.middleware import TroveMiddleware
from django_trove.services import Trove

from .fake_trove_server import DOWN

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    events = []

    def record_query(operation, source, error, **kwargs):
        events.append((operation, source, type(error).__name__ if error else ""))

    def record_call(call, **kwargs):
        events.append(call)

    signals.query_answered.connect(record_query)
    signals.call_made.connect(record_call)
    yield events
    signals.query_answered.disconnect(record_query)
    signals.call_made.disconnect(record_call)


def query_events(events):
    return [event for event in events if isinstance(event, tuple)]


def test_query_answered_has_source(account, user, fake_server, events, settings):
    trove = Trove(user)
    trove.photos(), trove.photos()
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    fake_server.error_response = DOWN
    assert trove.photos().stale
    with pytest.raises(TroveError):
        trove.photos(tags="snow")
    assert query_events(events) == [
        ("photos", "trove", ""),
        ("photos", "cache", ""),
        ("photos", "stale", "Unavailable"),
        ("photos", "none", "Unavailable"),
    ]


def test_source_is_cache_while_another_thread_refreshes(
    account, fake_server, events, settings, monkeypatch
):
    user = account.user
    Trove(user).photos()
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    # Another thread holds the lock.
    monkeypatch.setattr(SafeCache, "lock", lambda *args: nullcontext(False))
    assert len(Trove(user).photos()) == 3
    assert query_events(events) == [("photos", "trove", ""), ("photos", "cache", "")]
    assert fake_server.photo_calls == 1


def test_call_made_has_status_and_duration(account, user, fake_server, events):
    Trove(user).services()
    (call,) = [event for event in events if not isinstance(event, tuple)]
    assert (call.status, call.attempt, call.error) == (200, 1, "")
    assert call.path.endswith("/v1/oauth/get_add_urls_for_services/")


def test_failing_receiver_does_not_fail_page(account, user, fake_server):
    def broken(**kwargs):
        raise RuntimeError

    signals.query_answered.connect(broken)
    signals.call_made.connect(broken)
    try:
        assert len(Trove(user).photos()) == 3
    finally:
        signals.query_answered.disconnect(broken)
        signals.call_made.disconnect(broken)


def request_id_in_view(request):
    ids = []

    def view(request):
        ids.append(get_request_id())
        return HttpResponse()

    TroveMiddleware(view)(request)
    return ids[0]


def test_request_id_of_proxy_is_used():
    request = RequestFactory().get("/", headers={"x-request-id": "from-proxy"})
    assert request_id_in_view(request) == "from-proxy"
    assert len(request_id_in_view(RequestFactory().get("/"))) == 16
    assert get_request_id() == ""


def test_request_id_of_configured_function_is_used(settings):
    settings.TROVE = settings.TROVE | {"REQUEST_ID": lambda request: request.headers["x-amzn"]}
    request = RequestFactory().get("/", headers={"x-amzn": "Root=1"})
    assert request_id_in_view(request) != "Root=1"  # invalid
    assert request_id_in_view(RequestFactory().get("/", headers={"x-amzn": "Root-1"})) == "Root-1"


def test_request_id_is_sent_to_trove(account, user, fake_server, events):
    def view(request):
        Trove(user).photos()
        return HttpResponse()

    TroveMiddleware(view)(RequestFactory().get("/", headers={"x-request-id": "page-7"}))
    assert [record_call.headers["X-Request-ID"] for record_call in fake_server.server.requests] == [
        "page-7"
    ]


def test_log_records_have_user_id_and_no_secret(account, user, fake_server, caplog):
    caplog.set_level(logging.DEBUG, "django_trove")
    secrets = (account.token.key, account.token.secret, "app-secret")
    fake_server.revoke()
    with pytest.raises(TroveError):
        Trove(user).photos()
    assert user.pk in [getattr(record, "user_id", None) for record in caplog.records]
    assert not [s for record in caplog.records for s in secrets if s in str(vars(record))]
