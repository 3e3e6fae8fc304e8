"""
Pages and images of a Trove while a service accepts connections and does not respond.
"""

from __future__ import annotations

import socket
import threading
import time

import pytest
from django.test import Client

from django_trove.client.content import Photo
from django_trove.server.connectors import http
from django_trove.server.connectors.base import FoundItem
from django_trove.server.connectors.http import PAGE_WAIT
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.media.signed_urls import media_urls
from django_trove.server.models import Identity, Item
from django_trove.server.views import added_service

from ..connectors.webdav_account import OPTIONS
from ..connectors.webdav_servers import PASSWORD, USER, run_wsgidav

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


def test_added_account_is_shown_before_its_server_lists_files(
    person, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(added_service, "MAX_REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(http, "TIMEOUT", (5, None))  # of a sync without a page
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"webdav": OPTIONS}}
    client, responded = Client(), threading.Event()
    client.force_login(person)

    def wait(method, path, response):
        if server.depths[-1:] == [("/", "1")]:
            responded.wait()
        return response

    with run_wsgidav(tmp_path) as server:
        server.change = wait
        link = client.post("/add/", {"service": "webdav"}, secure=True).url
        values = {"address": server.address, "user": USER, "password": PASSWORD}
        response = client.post(link, values, secure=True)
        responded.set()
    assert (response.status_code, b"Added without content" in response.content) == (503, True)
    assert Identity.objects.get().failures == 1


def test_page_waits_for_a_service_for_a_short_time(person, hanging_host):
    client = Client()
    client.force_login(person)
    link = client.post("/add/", {"service": "flickr"}, secure=True).url
    status, seconds = request_in_seconds(client, link, confirm="1")
    assert (status, PAGE_WAIT <= seconds < PAGE_WAIT + 1) == (503, True)
