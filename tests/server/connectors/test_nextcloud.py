import io
import logging
import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import requests
from django.conf import settings
from PIL import Image

from django_trove.server import tasks
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import NoResponse, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.nextcloud import search
from django_trove.server.connectors.nextcloud.api import strip_page
from django_trove.server.connectors.nextcloud.connector import Nextcloud
from django_trove.server.connectors.remote_files import source
from django_trove.server.models import Identity, Item
from django_trove.server.sync.engine import SyncFailed
from fake_services import nextcloud as fake_nextcloud
from fake_services.base import Response, serve
from fake_services.nextcloud_dav import OC, build_multistatus, build_response
from fake_services.photos import make_photos

from ..images import draw, exif, xmp
from .index import Account, Index

COUNT = 12


@pytest.fixture
def nextcloud():
    with serve(fake_nextcloud.Nextcloud(make_photos(COUNT))) as fake:
        yield fake


def start(fake, address=None):
    connector = Nextcloud({}, Credentials(fake.settings))
    return connector, connector.start_login({"address": address or fake.url}, "Ada's Trove")


def log_in(fake):
    connector, login = start(fake)
    fake.allow(login.url)
    return connector.poll_login(login)


@pytest.fixture
def make(nextcloud):
    return Account(Nextcloud, nextcloud, log_in(nextcloud))


@pytest.fixture
def synced(nextcloud, make):
    index = Index()
    index.run_sync(make)
    nextcloud.requests.clear()
    return index


def ids_of(fake):
    return {str(node.id) for node in fake.tree.files.values()}


def count_searches(fake):
    return [method for method, _ in fake.dav_requests].count("SEARCH")


# Login


def test_login_waits_until_the_user_allows_it(nextcloud):
    connector, login = start(nextcloud)
    assert connector.poll_login(login) is None
    response = requests.post(login.url, timeout=10)  # the button of the page
    assert response.ok
    authorization = connector.poll_login(login)
    assert authorization.settings == {"address": nextcloud.url, "user": "ada"}
    assert authorization.service_id == f"ada@{nextcloud.url.removeprefix('http://')}"
    assert authorization.name.startswith("Ada L. (127.0.0.1")
    assert authorization.token["name"] == "ada@example.org"
    assert authorization.token["password"] in nextcloud.app_passwords
    assert authorization.token["password"] not in repr(authorization)
    assert connector.poll_login(login) is None  # the password is sent once


def test_login_page_names_this_trove(nextcloud):
    _, login = start(nextcloud)
    assert "Ada&#x27;s Trove requests access" in requests.get(login.url, timeout=10).text
    assert login.token not in repr(login)


def test_name_of_the_trove_may_have_any_characters(nextcloud):
    connector = Nextcloud({}, Credentials(nextcloud.settings))
    login = connector.start_login({"address": nextcloud.url}, "Adas Fotos\r\n写真")
    assert login.url.startswith(nextcloud.url)


@pytest.mark.parametrize(
    "page",
    ["/", "/index.php/apps/files/files", "/apps/photos/", "/login", "/remote.php/dav/files/a"],
)
def test_address_of_a_page_is_that_of_its_server(nextcloud, page):
    _, login = start(nextcloud, nextcloud.url + page)
    assert login.address == nextcloud.url


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("https://example.com/cloud/index.php/login/v2", "https://example.com/cloud"),
        ("https://example.com/loginportal", "https://example.com/loginportal"),
        ("https://apps.example.com", "https://apps.example.com"),
        ("https://example.com/s/AbCdEf", "https://example.com"),
        ("https://example.com/f/123", "https://example.com"),
        ("https://example.com/cloud/settings/user", "https://example.com/cloud"),
        ("https://example.com/call/abc", "https://example.com"),
        ("https://example.com/u/alice/nextcloud", "https://example.com/u/alice/nextcloud"),
        ("https://example.com/f/cloud", "https://example.com/f/cloud"),
    ],
)
def test_address_keeps_the_folder_of_the_nextcloud(page, address):
    assert strip_page(page) == address


