"""
Originals at each kind of service, as a browser requests them from the media view.
"""

import io
from contextlib import ExitStack

import pytest
import requests
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from django_trove.client.query import Query
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import ServiceFailed
from django_trove.server.connectors.immich import connector as immich_connector
from django_trove.server.connectors.immich.connector import Immich
from django_trove.server.connectors.nextcloud.connector import Nextcloud
from django_trove.server.connectors.originals import open_part
from django_trove.server.connectors.s3.connector import S3
from django_trove.server.models import Item
from django_trove.server.search.engine import search_content
from fake_services import immich as fake_immich
from fake_services import nextcloud as fake_nextcloud
from fake_services.base import serve
from fake_services.immich_data import get_id
from fake_services.photos import make_photo_file, make_photos

from ..media_files import film
from .index import Account, Index
from .s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, serve_bucket
from .webdav_account import OPTIONS, add_webdav
from .webdav_servers import run_copyparty, run_rclone, run_wsgidav

NAME = "New York/a film #1 (100%) ü.mp4"


class Fake:
    settings = OPTIONS


def log_in(fake):
    connector = Nextcloud({}, Credentials(fake.settings))
    login = connector.start_login({"address": fake.url}, "Trove")
    fake.allow(login.url)
    return connector.poll_login(login)


class FolderFiles:
    """
    The files of a server that serves a folder.
    """

    def __init__(self, address, folder):
        self.index, self._folder = add_webdav(address), folder

    def put(self, name, content):
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def delete(self, name):
        (self._folder / name).unlink()


