"""
Images served by a Trove (protocol, section 3.8).
"""

import io
import os
from contextlib import aclosing
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.middleware.gzip import GZipMiddleware
from django.test import Client, RequestFactory

from django_trove.client.query import Query
from django_trove.server.accounts.add import add_folder
from django_trove.server.media.ranges import serve_file
from django_trove.server.models import Item
from django_trove.server.search.engine import search
from django_trove.server.sync.engine import sync

from ..images import draw, exif

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(person, tmp_path):
    folder = tmp_path / "pictures"
    draw(folder / "a.png", (400, 300), format="WEBP", exif=exif("2007:03:04 21:08:12"))
    sync(add_folder(person, folder)[0])
    return folder


@pytest.fixture
def urls(person, folder):
    [photo] = search(person, Query(), "")
    return photo.urls


def get(url, **kwargs):
    """
    Return the response with its body as `body`.
    """
    response = Client().get(url, secure=True, **kwargs)
    response.body = response.getvalue()
    return response


@pytest.mark.parametrize("size", ["thumbnail", "medium", "large", "original"])
def test_an_image_needs_no_session_and_may_be_cached(urls, size):
    response = get(urls[size])
    assert response.status_code == 200
    assert response["Content-Type"] == ("image/webp" if size == "original" else "image/jpeg")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response.body
    cached = get(urls[size], headers={"If-None-Match": response["ETag"]})
    assert (cached.status_code, cached.body) == (304, b"")


def test_urls_are_stable(person, urls):
    [photo] = search(person, Query(), "")
    assert photo.urls == urls


def test_urls_begin_with_the_origin_of_the_trove(ask, folder):
    [photo] = ask()["results"]
    assert set(photo["urls"]) == {"thumbnail", "medium", "large", "original"}
    assert all(url.startswith("https://trove.example/files/") for url in photo["urls"].values())
    assert photo["original_web_url"] == photo["urls"]["original"]


def test_a_forged_url_is_not_found(urls):
    signed = urls["large"].split("/")[2]
    item, _, rest = signed.partition(".")
    for forged in (f"{int(item) + 1}.{rest}", signed[:-1], "1", "x:y", "1.2:3"):
        assert get(f"/files/{forged}/large").status_code == 404
    assert get(f"/files/{signed}/huge").status_code == 404
    assert get(f"/files/{signed}/../../etc/passwd").status_code == 404


@pytest.mark.parametrize("size", ["medium", "large", "original"])
def test_a_url_is_valid_for_one_size(urls, size):
    assert get(urls["thumbnail"].replace("/thumbnail", f"/{size}")).status_code == 404


def test_the_images_of_an_inactive_user_are_not_found(person, urls):
    person.is_active = False
    person.save()
    assert {get(url).status_code for url in urls.values()} == {404}


def test_a_changed_image_has_a_new_url(person, folder, urls):
    draw(folder / "a.png", (500, 300), format="WEBP")
    assert get(urls["original"]).status_code == 404
    sync(person.trove_identities.get())
    [photo] = search(person, Query(), "")
    assert photo.urls["original"] != urls["original"]
    assert get(urls["thumbnail"]).status_code == 404
    assert get(photo.urls["original"]).status_code == 200


def test_a_file_that_was_replaced_by_a_symlink_is_not_found(folder, urls, tmp_path):
    (folder / "a.png").rename(tmp_path / "a.png")
    (folder / "a.png").symlink_to(tmp_path / "a.png")
    assert get(urls["original"]).status_code == 404


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_file_that_was_deleted_after_the_check_is_not_found(monkeypatch, urls, error):
    def raise_error(*args, **kwargs):
        raise error

    monkeypatch.setattr(Path, "open", raise_error)
    assert Client().get(urls["original"], secure=True).status_code == 404


def test_a_folder_that_was_replaced_by_a_symlink_is_not_found(folder, urls, tmp_path):
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert get(urls["original"]).status_code == 404


def test_the_image_of_a_deleted_item_is_not_found(urls):
    Item.objects.all().delete()
    assert get(urls["thumbnail"]).status_code == 404


def test_only_the_original_contains_metadata(urls):
    assert b"2007:03:04" in get(urls["original"]).body
    assert b"2007:03:04" not in get(urls["large"]).body
    assert b"Exif" not in get(urls["large"]).body


def test_post_is_not_allowed(urls):
    assert Client().post(urls["large"], secure=True).status_code == 405


def test_the_original_has_the_name_of_its_file(urls):
    assert get(urls["original"])["Content-Disposition"] == 'inline; filename="a.png"'