@pytest.mark.parametrize("poll", [{}, {"token": ""}, {"token": "x" * 301}, "text", None])
def test_invalid_login_is_refused(nextcloud, poll):
    data = {"poll": poll, "login": f"{nextcloud.url}/login"}
    nextcloud.failures = [fake_nextcloud.json_response(data)]
    nextcloud.is_api_call = bool
    with pytest.raises(ServiceFailed, match="Check that it is a Nextcloud"):
        start(nextcloud)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9/poll",
        "http://evil.example/poll",
        "http://ada:secret@127.0.0.1/poll",
        "http://[",
        "file:///etc/passwd",
        "",
    ],
)
def test_poll_endpoint_on_another_origin_is_refused(nextcloud, endpoint):
    nextcloud.failures = [
        fake_nextcloud.json_response(
            {"poll": {"token": "t", "endpoint": endpoint}, "login": f"{nextcloud.url}/login"}
        )
    ]
    nextcloud.is_api_call = bool
    with pytest.raises(ServiceFailed):
        start(nextcloud)


def test_login_page_on_another_origin_is_refused(nextcloud):
    poll = {"token": "t", "endpoint": f"{nextcloud.url}/poll"}
    data = {"poll": poll, "login": "https://evil.example/login"}
    nextcloud.failures = [fake_nextcloud.json_response(data)]
    nextcloud.is_api_call = bool
    with pytest.raises(ServiceFailed, match=r"contains the address https://evil.example"):
        start(nextcloud)


def test_other_servers_are_reported(nextcloud):
    nextcloud.failures = [Response(status=404)]
    nextcloud.is_api_call = bool
    with pytest.raises(ServiceFailed, match="not a Nextcloud"):
        start(nextcloud)


def test_private_address_is_refused(nextcloud):
    connector = Nextcloud({}, Credentials({"ALLOW_HTTP": True}))
    with pytest.raises(ServiceFailed, match="private network"):
        connector.start_login({"address": nextcloud.url}, "Trove")
    assert nextcloud.request_paths == []


def test_removal_deletes_the_app_password(nextcloud, make):
    password = make().credentials.token["password"]
    make().revoke()
    assert nextcloud.revoked_passwords == [password]
    make().revoke()  # it is deleted already
    assert nextcloud.app_passwords == {}


@pytest.mark.parametrize("status", [403, 429, 500])
def test_app_password_that_is_not_deleted_is_reported(nextcloud, make, status):
    nextcloud.failures = [Response(status=status)]
    nextcloud.is_api_call = bool
    with pytest.raises(RetryLater, match="unavailable"):
        make().revoke()


def test_login_whose_user_is_unknown_leaves_no_app_password(nextcloud):
    connector, login = start(nextcloud)
    nextcloud.allow(login.url)
    nextcloud.is_api_call = lambda request: request.path.endswith("/cloud/user")
    nextcloud.failures = [Response(status=500)]
    with pytest.raises(ServiceFailed, match="unavailable"):
        connector.poll_login(login)
    assert (nextcloud.app_passwords, len(nextcloud.revoked_passwords)) == ({}, 1)


def test_password_is_not_logged(nextcloud, make, caplog):
    caplog.set_level(logging.DEBUG)
    Index().run_sync(make)
    assert make().credentials.token["password"] not in caplog.text


# Listing


def test_sync_imports_the_files_of_all_folders(nextcloud, make, synced):
    assert set(synced.items) == ids_of(nextcloud)
    photo = next(shot for shot in make_photos(COUNT) if shot.place and shot.album)
    path = f"Photos/{photo.album}/IMG_{photo.number:04}.jpg"
    found = synced.photos[str(nextcloud.tree.nodes[path].id)]
    assert (found.title, found.date) == (f"IMG_{photo.number:04}", photo.taken)
    assert (found.album_id, found.album_title) == (f"Photos/{photo.album}", photo.album)
    assert (found.width, found.height) == (320, 240)
    assert found.location == pytest.approx(photo.place, abs=1e-4)


def test_sync_without_changes_is_one_request(nextcloud, make, synced):
    synced.run_sync(make)
    assert nextcloud.dav_requests == [("PROPFIND", "")]
    assert set(synced.items) == ids_of(nextcloud)


def test_listing_has_one_request_per_page(nextcloud, make, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 5)
    nextcloud.read_metadata()
    index = Index()
    index.run_sync(make)
    methods = [method for method, _ in nextcloud.dav_requests]
    assert methods == ["PROPFIND", *["SEARCH"] * 4, "PROPFIND"]  # the last page is empty
    assert set(index.items) == ids_of(nextcloud)


