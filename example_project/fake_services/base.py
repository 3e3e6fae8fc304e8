"""
The base class of the fake services, and a threaded HTTP server for them.
"""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    A parsed request. `url` is the full URL for signatures; header names are in lower case.
    `content` is the body in bytes.
    """

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    content: bytes = b""

    @property
    def fields(self) -> dict[str, str]:
        """
        The query and form parameters.
        """
        return {**self.query, **self.form}


@dataclass(kw_only=True)
class Response:
    status: int = 200
    body: bytes | str = b""
    type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


Failure = Response | Callable[[Request], Response | None]


class FakeService:
    """
    A fake service. Subclasses implement `handle`.

    `url` is set when the service is served. `failures` are returned for the next API calls in
    turn; None handles a call normally. `delay` is the duration of a request in seconds.
    `request_paths` records all requests. `options` are further settings of the connector.
    `credentials` are the tables of the credentials that it has issued. `save` is called after each
    request.
    """

    name = ""

    def __init__(self) -> None:
        self.url = ""
        self.failures: list[Failure | None] = []
        self.delay = 0.0
        self.options: dict[str, Any] = {}
        self.request_paths: list[str] = []
        self.lock = threading.RLock()
        self.credentials: dict[str, dict[str, Any]] = {}
        self.save: Callable[[], None] | None = None

    def handle(self, request: Request) -> Response:
        raise NotImplementedError

    def is_api_call(self, request: Request) -> bool:
        """
        Return whether `failures` apply to this request. They do not apply to pages and images.
        """
        return True

    def dispatch(self, request: Request) -> Response:
        """
        Return the next failure for an API call, or handle the request.
        """
        with self.lock:
            self.request_paths.append(request.path)
            has_failure = self.failures and self.is_api_call(request)
            failure = self.failures.pop(0) if has_failure else None
        time.sleep(self.delay)
        response = failure(request) if callable(failure) else failure
        response = response or self.handle(request)
        if self.save:
            self.save()
        return response


def json_response(data: Any, status: int = 200, **headers: str) -> Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, body=json.dumps(data), type="application/json", headers=names)


def file_response(
    request: Request, content: bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """
    Return a file, or the requested range of it.
    """
    size, all_headers = len(content), {"Accept-Ranges": "bytes", **headers}
    match = RANGE.fullmatch(request.headers.get("range", ""))
    if not match or not any(match.groups()):
        return Response(body=content, type=media_type, headers=all_headers)
    if match[1]:
        start, end = int(match[1]), min(int(match[2] or size) + 1, size)
    else:
        start, end = max(size - int(match[2]), 0), size
    if start >= end:
        return Response(status=416, headers={**all_headers, "Content-Range": f"bytes */{size}"})
    all_headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = content[start:end]
    return Response(status=206, body=body, type=media_type, headers=all_headers)


def form_response(data: Mapping[str, str], status: int = 200) -> Response:
    """
    Return form-encoded data, as OAuth 1.0a token endpoints do.
    """
    return Response(status=status, body=urlencode(data), type="application/x-www-form-urlencoded")


def redirect(url: str) -> Response:
    return Response(status=302, headers={"Location": url})


def html_page(title: str, content: str) -> Response:
    """
    Return an HTML page with a banner that identifies the fake service. `content` is HTML.
    """
    heading = html.escape(title)
    return Response(
        type="text/html; charset=utf-8",
        body=(
            f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{heading}</title>"
            '<meta name=viewport content="width=device-width">'
            "<link rel=icon href=data:,><style>body{font:1rem/1.5 system-ui;max-width:34rem;"
            "margin:2rem auto;padding:0 1rem}p.banner{background:#fde68a;color:#422006;"
            "padding:.5rem 1rem;border-radius:.5rem}button{font:inherit;padding:.5rem 1rem}"
            "img{width:8rem;height:6rem;object-fit:cover}"
            "label{display:inline-block;margin:.25rem}</style>"
            f"<p class=banner>This is a fake service on this machine, not {heading}.</p>"
            f"<h1>{heading}</h1>{content}"
        ),
    )


def hidden_inputs(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )


@contextmanager
def serve(service: FakeService, port: int = 0) -> Iterator[FakeService]:
    """
    Serve a fake service on loopback and set its `url`. Port 0 selects a free port.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Otherwise each body is delayed 40 ms after its headers.

        def _do(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            sent = self.rfile.read(length)
            body = sent.decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in self.headers.items()}
            is_form = "form-urlencoded" in headers.get("content-type", "")
            response = service.dispatch(
                Request(
                    method=self.command,
                    url=service.url + self.path,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    form=dict(parse_qsl(body, keep_blank_values=True)) if is_form else {},
                    headers=headers,
                    body=body,
                    content=sent,
                )
            )
            content = response.body.encode() if isinstance(response.body, str) else response.body
            self.send_response(response.status)
            self.send_header("Content-Type", response.type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # The browser may close the connection early.
                    self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_HEAD = _do  # noqa: N815 (names of http.server)
        do_PUT = do_PROPFIND = do_SEARCH = do_MKCOL = do_MOVE = _do  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
