"""
Signals for metrics, and request ids in logs.
"""

from __future__ import annotations

import json
import logging

import pytest

from django_trove.server import signals
from django_trove.server.accounts.add import add_folder
from django_trove.server.sync.engine import SyncFailed, sync


@pytest.fixture
def events():
    events = []

    def receiver(sender, signal, **data):
        events.append(data)

    signals.request_answered.connect(receiver)
    signals.identity_failed.connect(receiver)
    yield events
    signals.request_answered.disconnect(receiver)
    signals.identity_failed.disconnect(receiver)


def test_request_answered_has_status_and_duration(caller, client, events):
    caller.post("/v1/oauth/photos/", {"query": json.dumps({"count": 3})})
    client.post("/v1/oauth/photos/")
    assert [(event["endpoint"], event["status"]) for event in events] == [
        ("photos", 200), ("photos", 400),
    ]  # fmt: skip
    assert all(0 < event["seconds"] < 10 for event in events)


def test_the_request_id_is_in_the_response_and_the_log(client, caplog, db):
    caplog.set_level(logging.INFO, "django_trove.server")
    response = client.post("/v1/oauth/photos/", headers={"x-request-id": "page-7"})
    assert response["X-Request-ID"] == "page-7"
    record = next(event for event in caplog.records if hasattr(event, "seconds"))
    assert (record.request_id, record.status, record.path) == ("page-7", 400, "/v1/oauth/photos/")


@pytest.mark.parametrize("request_id", ["a\nforged line", "x" * 65])
def test_an_invalid_request_id_is_replaced(client, db, request_id):
    response = client.post("/v1/oauth/photos/", headers={"x-request-id": request_id})
    assert len(response["X-Request-ID"]) == 16


def test_identity_failed_is_sent(person, events, tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    identity = add_folder(person, root)[0]
    root.rmdir()
    with pytest.raises(SyncFailed):
        sync(identity)
    assert events[-1]["identity"] == identity
    assert "does not exist" in events[-1]["reason"]