def test_server_may_limit_pages(nextcloud, make, monkeypatch):
    monkeypatch.setattr("fake_services.nextcloud_dav.MAX_RESULTS", 5)
    index = Index()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)


def test_empty_listing_deletes_nothing(nextcloud, make, synced):
    before = set(synced.items)
    nextcloud.tree.create_folder("Empty")
    empty = Response(status=207, body=build_multistatus([]))
    nextcloud.failures = [None, empty]
    synced.run_sync(make)
    assert set(synced.items) == before


def test_server_that_repeats_pages_deletes_nothing(nextcloud, make, synced):
    path = min(nextcloud.tree.files)
    node = nextcloud.tree.nodes[path]
    page = build_response(f"/remote.php/dav/files/ada/{path}", path, node, [f"{OC}fileid"], "oc")
    before, handle = set(synced.items), nextcloud.handle
    repeated = Response(status=207, body=build_multistatus([page]))
    nextcloud.handle = lambda request: repeated if request.method == "SEARCH" else handle(request)
    nextcloud.tree.create_folder("Empty")
    nextcloud.request_paths.clear()
    synced.run_sync(make)
    assert set(synced.items) == before
    assert synced.cursor["state"]["etag"] == ""
    # two pages: the search is not repeated, because no file has changed
    assert nextcloud.request_paths.count("/remote.php/dav/") == 2


def test_listing_may_have_more_pages_than_requests_for_one_batch(nextcloud, make, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.remote.MAX_CALLS", 8)
    monkeypatch.setattr(search, "PAGE_SIZE", 1)
    nextcloud.read_metadata()
    index = Index()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)
    assert index.cursor["state"]["etag"]
    assert count_searches(nextcloud) == COUNT + 1


def test_limit_of_pages_is_reported(nextcloud, make, synced, monkeypatch):
    """
    Nothing is deleted, and the search is not repeated.
    """
    monkeypatch.setattr("django_trove.server.connectors.nextcloud.connector.MAX_PAGES", 2)
    monkeypatch.setattr(search, "PAGE_SIZE", 5)
    nextcloud.tree.delete(min(nextcloud.tree.files))
    before = set(synced.items)
    with pytest.raises(SyncFailed, match="More than 10 files cannot be imported"):
        synced.run_sync(make)
    assert set(synced.items) == before
    assert count_searches(nextcloud) == 2


def test_slice_of_a_sync_begins_after_the_search(nextcloud, make, settings, monkeypatch):
    """
    Each request takes a second. Otherwise each slice would search all files for one batch.
    """
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.TROVE_SERVER = settings.TROVE_SERVER | {"SYNC_SLICE_SECONDS": 5}
    clock = SimpleNamespace(monotonic=lambda: len(nextcloud.requests))
    monkeypatch.setattr("django_trove.server.sync.engine.time", clock)
    monkeypatch.setattr("django_trove.server.connectors.remote_files.connector.BATCH_SIZE", 1)
    monkeypatch.setattr(search, "PAGE_SIZE", 1)
    nextcloud.read_metadata()
    tasks.sync_identity.call(make.identity.pk)
    assert set(Index(make.identity).items) == ids_of(nextcloud)
    assert not Identity.objects.get().sync_in_progress


def test_metadata_of_the_server_is_used_instead_of_the_files(nextcloud, make):
    Index().run_sync(make)
    from_files = read_values(make)
    Item.objects.all().delete()
    Identity.objects.update(cursor={})
    nextcloud.requests.clear()
    nextcloud.read_metadata()
    Index().run_sync(make)
    methods = [method for method, _ in nextcloud.dav_requests]
    assert methods == ["PROPFIND", "SEARCH", "SEARCH", "PROPFIND"]
    assert read_values(make) == from_files


def test_files_are_read_if_that_is_set(nextcloud, make, tmp_path):
    draw(tmp_path / "a.jpg", exif=exif(date="2007:05:04 03:02:01"), xmp=xmp(tags=["snow"]))
    node = nextcloud.tree.put("Photos/a.jpg", (tmp_path / "a.jpg").read_bytes())
    nextcloud.read_metadata()
    index = Index()
    index.run_sync(make)
    assert index.photos[str(node.id)].tags == ()
    nextcloud.options["READ_FILES"] = True
    settings.TROVE_SERVER["SERVICES"]["nextcloud"] = nextcloud.settings
    index.run_sync(make)
    assert index.photos[str(node.id)].tags == ("snow",)
    assert index.photos[str(node.id)].date is not None


