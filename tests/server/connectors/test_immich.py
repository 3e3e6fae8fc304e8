"""
The connector for Immich, with the fake Immich over HTTP in two versions.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from django_trove.client.content import Photo, Video
from django_trove.server.accounts.registry import get_connector
from django_trove.server.connectors.addresses import get_origin
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import ServiceFailed
from django_trove.server.connectors.immich.account import find_api, read_permissions
from django_trove.server.connectors.immich.albums import parse_albums
from django_trove.server.connectors.immich.api import KeyAuth
from django_trove.server.connectors.immich.connector import Immich
from django_trove.server.connectors.immich.records import is_listed, parse_asset, parse_duration
from django_trove.server.models import Identity
from django_trove.server.sync.engine import SyncFailed
from fake_services import immich as fake_immich
from fake_services.base import Response, serve
from fake_services.immich_data import build_asset, get_id
from fake_services.photos import make_photos

from ..entered_service import serve_shelf
from .index import Account, Index

pytestmark = pytest.mark.django_db(transaction=True)

VERSIONS = [(1, 137, 3), (3, 2, 2)]
COUNT = 24


@pytest.fixture(params=VERSIONS, ids=["version 1", "version 3"])
def fake(request, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {}}
    with serve(fake_immich.Immich(make_photos(COUNT), version=request.param)) as running:
        yield running


@pytest.fixture
def newest(settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {}}
    with serve(fake_immich.Immich(make_photos(COUNT))) as running:
        yield running


def check(fake, address=None, key=None):
    service = Immich({}, Credentials(fake.settings))
    return service.check_account({"address": address or fake.url, "key": key or fake.key})


def add(fake):
    return Account(Immich, fake, check(fake))


def find(fake, number):
    return next(photo for photo in fake.photos if photo.number == number)


def ids(photos):
    return {get_id("asset", photo.number) for photo in photos}


def set_page_size(monkeypatch, size):
    monkeypatch.setattr("django_trove.server.connectors.immich.connector.PAGE_SIZE", size)


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/api", "{}/api/", " {} ", "{}/photos"])
def test_addresses_are_accepted_as_users_type_them(fake, form):
    authorization = check(fake, form.format(fake.url))
    assert authorization.settings["api"] == f"{fake.url}/api"
    assert authorization.settings["address"] == fake.url
    assert authorization.name == "Ada Lovelace"
    assert authorization.notice == ""


def test_another_server_is_reported(newest):
    with serve_shelf() as url, pytest.raises(ServiceFailed, match="No Immich server was found"):
        check(newest, url)


def test_a_wrong_key_is_reported(newest):
    with pytest.raises(ServiceFailed, match="rejected the API key") as failure:
        check(newest, key="secret-key")
    assert "secret-key" not in failure.value.reason


def test_missing_permissions_are_named(newest):
    newest.permissions = ["asset.read", "apiKey.read", "user.read"]
    with pytest.raises(ServiceFailed, match=r"asset\.view, album\.read, tag\.read"):
        check(newest)


def test_a_missing_permission_is_named_if_the_key_cannot_be_read(newest):
    newest.permissions = ["asset.read", "asset.view"]
    with pytest.raises(ServiceFailed, match=r"permissions: user\.read"):
        check(newest)


def test_excess_permissions_are_reported(newest):
    newest.permissions += ["asset.delete", "album.update"]
    assert check(newest).notice == (
        "The API key has more permissions than required: album.update, asset.delete."
    )


def test_all_photos_and_videos_are_imported(fake):
    index = Index()
    assert index.run_sync(add(fake))
    assert index.items.keys() == ids(fake.photos)
    number = 7  # with a description
    photo, original = index.photos[get_id("asset", number)], find(fake, number)
    assert photo.title == original.title
    assert photo.description == original.description
    assert set(photo.tags) == set(original.tags)
    assert photo.date == original.taken
    assert photo.utc_offset == 120
    assert (photo.width, photo.height) == (1600, 1200)
    assert photo.camera.exposure_time == pytest.approx(1 / 250)
    assert photo.media_type == "image/jpeg"
    assert photo.public is False
    assert photo.original_web_url == f"{fake.url}/photos/{photo.id}"
    located = {p.number for p in fake.photos if p.place}
    assert {number for number in located if index.photos[get_id("asset", number)].location} == (
        located
    )
    video = index.photos[get_id("asset", 10)]
    assert isinstance(video, Video)
    assert video.duration == pytest.approx(12.345)


def test_albums_are_imported(fake):
    index = Index()
    index.run_sync(add(fake))
    albums = {p.album: get_id("album", p.album) if p.album else "" for p in fake.photos}
    assert index.albums == {get_id("asset", p.number): albums[p.album] for p in fake.photos}


def test_a_first_sync_requires_one_request_per_page(newest, monkeypatch):
    set_page_size(monkeypatch, 5)
    index, account = Index(), add(newest)
    newest.page_count = 0
    index.run_sync(account)
    album_pages = sum(
        -(-sum(p.album == name for p in newest.photos) // 5)
        for name in ("Summer", "Winter", "Family")
    )
    check_for_changes = 1
    assert newest.page_count == -(-COUNT // 5) + album_pages + check_for_changes


@pytest.mark.parametrize("walked", [0, 10**10])
def test_a_full_sync_without_changes_does_not_list_albums(newest, monkeypatch, walked):
    """
    :param walked: the time of the last full sync, when the clock may have been wrong.
    """
    set_page_size(monkeypatch, 5)
    index = Index()
    index.run_sync(add(newest))
    index.set_cursor(walked=walked)
    newest.page_count, index.wrote = 0, []
    assert index.run_sync()
    check_for_changes = 1
    assert newest.page_count == -(-COUNT // 5) + check_for_changes
    assert index.wrote == []


def test_a_sync_without_changes_requires_one_page_each_of_timeline_and_archive(fake):
    index = Index()
    index.run_sync(add(fake))
    fake.page_count, index.wrote = 0, []
    assert not index.run_sync()
    assert fake.page_count == 2
    assert index.wrote == []


def test_changes_are_imported(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = find(fake, 3)
    photo.title, photo.description = "Renamed", "New"
    fake.change(photo)
    assert not index.run_sync()
    assert index.photos[get_id("asset", 3)].title == "Renamed"
    assert index.wrote[COUNT:] == [get_id("asset", 3)]


def test_a_changed_item_keeps_its_album(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = next(p for p in fake.photos if p.album)
    album = index.albums[get_id("asset", photo.number)]
    photo.title = "Renamed"
    fake.change(photo)
    index.run_sync()
    assert index.albums[get_id("asset", photo.number)] == album != ""


def test_a_new_album_is_imported_with_the_changes(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = next(p for p in fake.photos if not p.album)
    photo.album = "New album"
    fake.change(photo)
    assert not index.run_sync()
    assert index.albums[get_id("asset", photo.number)] == get_id("album", "New album")


def test_an_item_that_left_its_album_is_updated_by_a_full_sync(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = next(p for p in fake.photos if p.album)
    photo.album = ""
    index.set_cursor(walked=0)
    assert index.run_sync()
    assert index.albums[get_id("asset", photo.number)] == ""


@pytest.mark.parametrize("change", [{"visibility": "archive"}, {"is_trashed": True}])
def test_archived_and_trashed_items_are_removed(fake, change):
    index = Index()
    index.run_sync(add(fake))
    photo = find(fake, 4)
    for name, value in change.items():
        setattr(photo, name, value)
    fake.change(photo)
    index.run_sync()
    assert index.items.keys() == ids(fake.photos) - {get_id("asset", 4)}


@pytest.mark.parametrize("visibility", ["archive", "hidden", "locked"])
def test_items_with_another_visibility_are_not_imported(fake, visibility):
    find(fake, 4).visibility = visibility
    index = Index()
    index.run_sync(add(fake))
    assert get_id("asset", 4) not in index.items


def test_archived_items_are_imported_if_they_are_enabled(fake):
    find(fake, 4).visibility = "archive"
    fake.options["WITH_ARCHIVE"] = True
    index = Index()
    index.run_sync(add(fake))
    assert get_id("asset", 4) in index.items


def test_a_change_of_visibility_is_seen_without_a_full_sync(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = find(fake, 4)
    photo.visibility = "archive"
    fake.change(photo)
    index.set_cursor(total=0)
    assert not index.run_sync()
    assert get_id("asset", 4) not in index.items


def test_photos_of_partners_are_not_imported(fake):
    find(fake, 4).is_partners = True
    index = Index()
    index.run_sync(add(fake))
    assert index.items.keys() == ids(fake.photos) - {get_id("asset", 4)}


def test_an_account_may_have_more_albums_and_tags_than_requests_for_one_batch(fake, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.remote.MAX_CALLS", 8)
    monkeypatch.setattr("django_trove.server.connectors.immich.connector.MAX_READ_ASSETS", 2)
    for photo in fake.photos:
        photo.album, photo.tags = f"Album {photo.number}", (f"tag {photo.number}", "all")
    index = Index()
    index.run_sync(add(fake))
    assert len(set(index.albums.values())) == COUNT
    assert set(index.photos[get_id("asset", 5)].tags) == {"tag 5", "all"}


def test_the_tags_of_a_few_assets_are_read_one_by_one(fake):
    index = Index()
    index.run_sync(add(fake))
    photo = find(fake, 3)
    photo.tags = ("Travel/Japan",)
    fake.change(photo)
    fake.request_paths.clear()
    index.run_sync()
    assert index.photos[get_id("asset", 3)].tags == ("Travel", "Japan")
    assert "/api/tags" not in fake.request_paths


def test_a_live_photo_is_one_item(fake):
    picture, moving = find(fake, 3), find(fake, 10)
    picture.motion_id, moving.visibility = get_id("asset", 10), "hidden"
    index = Index()
    index.run_sync(add(fake))
    assert index.items.keys() == ids(fake.photos) - {get_id("asset", 10)}
    assert type(index.photos[get_id("asset", 3)]) is Photo


def test_fewer_assets_cause_a_full_sync(fake):
    index = Index()
    index.run_sync(add(fake))
    del fake.photos[5:8]
    assert index.run_sync()
    assert index.items.keys() == ids(fake.photos)


def test_nothing_is_removed_if_the_library_changes_while_it_is_listed(fake, monkeypatch):
    """
    A deletion moves the items of later pages, so that one is not listed.
    """
    set_page_size(monkeypatch, 5)
    index = Index()
    index.run_sync(add(fake))
    index.set_cursor(walked=0)
    index.run_sync(actions={2: lambda: fake.photos.pop(0)})
    assert index.items.keys() >= ids(fake.photos)
    index.set_cursor(walked=0)
    index.run_sync()
    assert index.items.keys() == ids(fake.photos)


def test_nothing_is_removed_if_an_upload_hides_a_deletion(fake, monkeypatch):
    set_page_size(monkeypatch, 5)
    index = Index()
    index.run_sync(add(fake))
    index.set_cursor(walked=0)

    def delete_and_upload():
        del fake.photos[0]
        (upload,) = make_photos(COUNT + 1)[COUNT:]
        upload.changed = datetime.now(UTC) + timedelta(seconds=5)
        fake.photos.append(upload)

    index.run_sync(actions={2: delete_and_upload})
    assert index.items.keys() >= ids(fake.photos)


def test_an_interrupted_sync_continues(fake, monkeypatch):
    set_page_size(monkeypatch, 5)
    index = Index()
    index.run_sync(add(fake), at_once=1)
    assert index.items.keys() == ids(fake.photos)
    assert sorted(index.wrote) == sorted(ids(fake.photos))


def test_a_change_of_albums_after_an_interruption_is_imported(fake):
    """
    The album changes after the interrupted sync listed it.
    """
    index = Index(add(fake).identity)
    listed = 1 + 1  # all assets and an album
    index.run_process(listed)
    album = index.cursor["album"]
    photo = next(p for p in fake.photos if p.album and get_id("album", p.album) != album)
    photo.album = next(
        p.album for p in fake.photos if p.album and get_id("album", p.album) == album
    )
    fake.change(photo)
    index.run_sync()
    index.run_sync()
    assert index.albums[get_id("asset", photo.number)] == album


def test_a_rejected_key_requires_to_reconnect(fake):
    index = Index()
    index.run_sync(add(fake))
    fake.revoke_all()
    with pytest.raises(SyncFailed, match="Create a new one"):
        index.run_sync()
    index.identity.refresh_from_db()
    assert index.identity.state == Identity.State.NEEDS_RECONNECT
    assert index.items.keys() == ids(fake.photos)


def test_a_lost_permission_is_named(newest):
    index = Index()
    index.run_sync(add(newest))
    newest.permissions.remove("asset.read")
    with pytest.raises(SyncFailed, match=r"asset\.read"):
        index.run_sync()


@pytest.mark.parametrize(
    ("status", "reason"), [(429, "limits the rate"), (502, "unavailable"), (503, "unavailable")]
)
def test_requests_are_repeated_later_after_an_outage(newest, status, reason):
    index = Index()
    index.run_sync(add(newest))
    newest.failures = [Response(status=status, headers={"Retry-After": "77"})]
    with pytest.raises(SyncFailed, match=reason):
        index.run_sync()
    index.identity.refresh_from_db()
    assert index.identity.state == Identity.State.ACTIVE
    index.run_sync()


@pytest.mark.parametrize("body", ["", "<p>Login</p>", "[]", '{"assets": {}}', '{"assets": 3}'])
def test_an_invalid_response_keeps_all_items(newest, body):
    index = Index()
    index.run_sync(add(newest))
    index.set_cursor(walked=0)
    newest.failures = [Response(body=body, type="application/json")]
    with pytest.raises(SyncFailed, match="invalid response"):
        index.run_sync()
    assert index.items.keys() == ids(newest.photos)


def test_an_invalid_list_of_albums_keeps_all_albums(newest):
    index = Index()
    index.run_sync(add(newest))
    albums = index.albums
    index.set_cursor(walked=0)
    newest.failures = [None, Response(body='{"albums": 3}', type="application/json")]
    with pytest.raises(SyncFailed, match="invalid response"):
        index.run_sync()
    assert index.albums == albums


def test_the_same_cursor_again_is_an_error(newest, monkeypatch):
    set_page_size(monkeypatch, 5)
    monkeypatch.setattr(fake_immich, "encode_cursor", lambda offset: "eyJvZmZzZXQiOiA1fQ")
    with pytest.raises(SyncFailed, match="the same page again"):
        Index().run_sync(add(newest))


def test_pictures_are_fetched_with_the_key(fake):
    index = Index()
    index.run_sync(add(fake))
    connector = get_connector(Identity.objects.get())
    item = index.items[get_id("asset", 3)]
    sizes = connector.fetch_sizes(item.service_id, item.urls, "medium")
    assert sizes.keys() == {"medium", "large"}
    assert sizes["large"].content.startswith(b"\xff\xd8")
    assert connector.fetch_sizes(item.service_id, item.urls, "thumbnail").keys() == {"thumbnail"}
    assert fake.key not in json.dumps(item.urls)


def test_the_picture_of_a_deleted_asset_does_not_exist(newest):
    index = Index()
    index.run_sync(add(newest))
    urls = index.items[get_id("asset", 3)].urls
    del newest.photos[:]
    connector = get_connector(Identity.objects.get())
    assert connector.fetch_sizes(get_id("asset", 3), urls, "medium") == {}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (12_345, 12.345),
        ("0:00:12.345", 12.345),
        ("1:02:03.5", 3723.5),
        (None, 0),
        ("x", 0),
        (-1, 0),
    ],
)
def test_durations(value, seconds):
    assert parse_duration(value) == pytest.approx(seconds)


def build_record(number=1, *, is_version3=True, **changes):
    (photo,) = make_photos(1)
    return {**build_asset(photo, is_version3=is_version3, with_exif=True), **changes}


def test_a_nested_tag_is_two_tags():
    tags = [{"value": "Travel/Japan"}, {"value": "Travel"}, {"name": "sea"}]
    assert parse_asset(build_record(tags=tags), "https://x").tags == ("Travel", "Japan", "sea")


def test_the_average_color_is_that_of_the_thumbhash():
    record = build_record(thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI")
    assert (
        parse_asset(record, "https://x").average_color == "#565258"
    )  # as by the npm package thumbhash


def test_the_local_time_has_an_offset():
    record = build_record(
        localDateTime="2024-06-01T14:30:00.000Z", fileCreatedAt="2024-06-01T09:00:00.000Z"
    )
    assert parse_asset(record, "https://x").utc_offset == 330


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*build_record(), "exifInfo", "tags"]), json_values, max_size=8)
)
def test_any_values_of_a_record_are_accepted(changes):
    record = {**build_record(), **changes, "id": "an-id"}
    is_listed(record, with_archive=False)
    assert parse_asset(record, "https://x").id == "an-id"


@given(json_values)
def test_any_exif_is_accepted(value):
    record = build_record(
        exifInfo={**build_record()["exifInfo"], "orientation": value, "iso": value}
    )
    assert parse_asset(record, "https://x").service == "immich"


@given(json_values)
def test_any_list_of_albums_is_accepted(value):
    assert all(album.id for album in parse_albums([value, {"id": "x", "albumName": value}]))


def test_dates_of_the_fake_are_utc():
    assert build_record()["createdAt"] == datetime(2010, 1, 1, 7, tzinfo=UTC).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z"
    )


@given(st.text() | json_values, json_values)
@example("http://[", "pong")
@example("//x:port/", "pong")
@example("//other.example/api", "pong")
@example("/a?b#c", "pong")
def test_any_response_to_the_search_for_the_api_is_accepted(endpoint, pong):
    def request(method, url):
        response = requests.Response()
        response.status_code = 200
        is_well_known = url.endswith("/.well-known/immich")
        data = {"api": {"endpoint": endpoint}} if is_well_known else {"res": pong}
        response._content = json.dumps(data).encode()
        return response

    try:
        api = find_api(request, "https://photos.example")
    except ServiceFailed:
        api = "https://photos.example"
    assert get_origin(api) == ("https", "photos.example", 443)


@given(json_values)
def test_any_list_of_permissions_is_accepted(value):
    def request(method, url, auth):
        response = requests.Response()
        response.status_code = 200
        response._content = json.dumps({"permissions": value}).encode()
        return response

    permissions = read_permissions(request, "https://photos.example/api", KeyAuth("key"))
    assert {type(permission) for permission in permissions} <= {str}
