"""
Error responses (protocol, section 6).
"""

import json

import pytest
from django.db import OperationalError

from django_trove.server.signals import request_answered

from ..signed_requests import form_of

pytestmark = pytest.mark.django_db


def raising(error):
    def call(*args, **kwargs):
        raise error

    return call


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ZeroDivisionError, 500, "server_error"),
        (OperationalError, 503, "unavailable"),
    ],
)
def test_errors_of_content_endpoints_are_json(caller, monkeypatch, error, status, code):
    monkeypatch.setattr("django_trove.server.api.views.search_content", raising(error("secret")))
    response = caller.get("/v1/oauth/photos/")
    assert (response.status_code, response.json()["error"]) == (status, code)
    assert response.has_header("Retry-After") is (status == 503)
    assert b"secret" not in response.content
    assert response["Cache-Control"] == "no-store, private"


def test_errors_of_token_endpoints_are_form_encoded(dance, monkeypatch):
    monkeypatch.setattr(
        "django_trove.server.api.views.issue_request_token", raising(OperationalError("secret"))
    )
    response = dance.request_token()
    assert (response.status_code, form_of(response)["error"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["request_token", "access_token"])
def test_token_endpoints_reject_other_methods(client, path):
    response = client.put(f"/v1/oauth/{path}/", secure=True)
    assert (response.status_code, form_of(response)["error"]) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST"


def test_the_depth_and_length_of_json_are_limited(caller):
    deep = {"query": "[" * 13 + "]" * 13}
    response = caller.post("/v1/oauth/photos/", deep)
    assert (response.status_code, response.json()["field"]) == (400, "query")
    assert "levels" in response.json()["detail"]
    valid = {"query": json.dumps({"attributes": {}, "geo_sw": [1, 2], "geo_ne": [3, 4]})}
    assert caller.post("/v1/oauth/photos/", valid).status_code == 200
    long = {"query": json.dumps({"tags-required": ["x" * 100_000]})}
    assert caller.post("/v1/oauth/photos/", long).status_code == 413
    form = {
        "user_id": "1",
        "content_type": "photos",
        "number_of_items": "1",
        "object_list": "[" * 20 + "]" * 20,
    }
    response = caller.post("/v1/oauth/push/", form)
    assert (response.status_code, response.json()["field"]) == (400, "object_list")


def test_unexpected_errors_are_logged(caller, monkeypatch, caplog):
    monkeypatch.setattr(
        "django_trove.server.api.views.search_content", raising(ZeroDivisionError("secret"))
    )
    caller.get("/v1/oauth/photos/")
    assert "secret" in caplog.text


def test_path_cannot_add_lines_to_the_log(client, caplog):
    caplog.set_level("INFO")
    client.get("/oauth/x%0AERROR%20forged%0D%0A/")
    messages = [record.getMessage() for record in caplog.records]
    assert any("/oauth/x%0AERROR" in message for message in messages)
    assert not any(set("\r\n") & set(message) for message in messages)


def test_paths_cannot_add_endpoints_to_metrics(client):
    def receive(endpoint, **kwargs):
        endpoints.add(endpoint)

    endpoints = set()
    request_answered.connect(receive)
    try:
        for path in ("/oauth/x/", "/v1/oauth/y%0A/", "/oauth/photos/"):
            client.get(path)
    finally:
        request_answered.disconnect(receive)
    assert endpoints == {"content", "photos"}
