from __future__ import annotations

import json
import logging

import pytest

from django_trove.server import signals
from django_trove.server.accounts.add import add_folder
from django_trove.server.sync.engine import SyncFailed, sync


@pytest.fixture
def counted():
    data = []

    def count(sender, signal, **facts):
        data.append(facts)

    signals.request_answered.connect(count)
    signals.identity_failed.connect(count)
    yield data
    signals.request_answered.disconnect(count)
    signals.identity_failed.disconnect(count)


def test_request_answered_has_status_and_duration(caller, client, counted):
    caller.post("/v1/oauth/photos/", {"query": json.dumps({"count": 3})})
    client.post("/v1/oauth/photos/")
    assert [(each["endpoint"], each["status"]) for each in counted] == [
        ("photos", 200), ("photos", 400),
    ]  # fmt: skip
    assert all(0 < each["seconds"] < 10 for each in counted)


def test_response_and_log_line_have_the_request_id(client, caplog, db):
    caplog.set_level(logging.INFO, "django_trove.server")
    response = client.post("/v1/oauth/photos/", headers={"x-request-id": "page-7"})
    assert response["X-Request-ID"] == "page-7"
    record = next(each for each in caplog.records if hasattr(each, "seconds"))
    assert (record.request_id, record.status, record.path) == ("page-7", 400, "/v1/oauth/photos/")


@pytest.mark.parametrize("given", ["a\nforged line", "x" * 65])
def test_invalid_request_id_is_replaced(client, db, given):
    response = client.post("/v1/oauth/photos/", headers={"x-request-id": given})
    assert len(response["X-Request-ID"]) == 16


def test_identity_failed_is_sent(person, counted, tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    identity = add_folder(person, root)[0]
    root.rmdir()
    with pytest.raises(SyncFailed):
        sync(identity)
    assert counted[-1]["identity"] == identity
    assert "does not exist" in counted[-1]["reason"]
