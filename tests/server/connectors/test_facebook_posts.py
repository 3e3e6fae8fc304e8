"""
Posts and friends of Facebook: status updates, check-ins and friends.
"""

import time
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.content import Checkin, Friend, Status
from django_trove.server.connectors.base import Batch
from django_trove.server.connectors.errors import RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.facebook.connector import Facebook
from django_trove.server.connectors.facebook.posts import (
    parse_checkin,
    parse_friend,
    parse_post,
    parse_status,
)
from django_trove.server.connectors.values import as_datetime
from django_trove.server.models import Identity, Kind
from django_trove.server.sync.engine import SyncFailed
from fake_services import facebook as fake_facebook
from fake_services.base import Response, json_response, serve
from fake_services.facebook_data import FakePost, make_posts
from fake_services.photos import PLACES, make_photos

from .index import Index, authorize, connector_factory
from .sample_files import body, load

ALL_TYPES = ("photos", "videos", "status", "checkins", "friends")
NOW = datetime.now(UTC)


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(12), make_posts(12))) as fake:
        fake.options = {"CONTENT_TYPES": ALL_TYPES}
        yield fake


@pytest.fixture
def make(facebook):
    return connector_factory(Facebook, facebook)


@pytest.fixture
def index(make):
    index = Index()
    assert index.run_sync(make)
    return index


def ids_of(index, kind):
    return {item.service_id for item in index.items.values() if item.kind == kind}


def counts_of(index):
    items = list(index.items.values())
    return {kind.name: sum(item.kind == kind for item in items) for kind in Kind}


def run_full_sync(index, make=None):
    index.set_cursor(full=int(time.time()) - 90_000)
    assert index.run_sync(make)


def state_of(index):
    return Identity.objects.get(pk=index.identity.pk)


def test_all_types_are_imported(facebook, index):
    placed = [post for post in facebook.posts if post.town]
    assert counts_of(index) == {
        "PHOTO": 11,
        "VIDEO": 1,
        "STATUS": 12,
        "CHECKIN": len(placed),
        "FRIEND": len(facebook.friends),
    }
    assert ids_of(index, Kind.CHECKIN) == {f"checkin:{post.id}" for post in placed}
    assert len(index.wrote) == len(set(index.wrote)) == len(index.items)


def test_all_fields_are_converted(facebook, index):
    linked, placed = facebook.posts[4], facebook.posts[2]
    status = index.items[f"status:{linked.id}"]
    assert status.record["message"] == status.description.partition("\n")[0] == linked.message
    assert status.record["owner"] == "Ada Lovelace"
    assert status.record["type"] == "shared_story"
    assert status.record["subfields"]["name"] == "An article"
    assert status.record["service_date"] == f"{linked.created:%Y-%m-%d T %H:%M:%S}"
    assert status.taken_at_seconds == linked.created.timestamp()
    assert status.public is linked.is_public is False
    assert "geolocation" not in status.record
    checkin = index.items[f"checkin:{placed.id}"]
    status = index.items[f"status:{placed.id}"]
    for item in (checkin, status):
        assert (item.latitude, item.longitude) == PLACES[placed.town]
        assert item.web_url.startswith("https://www.facebook.com/")
    assert checkin.title == checkin.record["venue"]["name"] == f"Harbour of {placed.town.title()}"
    assert checkin.record["venue"]["city"] == placed.town.title()
    assert status.record["geolocation"]["coordinates"] == list(PLACES[placed.town])
    friend = facebook.friends[0]
    item = index.items[f"friend:{friend.id}"]
    assert (item.title, item.record["name"], item.record["url"]) == (friend.name, friend.name, "")
    picture = requests.get(item.record["avatar_url"], timeout=10)
    assert picture.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("batches", [1, 2])
def test_interrupted_sync_imports_all_items_once(batches):
    with serve(fake_facebook.Facebook(make_photos(3), make_posts(250))) as facebook:
        facebook.options = {"CONTENT_TYPES": ALL_TYPES}
        index = Index()
        index.run_sync(connector_factory(Facebook, facebook), at_once=batches)
        assert ids_of(index, Kind.STATUS) == {f"status:{post.id}" for post in facebook.posts}
        assert sorted(index.wrote) == sorted(index.items)