def read_values(make):
    photos = Index(make.identity).photos.values()
    return sorted(
        (photo.id, photo.title, photo.date, photo.width, photo.album_id, round_place(photo))
        for photo in photos
    )


def round_place(photo):
    return [round(value, 3) for value in photo.location or ()]


def test_only_new_and_changed_files_are_read(nextcloud, make, synced):
    new = nextcloud.add_photo(make_photos(20)[19])
    changed = make_photos(COUNT)[0]
    changed.width = 1
    path = next(path for path in nextcloud.tree.files if path.endswith("IMG_0001.jpg"))
    nextcloud.tree.put(path, fake_nextcloud.make_photo_file(make_photos(9)[8]))
    synced.run_sync(make)
    reads = {path for method, path in nextcloud.dav_requests if method == "GET"}
    new_path = next(name for name, node in nextcloud.tree.nodes.items() if node is new)
    assert reads == {path, new_path}
    assert set(synced.items) == ids_of(nextcloud)


def test_tags_of_nextcloud_are_added_to_those_of_the_file(nextcloud, make, tmp_path):
    draw(tmp_path / "a.jpg", xmp=xmp(tags=["snow"]))
    node = nextcloud.tree.put("Photos/a.jpg", (tmp_path / "a.jpg").read_bytes())
    node.tags = ("Family & friends", "Snow")
    index = Index()
    index.run_sync(make)
    assert sorted(index.photos[str(node.id)].tags) == ["Family & friends", "snow"]


@pytest.mark.parametrize("searched", [0, 10**10])
def test_changed_tags_are_found_after_the_interval(nextcloud, make, synced, searched):
    """
    :param searched: the time of the last search, when the clock may have been wrong.
    """
    node = next(iter(nextcloud.tree.files.values()))
    node.tags = ("winter",)
    synced.run_sync(make)
    assert nextcloud.dav_requests == [("PROPFIND", "")]
    synced.set_cursor(state={**synced.cursor["state"], "searched": searched})
    synced.run_sync(make)
    assert synced.photos[str(node.id)].tags == ("winter",)
    nextcloud.requests.clear()
    synced.run_sync(make)
    assert nextcloud.dav_requests == [("PROPFIND", "")]


def test_sync_is_resumed_after_the_interval(nextcloud, make, synced):
    """
    The sync without changes was stopped before its end.
    """
    synced.run_process(batches=1)
    assert synced.cursor["state"]["new"] == synced.cursor["state"]["etag"]
    synced.set_cursor(state={**synced.cursor["state"], "searched": 0})
    synced.run_sync(make)
    assert set(synced.items) == ids_of(nextcloud)


def test_moved_file_remains_the_same_item(nextcloud, make, synced):
    path = next(path for path in nextcloud.tree.files if path.startswith("Photos/Summer/"))
    file_id = str(nextcloud.tree.nodes[path].id)
    before = synced.items[file_id].pk
    nextcloud.tree.move(path, "Trips/Norway/fjord.jpg")
    synced.run_sync(make)
    assert synced.items[file_id].pk == before
    assert synced.photos[file_id].album_title == "Norway"
    assert synced.photos[file_id].title == "fjord"


def test_moved_folder_and_deleted_files(nextcloud, make, synced):
    nextcloud.tree.move("Photos/Summer", "Photos/Summer 2026 & more")
    nextcloud.tree.delete("Photos/Winter")
    synced.run_sync(make)
    assert set(synced.items) == ids_of(nextcloud)
    assert "Summer 2026 & more" in {photo.album_title for photo in synced.photos.values()}


def test_sync_that_is_killed_is_resumed(nextcloud, make):
    index = Index()
    index.run_sync(make, at_once=1)
    assert set(index.items) == ids_of(nextcloud)
    assert len(index.wrote) == COUNT


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_files_that_move_while_a_sync_is_stopped_are_kept(nextcloud, make, monkeypatch, batches):
    monkeypatch.setattr("django_trove.server.connectors.remote_files.connector.BATCH_SIZE", 1)
    index = Index(make.identity)
    assert index.run_process(batches) is None
    first, *_, last = sorted({path.rpartition("/")[0] for path in nextcloud.tree.files})
    path = min(name for name in nextcloud.tree.files if name.startswith(last))
    nextcloud.tree.move(path, f"{first}/moved.jpg")
    nextcloud.tree.delete(max(name for name in nextcloud.tree.files if name.startswith(last)))
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)
    assert len(index.wrote) - len(set(index.wrote)) <= 1  # only the moved file may be read again


