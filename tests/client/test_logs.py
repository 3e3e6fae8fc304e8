from __future__ import annotations

import logging

import pytest

from django_trove.client import Call, Token, TroveAPI, Unavailable
from django_trove.client.logs import RequestIdFilter, get_request_id, request_id_scope

from .fake_server import run_fake_server

OK = (200, {"Content-Type": "application/json"}, b'{"name": "Ann", "identities": []}')
DOWN = (503, {}, b"")


@pytest.fixture
def server():
    with run_fake_server() as server:
        server.respond = lambda request: OK
        yield server


@pytest.fixture
def calls():
    return []


@pytest.fixture
def api(server, calls):
    return TroveAPI(
        "app-key", "app-secret", ["photos"], Token("token-key", "token-secret"),
        url=server.url, observe=calls.append, retries=1,
    )  # fmt: skip


def ids(server):
    return [request.headers.get("X-Request-ID") for request in server.requests]


def test_request_id_is_sent(api, server, calls):
    api.get_user_info(), api.get_user_info()
    assert ids(server) == [call.request_id for call in calls]
    assert len(set(ids(server))) == 2


def test_calls_in_one_scope_share_request_id(api, server):
    with request_id_scope("page-7"):
        api.get_user_info(), api.get_user_info()
    assert ids(server) == ["page-7", "page-7"]
    assert get_request_id() == ""


@pytest.mark.parametrize("invalid_id", ["", "two words", "a\nforged line", "x" * 65, "é"])
def test_unsafe_request_id_is_replaced(invalid_id):
    with request_id_scope(invalid_id) as request_id:
        assert request_id != invalid_id
        assert len(request_id) == 16


def test_nested_scope_keeps_request_id():
    with request_id_scope("outer"), request_id_scope("inner") as request_id:
        assert request_id == "outer"


def test_each_attempt_is_reported_with_number_status_and_error(api, server, calls):
    answers = [DOWN, OK]
    server.respond = lambda request: answers.pop(0)
    api.get_user_info()
    first, second = calls
    assert (first.attempt, first.status, first.error) == (1, 503, "Unavailable")
    assert (second.attempt, second.status, second.error) == (2, 200, "")
    assert first.request_id == second.request_id
    assert first.path == second.path == server.url.partition("//")[2] + "/v1/oauth/user/"
    assert 0 < second.seconds < 10


def test_connection_error_has_no_status(calls):
    api = TroveAPI("k", "s", url="http://127.0.0.1:9", observe=calls.append, retries=0)
    with pytest.raises(Unavailable):
        api.get_request_token()
    assert [(call.status, call.error) for call in calls] == [(None, "Unreachable")]


def test_log_record_has_fields_and_no_secret(api, caplog):
    caplog.set_level(logging.DEBUG, "django_trove")
    api.get_user_info()
    record = next(each for each in caplog.records if each.name == "django_trove.client.logs")
    assert {name: getattr(record, name) for name in ("method", "status", "attempt", "error")} == {
        "method": "POST", "status": 200, "attempt": 1, "error": "",
    }  # fmt: skip
    assert record.request_id
    text = str(vars(record))
    assert not any(secret in text for secret in ("app-key", "app-secret", "token-"))


def test_log_filter_adds_request_id():
    record = logging.makeLogRecord({})
    assert RequestIdFilter().filter(record)
    assert record.request_id == "-"
    with request_id_scope("page-7"):
        record = logging.makeLogRecord({})
        RequestIdFilter().filter(record)
    assert record.request_id == "page-7"


def test_call_contains_no_user_data(api, calls):
    api.get_user_info()
    assert isinstance(calls[0], Call)
    assert "token" not in repr(calls[0])