def test_incremental_sync_stops_at_known_posts():
    with serve(fake_facebook.Facebook(make_photos(3), make_posts(400))) as facebook:
        facebook.options = {"CONTENT_TYPES": ALL_TYPES}
        make, index = connector_factory(Facebook, facebook), Index()
        index.run_sync(make)
        index.wrote.clear()
        facebook.posts.append(FakePost(number=1000, message="New", created=NOW))
        gone = facebook.posts.pop(0)
        asked = len(facebook.request_paths)
        assert not index.run_sync(make)
        assert index.wrote == [f"status:{facebook.posts[-1].id}"]
        assert f"status:{gone.id}" in index.items
        assert len(facebook.request_paths) - asked < 9


def test_full_sync_removes_deleted_items(facebook, index):
    post, placed = facebook.posts.pop(0), facebook.posts[1]
    placed.town = ""
    friend = facebook.friends.pop()
    run_full_sync(index)
    gone = {f"status:{post.id}", f"friend:{friend.id}", f"checkin:{placed.id}"}
    assert gone.isdisjoint(index.items)
    assert f"status:{placed.id}" in index.items
    assert len(index.photos) == 12


def test_changed_post_is_updated(facebook, index):
    facebook.posts[-1].message = "Corrected"
    index.run_sync()
    record = index.items[f"status:{facebook.posts[-1].id}"].record
    assert record["message"] == "Corrected"


@pytest.mark.parametrize(
    ("edge", "kinds"), [("posts", ["STATUS", "CHECKIN"]), ("friends", ["FRIEND"])]
)
def test_failing_list_keeps_its_items_and_does_not_stop_the_others(facebook, index, edge, kinds):
    """
    The next sync without the error removes deleted items.
    """
    before = counts_of(index)
    facebook.rejected_edges = {edge}
    facebook.posts.clear()
    facebook.friends.clear()
    facebook.photos.pop()
    run_full_sync(index)
    after = counts_of(index)
    assert {kind: after[kind] for kind in kinds} == {kind: before[kind] for kind in kinds}
    assert after["PHOTO"] + after["VIDEO"] == 11
    assert [failure.name for failure in index.skipped] == [edge]
    assert state_of(index).last_synced_at
    assert not state_of(index).last_error


def test_empty_list_is_doubted_for_each_type(facebook, index):
    """
    Items are kept until the operator confirms their removal, as for photos.
    """
    facebook.posts.clear()
    facebook.friends.pop()
    run_full_sync(index)
    counts = counts_of(index)
    assert (counts["STATUS"], counts["FRIEND"], counts["PHOTO"]) == (12, 3, 11)
    kept = state_of(index)
    assert (kept.kept_items, kept.kept_reason) == (
        counts["STATUS"] + counts["CHECKIN"],
        "No items were found.",
    )
    Identity.objects.filter(pk=index.identity.pk).confirm_removals()
    index.run_sync()
    assert counts_of(index) == {**counts, "STATUS": 0, "CHECKIN": 0}


@pytest.mark.parametrize("failure", ["rate limit", "revoked"])
def test_error_of_the_whole_account_stops_the_sync(facebook, index, failure):
    def fail(request):
        if "posts" not in request.path:
            return None
        return facebook.rate_limit_response() if failure == "rate limit" else revoked

    revoked = json_response({"error": {"code": 190, "error_subcode": 458}}, 400)
    connector = connector_of(index)
    state = {"phase": "posts", "page": {}, "limit": 100, "whole": True, "full": 1}
    facebook.failures = [None, fail]
    with pytest.raises(RetryLater if failure == "rate limit" else Revoked):
        list(connector.batches(state, lambda ids: {}))


def connector_of(index):
    from django_trove.server.accounts.registry import get_connector

    return get_connector(state_of(index))


def test_permission_error_of_one_list_does_not_disconnect_the_account(facebook, index):
    denied = json_response({"error": {"code": 10, "message": "(#10) Permission denied"}}, 403)
    state = {"phase": "posts", "page": {}, "limit": 100, "whole": True, "full": 1}
    facebook.failures = [None, denied]
    batches = list(connector_of(index).batches(state, lambda ids: {}))
    assert batches[0].unlisted == ("status:", "checkin:")
    assert isinstance(batches[-1], Batch)