def test_file_that_moves_between_pages_is_kept(nextcloud, make, synced, monkeypatch):
    """
    A file is changed during each search, so that another one moves to a page that was read.
    """
    monkeypatch.setattr(search, "PAGE_SIZE", 5)
    expected, handle = ids_of(nextcloud), nextcloud.handle

    def handle_and_change(request):
        response = handle(request)
        if request.method == "SEARCH":
            path = min(nextcloud.tree.files, key=lambda name: nextcloud.tree.nodes[name].modified)
            nextcloud.tree.put(path, nextcloud.tree.nodes[path].content)
        return response

    nextcloud.tree.create_folder("Empty")
    nextcloud.handle = handle_and_change
    synced.run_sync(make)
    assert set(synced.items) == expected
    nextcloud.handle = handle
    nextcloud.requests.clear()
    synced.run_sync(make)
    assert "SEARCH" in [method for method, _ in nextcloud.dav_requests]


def test_server_without_search_is_walked(nextcloud, make):
    nextcloud.has_search = False
    index = Index()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)
    nextcloud.has_search = True
    nextcloud.tree.create_folder("Empty")
    index.wrote.clear()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)
    assert index.wrote == []  # the ids and stamps are the same


def test_walk_is_not_limited_by_the_number_of_requests(nextcloud, make, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.remote.MAX_CALLS", 8)
    nextcloud.has_search = False
    for number in range(12):
        nextcloud.tree.create_folder(f"Folder {number}")
    index = Index()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)


def test_folder_that_fails_in_the_walk_deletes_nothing(nextcloud, make, synced):
    nextcloud.has_search = False
    nextcloud.tree.create_folder("Empty")
    before = set(synced.items)
    nextcloud.failures = [None, None, None, Response(status=403)]
    with pytest.raises(SyncFailed, match="could not be listed"):
        synced.run_sync(make)
    assert set(synced.items) == before


@pytest.mark.parametrize("has_search", [True, False])
def test_file_in_two_shared_folders_is_one_item(nextcloud, make, has_search):
    """
    A user who received two shares, of a folder and of a folder in it, has the files twice.
    """
    nextcloud.has_search = has_search
    path = min(nextcloud.tree.files)
    node = nextcloud.tree.nodes[path]
    nextcloud.tree.create_folder("Shared")
    nextcloud.tree.nodes["Shared/again.jpg"] = node
    index = Index()
    index.run_sync(make)
    assert set(index.items) == ids_of(nextcloud)
    assert index.albums[str(node.id)] == path.rpartition("/")[0]
    index.wrote.clear()
    nextcloud.requests.clear()
    index.run_sync(make)
    nextcloud.tree.create_folder("Empty")
    index.run_sync(make)
    assert index.wrote == []
    assert count_searches(nextcloud) == (
        2 if has_search else 1
    )  # a page of files, and an empty one


def report_error(fake, method, path):
    """
    Replace the entry of a file or folder in responses: its status is an error.
    """
    handle = fake.handle
    pattern = re.compile(f"(<d:href>[^<]*/{path}/?</d:href>).*?(?=</d:response>)")

    def handle_with_error(request):
        response = handle(request)
        if request.method == method:
            response.body = pattern.sub(r"\1<d:status>HTTP/1.1 503 X</d:status>", response.body)
        return response

    fake.handle = handle_with_error


def test_file_with_an_error_in_the_search_is_kept(nextcloud, make, synced):
    path = min(nextcloud.tree.files)
    report_error(nextcloud, "SEARCH", quote(path))
    before = set(synced.items)
    node = nextcloud.add_photo(make_photos(20)[19])
    synced.run_sync(make)
    assert set(synced.items) == before | {str(node.id)}
    assert count_searches(nextcloud) == 2


