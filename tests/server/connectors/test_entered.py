"""
Requests to entered addresses, sent to a server on loopback.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from django_trove.server.connectors import http
from django_trove.server.connectors.authorization import Authorization, Credentials
from django_trove.server.connectors.entered import AccountField, EnteredService
from django_trove.server.connectors.errors import IncompleteResponse, NoResponse, ServiceFailed
from django_trove.server.connectors.http import limit_wait


class Example(EnteredService):
    name = "example"
    title = "Example"
    fields = (AccountField(name="address", label="Address"),)

    def check_account(self, values: Any) -> Authorization:
        address = self.normalize_address(values["address"])
        return Authorization(token={}, service_id=address, name=address)

    def batches(self, cursor: Any, known: Any) -> Any:
        return iter(())


class Handler(BaseHTTPRequestHandler):
    received: list[tuple[str, str, str | None]]
    other_origin: str

    def do_GET(self) -> None:
        self.received.append((self.command, self.path, self.headers["Authorization"]))
        redirects = {
            "/moved": "/target/",
            "/loop": "/loop",
            "/other": f"{self.other_origin}/target/",
            "/scheme": f"https://{self.headers['Host']}/target/",
            "/invalid-port": "http://example.com:99999999/",
            "/invalid-host": "http://[",
        }
        if self.path in redirects:
            self.send_response(302)
            self.send_header("Location", redirects[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * (int(self.path[6:]) if self.path.startswith("/size/") else 4)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + self.path.count("truncated")))
        self.end_headers()
        self.wfile.write(body)

    do_PROPFIND = do_GET  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server():
    handler = type("ExampleHandler", (Handler,), {"received": [], "other_origin": ""})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    handler.other_origin = f"http://127.0.0.1:{servers[1].server_port}"
    for running in servers:
        threading.Thread(target=running.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{servers[0].server_port}"
    for running in servers:
        running.shutdown()
        running.server_close()


@pytest.fixture
def service():
    return Example({}, Credentials({"HOSTS": ["127.0.0.1"], "ALLOW_HTTP": True}))


def test_redirects_on_the_origin_are_followed_with_the_method(server, service):
    handler, url = server
    response = service.request("PROPFIND", f"{url}/moved", auth=("ada", "secret"))
    assert response.content == b"xxxx"
    methods = [(method, path) for method, path, _ in handler.received]
    assert methods == [("PROPFIND", "/moved"), ("PROPFIND", "/target/")]


@pytest.mark.parametrize("path", ["/other", "/scheme"])
def test_redirects_to_another_origin_are_refused(server, service, path):
    handler, url = server
    with pytest.raises(ServiceFailed, match="redirects to http"):
        service.request("GET", url + path, auth=("ada", "secret"))
    with pytest.raises(ServiceFailed, match="redirects to http"):
        service.download(url + path, io.BytesIO(), 100, auth=("ada", "secret"))
    assert [path for _, path, _ in handler.received] == [path, path]


@pytest.mark.parametrize("path", ["/invalid-port", "/invalid-host"])
def test_invalid_redirects_are_reported(server, service, path):
    _, url = server
    with pytest.raises(ServiceFailed, match=r"invalid redirect|invalid response"):
        service.request("GET", url + path)
    with pytest.raises(ServiceFailed):
        service.download(url + path, io.BytesIO(), 100)


def test_credentials_that_a_header_cannot_contain(server, service):
    _, url = server
    with pytest.raises(ServiceFailed, match="invalid characters"):
        service.request("GET", f"{url}/", headers={"x-api-key": "ключ"})


def test_endless_redirects_end(server, service):
    handler, url = server
    with pytest.raises(ServiceFailed, match="too many redirects"):
        service.request("GET", f"{url}/loop")
    assert len(handler.received) == 3


def test_a_file_is_downloaded(server, service):
    file = io.BytesIO()
    service.download(f"{server[1]}/size/200000", file, 200_000)
    assert len(file.getvalue()) == 200_000


def test_a_download_stops_at_the_limit(server, service):
    file = io.BytesIO()
    with pytest.raises(ServiceFailed, match="larger than 1 MB"):
        service.download(f"{server[1]}/size/5000000", file, 1_000_000)
    assert len(file.getvalue()) <= 1_000_000


def test_an_incomplete_download_is_reported(server, service):
    with pytest.raises(IncompleteResponse, match="did not send the file"):
        service.download(f"{server[1]}/truncated", io.BytesIO(), 1_000_000)
    with pytest.raises(IncompleteResponse, match="did not send the complete response"):
        service.request("GET", f"{server[1]}/truncated")


def test_a_page_does_not_wait_long_for_a_download(server, service):
    with limit_wait(total=-1), pytest.raises(NoResponse):
        service.download(f"{server[1]}/size/10", io.BytesIO(), 100)


def test_a_page_does_not_wait_for_a_server_below_the_minimum_rate(service, monkeypatch):
    """
    The server sends 10 bytes per second. Without a page, the response may take minutes.
    """
    monkeypatch.setattr(http, "RATE_SECONDS", 0.3)
    url = serve_slowly(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n")
    with limit_wait(), pytest.raises(IncompleteResponse):
        service.download(url, io.BytesIO(), 100)
    url = serve_slowly(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n")
    assert service.download(url, io.BytesIO(), 100).ok


def test_requests_of_a_page_have_a_common_limit(server, service):
    """
    The first request succeeds, and the others have no time left.
    """
    with limit_wait(total=1):
        assert service.request("GET", f"{server[1]}/size/10").ok
        time.sleep(1)
        with pytest.raises(NoResponse):
            service.request("GET", serve_slowly(b"HTTP/1.1 200 OK\r\nX-Header: "))


def test_private_hosts_are_refused_by_default(server):
    service = Example({}, Credentials({"ALLOW_HTTP": True}))
    with pytest.raises(ServiceFailed, match="private network"):
        service.request("GET", f"{server[1]}/target/")
    assert server[0].received == []


def test_http_is_refused_by_default():
    with pytest.raises(ServiceFailed, match="must start with https"):
        Example({}, Credentials({})).check_account({"address": "http://nas.example"})


def serve_slowly(start: bytes) -> str:
    """
    Serve a response that continues with one byte at a time.
    """

    def respond() -> None:
        connection, _ = listener.accept()
        with listener, connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(start)
            for _ in range(100):
                connection.sendall(b"a")
                time.sleep(0.1)

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=respond, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Header: ", NoResponse),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", IncompleteResponse),
    ],
)
def test_slow_headers_and_bodies_end(service, start, kind):
    started = time.monotonic()
    with limit_wait(total=0.5), pytest.raises(kind):
        service.request("GET", serve_slowly(start))
    assert time.monotonic() - started < 3