def test_scopes_are_requested_for_wanted_types_only(facebook, settings):
    def scopes(*content_types, **options):
        facebook.options = {"CONTENT_TYPES": content_types, **options}
        service = Facebook({}, credentials(facebook))
        return service.config["SCOPES"]

    assert scopes("photos", "videos") == ("public_profile", "user_photos", "user_videos")
    assert scopes("status") == scopes("checkins") == ("public_profile", "user_posts")
    assert scopes("photos", "friends") == ("public_profile", "user_photos", "user_friends")
    assert scopes("photos", SCOPES=("email",)) == ("email",)


def credentials(fake):
    from django_trove.server.connectors.authorization import Credentials

    return Credentials(fake.settings)


def test_denied_permissions_are_requested_again(facebook):
    started = Facebook({}, credentials(facebook)).start_authorization("https://trove.example/")
    assert "auth_type=rerequest" in started.url


def test_default_types_are_photos_and_videos(facebook):
    facebook.options = {}
    index = Index()
    index.run_sync(connector_factory(Facebook, facebook))
    assert set(counts_of(index).values()) == {11, 1, 0}
    assert not [path for path in facebook.request_paths if "posts" in path or "friends" in path]


def test_authorization_requires_one_permission(facebook):
    facebook.options = {"CONTENT_TYPES": ("status", "friends")}
    assert authorize(Facebook, facebook, user_friends="off").service_id
    with pytest.raises(ServiceFailed, match="No permission"):
        authorize(Facebook, facebook, user_friends="off", user_posts="off")


def test_missing_permission_is_recorded_and_the_rest_is_imported(facebook):
    """
    An account that was added before the operator enabled a type continues to sync.
    """
    facebook.options = {}
    make = connector_factory(Facebook, facebook)
    index = Index()
    index.run_sync(make)
    assert state_of(index).unpermitted_types == []
    make.set_content_types(*ALL_TYPES)
    facebook.photos += make_photos(13)[-1:]
    facebook.photos[-1].uploaded = NOW
    index.run_sync()
    assert state_of(index).unpermitted_types == ["status", "checkins", "friends"]
    assert len(index.photos) == 13
    facebook.options = {"CONTENT_TYPES": ALL_TYPES}
    reconnect(make, authorize(Facebook, facebook))
    assert state_of(index).unpermitted_types == []
    index.run_sync()
    assert state_of(index).unpermitted_types == []
    assert counts_of(index)["STATUS"] == 12


def reconnect(make, authorization):
    from django_trove.server.accounts.add import add_account

    identity, is_new = add_account(make.identity.user, "facebook", authorization)
    assert (identity.pk, is_new) == (make.identity.pk, False)


def test_items_without_permission_are_removed_by_the_next_full_sync(facebook, index):
    for grant in facebook.provider.grants.values():
        grant.scopes.remove("user_posts")
    index.run_sync()
    assert counts_of(index)["STATUS"] == 12
    assert state_of(index).unpermitted_types == ["status", "checkins"]
    run_full_sync(index)
    counts = counts_of(index)
    assert (counts["STATUS"], counts["CHECKIN"], counts["PHOTO"], counts["FRIEND"]) == (0, 0, 11, 4)


def test_items_are_kept_if_no_permission_is_left(facebook, index, make):
    make.set_content_types("status", "friends")
    run_full_sync(index)
    before = counts_of(index)
    for grant in facebook.provider.grants.values():
        grant.scopes.clear()
    with pytest.raises(SyncFailed, match="All permissions"):
        run_full_sync(index)
    assert state_of(index).state == Identity.State.NEEDS_RECONNECT
    assert counts_of(index) == before


def test_items_of_an_unwanted_type_are_removed_by_the_next_full_sync(facebook, index, make):
    make.set_content_types("photos", "checkins")
    run_full_sync(index)
    counts = counts_of(index)
    assert (counts["PHOTO"], counts["CHECKIN"]) == (11, 4)
    assert counts["VIDEO"] == counts["STATUS"] == counts["FRIEND"] == 0
    assert state_of(index).unpermitted_types == []


