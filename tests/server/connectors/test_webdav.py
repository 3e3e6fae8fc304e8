"""
The WebDAV connector with WsgiDAV: accounts, requests, failures and pictures on demand.
"""

import re
import shutil
import tempfile
import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from django_trove.server.accounts.registry import get_connector
from django_trove.server.connectors.errors import ServiceFailed
from django_trove.server.connectors.remote_files import FileFailed, content, source
from django_trove.server.connectors.remote_files.server import FileServer
from django_trove.server.media.fetch import fetch_rendition
from django_trove.server.models import Identity
from django_trove.server.sync import SyncFailed

from ..images import draw, exif, xmp
from ..media_files import dng, film, heic
from .webdav_account import OPTIONS, add_webdav, check_account
from .webdav_servers import PASSWORD, USER, run_wsgidav

NAMES = ("a.jpg", "Straße 1/ü ä.jpg", "100%/x#y&z+1.jpg", "100%/sub/d.png")


@pytest.fixture
def server(folder):
    with run_wsgidav(folder) as server:
        yield server


@pytest.fixture
def pictures(folder):
    for name in NAMES:
        draw(folder / name, exif=exif(date="2007:05:04 03:02:01"))
    return folder


def replace_response(server, method, path, status, *, headers=(), body=b""):
    """
    Send another response to requests with this method and path.
    """

    def change(each, requested, response):
        if (each, requested) == (method, path):
            return status, list(headers), body
        return response

    server.change = change


def is_stored(item):
    """
    Return whether all sizes except the original are stored.
    """
    return all(item.files[size].get("name") for size in ("thumbnail", "medium", "large"))


def sync_failed(index):
    with pytest.raises(SyncFailed) as failure:
        index.run_sync()
    return str(failure.value)


def test_photo_of_a_remote_file(server, folder):
    draw(
        folder / "2007" / "New York" / "IMG 1.jpg",
        exif=exif(date="2007:05:04 03:02:01", orientation=6),
        xmp=xmp(title="Snow", tags=["winter"]),
    )
    index = add_webdav(server.address)
    index.run_sync()
    [photo] = index.photos.values()
    assert (photo.id, photo.title, photo.album_id, photo.album_title, photo.service) == (
        "2007/New York/IMG 1.jpg",
        "Snow",
        "2007/New York",
        "New York",
        "webdav",
    )
    assert (photo.width, photo.height, list(photo.tags)) == (48, 64, ["winter"])


def test_groups_of_files_are_one_item(server, folder):
    draw(folder / "a.jpg")
    (folder / "a.dng").write_bytes(dng())
    (folder / "a.xmp").write_bytes(xmp(title="Snow"))
    (folder / "notes.txt").write_text("no picture")
    draw(folder / "@eaDir" / "thumb.jpg")
    index = add_webdav(server.address)
    index.run_sync()
    assert [(item.service_id, item.title) for item in index.items.values()] == [("a.jpg", "Snow")]
    assert ("GET", "/a.dng") not in server.requests
    (folder / "a.xmp").write_bytes(xmp(title="Ice and snow"))
    index.run_sync()
    assert index.items["a.jpg"].title == "Ice and snow"


def test_raw_file_is_downloaded_and_its_sizes_are_stored(server, folder):
    (folder / "a.dng").write_bytes(dng(date="2007:05:04 03:02:01"))
    index = add_webdav(server.address)
    index.run_sync()
    item = index.items["a.dng"]
    assert is_stored(item)
    assert item.files["original"] == {"type": "image/x-adobe-dng"}
    assert (item.media_type, item.urls) == (
        "image/x-adobe-dng",
        {"original": f"{server.address}/a.dng"},
    )


def test_large_png_is_downloaded(server, folder):
    noise = Image.effect_noise((900, 700), 90).convert("RGB")
    noise.save(folder / "a.png", exif=exif(date="2007:05:04 03:02:01"))
    index = add_webdav(server.address)
    index.run_sync()
    assert (folder / "a.png").stat().st_size > 1_500_000
    assert index.items["a.png"].taken_at_seconds is not None
    assert is_stored(index.items["a.png"])


