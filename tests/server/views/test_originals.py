"""
Originals that are at a service, from a WebDAV server (WsgiDAV): the media view passes them on.
"""

import copy
import random
import socket
import threading
from contextlib import contextmanager

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.query import Query
from django_trove.server.connectors.remote_files import connector as remote_files
from django_trove.server.media import originals
from django_trove.server.media.ranges import parse_range
from django_trove.server.models import Item
from django_trove.server.search.engine import search_content

from ..connectors.webdav_account import add_webdav
from ..connectors.webdav_servers import PASSWORD, run_wsgidav
from ..images import draw
from ..media_files import film, heic

pytestmark = pytest.mark.django_db

SIZE = 300_000  # after the video
PART = 100_000


@pytest.fixture(autouse=True)
def services(settings, monkeypatch):
    settings.TROVE_SERVER = copy.deepcopy(settings.TROVE_SERVER) | {"SERVICES": {}}
    monkeypatch.setattr(originals, "PART_BYTES", PART)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "pictures"
    path.mkdir()
    return path


@pytest.fixture
def server(folder):
    with run_wsgidav(folder) as server:
        yield server


class Video:
    """
    A video of an account.
    """

    def __init__(self, index, path):
        self.index, self.path, self.content = index, path, path.read_bytes()

    @property
    def url(self):
        [video] = search_content(self.index.identity.user, "videos", Query(), "")
        return video.urls["original"]


def add_video(server, folder, **options):
    path = film(folder / "Trips" / "Häfen 1.mp4", seconds=1)
    with path.open("ab") as file:
        file.write(random.Random(7).randbytes(SIZE))
    index = add_webdav(server.address, **options)
    index.run_sync()
    server.requests.clear()
    return Video(index, path)


@pytest.fixture
def video(server, folder):
    return add_video(server, folder)


def get(url, *, method="get", player=False, **headers):
    """
    Return the response with its body as `body`.

    :param player: whether the request is that of a video element.
    """
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers |= {"Sec-Fetch-Dest": "video"} if player else {}
    response = getattr(Client(), method)(url, secure=True, headers=headers)
    response.body = response.getvalue()
    return response


def change(server, edit):
    """
    Change the responses with files.

    :param edit: a function from status, a dict of headers and body to the same.
    """

    def apply(method, path, response):
        if method != "GET":
            return response
        status, headers, body = response
        status, headers, body = edit(status, {k.lower(): v for k, v in headers}, body)
        return status, list(headers.items()), body

    server.change = apply


def ignore_ranges(video, *, with_length=True):
    def edit(status, headers, body):
        headers.pop("content-range", None)
        headers.pop("accept-ranges", None)
        return "200 OK", headers, video.content

    return edit


@pytest.mark.parametrize("renditions", ["view", "sync"])
def test_complete_file(server, folder, renditions):
    video = add_video(server, folder, RENDITIONS=renditions)
    response = get(video.url)
    assert (response.status_code, response.body) == (200, video.content)
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(video.content))
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Content-Disposition"] == "inline; filename*=utf-8''H%C3%A4fen%201.mp4"
    assert server.requests == [("GET", "/Trips/Häfen 1.mp4")]
    assert Item.objects.get().files["original"] == {"type": "video/mp4"}


@pytest.mark.parametrize("player", [True, False])
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-104", 5, 105),
        ("bytes=-7", -7, None),
        ("bytes=-9999999", 0, None),
        ("bytes=300000-", 300_000, None),
        ("bytes=200000-9999999", 200_000, None),
        ("bytes=0-250000", 0, 250_001),
    ],
)
def test_range(video, asked, start, end, player):
    response = get(video.url, Range=asked, player=player)
    expected, size = video.content[start:end], len(video.content)
    assert (response.status_code, response.body) == (206, expected)
    first = start % size
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{size}"
    assert response["Content-Length"] == str(len(expected))


