"""
A service on the web: a small server that pages, changes and fails as told, and its connector.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

from django_trove.client.content import Photo
from django_trove.server.connectors.base import (
    Batch,
    Connector,
    FoundItem,
    ItemFailure,
    Misconfigured,
    RetryLater,
    Revoked,
)
from django_trove.server.models import Identity


class Service:
    """
    What the server has and does.

    :param items: {id: {"title", "tags", "etag"}}.
    :param seconds: how long it takes for an answer.
    :param faults: what each next request meets: a status, "garbage", "hangs", or None.
    """

    def __init__(self):
        self.items = {}
        self.faults = []
        self.seconds = 0
        self.size = 3
        self.asked = []
        self.headers = {}
        self.order = sorted
        self.changes_only = False
        self.deleted = []

    def answer(self, start):
        """
        Return a page: what it has from a place on, and where the next one begins.
        """
        names = self.order(self.items)
        part = names[start : start + self.size]
        following = start + self.size if start + self.size < len(names) else None
        return {
            "items": [{"id": name, **self.items[name]} for name in part],
            "next": following,
            "total": len(names),
            "deleted": self.deleted,
            "changes_only": self.changes_only,
        }


class Web(Connector):
    """
    A service of tests.
    """

    name = "web"
    title = "Web"

    def batches(self, cursor, known):
        start = cursor.get("start", 0)
        while start is not None:
            said = self._ask(start)
            stamps = known([item["id"] for item in said["items"]])
            new = [item for item in said["items"] if stamps.get(item["id"]) != item["etag"]]
            start = said["next"]
            yield Batch(
                items=tuple(_found(item) for item in new if item["title"] != "unreadable"),
                seen=tuple(item["id"] for item in said["items"]),
                deleted=tuple(said["deleted"]),
                failures=tuple(
                    ItemFailure(name=item["id"], reason="It can't be read.")
                    for item in new
                    if item["title"] == "unreadable"
                ),
                total=said["total"],
                cursor={"start": start} if start is not None else {},
                full=not said["changes_only"],
            )

    def _ask(self, start):
        address = f"{self.settings['url']}?start={start}"
        try:
            answer = requests.get(address, timeout=0.5)
        except requests.RequestException:
            raise RetryLater("Web doesn't answer.") from None
        if answer.status_code == 401:
            raise Revoked("Web was told to let us in no more: connect it again.")
        if answer.status_code == 403:
            raise Misconfigured("Web doesn't know this Trove's keys.")
        if answer.status_code == 429:
            wait = float(answer.headers["Retry-After"])
            raise RetryLater("Web has had enough.", wait, all_accounts="X-All" in answer.headers)
        if answer.status_code >= 500:
            raise RetryLater("Web is out of order.")
        return answer.json()


def _found(item):
    photo = Photo(id=item["id"], title=item["title"], tags=tuple(item["tags"]))
    return FoundItem(photo=photo, etag=item["etag"])


@contextmanager
def running(service):
    """
    Serve a service, and give its address.
    """
    leave = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            start = int(parse_qs(urlsplit(self.path).query)["start"][0])
            service.asked.append(start)
            fault = service.faults.pop(0) if service.faults else None
            if fault == "hangs":
                leave.wait(timeout=5)
                return
            time.sleep(service.seconds)
            body = json.dumps(service.answer(start)).encode()
            self.send_response(fault if isinstance(fault, int) else 200)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"<html>" if fault == "garbage" else body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        leave.set()
        server.shutdown()
        server.server_close()


def put(service, *names, title="", tags=("sea",)):
    """
    Let a service have items.
    """
    for name in names:
        stamp = f"{title}{tags}"
        service.items[name] = {"title": title, "tags": list(tags), "etag": stamp}


def state(account):
    """
    Return an account as it is now.
    """
    return Identity.objects.get(pk=account.pk)