def test_folder_with_an_error_in_the_walk_is_kept(nextcloud, make, synced):
    nextcloud.has_search = False
    folder = min(nextcloud.tree.files).rpartition("/")[0]
    report_error(nextcloud, "PROPFIND", quote(folder))
    before = set(synced.items)
    nextcloud.tree.create_folder("Empty")
    with pytest.raises(SyncFailed, match=f"{folder} could not be listed"):
        synced.run_sync(make)
    assert set(synced.items) == before


def test_stamp_of_a_long_etag_is_short(nextcloud, make, synced):
    node = next(iter(nextcloud.tree.files.values()))
    for end in "12":
        node.etag = "x" * 120 + end
        synced.wrote.clear()
        nextcloud.tree.create_folder(f"Empty {end}")
        synced.run_sync(make)
        assert synced.wrote == [str(node.id)]
        assert len(synced.items[str(node.id)].etag) <= 100


def test_unreadable_file_is_tried_again(nextcloud, make):
    nextcloud.tree.put("Photos/broken.jpg", b"not a picture")
    index = Index()
    index.run_sync(make)
    assert [failure.name for failure in index.failures] == ["Photos/broken.jpg"]
    nextcloud.requests.clear()
    index.run_sync(make)
    assert ("GET", "Photos/broken.jpg") in nextcloud.dav_requests


def test_sizes_are_created_by_the_sync_if_that_is_set(nextcloud, make, monkeypatch):
    nextcloud.options["RENDITIONS"] = "sync"
    make = Account(Nextcloud, nextcloud, log_in(nextcloud))
    nextcloud.tree.put("Photos/large.jpg", bytes(1_000_000))
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 500_000)
    index = Index()
    index.run_sync(make)
    assert [failure.name for failure in index.failures] == ["Photos/large.jpg"]
    assert "larger than" in index.failures[0].reason
    assert [set(item.files) for item in index.items.values()] == [
        {"thumbnail", "medium", "large", "original"}
    ] * COUNT


# Errors


def test_revoked_password_is_reported(nextcloud, make):
    nextcloud.revoke_all()
    with pytest.raises(Revoked, match="Reconnect"):
        list(make().batches({}, make.known))


def test_maintenance_mode_is_retried(nextcloud, make):
    nextcloud.is_in_maintenance = True
    with pytest.raises(RetryLater, match="maintenance") as failure:
        list(make().batches({}, make.known))
    assert failure.value.seconds == 120


@pytest.mark.parametrize("status", [429, 500, 502])
def test_unavailable_server_is_retried(nextcloud, make, status):
    nextcloud.failures = [Response(status=status)]
    with pytest.raises(RetryLater):
        list(make().batches({}, make.known))


def test_invalid_listing_is_retried(nextcloud, make):
    nextcloud.failures = [Response(status=207, body="<html>")]
    with pytest.raises(RetryLater, match="invalid listing"):
        list(make().batches({}, make.known))


def test_server_that_does_not_respond_is_retried(nextcloud, make, monkeypatch):
    connector = make()
    connector.settings = {**connector.settings, "address": "http://127.0.0.1:9"}
    with pytest.raises(NoResponse):
        list(connector.batches({}, make.known))


# Pictures


def test_preview_of_the_server_is_used(nextcloud, make, synced):
    item = next(iter(synced.items.values()))
    renditions = make().fetch_sizes(item.service_id, item.urls, "thumbnail")
    assert list(renditions) == ["thumbnail"]
    assert nextcloud.request_paths[-1] == "/index.php/core/preview"
    with Image.open(io.BytesIO(renditions["thumbnail"].content)) as image:
        assert max(image.size) == 320


def test_sizes_are_created_if_there_is_no_preview(nextcloud, make, synced):
    nextcloud.has_previews = False
    item = next(iter(synced.items.values()))
    renditions = make().fetch_sizes(item.service_id, item.urls, "thumbnail")
    assert set(renditions) == {"thumbnail", "medium", "large"}


def test_picture_of_a_deleted_file_does_not_exist(nextcloud, make, synced):
    item = next(iter(synced.items.values()))
    nextcloud.tree.delete("Photos")
    assert make().fetch_sizes(item.service_id, item.urls, "thumbnail") == {}


def test_urls_contain_no_credentials(nextcloud, make, synced):
    password = make().credentials.token["password"]
    urls = [url for item in synced.items.values() for url in item.urls.values()]
    assert urls
    assert not any(password in url or "@" in url for url in urls)