def test_player_requests_a_file_in_parts(server, video):
    content = b""
    while len(content) < len(video.content):
        response = get(video.url, Range=f"bytes={len(content)}-", player=True)
        assert response.status_code == 206
        assert 0 < len(response.body) <= PART
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Range"].startswith(f"bytes {len(content)}-")
        content += response.body
    assert content == video.content
    assert server.count("GET") == len(server.requests) == -(-len(content) // PART)


def test_download_that_is_resumed_gets_the_rest(video):
    etag = get(video.url, method="head")["ETag"]
    for headers in ({}, {"If_Range": etag}, {"If_Match": etag}):
        response = get(video.url, Range="bytes=1000-", **headers)
        assert (response.status_code, response.body) == (206, video.content[1000:])


def test_range_of_another_version_is_not_sent(video):
    for other in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        response = get(video.url, Range="bytes=1-2", If_Range=other, player=True)
        assert (response.status_code, response.body) == (200, video.content)
    assert get(video.url, If_Match='"other"').status_code == 412


def test_known_version_is_not_sent_again(video):
    etag = get(video.url, Range="bytes=0-1")["ETag"]
    response = get(video.url, If_None_Match=etag)
    assert (response.status_code, response.body) == (304, b"")


@pytest.mark.parametrize("asked", ["bytes", "bytes=5-4", "bytes=0-1,5-6", "chunks=0-1", "bytes=-"])
def test_invalid_range_is_ignored(video, asked):
    response = get(video.url, Range=asked)
    assert (response.status_code, response.body) == (200, video.content)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"])
@pytest.mark.parametrize("player", [True, False])
def test_range_after_the_end_is_refused(video, asked, player):
    response = get(video.url, Range=asked, player=player)
    assert (response.status_code, response.body) == (416, b"")
    assert response["Content-Range"] == f"bytes */{len(video.content)}"
    assert not response.has_header("Cache-Control")


def test_head(server, video):
    response = get(video.url, method="head", Range="bytes=1-2")
    assert (response.status_code, response.body) == (200, b"")
    assert response["Content-Length"] == str(len(video.content))
    assert response["Accept-Ranges"] == "bytes"
    assert server.requests == [("GET", "/Trips/Häfen 1.mp4")]


def test_original_of_a_picture(server, folder):
    (folder / "a.heic").write_bytes(heic())
    index = add_webdav(server.address)
    index.run_sync()
    [photo] = search_content(index.identity.user, "photos", Query(), "")
    response = get(photo.urls["original"])
    assert response.body == (folder / "a.heic").read_bytes()
    assert response["Content-Type"] == "image/heic"
    assert photo.original_web_url == photo.urls["original"]


# Changes at the service


def test_changed_file_is_not_found(server, video):
    url = video.url
    assert get(url, Range="bytes=0-", player=True).status_code == 206
    with video.path.open("ab") as file:
        file.write(b"more")
    for asked in ("bytes=0-", "bytes=100-200", "bytes=-5", "bytes=99999999-", ""):
        assert get(url, Range=asked).status_code == 404
    video.index.run_sync()
    assert get(url).status_code == 404
    video.content = video.path.read_bytes()
    assert get(video.url).body == video.content


def test_deleted_file_is_not_found(video):
    video.path.unlink()
    for asked in ("", "bytes=0-", "bytes=-5", "bytes=99999999-"):
        assert get(video.url, Range=asked).status_code == 404
    assert get(video.url, method="head").status_code == 404


def test_file_that_was_replaced_by_another_one_is_not_found(folder, video):
    film(folder / "other.mp4", seconds=2).replace(video.path)
    assert get(video.url).status_code == 404


@pytest.mark.parametrize("etag", [None, 'W/"1"', '"another-format"'])
def test_server_with_another_etag_of_the_content(server, video, etag):
    """
    The stamp is then that of a listing.
    """

    def edit(status, headers, body):
        headers.pop("etag")
        return status, headers | ({"etag": etag} if etag else {}), body

    change(server, edit)
    response = get(video.url, Range="bytes=5-9")
    assert (response.status_code, response.body) == (206, video.content[5:10])
    assert server.requests == [
        ("GET", "/Trips/Häfen 1.mp4"),
        ("PROPFIND", "/Trips/Häfen 1.mp4"),
    ]
    with video.path.open("ab") as file:
        file.write(b"more")
    assert get(video.url, Range="bytes=5-9").status_code == 404


def test_content_of_a_deleted_account_is_not_found(video):
    url = video.url
    video.index.identity.delete()
    assert get(url).status_code == 404


# Servers that do not support ranges


def test_server_that_ignores_ranges_sends_the_complete_file(server, video):
    change(server, ignore_ranges(video))
    for asked in ("", "bytes=0-", "bytes=0-9", "bytes=-5"):
        for player in (True, False):
            response = get(video.url, Range=asked, player=player)
            assert (response.status_code, response.body) == (200, video.content)
            assert response["Content-Length"] == str(len(video.content))
            assert not response.has_header("Accept-Ranges")


@pytest.mark.parametrize("asked", ["bytes=5-9", "bytes=100000-"])
def test_server_that_ignores_ranges_is_not_read_for_a_part_in_the_middle(server, video, asked):
    change(server, ignore_ranges(video))
    response = get(video.url, Range=asked, player=True)
    assert response.status_code == 404
    assert response.body == b"WebDAV sends complete files only, so it is not possible to seek."
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert get(video.url, Range="bytes=0-", player=True).status_code == 200


WRONG_PARTS = {
    "another start": {"content-range": "bytes 0-9/300000"},
    "no range": {"content-range": ""},
    "invalid": {"content-range": "bytes 9-5/300000"},
    "several": {"content-range": "", "content-type": "multipart/byteranges; boundary=1"},
    "compressed": {"content-encoding": "gzip"},
}


@pytest.mark.parametrize("fault", WRONG_PARTS)
def test_other_part_than_the_requested_one_is_not_sent(server, video, fault):
    change(server, lambda status, headers, body: (status, headers | WRONG_PARTS[fault], body))
    assert get(video.url, Range="bytes=5-9").status_code == 503


def test_shorter_part_than_the_requested_one_is_sent(server, video):
    def edit(status, headers, body):
        size = len(video.content)
        return status, headers | {"content-range": f"bytes 5-9/{size}"}, body[:5]

    change(server, edit)
    response = get(video.url, Range="bytes=5-99")
    assert (response.status_code, response.body) == (206, video.content[5:10])
    assert response["Content-Range"] == f"bytes 5-9/{len(video.content)}"


def test_connection_is_closed_if_the_part_is_shorter_than_announced(server, video):
    change(server, lambda status, headers, body: (status, headers, body[:5]))
    response = Client().get(video.url, secure=True, headers={"Range": "bytes=5-99"})
    assert response.status_code == 206
    with pytest.raises(ConnectionResetError):
        response.getvalue()


def test_more_than_the_requested_part_is_not_sent(server, video):
    def edit(status, headers, body):
        size = len(video.content)
        content_range = f"bytes 5-{size - 1}/{size}"
        return status, headers | {"content-range": content_range}, video.content[5:]

    change(server, edit)
    response = get(video.url, Range="bytes=5-9")
    assert (response.status_code, response.body) == (206, video.content[5:10])
    assert response["Content-Range"] == f"bytes 5-9/{len(video.content)}"


def test_file_of_unknown_size(server, video):
    def edit(status, headers, body):
        known = headers.get("content-range", "bytes 0-0/1")
        return status, headers | {"content-range": f"{known.partition('/')[0]}/*"}, body

    change(server, edit)
    response = get(video.url, Range="bytes=5-9")
    assert (response.status_code, response.body) == (206, video.content[5:10])
    assert response["Content-Range"] == "bytes 5-9/*"


# Errors of the service


@pytest.mark.parametrize("status", ["500 Error", "503 Unavailable", "401 Denied", "403 Denied"])
def test_error_of_the_service_is_cached(server, video, status):
    change(server, lambda *response: (status, {}, b"<html>secret</html>"))
    responses = [get(video.url, Range="bytes=0-", player=True) for _ in range(3)]
    assert {response.status_code for response in responses} == {503}
    assert responses[0]["Retry-After"] == "60"
    assert not responses[0].has_header("Cache-Control")
    assert b"secret" not in responses[0].body
    assert server.count("GET") == 1


@pytest.mark.parametrize("is_same", [True, False])
def test_redirects_are_followed_on_the_same_origin_only(server, video, is_same):
    url = video.url
    video.path.rename(video.path.parent / "moved.mp4")
    origin = server.address.removesuffix("/dav") if is_same else "http://127.0.0.1:1"

    def apply(method, path, response):
        if path.endswith("moved.mp4"):
            return response
        return "302 Found", [("Location", f"{origin}/dav/Trips/moved.mp4")], b""

    server.change = apply
    response = get(url, Range="bytes=5-9")
    assert response.status_code == (206 if is_same else 503)
    assert is_same == (response.body == video.content[5:10])


@contextmanager
def serve_start(content, headers):
    """
    Serve the start of a body, and then nothing.
    """
    finished = threading.Event()
    count = []

    def serve(server):
        while not finished.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            count.append(1)
            connections.append(connection)
            if headers:
                connection.recv(65_536)
                connection.sendall(headers.encode() + content)

    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/dav", count
        finished.set()
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in connections:
        connection.close()


def move_account(video, address):
    identity = video.index.identity
    identity.settings |= {"address": address}
    identity.save(update_fields=["settings"])


def test_service_that_does_not_respond_is_not_requested_again(video, monkeypatch):
    monkeypatch.setattr(originals, "READ_SECONDS", 0.3)
    with serve_start(b"", "") as (address, count):
        move_account(video, address)
        statuses = [get(video.url, Range="bytes=0-", player=True).status_code for _ in range(3)]
        assert (statuses, len(count)) == ([503] * 3, 1)


@pytest.mark.parametrize(
    ("read_seconds", "file_seconds", "next_status"), [(0.5, 900, 503), (2.5, 2, 200)]
)
def test_connection_is_closed_if_the_service_stops_sending(
    video, monkeypatch, read_seconds, file_seconds, next_status
):
    """
    The client must not take the start for the complete file. It can continue at once if it may have
    been the client that was slow.
    """
    monkeypatch.setattr(originals, "READ_SECONDS", read_seconds)
    monkeypatch.setattr(originals, "FILE_SECONDS", file_seconds)
    etag = Item.objects.get().etag.partition("/")[0]
    headers = f"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nETag: {etag}\r\n\r\n"
    with serve_start(video.content[:1000], headers) as (address, _):
        move_account(video, address)
        response = Client().get(video.url, secure=True)
        assert response.status_code == 200
        with pytest.raises(ConnectionResetError):
            response.getvalue()
        response = Client().get(video.url, secure=True)
        assert response.status_code == next_status
        if response.streaming:
            with pytest.raises(ConnectionResetError):
                response.getvalue()


def test_part_is_passed_on_under_asgi(video):
    async def read(url):
        response = await AsyncClient().get(url, secure=True, headers={"Range": "bytes=5-150000"})
        return b"".join([chunk async for chunk in response])

    assert async_to_sync(read)(video.url) == video.content[5:150_001]


def test_no_credentials_in_urls_and_logs(server, video, caplog):
    caplog.set_level("DEBUG")
    get(video.url, Range="bytes=0-9")
    assert PASSWORD not in caplog.text
    assert "Authorization" not in caplog.text
    assert PASSWORD not in str(Item.objects.values())


def test_index_of_an_earlier_version_is_updated(server, folder, monkeypatch):
    """
    Earlier versions imported no originals.
    """
    draw(folder / "a.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(remote_files, "VERSION", 1)
        patch.setattr(remote_files.RemoteSource, "get_options", lambda self: ())
        index = add_webdav(server.address)
        index.run_sync()
    index.run_sync()
    assert index.wrote == ["a.jpg", "a.jpg"]
    [photo] = search_content(index.identity.user, "photos", Query(), "")
    assert get(photo.urls["original"]).body == (folder / "a.jpg").read_bytes()


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True))
def test_any_header_is_parsed(text):
    asked = parse_range(text)
    if asked:
        start, end = asked.find_bounds(100)
        assert start >= 0
        assert end <= 100
