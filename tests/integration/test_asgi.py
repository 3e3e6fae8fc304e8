"""
A site under a real ASGI server, with a Trove that responds when the test allows it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from django_trove.client import Token
from django_trove.models import TroveAccount
from tests.client.fake_server import RecordedRequest, Response, run_fake_server
from tests.ports import free_port
from tests.site.fake_trove_server import DOWN, FakeTroveServer

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6
TIMEOUT = 30  # seconds


class BlockingTrove(FakeTroveServer):
    """
    Delays its responses until the test releases them, and counts the waiting requests.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.open = threading.Event()
        self.open.set()
        self.waiting = self.most = 0
        self._lock = threading.Condition()

    def respond(self, request: RecordedRequest) -> Response:
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            self._lock.notify_all()
        self.open.wait(TIMEOUT)
        with self._lock:
            self.waiting -= 1
        return super().respond(request)

    def wait_for(self, number: int) -> bool:
        """
        Wait until this number of requests is waiting. Return False after a timeout.
        """
        with self._lock:
            return self._lock.wait_for(lambda: self.waiting >= number, TIMEOUT)


@pytest.fixture
def trove() -> Iterator[BlockingTrove]:
    with run_fake_server() as server:
        yield BlockingTrove(server)


@pytest.fixture
def site(trove: BlockingTrove) -> Iterator[str]:
    """
    The site in a separate process.
    """
    more = {
        "ROOT_URLCONF": "tests.integration.asgi_urls",
        "MIDDLEWARE": [*settings.MIDDLEWARE, "django_trove.middleware.TroveMiddleware"],
        "TROVE": settings.TROVE | {"URL": trove.url, "RETRIES": 0, "TIMEOUT": TIMEOUT},
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    }
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings_process",
        "TEST_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "TEST_MEDIA_ROOT": "",
        "TEST_MORE_SETTINGS": json.dumps(more),
    }
    port = str(free_port())
    served = [sys.executable, "-m", "uvicorn", "tests.integration.asgi_site:application"]
    process = subprocess.Popen(
        [*served, "--port", port, "--lifespan", "off", "--log-level", "warning"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for_server(f"{url}/ping/", process)
        yield url
    finally:
        trove.open.set()
        process.terminate()
        process.wait(TIMEOUT)


def wait_for_server(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + TIMEOUT
    while True:
        assert process.poll() is None, "the server has ended"
        assert time.monotonic() < give_up, "the server doesn't answer"
        try:
            requests.get(url, timeout=1).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.05)


@pytest.fixture
def person(trove: BlockingTrove) -> Any:
    """
    Create users with a connected Trove, and return their session cookies.
    """
    model = get_user_model()

    def make(name: str = "ann") -> dict[str, str]:
        user = model._default_manager.create_user(**{model.USERNAME_FIELD: name})
        account = TroveAccount(user=user, name=name)
        account.token = Token(*trove.grant(f"access-{name}"))
        account.save()
        client = Client()
        client.force_login(user)
        return {settings.SESSION_COOKIE_NAME: client.session.session_key}

    return make


@pytest.fixture
def ask(site: str, person: Any) -> Any:
    """
    Request a page of the site as a signed-in user.
    """
    cookies = person()

    def get(path: str, **options: Any) -> requests.Response:
        return requests.get(f"{site}{path}", timeout=TIMEOUT, **{"cookies": cookies} | options)

    return get


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE * 2) as pool:
        yield pool


def test_slow_trove_does_not_block_other_requests(ask, trove, executor):
    """
    One process with one event loop: all requests wait for the Trove at the same time, and requests
    that do not need it get a response.
    """
    trove.open.clear()
    asked = [executor.submit(ask, f"/tagged/snow-{n}/") for n in range(AT_ONCE)]
    assert trove.wait_for(AT_ONCE)
    assert ask("/ping/").text == "pong"
    assert (trove.waiting, [each.done() for each in asked]) == (AT_ONCE, [False] * AT_ONCE)
    trove.open.set()
    assert [each.result().json() for each in asked] == [[]] * AT_ONCE


def test_slow_trove_does_not_block_sync_views(ask, trove, executor):
    trove.open.clear()
    paths = ["/photos/", "/photos/t1/", "/photos.json?count=3", "/tagged/snow/"]
    asked = [executor.submit(ask, path) for path in paths]
    assert trove.wait_for(len(paths))
    assert ask("/ping/").text == "pong"
    trove.open.set()
    pages = [each.result() for each in asked]
    assert [page.status_code for page in pages] == [200] * 4
    assert all("Snow 1" in page.text for page in pages)


def test_page_stops_waiting_at_deadline(ask, trove):
    trove.open.clear()
    started_at = time.monotonic()
    assert ask("/tagged/snow/").status_code == 503
    assert "unavailable" in ask("/photos/").text
    assert time.monotonic() - started_at < 5


def test_concurrent_requests_share_one_call(ask, trove, executor):
    trove.open.clear()
    asked = [executor.submit(ask, "/tagged/snow/") for _ in range(AT_ONCE)]
    assert trove.wait_for(1)
    assert ask("/ping/").text == "pong"
    trove.open.set()
    assert [len(each.result().json()) for each in asked] == [3] * AT_ONCE
    assert trove.photo_calls == 1


def test_gathered_calls_of_one_request_run_sequentially(ask, trove):
    """
    A request has one thread with one database connection.
    """
    assert ask("/gathered/").json() == [3, 0, 0]
    assert (trove.photo_calls, trove.most) == (3, 1)


def test_concurrent_requests_have_their_own_users(site, person, ask, trove, executor):
    trove.photos[0]["tags"] = ["snow", "bob's"]
    others = [person(f"person-{n}") for n in range(3)]
    trove.open.clear()
    asked = [executor.submit(ask, "/tagged/snow/", cookies=cookies) for cookies in others]
    assert trove.wait_for(3)
    trove.open.set()
    assert [each.result().status_code for each in asked] == [200] * 3
    tokens = {each.oauth["oauth_token"] for each in trove.server.requests}
    assert tokens == {f"access-person-{n}" for n in range(3)}


def test_async_methods_do_not_block(ask):
    assert ask("/everything/").json() == [
        ["0", "1", "2"],
        "Snow 1",
        "Ann at the Trove",
        {"flickr": "/v1/add/flickr/"},
        True,
        "ann",
    ]


def test_template_with_tags_renders_in_thread(ask):
    assert ask("/rendered/").text.count("<figure") == 2


def test_unavailable_trove_is_503(ask, trove):
    trove.error_response = DOWN
    assert ask("/tagged/snow/").status_code == 503
    assert ask("/photos/").status_code == 200
    assert ask("/photos.json").status_code == 503


@pytest.mark.parametrize("path", ["/blocks-by-query/", "/blocks-by-call/"])
def test_blocking_call_is_detected(ask, trove, path):
    """
    This test shows that the tests above can fail.
    """
    assert ask(path).status_code == 500
    assert trove.photo_calls == 0
