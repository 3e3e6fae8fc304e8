"""
Whatever goes wrong, a program gets an answer that it can read, and nobody learns a secret from it.
"""

import json

import pytest
from django.db import OperationalError

from ..signed_requests import form_of

pytestmark = pytest.mark.django_db


def fails_with(fault):
    def fail(*args, **kwargs):
        raise fault

    return fail


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (ZeroDivisionError, 500, "server_error"),
        (OperationalError, 503, "unavailable"),
    ],
)
def test_a_content_endpoint_that_fails_says_so_in_json(caller, monkeypatch, fault, status, code):
    monkeypatch.setattr("django_trove.server.api.views.search_content", fails_with(fault("hush")))
    answer = caller.get("/v1/oauth/photos/")
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.has_header("Retry-After") is (status == 503)
    assert b"hush" not in answer.content
    assert answer["Cache-Control"] == "no-store, private"


def test_a_token_endpoint_that_fails_says_so_in_a_form(dance, monkeypatch):
    monkeypatch.setattr(
        "django_trove.server.api.views.issue_request_token", fails_with(OperationalError("hush"))
    )
    answer = dance.request_token()
    assert (answer.status_code, form_of(answer)["error"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["request_token", "access_token"])
def test_a_token_endpoint_refuses_other_methods_in_a_form(client, path):
    answer = client.put(f"/v1/oauth/{path}/", secure=True)
    assert (answer.status_code, form_of(answer)["error"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, POST"


def test_json_is_read_to_a_depth_that_the_protocol_never_needs(caller):
    """
    P17: neither a deep query nor a long one is taken apart.
    """
    deep = {"query": "[" * 13 + "]" * 13}
    refused = caller.post("/v1/oauth/photos/", deep)
    assert (refused.status_code, refused.json()["field"]) == (400, "query")
    assert "levels" in refused.json()["detail"]
    usual = {"query": json.dumps({"attributes": {}, "geo_sw": [1, 2], "geo_ne": [3, 4]})}
    assert caller.post("/v1/oauth/photos/", usual).status_code == 200
    long = {"query": json.dumps({"tags-required": ["x" * 100_000]})}
    assert caller.post("/v1/oauth/photos/", long).status_code == 413
    pushed = {
        "user_id": "1",
        "content_type": "photos",
        "number_of_items": "1",
        "object_list": "[" * 20 + "]" * 20,
    }
    refused = caller.post("/v1/oauth/push/", pushed)
    assert (refused.status_code, refused.json()["field"]) == (400, "object_list")


def test_the_operator_finds_in_the_log_what_it_was(caller, monkeypatch, caplog):
    monkeypatch.setattr(
        "django_trove.server.api.views.search_content", fails_with(ZeroDivisionError("hush"))
    )
    caller.get("/v1/oauth/photos/")
    assert "hush" in caplog.text