@pytest.mark.parametrize("limit", [10_000, 1_000_000])
def test_heic_above_the_memory_of_a_read_is_downloaded(server, folder, monkeypatch, limit):
    """
    The decoder loads the complete file.
    """
    monkeypatch.setattr(content, "MAX_FILLED_BYTES", limit)
    noise, date = Image.effect_noise((400, 300), 90).convert("RGB"), "2007:05:04 03:02:01"
    (folder / "a.heic").write_bytes(heic(image=noise, exif=exif(date=date).tobytes()))
    index = add_webdav(server.address)
    index.run_sync()
    [photo] = index.photos.values()
    assert (photo.date.year, photo.width, index.failures) == (2007, 400, [])
    assert is_stored(index.items["a.heic"]) == (limit == 10_000)


@pytest.mark.parametrize("authentication", ["basic", "digest"])
def test_sync_without_changes_reads_no_file(pictures, authentication):
    with run_wsgidav(pictures, authentication=authentication) as server:
        index = add_webdav(server.address)
        index.run_sync()
        server.requests.clear()
        index.run_sync()
        assert {method for method, _ in server.requests} == {"PROPFIND"}
        assert len(index.items) == len(NAMES)


def test_only_changed_files_are_read(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    draw(pictures / "a.jpg", (80, 60))
    (pictures / "100%" / "sub" / "d.png").rename(pictures / "e.png")
    shutil.rmtree(pictures / "100%")
    server.requests.clear()
    index.run_sync()
    read = {path for method, path in server.requests if method == "GET"}
    assert read == {"/a.jpg", "/e.png"}
    assert sorted(index.items) == ["Straße 1/ü ä.jpg", "a.jpg", "e.png"]
    assert index.items["a.jpg"].width == 80


def test_files_are_read_at_the_same_time(server, pictures):
    """
    The server responds when it has received the requests for all files.
    """
    barrier = threading.Barrier(len(NAMES))

    def change(method, path, response):
        if method == "GET":
            barrier.wait(timeout=20)
        return response

    server.change = change
    index = add_webdav(server.address)
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES)
    assert index.failures == []


def test_damaged_files_are_reported(server, folder):
    draw(folder / "a.jpg")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.png").write_text("<html>")
    (folder / "drawing.svg").write_text("<svg/>")
    index = add_webdav(server.address)
    index.run_sync()
    reason = "The file is not a picture or video in a supported format."
    assert {failure.name: failure.reason for failure in index.failures} == dict.fromkeys(
        ("empty.jpg", "page.png", "drawing.svg"), reason
    )
    assert list(index.items) == ["a.jpg"]


LISTINGS = {
    "denied": ("403 Forbidden", b""),
    "missing": ("404 Not Found", b""),
    "error": ("500 Internal Server Error", b""),
    "unavailable": ("502 Bad Gateway", b""),
    "page": ("200 OK", b"<html>"),
    "truncated": ("207 Multi-Status", b'<d:multistatus xmlns:d="DAV:"><d:response>'),
    "other": ("207 Multi-Status", b'<d:multistatus xmlns:d="DAV:"></d:multistatus>'),
    "redirect": ("302 Found", b""),
}


@pytest.mark.parametrize("fault", LISTINGS)
def test_folder_that_cannot_be_listed_keeps_its_items(server, pictures, fault):
    index = add_webdav(server.address)
    index.run_sync()
    (pictures / "a.jpg").unlink()
    status, body = LISTINGS[fault]
    headers = [("Location", "http://evil.example/")] if fault == "redirect" else []
    replace_response(server, "PROPFIND", "/100%/", status, headers=headers, body=body)
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES[1:])
    assert [failure.name for failure in index.failures] == ["100%"]
    server.change = None
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES[1:])


def test_file_or_folder_with_an_error_in_the_list_is_kept(server, pictures):
    """
    The status of such a resource is that of the response, which has no properties.
    """
    index = add_webdav(server.address)
    index.run_sync()

    def change(method, path, response):
        status, headers, body = response
        if method == "PROPFIND" and path == "/":
            for name in (b"a.jpg", b"100%25/"):
                body = re.sub(
                    b"(<ns0:href>/dav/%s</ns0:href>).*?(</ns0:response>)" % name,
                    rb"\1<ns0:status>HTTP/1.1 403 Forbidden</ns0:status>\2",
                    body,
                )
        return status, headers, body

    server.change = change
    server.requests.clear()
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES)
    assert [path for _, path in server.requests] == ["/", "/", "/Straße 1/"]  # the first is a tree


