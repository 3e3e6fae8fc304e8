"""
An HTTP server on the loopback interface with configurable responses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

Response = tuple[int, dict[str, str], bytes]


@dataclass
class RecordedRequest:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def oauth(self) -> dict[str, str]:
        return dict(
            signature.collect_parameters(headers=self.headers, exclude_oauth_signature=False)
        )

    def is_signed_with(self, app_secret: str, token_secret: str = "") -> bool:
        """
        Verify the signature with oauthlib.
        """
        request = Request(self.url, self.method, self.body.decode(), self.headers)
        request.params = signature.collect_parameters(
            uri_query=self.url.partition("?")[2], body=self.body.decode(), headers=self.headers
        )
        request.signature = self.oauth["oauth_signature"]
        verify = {
            "HMAC-SHA256": signature.verify_hmac_sha256,
            "HMAC-SHA1": signature.verify_hmac_sha1,
        }[self.oauth["oauth_signature_method"]]
        return bool(verify(request, app_secret, token_secret))


@dataclass
class FakeServer:
    """
    :param respond: returns the response to a request, or None if it has written the response to
        `handler`. Default: an empty page.
    """

    url: str = ""
    requests: list[RecordedRequest] = field(default_factory=list)
    connections: int = 0
    date: str = ""
    respond: Callable[[RecordedRequest], Response | None] = lambda request: (
        200,
        {"Content-Type": "application/json"},
        b'{"count": 0, "page": 1, "total_number_of_results": 0, "results": []}',
    )
    handler: BaseHTTPRequestHandler | None = None

    def respond_with(self, *responses: Response) -> None:
        """
        Return these responses in order, and then the last one for all further requests.
        """
        remaining = list(responses)
        self.respond = lambda request: remaining.pop(0) if len(remaining) > 1 else remaining[0]


@contextmanager
def run_fake_server() -> Iterator[FakeServer]:
    state = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            state.connections += 1
            super().setup()

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = state.url + self.path
            request = RecordedRequest(self.command, url, dict(self.headers), body)
            state.requests.append(request)
            state.handler = self
            response = state.respond(request)
            if response is None:
                self.close_connection = True
                return
            status, headers, content = response
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_request  # noqa: N815 - required by http.server

        def date_time_string(self, timestamp: float | None = None) -> str:
            return state.date or super().date_time_string(timestamp)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            pass  # clients of these tests close connections early

    server = Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
