"""
Pages and images of a Trove while a service accepts connections and does not respond.
"""

from __future__ import annotations

import socket
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from django_trove.client.content import Photo
from django_trove.server.connectors import http
from django_trove.server.connectors.base import FoundItem
from django_trove.server.connectors.http import PAGE_WAIT
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.media import fetch
from django_trove.server.media.signed_urls import media_urls
from django_trove.server.models import Identity, Item
from django_trove.server.sync import sync
from django_trove.server.views import added_service

from ..connectors.index import new_user
from ..connectors.webdav_account import OPTIONS
from ..connectors.webdav_servers import PASSWORD, USER, run_wsgidav
from ..images import draw
from ..media_files import save

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanging_host(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        options = {"CLIENT_ID": "1", "CLIENT_SECRET": "secret", "KEY": "1", "SECRET": "secret"}
        options |= {"MEDIA_HOSTS": [host], "REQUEST_TOKEN_URL": f"http://{host}/request_token"}
        services = {"facebook": options, "flickr": options}
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": services}
        yield host


def request_in_seconds(client, path, **data):
    started_at = time.monotonic()
    response = client.post(path, data, secure=True) if data else client.get(path, secure=True)
    return response.status_code, time.monotonic() - started_at


def test_one_image_waits_for_a_host(person, hanging_host):
    identity = Identity.objects.create(user=person, service="facebook", service_id="1", name="Ada")
    photos = [Photo(id=f"{n}", urls={"large": f"http://{hanging_host}/{n}"}) for n in range(3)]
    found = [FoundItem(content=photo, etag=photo.id, proxied=True) for photo in photos]
    write_items(identity, [build_item(identity, item, {"large": {}}, "Ada") for item in found])
    paths = [media_urls(item.pk, item.etag, item.files, "")["large"] for item in Item.objects.all()]
    statuses, seconds = zip(*[request_in_seconds(Client(), path) for path in paths], strict=True)
    assert statuses == (503, 503, 503)
    assert PAGE_WAIT <= seconds[0] < PAGE_WAIT + 1
    assert max(seconds[1:]) < 1


class SlowHandler(BaseHTTPRequestHandler):
    """
    A store of pictures. Of paths with "slow", the body has one byte per 50 ms; those with "hang"
    have no response.
    """

    def do_GET(self):
        self.server.paths.append(self.path)
        if "hang" in self.path:
            self.server.finished.wait()
            return
        content = save(Image.new("RGB", (64, 48)), "JPEG")
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        step = 1 if "slow" in self.path else len(content)
        for position in range(0, len(content), step):
            self.wfile.write(content[position : position + step])
            if self.server.finished.wait(0.05 if step == 1 else 0):
                return

    def log_message(self, *args):
        pass


@pytest.fixture
def store(settings, monkeypatch):
    monkeypatch.setattr(http, "RATE_SECONDS", 0.3)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"webdav": OPTIONS}}
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowHandler) as server:
        server.paths, server.finished = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.finished.set()
        server.shutdown()
        thread.join()


def add_pictures(store, user, folder, names):
    """
    Add a WebDAV account, and return the paths of its pictures at this Trove.
    """
    address = f"http://127.0.0.1:{store.server_port}/{folder}"
    identity = Identity.objects.create(
        user=user,
        service="webdav",
        service_id=address,
        name="NAS",
        settings={"address": address, "user": "ada", "authentication": "basic"},
    )
    for name in names:
        photo = Photo(id=name, urls={"large": f"{address}/{name}"})
        item = FoundItem(content=photo, etag=name, proxied=True)
        write_items(identity, [build_item(identity, item, {"large": {}}, "Ada")])
    items = Item.objects.filter(identity=identity).order_by("pk")
    return [media_urls(item.pk, item.etag, item.files, "")["large"] for item in items]


def get_statuses(paths):
    return [Client().get(path, secure=True).status_code for path in paths]


def test_slow_picture_does_not_block_the_others_of_its_host(person, store):
    paths = add_pictures(store, person, "dav", ["slow.jpg", "1.jpg", "2.jpg"])
    assert get_statuses([*paths, paths[0]]) == [503, 200, 200, 503]
    assert store.paths.count("/dav/slow.jpg") == 1