class BucketFiles:
    def __init__(self, bucket):
        form = {"address": bucket.url, "bucket": BUCKET, "prefix": "", "region": ""}
        form |= {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
        authorization = S3({}, Credentials(OPTIONS)).check_account(form)
        self.index = Index(Account(S3, Fake, authorization).identity)
        self.put, self.delete = bucket.put, bucket.delete


class NextcloudFiles:
    def __init__(self, fake):
        self.index = Index(Account(Nextcloud, fake, log_in(fake)).identity)
        self.put, self.delete = fake.tree.put, fake.tree.delete


@pytest.fixture
def files(request, folder, tmp_path):
    with ExitStack() as stack:
        start = stack.enter_context
        builders = {
            "wsgidav": lambda: FolderFiles(start(run_wsgidav(folder)).address, folder),
            "digest": lambda: FolderFiles(
                start(run_wsgidav(folder, authentication="digest")).address, folder
            ),
            "copyparty": lambda: FolderFiles(
                start(run_copyparty(folder, tmp_path)).address, folder
            ),
            "rclone": lambda: FolderFiles(start(run_rclone(folder)).address, folder),
            "s3": lambda: BucketFiles(start(serve_bucket())),
            "nextcloud": lambda: NextcloudFiles(start(serve(fake_nextcloud.Nextcloud([])))),
        }
        yield builders[request.param]()


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """
    The contents of two videos of the same name.
    """
    folder = tmp_path_factory.mktemp("films")
    first = film(folder / "1.mp4", seconds=1).read_bytes()
    return first, film(folder / "2.mp4", seconds=2).read_bytes()


def get(url, asked="", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers |= {"Range": asked} if asked else {}
    response = Client().get(url, secure=True, headers=headers)
    response.body = response.getvalue()
    return response


def find_urls(index, content_type="videos"):
    found = search_content(index.identity.user, content_type, Query(count=100), "")
    return {item.id: item.urls.get("original", "") for item in found}


SERVERS = ["wsgidav", "digest", "copyparty", "rclone", "s3", "nextcloud"]


@pytest.mark.parametrize("files", SERVERS, indirect=True)
def test_file_is_served_in_ranges_while_it_is_the_indexed_one(files, films):
    content, other = films
    size = len(content)
    files.put(NAME, content)
    files.index.run_sync()
    [url] = find_urls(files.index).values()
    response = get(url)
    assert (response.status_code, response.body) == (200, content)
    assert response["Content-Type"] == "video/mp4"
    for asked, start, end in (
        ("bytes=0-", 0, size),
        ("bytes=100-299", 100, 300),
        (f"bytes={size - 9}-", size - 9, size),
        ("bytes=-9", size - 9, size),
    ):
        response = get(url, asked)
        assert (response.status_code, response.body) == (206, content[start:end])
        assert response["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    response = get(url, f"bytes={size}-")
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{size}")
    files.put(NAME, other)
    assert get(url, "bytes=100-299").status_code == 404
    files.index.run_sync()
    [new_url] = find_urls(files.index).values()
    assert new_url != url
    assert get(new_url).body == other
    files.delete(NAME)
    assert get(new_url, "bytes=100-299").status_code == 404


class Sender:
    """
    A service that sends a response without content.
    """

    title = "Sender"

    def __init__(self, status, headers):
        self._status, self._headers = status, headers

    def open(self, url, **options):
        response = requests.Response()
        response.status_code, response.raw = self._status, io.BytesIO()
        response.headers.update(self._headers)
        return response


NUMBERS = st.integers(0, 10**20).map(str) | st.just("*")
RANGES = st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda n: f"bytes {n[0]}-{n[1]}/{n[2]}")


@given(
    st.sampled_from([200, 206, 416, 500]),
    RANGES | st.text(max_size=30),
    NUMBERS | st.text(max_size=30),
    st.integers(0, 30),
    st.none() | st.integers(31, 60),
)
@example(206, "bytes 5-9/20", "5", 5, None)
@example(206, "bytes 5-4/20", "0", 5, None)
@example(206, "bytes 5-99999/*", "", 5, 31)
@example(416, "bytes */20", "", 25, None)
def test_headers_of_any_response_are_parsed(status, content_range, length, start, end):
    """
    A part begins at the requested position, and is not longer than requested.
    """
    sender = Sender(status, {"Content-Range": content_range, "Content-Length": length})
    assert find_invalid_part(sender, start, end) is None


def find_invalid_part(sender, start, end):
    """
    Return the part of a response if its positions are invalid.
    """
    try:
        part = open_part(sender, "http://host/", start, end, bool)
    except ServiceFailed:
        return None
    last = part.start if part.end is None else part.end
    limit = end if part.is_range and end is not None else last
    return None if part.start == start <= last <= limit else part


# Nextcloud


@pytest.fixture
def nextcloud():
    with serve(fake_nextcloud.Nextcloud([])) as fake:
        yield fake


def test_moved_file_is_found_after_the_next_sync(nextcloud, films):
    files = NextcloudFiles(nextcloud)
    files.put("a.mp4", films[0])
    files.index.run_sync()
    nextcloud.tree.move("a.mp4", "Trips/b.mp4")
    [(service_id, url)] = find_urls(files.index).items()
    assert get(url).status_code == 404
    files.put("a.mp4", films[1])
    assert get(url).status_code == 404
    files.index.run_sync()
    assert get(find_urls(files.index)[service_id]).body == films[0]


@pytest.mark.parametrize("renditions", ["view", "sync"])
def test_original_of_a_picture_whose_sizes_are_at_the_nextcloud(nextcloud, renditions):
    nextcloud.options["RENDITIONS"] = renditions
    nextcloud.add_photo(make_photos(1)[0])
    files = NextcloudFiles(nextcloud)
    files.index.run_sync()
    [url] = find_urls(files.index, "photos").values()
    assert get(url).body == make_photo_file(make_photos(1)[0])


# Immich


@pytest.fixture(params=[(1, 137, 3), (3, 2, 2)], ids=["version 1", "version 3"])
def immich(request, films):
    with serve(fake_immich.Immich(make_photos(12), version=request.param)) as fake:
        fake.files[10] = films[0]
        yield fake


@pytest.fixture
def newest(films):
    with serve(fake_immich.Immich(make_photos(12))) as fake:
        fake.files[10] = films[0]
        yield fake


def add_immich(fake):
    service = Immich({}, Credentials(fake.settings))
    authorization = service.check_account({"address": fake.url, "key": fake.key})
    assert authorization.notice == ""
    index = Index(Account(Immich, fake, authorization).identity)
    index.run_sync()
    return index


def test_video_of_immich_is_played(immich, films):
    index = add_immich(immich)
    [(service_id, url)] = find_urls(index).items()
    assert service_id == get_id("asset", 10)
    assert get(url).body == films[0]
    response = get(url, "bytes=100-299")
    assert (response.status_code, response.body) == (206, films[0][100:300])
    assert response["Cache-Control"] == "private, max-age=3600"
    assert response["Content-Disposition"].endswith('10.mp4"')
    assert get(url, "bytes=99999999-").status_code == 416
    assert f"/api/assets/{service_id}/original" not in immich.request_paths
    assert immich.key not in str(Item.objects.values())


def test_converted_video_is_another_version(newest, films):
    """
    Parts of both are not mixed: they have different etags.
    """
    [url] = find_urls(add_immich(newest)).values()
    etag = get(url, "bytes=0-9")["ETag"]
    assert get(url, If_None_Match=etag).status_code == 304
    assert get(url, "bytes=1-2", If_Range=etag).status_code == 206
    newest.converted[10] = films[1]
    assert get(url, "bytes=0-9")["ETag"] != etag
    assert get(url, If_None_Match=etag).body == films[1]
    response = get(url, "bytes=1-2", If_Range=etag)
    assert (response.status_code, response.body) == (200, films[1])
    assert get(url, "bytes=1-2", If_Match=etag).status_code == 412


def test_changed_original_of_a_picture_is_another_version(newest):
    """
    The index is not compared with the responses of Immich; parts of both versions are not mixed.
    """
    newest.permissions.append("asset.download")
    url = find_urls(add_immich(newest), "photos")[get_id("asset", 3)]
    etag, content = get(url)["ETag"], make_photo_file(make_photos(20)[19])
    newest.files[3] = content
    response = get(url, "bytes=1-9", If_Range=etag)
    assert (response.status_code, response.body) == (200, content)
    assert response["ETag"] != etag


def test_immich_without_etags(newest, monkeypatch):
    [url] = find_urls(add_immich(newest)).values()
    send_file = newest._send_file

    def send(*args):
        response = send_file(*args)
        response.headers = {"Content-Range": response.headers["Content-Range"]}
        return response

    monkeypatch.setattr(newest, "_send_file", send)
    assert get(url, "bytes=1-2").status_code == 206


def test_picture_has_an_original_if_the_key_permits_to_download(newest):
    index = add_immich(newest)
    assert set(find_urls(index, "photos").values()) == {""}
    newest.permissions.append("asset.download")
    index.run_sync()
    url = find_urls(index, "photos")[get_id("asset", 3)]
    photo = next(photo for photo in newest.photos if photo.number == 3)
    response = get(url)
    assert response.body == make_photo_file(photo)
    assert response["Content-Type"] == "image/jpeg"
    newest.permissions.remove("asset.download")
    response = get(url)
    assert (response.status_code, response["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert b"asset.download" in response.body
    index.run_sync()
    assert set(find_urls(index, "photos").values()) == {""}


@pytest.mark.parametrize("permissions", [["asset.download"], []])
def test_page_links_to_the_original_of_a_picture(newest, permissions):
    newest.permissions += permissions
    index = add_immich(newest)
    client = Client()
    client.force_login(index.identity.user)
    item = index.items[get_id("asset", 3)]
    page = client.get(f"/photos/{item.pk}/", secure=True).content.decode()
    assert ("Download the original" in page) == bool(permissions)
    url = find_urls(index, "photos")[item.service_id]
    assert (f'href="{url}" download' in page) == bool(permissions)


@pytest.mark.parametrize("permission", ["asset.download", "all"])
def test_permission_to_download_is_not_reported_as_excess(newest, permission):
    newest.permissions.append(permission)
    service = Immich({}, Credentials(newest.settings))
    notice = service.check_account({"address": newest.url, "key": newest.key}).notice
    assert ("asset.download" in notice, "all" in notice) == (False, permission == "all")


def test_keys_of_old_versions_have_all_permissions(immich):
    if immich.is_version3:
        immich.permissions.remove("apiKey.read")
    index = add_immich(immich)
    has_originals = set(find_urls(index, "photos").values()) != {""}
    assert has_originals == (not immich.is_version3)


def test_type_that_is_not_a_picture_is_downloaded(newest, monkeypatch):
    """
    A type such as that of HTML or SVG is never sent.
    """
    newest.permissions.append("asset.download")
    build = fake_immich.build_asset

    def build_asset(photo, **options):
        asset = build(photo, **options)
        return asset | {"originalMimeType": "image/svg+xml", "originalFileName": "a.svg"}

    monkeypatch.setattr(fake_immich, "build_asset", build_asset)
    index = add_immich(newest)
    send_file = newest._send_file

    def send(*args):
        response = send_file(*args)
        response.type = "text/html"
        return response

    monkeypatch.setattr(newest, "_send_file", send)
    response = get(find_urls(index, "photos")[get_id("asset", 3)])
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    [url] = find_urls(index).values()
    assert get(url)["Content-Type"] == "video/mp4"


def test_deleted_asset_is_not_found(newest):
    [url] = find_urls(add_immich(newest)).values()
    newest.photos = [photo for photo in newest.photos if photo.number != 10]
    assert get(url, "bytes=0-").status_code == 404


def test_live_photo_has_the_picture_as_its_original(newest):
    newest.permissions.append("asset.download")
    picture, moving = newest.photos[2], newest.photos[9]
    picture.motion_id, moving.visibility = get_id("asset", 10), "hidden"
    index = add_immich(newest)
    assert find_urls(index) == {}
    url = find_urls(index, "photos")[get_id("asset", 3)]
    assert get(url).body == make_photo_file(picture)


def test_index_of_an_earlier_version_is_updated(newest, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(immich_connector, "VERSION", 1)
        patch.setattr("django_trove.server.connectors.immich.records._build_urls", _build_old_urls)
        index = add_immich(newest)
    assert find_urls(index) == {get_id("asset", 10): ""}
    assert index.run_sync()
    assert get(find_urls(index)[get_id("asset", 10)]).status_code == 200
    assert not index.run_sync()


def _build_old_urls(asset, url, with_originals):
    return {"large": f"{url}/thumbnail?size=preview"}


def test_revoked_key(newest):
    [url] = find_urls(add_immich(newest)).values()
    newest.revoke_all()
    assert get(url, "bytes=0-").status_code == 503
