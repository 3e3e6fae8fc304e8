from __future__ import annotations

import logging

import pytest

from django_trove.client import Call, Token, TroveAPI, Unavailable
from django_trove.client.logs import RequestIdFilter, get_request_id, request_id_scope

from .fake_server import stand_in

OK = (200, {"Content-Type": "application/json"}, b'{"name": "Ann", "identities": []}')
DOWN = (503, {}, b"")


@pytest.fixture
def server():
    with stand_in() as server:
        server.reply = lambda asked: OK
        yield server


@pytest.fixture
def told():
    return []


@pytest.fixture
def api(server, told):
    return TroveAPI(
        "app-key", "app-secret", ["photos"], Token("token-key", "token-secret"),
        url=server.url, observe=told.append, retries=1,
    )  # fmt: skip


def ids(server):
    return [asked.headers.get("X-Request-ID") for asked in server.asked]


def test_each_call_has_an_id_that_the_trove_is_told(api, server, told):
    api.get_user_info(), api.get_user_info()
    assert ids(server) == [call.request_id for call in told]
    assert len(set(ids(server))) == 2


def test_calls_for_one_page_share_its_id(api, server):
    with request_id_scope("page-7"):
        api.get_user_info(), api.get_user_info()
    assert ids(server) == ["page-7", "page-7"]
    assert get_request_id() == ""


@pytest.mark.parametrize("given", ["", "two words", "a\nforged line", "x" * 65, "é"])
def test_an_id_that_is_not_fit_for_a_log_is_replaced(given):
    with request_id_scope(given) as known:
        assert known != given
        assert len(known) == 16


def test_what_is_inside_keeps_the_id_of_what_is_around():
    with request_id_scope("outer"), request_id_scope("inner") as known:
        assert known == "outer"


def test_every_attempt_is_told_with_its_number_status_and_error(api, server, told):
    answers = [DOWN, OK]
    server.reply = lambda asked: answers.pop(0)
    api.get_user_info()
    first, second = told
    assert (first.attempt, first.status, first.error) == (1, 503, "Unavailable")
    assert (second.attempt, second.status, second.error) == (2, 200, "")
    assert first.request_id == second.request_id
    assert first.path == second.path == server.url.partition("//")[2] + "/v1/oauth/user/"
    assert 0 < second.seconds < 10


def test_no_answer_has_no_status(told):
    api = TroveAPI("k", "s", url="http://127.0.0.1:9", observe=told.append, retries=0)
    with pytest.raises(Unavailable):
        api.get_request_token()
    assert [(call.status, call.error) for call in told] == [(None, "Unreachable")]


def test_the_log_has_the_same_as_facts_and_no_secret(api, caplog):
    caplog.set_level(logging.DEBUG, "django_trove")
    api.get_user_info()
    record = next(each for each in caplog.records if each.name == "django_trove.client.logs")
    assert {name: getattr(record, name) for name in ("method", "status", "attempt", "error")} == {
        "method": "POST", "status": 200, "attempt": 1, "error": "",
    }  # fmt: skip
    assert record.request_id
    said = str(vars(record))
    assert not any(secret in said for secret in ("app-key", "app-secret", "token-"))


def test_a_filter_gives_every_record_its_id():
    record = logging.makeLogRecord({})
    assert RequestIdFilter().filter(record)
    assert record.request_id == "-"
    with request_id_scope("page-7"):
        record = logging.makeLogRecord({})
        RequestIdFilter().filter(record)
    assert record.request_id == "page-7"


def test_a_call_names_nobody(api, told):
    api.get_user_info()
    assert isinstance(told[0], Call)
    assert "token" not in repr(told[0])