def test_account_with_many_slow_pictures_is_not_requested(person, store):
    """
    Each of them occupies a worker for some seconds.
    """
    names = [f"slow-{number}.jpg" for number in range(fetch.MAX_INCOMPLETE)]
    paths = add_pictures(store, person, "dav", [*names, "1.jpg"])
    others = add_pictures(store, new_user(), "dav", ["2.jpg"])
    assert get_statuses(paths) == [503] * len(paths)
    assert get_statuses(others) == [200]
    assert "/dav/1.jpg" not in store.paths


def test_hanging_path_of_an_account_does_not_affect_other_accounts(person, store):
    paths = add_pictures(store, person, "hang", ["1.jpg", "2.jpg"])
    others = add_pictures(store, new_user(), "dav", ["1.jpg"])
    assert get_statuses([*paths, *others]) == [503, 503, 200]
    assert store.paths == ["/hang/1.jpg", "/dav/1.jpg"]


@pytest.fixture
def add_account(person, settings, tmp_path):
    """
    A function that adds a WebDAV account in the browser while its server changes responses.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"webdav": OPTIONS}}
    client, responded = Client(), threading.Event()
    client.force_login(person)

    def add(change):
        with run_wsgidav(tmp_path) as server:
            server.change = partial(change, server, responded)
            link = client.post("/add/", {"service": "webdav"}, secure=True).url
            values = {"address": server.address, "user": USER, "password": PASSWORD}
            response = client.post(link, values, secure=True)
            responded.set()
        return response, Identity.objects.get()

    return add


def hang(server, responded, method, path, response):
    if server.depths[-1:] == [("/", "1")]:
        responded.wait()
    return response


@pytest.mark.parametrize("has_worker", [True, False])
def test_added_account_is_shown_before_its_server_lists_files(
    add_account, settings, monkeypatch, has_worker
):
    """
    The listing of a large account takes longer than a page waits. That is no failure: a worker
    continues.
    """
    if has_worker:
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(added_service, "MAX_REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(http, "TIMEOUT", (5, None))  # of a sync without a page
    response, identity = add_account(hang)
    assert (response.status_code, response.url) == (302, "/")
    assert (identity.failures, identity.last_error, identity.lease) == (0, "", "")
    assert identity.next_sync_at <= timezone.now()
    assert Identity.objects.queued().exists() == has_worker


@pytest.mark.parametrize(
    ("late", "names"),
    [(("GET", "/a.jpg"), ["a.jpg", "b.jpg"]), (("PROPFIND", "/Sub/"), ["Sub/c.jpg"])],
)
def test_files_that_a_page_has_no_time_for_are_not_reported(
    add_account, tmp_path, monkeypatch, late, names
):
    """
    They are read by the next sync.
    """
    for name in names:
        draw(tmp_path / name)

    def hang_after_listing(server, responded, method, path, response):
        if (method, path) == late:
            responded.wait()
        return response

    monkeypatch.setattr(added_service, "MAX_REQUEST_SECONDS", 1)
    response, identity = add_account(hang_after_listing)
    assert (response.status_code, identity.failures) == (302, 0)
    with run_wsgidav(tmp_path) as server:
        identity.settings |= {"address": server.address}
        identity.save(update_fields=["settings"])
        report = sync(identity)
    assert (report.complete, report.added, report.failures) == (True, len(names), [])


def test_added_account_whose_server_fails_is_reported(add_account):
    def fail(server, responded, method, path, response):
        if server.depths[-1:] == [("/", "1")]:
            return "503 Unavailable", [], b""
        return response

    response, identity = add_account(fail)
    assert (response.status_code, b"Added without content" in response.content) == (503, True)
    assert identity.failures == 1


def test_page_waits_for_a_service_for_a_short_time(person, hanging_host):
    client = Client()
    client.force_login(person)
    link = client.post("/add/", {"service": "flickr"}, secure=True).url
    status, seconds = request_in_seconds(client, link, confirm="1")
    assert (status, PAGE_WAIT <= seconds < PAGE_WAIT + 1) == (503, True)
