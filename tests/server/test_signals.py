"""
What who hosts a Trove can count, and how its log lines and a site's are joined.
"""

from __future__ import annotations

import json
import logging

import pytest

from django_trove.server import signals
from django_trove.server.accounts.add import add_folder
from django_trove.server.sync.engine import SyncFailed, sync


@pytest.fixture
def counted():
    said = []

    def count(sender, signal, **facts):
        said.append(facts)

    signals.request_answered.connect(count)
    signals.identity_failed.connect(count)
    yield said
    signals.request_answered.disconnect(count)
    signals.identity_failed.disconnect(count)


def test_every_answer_is_told_with_its_status_and_time(caller, client, counted):
    caller.post("/v1/oauth/photos/", {"query": json.dumps({"count": 3})})
    client.post("/v1/oauth/photos/")
    assert [(each["endpoint"], each["status"]) for each in counted] == [
        ("photos", 200), ("photos", 400),
    ]  # fmt: skip
    assert all(0 < each["seconds"] < 10 for each in counted)


def test_an_answer_and_its_log_line_have_the_id_that_the_site_gave(client, caplog, db):
    caplog.set_level(logging.INFO, "django_trove.server")
    answer = client.post("/v1/oauth/photos/", headers={"x-request-id": "page-7"})
    assert answer["X-Request-ID"] == "page-7"
    record = next(each for each in caplog.records if hasattr(each, "seconds"))
    assert (record.request_id, record.status, record.path) == ("page-7", 400, "/v1/oauth/photos/")


@pytest.mark.parametrize("given", ["a\nforged line", "x" * 65])
def test_an_id_that_is_not_fit_is_replaced(client, db, given):
    answer = client.post("/v1/oauth/photos/", headers={"x-request-id": given})
    assert len(answer["X-Request-ID"]) == 16


def test_a_service_that_cannot_be_read_is_told(person, counted, tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    identity = add_folder(person, root)[0]
    root.rmdir()
    with pytest.raises(SyncFailed):
        sync(identity)
    assert counted[-1]["identity"] == identity
    assert "does not exist" in counted[-1]["reason"]