def test_list_that_the_server_reports_as_truncated_is_not_used(server, pictures):
    draw(pictures / "100%" / "z.jpg")
    index = add_webdav(server.address)
    index.run_sync()

    def change(method, path, response):
        status, headers, body = response
        if (method, path) == ("PROPFIND", "/100%/"):
            entries = re.split(rb"(?=<ns0:response>)", body)
            body = b"".join(entry for entry in entries if b"z.jpg" not in entry)
            entry = b"<ns0:href>/dav/100%25/</ns0:href><ns0:status>HTTP/1.1 507 X</ns0:status>"
            end = b"</ns0:multistatus>"
            body = body.replace(end, b"<ns0:response>" + entry + b"</ns0:response>" + end)
        return status, headers, body

    server.change = change
    draw(pictures / "new.jpg")
    index.cursor = {}  # as the first sync
    index.run_sync()
    assert sorted(index.items) == sorted([*NAMES, "100%/z.jpg", "new.jpg"])
    assert [failure.name for failure in index.failures] == ["100%"]


@pytest.mark.parametrize("anonymous", [0, 1])
def test_body_of_a_challenge_is_not_read_completely(folder, anonymous):
    """
    :param anonymous: number of requests with a normal response.
    """
    with run_wsgidav(folder, authentication="digest") as server:

        def change(method, path, response):
            status, headers, body = response
            is_normal = len(server.requests) <= anonymous
            return status, headers, body if is_normal else b"x" * 50_000_000

        server.change = change
        with pytest.raises(ServiceFailed):
            check_account(server.address)


@pytest.mark.parametrize("challenge", ["Digest", 'Digest realm="x"', 'Digest nonce="x'])
def test_invalid_challenge_is_reported(server, folder, challenge):
    replace_response(
        server, "PROPFIND", "/", "401 Unauthorized", headers=[("WWW-Authenticate", challenge)]
    )
    with pytest.raises(ServiceFailed, match="invalid request for Digest authentication"):
        check_account(server.address)


def test_password_is_checked_by_a_server_that_anonymous_users_can_read(server, folder):
    def change(method, path, response):
        return ("401 Unauthorized", [], b"") if len(server.requests) > 1 else accepted

    folder = (
        b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/</d:href><d:propstat><d:prop>'
        b"<d:resourcetype><d:collection/></d:resourcetype></d:prop>"
        b"<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
    )
    accepted = ("207 Multi-Status", [], folder)
    server.change = change
    with pytest.raises(ServiceFailed, match="rejected the user name"):
        check_account(server.address, password="wrong")


def test_address_of_a_file_is_reported(server, pictures):
    with pytest.raises(ServiceFailed, match="address of a file"):
        check_account(f"{server.address}/a.jpg")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (
            "401 Unauthorized",
            "The server no longer accepts the user name and password. Reconnect the account.",
        ),
        ("403 Forbidden", "The server does not permit access to {address}."),
        ("404 Not Found", "The server does not have {address}."),
        ("503 Unavailable", "The server is unavailable (status 503)."),
        ("429 Too Many", "The server limits the rate of requests."),
    ],
)
def test_root_that_cannot_be_listed(server, pictures, status, reason):
    index = add_webdav(server.address)
    index.run_sync()
    shutil.rmtree(pictures / "100%")
    replace_response(server, "PROPFIND", "/", status)
    assert sync_failed(index) == reason.format(address=server.address)
    assert len(index.items) == len(NAMES)


def test_next_sync_is_after_the_delay_of_the_server(server, pictures):
    index = add_webdav(server.address)
    replace_response(
        server, "PROPFIND", "/100%/", "503 Unavailable", headers=[("Retry-After", "7200")]
    )
    sync_failed(index)
    identity = Identity.objects.get(pk=index.identity.pk)
    assert (identity.next_sync_at - timezone.now()).total_seconds() > 7000


