"""
What every stand-in is: a small HTTP server in threads, that can be told to fail.
"""

from __future__ import annotations

import html
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

__all__ = ["Answer", "Request", "StandIn", "form", "json_answer", "page", "redirect", "serving"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    What is asked.

    :param url: the whole address, as it was signed.
    :param headers: with lower-case names.
    """

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: str

    @property
    def fields(self) -> dict[str, str]:
        """
        Query and form together.
        """
        return {**self.query, **self.form}


@dataclass(kw_only=True)
class Answer:
    """
    What is answered.
    """

    status: int = 200
    body: bytes | str = b""
    type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


Fault = Answer | Callable[[Request], Answer | None]


class StandIn:
    """
    A service. A sub-class says in `answer` what it is like.

    :param url: its address, known once it is served.
    :param faults: what the next calls of its interface meet, one by one; None is no fault.
    :param seconds: how long every call takes.
    :param asked: the paths of all calls, in order.
    """

    name = ""

    def __init__(self) -> None:
        self.url = ""
        self.faults: list[Fault | None] = []
        self.seconds = 0.0
        self.asked: list[str] = []
        self.lock = threading.RLock()

    def answer(self, request: Request) -> Answer:
        """
        Answer a request.
        """
        raise NotImplementedError

    def is_call(self, request: Request) -> bool:
        """
        Whether this is a call of the interface, which faults are for: not a page, nor a picture.
        """
        return True

    def answered(self, request: Request) -> Answer:
        """
        Answer a request, or fail as told.
        """
        with self.lock:
            self.asked.append(request.path)
            fault = self.faults.pop(0) if self.faults and self.is_call(request) else None
        time.sleep(self.seconds)
        failed = fault(request) if callable(fault) else fault
        return failed or self.answer(request)


def json_answer(data: Any, status: int = 200, **headers: str) -> Answer:
    """
    Answer JSON.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps(data), type="application/json", headers=named)


def form(data: Mapping[str, str], status: int = 200) -> Answer:
    """
    Answer form-encoded, as token endpoints of OAuth 1.0a do.
    """
    return Answer(status=status, body=urlencode(data), type="application/x-www-form-urlencoded")


def redirect(url: str) -> Answer:
    """
    Send a browser elsewhere.
    """
    return Answer(status=302, headers={"Location": url})


def page(title: str, content: str) -> Answer:
    """
    Show a person a page, which says that this isn't the service itself.

    :param content: HTML.
    """
    words = html.escape(title)
    return Answer(
        type="text/html; charset=utf-8",
        body=(
            f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{words}</title>"
            '<meta name=viewport content="width=device-width">'
            "<link rel=icon href=data:,><style>body{font:1rem/1.5 system-ui;max-width:34rem;"
            "margin:2rem auto;padding:0 1rem}p.banner{background:#fde68a;color:#422006;"
            "padding:.5rem 1rem;border-radius:.5rem}button{font:inherit;padding:.5rem 1rem}"
            "img{width:8rem;height:6rem;object-fit:cover}"
            "label{display:inline-block;margin:.25rem}</style>"
            f"<p class=banner>This is a stand-in on this machine, and not {words} itself.</p>"
            f"<h1>{words}</h1>{content}"
        ),
    )


@contextmanager
def serving(stand_in: StandIn, port: int = 0) -> Iterator[StandIn]:
    """
    Serve a stand-in on loopback; its `url` is set when the body starts.

    :param port: 0 takes a free one.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer's body waits 40 ms for its headers

        def _do(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in self.headers.items()}
            is_form = "form-urlencoded" in headers.get("content-type", "")
            answer = stand_in.answered(
                Request(
                    method=self.command,
                    url=stand_in.url + self.path,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    form=dict(parse_qsl(body, keep_blank_values=True)) if is_form else {},
                    headers=headers,
                    body=body,
                )
            )
            content = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # a browser that left the page doesn't wait for it
                    self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_HEAD = _do  # noqa: N815 (http.server's names)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