def test_unreadable_records_are_skipped(facebook, make):
    posts = {"data": [{"message": "no id"}, {"id": "1", "place": 7, "from": []}, None, 5]}
    friends = {"data": [{"id": "2"}, {"id": "3", "name": "Grace", "picture": []}]}

    facebook.failures = [None, None, None, json_response(posts), json_response(friends)]
    index = Index()
    index.run_sync(make)
    assert ids_of(index, Kind.STATUS) == {"status:1"}
    assert ids_of(index, Kind.FRIEND) == {"friend:3"}
    assert len(index.skipped) == 2
    assert state_of(index).unreadable_count == 0


def test_repeated_page_ends_the_list(facebook, make):
    page = load("facebook/pyfb_feed_fields_p1.json")
    response = Response(body=body("facebook/pyfb_feed_fields_p1.json"), type="application/json")
    facebook.failures = [None, None, None, response, response, response]
    index = Index()
    index.run_sync(make)
    assert ids_of(index, Kind.STATUS) == {f"status:{post['id']}" for post in page["data"]}


def sample(name):
    return load(f"facebook/{name}.json")


def test_post_with_a_place_is_parsed():
    record = sample("granary_post_with_place")
    status, checkin = parse_post(record)
    place, address = record["place"], record["place"]["location"]
    assert isinstance(status, Status)
    assert isinstance(checkin, Checkin)
    assert status.id == checkin.id == record["id"]
    assert status.location == checkin.location == (address["latitude"], address["longitude"])
    assert status.message == checkin.shout == record["message"]
    assert checkin.description == record["story"]
    assert status.type == "photo"
    assert status.service_date == checkin.service_date == as_datetime(record["created_time"])
    parts = [place["name"], address["city"], address["state"], address["country"]]
    assert status.place == {
        "id": place["id"],
        "name": place["name"],
        "full_name": ", ".join(parts),
    }
    assert (checkin.venue["name"], checkin.venue["city"]) == (place["name"], address["city"])
    assert status.subfields == {name: record[name] for name in ("name", "caption", "description")}


@pytest.mark.parametrize("name", ["granary_share", "granary_fb_link", "granary_fb_note"])
def test_post_without_a_place_is_a_status_only(name):
    [status] = parse_post(sample(name))
    assert (status.id, status.location, status.place) == (sample(name)["id"], None, {})


def test_feed_is_parsed():
    records = sample("pyfb_feed_fields_p1")["data"]
    assert records
    for record in records:
        [status] = parse_post(record)
        assert (status.id, status.message) == (record["id"], record["message"].strip())
        assert status.service_date.year == 2021


def test_friend_is_rewritten_only_if_the_picture_changes_or_a_day_has_passed(facebook, index):
    """
    The URL of a picture contains its expiry, which is another one in each response.
    """
    index.wrote.clear()
    facebook.clock_offset = 10
    index.run_sync()
    assert index.wrote == []
    facebook.clock_offset = 86_400
    index.run_sync()
    assert sorted(index.wrote) == sorted(f"friend:{friend.id}" for friend in facebook.friends)


def test_friend_is_parsed():
    record = {"id": "7", "name": "Grace", "picture": {"data": {"url": "https://x.fbcdn.net/1.jpg"}}}
    assert parse_friend(record) == [
        Friend(service="facebook", id="7", name="Grace", avatar_url="https://x.fbcdn.net/1.jpg")
    ]
    unsafe = {**record, "link": "javascript:alert(1)", "picture": {"data": {"url": "data:,"}}}
    assert parse_friend(unsafe) == [Friend(service="facebook", id="7", name="Grace")]


texts = st.text(max_size=10)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "id", "location", "latitude", "longitude", "data", "url", "title", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
records = st.dictionaries(
    st.sampled_from(
        [
            *("id", "message", "story", "created_time", "permalink_url", "status_type", "type"),
            *("from", "privacy", "place", "attachments", "name", "picture", "link"),
        ]
    ),
    anything,
)


@given(records)
def test_any_record_is_parsed_or_rejected(record):
    for parse in (parse_post, parse_friend):
        try:
            contents = parse(record)
        except ValueError:
            continue
        assert contents
        for content in contents:
            assert content.id
            assert "\0" not in str(content)


@given(records)
def test_a_rejected_post_has_no_id(record):
    record = {**record, "id": "1"}
    assert parse_status(record).id == parse_checkin(record).id == "1"