@pytest.mark.parametrize("name", ['a"b.jpg', "caf\u00e9.jpg", "a\nb.jpg", "a;b\\.jpg"])
def test_any_name_of_a_file_is_sent(person, tmp_path, name):
    folder = tmp_path / "named"
    draw(folder / name)
    sync(add_folder(person, folder)[0])
    [photo] = search(person, Query(), "")
    assert get(photo.urls["original"]).status_code == 200


RANGES = {
    "bytes=0-": (0, 100),
    "bytes=0-0": (0, 1),
    "bytes=10-19": (10, 20),
    "bytes=90-500": (90, 100),
    "bytes=-7": (93, 100),
    "bytes=-500": (0, 100),
}


@pytest.fixture
def film(person, tmp_path):
    """
    The URL of a file of 100 bytes.
    """
    folder = tmp_path / "films"
    draw(folder / "a.jpg")
    sync(add_folder(person, folder)[0])
    [photo] = search(person, Query(), "")
    path, content = folder / "a.jpg", bytes(range(100))
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
    stamp = f"1:{status.st_mtime_ns}"
    Item.objects.update(etag=f"{stamp}:100", files={"original": {"type": "video/mp4"}})
    [photo] = search(person, Query(), "")
    return photo.urls["original"]


@pytest.mark.parametrize("asked", RANGES)
def test_a_range_of_a_file_is_sent(film, asked):
    start, end = RANGES[asked]
    response = get(film, headers={"Range": asked})
    assert response.status_code == 206
    assert response.body == bytes(range(start, end))
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert response["Content-Length"] == str(end - start)
    assert response["Content-Type"] == "video/mp4"
    assert response["ETag"]
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=x-y",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=0-1,5-6",
        "bytes=\u0661-",
        "bytes=" + "9" * 5000 + "-",
        "chunks=0-1",
        "0-1",
    ],
)
def test_a_file_is_complete_without_one_valid_range(film, asked):
    response = get(film, headers={"Range": asked} if asked else {})
    assert (response.status_code, response.body) == (200, bytes(range(100)))
    assert response["Content-Length"] == "100"
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999-"])
def test_a_range_after_the_end_is_refused(film, asked):
    response = get(film, headers={"Range": asked})
    assert (response.status_code, response.body) == (416, b"")
    assert response["Content-Range"] == "bytes */100"
    assert "Cache-Control" not in response


def test_a_range_of_another_version_is_not_sent(film):
    etag = get(film)["ETag"]
    assert get(film, headers={"Range": "bytes=1-2", "If-Range": etag}).status_code == 206
    for other in ('"other"', f"W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT", ""):
        response = get(film, headers={"Range": "bytes=1-2", "If-Range": other})
        assert (response.status_code, len(response.body)) == (200, 100)


def test_a_cached_file_is_not_sent_again(film):
    etag = get(film)["ETag"]
    response = get(film, headers={"Range": "bytes=1-2", "If-None-Match": etag})
    assert (response.status_code, response.body) == (304, b"")


def test_head_has_the_headers_of_the_whole_file(film):
    response = Client().head(film, secure=True, headers={"Range": "bytes=1-2"})
    assert (response.status_code, response.getvalue()) == (200, b"")
    assert response["Content-Length"] == "100"
    assert response["Accept-Ranges"] == "bytes"


class Endless(io.RawIOBase):
    """
    A file of 100 GB without a content in memory.

    :param largest: the largest number of bytes that was read at once.
    """

    size, largest = 10**11, 0

    def __init__(self):
        self.position = 0

    def seek(self, offset, whence=0):
        self.position = self.size if whence == 2 else offset
        return self.position

    def tell(self):
        return self.position

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else self.size)
        self.position += size
        return bytes(size)


@pytest.mark.parametrize("middleware", [None, GZipMiddleware])
def test_a_file_is_sent_in_chunks_under_wsgi_and_asgi(middleware):
    async def read_first(response):
        async with aclosing(aiter(response)) as chunks:
            return await anext(chunks)

    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    for read in (lambda response: next(iter(response)), async_to_sync(read_first)):
        file = Endless()
        response = serve_file(request, file, "video/mp4", '"1"')
        assert response["Content-Length"] == str(file.size)
        if middleware:
            response = middleware(lambda request: None).process_response(request, response)
        chunk = read(response)
        response.close()
        assert file.closed
        assert file.largest < 10**6
        assert chunk[:2] == (b"\x1f\x8b" if middleware else b"\0\0")
