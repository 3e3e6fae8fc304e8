"""
A fake web service with pagination, changes and errors, and its connector.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

from django_trove.client.content import Photo
from django_trove.server.connectors.base import Batch, Connector, FoundItem, ItemFailure
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked
from django_trove.server.models import Identity


class Service:
    """
    :param items: {id: {"title", "tags", "etag"}}.
    :param seconds: duration of each response.
    :param faults: results of the next requests: a status, "garbage", "hangs", or None.
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

    def get_page(self, start):
        names = self.order(self.items)
        part = names[start : start + self.size]
        next_start = start + self.size if start + self.size < len(names) else None
        return {
            "items": [{"id": name, **self.items[name]} for name in part],
            "next": next_start,
            "total": len(names),
            "deleted": self.deleted,
            "changes_only": self.changes_only,
        }


class Web(Connector):
    name = "web"
    title = "Web"

    def batches(self, cursor, known):
        start = cursor.get("start", 0)
        while start is not None:
            data = self._ask(start)
            etags = known([item["id"] for item in data["items"]])
            new = [item for item in data["items"] if etags.get(item["id"]) != item["etag"]]
            start = data["next"]
            yield Batch(
                items=tuple(_build_item(item) for item in new if item["title"] != "unreadable"),
                seen=tuple(item["id"] for item in data["items"]),
                deleted=tuple(data["deleted"]),
                failures=tuple(
                    ItemFailure(name=item["id"], reason="It can't be read.")
                    for item in new
                    if item["title"] == "unreadable"
                ),
                total=data["total"],
                expected=0 if data["total"] == 0 else None,
                cursor={"start": start} if start is not None else {},
                full=not data["changes_only"],
            )

    def _ask(self, start):
        address = f"{self.settings['url']}?start={start}"
        try:
            response = requests.get(address, timeout=0.5)
        except requests.RequestException:
            raise RetryLater("Web doesn't answer.") from None
        if response.status_code == 401:
            raise Revoked("Web was told to let us in no more: connect it again.")
        if response.status_code == 403:
            raise Misconfigured("Web doesn't know this Trove's keys.")
        if response.status_code == 429:
            wait = float(response.headers["Retry-After"])
            raise RetryLater("Web has had enough.", wait, all_accounts="X-All" in response.headers)
        if response.status_code >= 500:
            raise RetryLater("Web is out of order.")
        return response.json()


def _build_item(item):
    photo = Photo(id=item["id"], title=item["title"], tags=tuple(item["tags"]))
    return FoundItem(content=photo, etag=item["etag"])


@contextmanager
def running(service):
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            start = int(parse_qs(urlsplit(self.path).query)["start"][0])
            service.asked.append(start)
            fault = service.faults.pop(0) if service.faults else None
            if fault == "hangs":
                stop.wait(timeout=5)
                return
            time.sleep(service.seconds)
            body = json.dumps(service.get_page(start)).encode()
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
        stop.set()
        server.shutdown()
        server.server_close()


def put(service, *names, title="", tags=("sea",)):
    for name in names:
        etag = f"{title}{tags}"
        service.items[name] = {"title": title, "tags": list(tags), "etag": etag}


def state(account):
    return Identity.objects.get(pk=account.pk)