def test_rejected_password_requires_a_new_connection(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    server.change = lambda method, path, response: ("401 Unauthorized", [], b"")
    sync_failed(index)
    state = Identity.objects.get(pk=index.identity.pk).state
    assert state == Identity.State.NEEDS_RECONNECT


def test_file_and_folder_that_require_another_login_are_skipped(server, pictures):
    index = add_webdav(server.address)

    def change(method, path, response):
        is_rejected = path in ("/a.jpg", "/100%/")
        return ("401 Unauthorized", [], b"") if is_rejected else response

    server.change = change
    index.run_sync()
    assert list(index.items) == ["Straße 1/ü ä.jpg"]
    assert sorted(failure.reason for failure in index.failures) == [
        "The server does not permit access to 100%.",
        "The server does not permit access to a.jpg.",
    ]
    assert Identity.objects.get(pk=index.identity.pk).state == Identity.State.ACTIVE


@pytest.mark.parametrize("syncs", [0, 1])
def test_missing_file_of_certificates_is_an_error_of_the_operator(
    server, pictures, settings, syncs
):
    """
    The next attempt is after an hour. Later syncs also request the tree.
    """
    index = add_webdav(server.address)
    for _ in range(syncs):
        index.run_sync()
    services = {"webdav": {**OPTIONS, "CA_FILE": "/missing.pem"}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": services}
    assert sync_failed(index) == "The file in the setting CA_FILE cannot be read."
    due = Identity.objects.get(pk=index.identity.pk).next_sync_at
    assert due > timezone.now() + timedelta(minutes=20)


def test_empty_root_keeps_the_items(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    shutil.rmtree(pictures)
    pictures.mkdir()
    index.run_sync()
    assert len(index.items) == len(NAMES)


def test_empty_folder_keeps_its_items(server, pictures):
    """
    Some servers list a folder without permission as an empty one, and a disk may not be mounted.
    """
    index = add_webdav(server.address)
    index.run_sync()
    shutil.rmtree(pictures / "100%")
    (pictures / "100%").mkdir()
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES)
    reason = Identity.objects.get(pk=index.identity.pk).kept_reason
    assert reason == "The folder 100%/ is empty. Its disk may not be mounted."
    (pictures / "100%").rmdir()
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES[:2])


def test_file_that_cannot_be_read_is_read_by_the_next_sync(server, pictures):
    index = add_webdav(server.address)
    replace_response(server, "GET", "/a.jpg", "403 Forbidden")
    index.run_sync()
    assert [failure.name for failure in index.failures] == ["a.jpg"]
    server.change = None
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES)


def test_sidecar_that_cannot_be_read_is_not_ignored(server, folder):
    draw(folder / "a.jpg")
    (folder / "a.xmp").write_bytes(xmp(title="Snow"))
    index = add_webdav(server.address)
    replace_response(server, "GET", "/a.xmp", "500 Error")
    index.run_sync()
    server.change = None
    index.run_sync()
    assert index.items["a.jpg"].title == "Snow"


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_killed_sync_is_resumed(server, pictures, monkeypatch, batches):
    module = "django_trove.server.connectors.remote_files.connector"
    monkeypatch.setattr(f"{module}.MAX_LISTINGS", 1)
    index = add_webdav(server.address)
    index.run_process(batches)
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES)
    assert server.count("GET") == len(NAMES)
    shutil.rmtree(pictures / "100%" / "sub")
    index.run_process(batches)
    index.run_sync()
    assert sorted(index.items) == sorted(NAMES[:3])


@pytest.mark.parametrize("renditions", ["view", "sync"])
def test_time_of_a_batch_is_limited(server, pictures, monkeypatch, renditions):
    monkeypatch.setattr("django_trove.server.connectors.folder.parts.MAX_PART_SECONDS", 0)
    index = add_webdav(server.address, RENDITIONS=renditions)
    index.run_sync()
    assert [len(batch.items) for batch in index.batches] == [1, 1, 1, 1, 0, 0]
    assert sorted(index.items) == sorted(NAMES)


