"""
A connector with an entered address, and its server on loopback.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django_trove.server.connectors.authorization import Authorization
from django_trove.server.connectors.base import Batch
from django_trove.server.connectors.entered import AccountField, EnteredService
from django_trove.server.connectors.errors import RetryLater, ServiceFailed

PASSWORD = "correct-horse"
DOTTED_PATH = "tests.server.entered_service.Shelf"


class Shelf(EnteredService):
    name = "shelf"
    title = "Shelf"
    fields = (
        AccountField(name="address", label="Address"),
        AccountField(name="user_name", label="User name"),
        AccountField(name="password", label="Password", is_secret=True),
    )

    def check_account(self, values: Any) -> Authorization:
        address = self.normalize_address(values["address"])
        login = (values["user_name"], values["password"])
        response = self.request("GET", f"{address}/account", auth=login)
        if response.status_code == 401:
            raise ServiceFailed("The user name or the password is wrong.")
        if not response.ok:
            raise RetryLater("The server is unavailable.")
        return Authorization(
            token={"password": values["password"]},
            service_id=f"{values['user_name']} {address}",
            name=values["user_name"],
            settings={"address": address, "user_name": values["user_name"]},
        )

    def batches(self, cursor: Any, known: Any) -> Iterator[Batch]:
        yield Batch(cursor={})


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        expected = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
        is_authorized = self.headers["Authorization"] == f"Basic {expected}"
        self.send_response(200 if is_authorized else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serve_shelf() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