def test_bytes_of_downloaded_files_are_limited(server, folder, monkeypatch, tmp_path):
    """
    The files of a batch are downloaded before the first one is read.
    """
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 100_000)
    monkeypatch.setattr(source, "MAX_PENDING_BYTES", 250_000)
    download, sizes = FileServer.download_file, []

    def download_and_measure(*args):
        download(*args)
        args[2].flush()
        files = [path for path in tmp_path.glob("tmp*/*") if path.is_file()]
        sizes.append(sum(path.stat().st_size for path in files))

    monkeypatch.setattr(FileServer, "download_file", download_and_measure)
    for number in range(10):
        Image.effect_noise((150, 150), 90).convert("RGB").save(folder / f"{number}.png")
    index = add_webdav(server.address, RENDITIONS="sync")
    index.run_sync()
    assert (len(index.items), len(sizes)) == (10, 10)
    assert 150_000 < max(sizes) <= 250_000
    assert list(tmp_path.glob("tmp*")) == []


def ignore_ranges(server, path):
    """
    Send the complete file for a range.
    """
    sent = (path.read_bytes(),)

    def change(method, requested, response):
        if method == "GET" and requested == f"/{path.name}":
            return "200 OK", [("Content-Type", "image/jpeg")], sent[0]
        return response

    server.change = change


def test_server_without_ranges_is_not_read_completely(server, folder, monkeypatch):
    noise = Image.effect_noise((3000, 2000), 90).convert("RGB")
    noise.save(folder / "a.jpg", exif=exif(date="2007:05:04 03:02:01"))
    index = add_webdav(server.address)
    ignore_ranges(server, folder / "a.jpg")
    lengths = []
    module = "django_trove.server.connectors.remote_files.http.read_start"
    from django_trove.server.connectors.http import read_start

    def record(response, length):
        content = read_start(response, length)
        lengths.append(len(content))
        return content

    monkeypatch.setattr(module, record)
    index.run_sync()
    assert (folder / "a.jpg").stat().st_size > 1_000_000
    assert lengths == [131_072]
    assert index.items["a.jpg"].width == 3000


@pytest.mark.parametrize(
    ("status", "content_range"),
    [
        ("206 Partial Content", "bytes 0-9/100"),
        ("206 Partial Content", "bytes */100"),
        ("206 Partial Content", ""),
        ("200 OK", ""),
    ],
)
def test_part_at_another_position_is_not_used(server, folder, status, content_range):
    index = add_webdav(server.address)
    connector = get_connector(Identity.objects.get(pk=index.identity.pk))
    headers = [("Content-Range", content_range)] if content_range else []
    replace_response(server, "GET", "/a.jpg", status, headers=headers, body=b"0123456789")
    with pytest.raises(FileFailed, match="does not send parts"):
        connector.read_range("a.jpg", 10, 10)


def test_part_of_a_file(server, folder):
    (folder / "a.jpg").write_bytes(b"0123456789")
    (folder / "empty.jpg").touch()
    index = add_webdav(server.address)
    connector = get_connector(Identity.objects.get(pk=index.identity.pk))
    assert connector.read_range("a.jpg", 2, 3) == (b"234", 10)
    assert connector.read_range("a.jpg", 8, 5) == (b"89", 10)
    assert connector.read_range("empty.jpg", 0, 5) == (b"", 0)


def test_picture_is_downloaded_when_it_is_first_viewed(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    server.requests.clear()
    item = index.items["a.jpg"]
    original = {"type": "image/jpeg"}
    assert item.files == {"large": {}, "medium": {}, "thumbnail": {}, "original": original}
    rendition = fetch_rendition(item, "medium")
    assert (rendition.type, rendition.width) == ("image/jpeg", 64)
    stored = index.items["a.jpg"].files
    assert all(stored[size]["name"] for size in ("large", "medium", "thumbnail"))
    assert server.requests == [("GET", "/a.jpg")]


def test_picture_that_changes_while_it_is_fetched_is_not_stored(server, pictures):
    """
    The response with the old picture is received after a sync has indexed the new one.
    """
    index = add_webdav(server.address)
    index.run_sync()
    item, content = index.items["a.jpg"], (pictures / "a.jpg").read_bytes()
    draw(pictures / "a.jpg", (80, 60))
    index.run_sync()
    replace_response(server, "GET", "/a.jpg", "200 OK", body=content)
    assert fetch_rendition(item, "medium").width == 64
    item = index.items["a.jpg"]
    assert item.width == 80
    assert [item.files[size] for size in ("large", "medium", "thumbnail")] == [{}, {}, {}]


def test_url_of_a_picture_contains_no_password(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    urls = index.items["100%/x#y&z+1.jpg"].urls
    assert set(urls.values()) == {f"{server.address}/100%25/x%23y%26z%2B1.jpg"}
    identity = Identity.objects.get(pk=index.identity.pk)
    shown = f"{identity.settings} {identity.name} {identity.service_id} {identity.cursor}"
    assert PASSWORD not in shown


def test_deleted_picture_is_not_found(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    (pictures / "a.jpg").unlink()
    assert fetch_rendition(index.items["a.jpg"], "medium") is None


def test_picture_that_cannot_be_fetched(server, pictures):
    index = add_webdav(server.address)
    index.run_sync()
    (pictures / "a.jpg").write_bytes(b"text")
    with pytest.raises(ServiceFailed, match="not a picture"):
        fetch_rendition(index.items["a.jpg"], "medium")


def test_sizes_are_created_by_the_sync(server, pictures):
    index = add_webdav(server.address, RENDITIONS="sync")
    index.run_sync()
    assert all(map(is_stored, index.items.values()))
    assert all(item.average_color for item in index.items.values())
    server.requests.clear()
    index.run_sync()
    assert server.count("GET") == 0


def test_items_are_read_again_after_a_change_of_the_setting(server, pictures, settings):
    index = add_webdav(server.address)
    index.run_sync()
    settings.TROVE_SERVER["SERVICES"]["webdav"]["RENDITIONS"] = "sync"
    index.run_sync()
    assert all(map(is_stored, index.items.values()))


def test_video_has_a_poster(server, folder):
    film(folder / "a.mp4", seconds=1)
    index = add_webdav(server.address)
    index.run_sync()
    item = index.items["a.mp4"]
    assert (item.width, item.height, item.duration) == (320, 240, 1)
    assert item.files["original"] == {"type": "video/mp4"}
    rendition = fetch_rendition(item, "large")
    assert (rendition.width, rendition.height) == (320, 240)


def test_live_photo_is_one_item(server, folder):
    draw(folder / "a.jpg")
    film(folder / "a.mov", seconds=1)
    film(folder / "b.mov", seconds=8, rate=2)
    draw(folder / "b.jpg")
    index = add_webdav(server.address)
    index.run_sync()
    assert sorted(index.items) == ["a.jpg", "b.jpg", "b.mov"]


def test_account_of_the_form(server, folder):
    authorization = check_account(f" {server.address}/ ", user=f" {USER} ")
    assert authorization.settings == {
        "address": server.address,
        "user": USER,
        "authentication": "basic",
    }
    assert authorization.token == {"user": USER, "password": PASSWORD}
    assert authorization.name == server.address.removeprefix("http://")


def test_digest_is_used_without_https(folder):
    with run_wsgidav(folder, authentication="digest") as server:
        assert check_account(server.address).settings["authentication"] == "digest"
        with pytest.raises(ServiceFailed, match="rejected the user name"):
            check_account(server.address, password="wrong")


@pytest.mark.parametrize(
    ("path", "values", "reason"),
    [
        ("", {"password": "wrong"}, "The server rejected the user name or the password."),
        ("/missing", {}, "The server has no folder at this address. Check its path."),
        ("", {"HOSTS": ()}, "127.0.0.1 is in a private network"),
        ("", {"ALLOW_HTTP": False}, "The address must start with https://"),
    ],
)
def test_form_with_errors(server, folder, path, values, reason):
    with pytest.raises(ServiceFailed, match=reason):
        check_account(f"{server.address}{path}", **values)


@pytest.mark.parametrize(
    ("status", "body"),
    [("200 OK", b"<html>"), ("405 Not Allowed", b""), ("207 Multi-Status", b"<html>")],
)
def test_server_without_webdav(server, folder, status, body):
    replace_response(server, "PROPFIND", "/", status, body=body)
    with pytest.raises(ServiceFailed, match="not that of a WebDAV folder"):
        check_account(server.address)


def test_password_is_sent_after_the_challenge_only(server, folder):
    sent = []

    def change(method, path, response):
        sent.append(response[0].split()[0])
        return response

    server.change = change
    check_account(server.address)
    assert sent == ["401", "207"]


def test_connector_of_an_account(server, pictures):
    index = add_webdav(server.address)
    connector = get_connector(Identity.objects.get(pk=index.identity.pk))
    assert PASSWORD not in repr(connector.__dict__)
