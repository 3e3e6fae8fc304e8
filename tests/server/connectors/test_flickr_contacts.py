"""
Contacts of Flickr: friends.
"""

import re
import time

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.errors import RetryLater
from django_trove.server.connectors.flickr.connector import Flickr
from django_trove.server.connectors.flickr.records import parse_contact
from django_trove.server.models import Identity, Kind
from fake_services import flickr as fake_flickr
from fake_services.base import json_response, serve
from fake_services.photos import make_photos

from .index import Index, connector_factory

PROFILES = "https://www.flickr.com/people/"
ICONS = "https://farm{farm}.staticflickr.com/{server}/buddyicons/{nsid}.jpg"
CONTACT = {
    "nsid": "12037949629@N01",
    "username": "Eric",
    "iconserver": "7402",
    "iconfarm": 8,
    "realname": "Eric Costello",
    "friend": "1",
    "family": "0",
    "ignored": "0",
    "path_alias": None,
}


@pytest.fixture
def flickr():
    with serve(fake_flickr.Flickr(make_photos(20))) as fake:
        fake.options = {"CONTENT_TYPES": ("photos", "videos", "friends")}
        yield fake


@pytest.fixture
def make(flickr):
    return connector_factory(Flickr, flickr)


@pytest.fixture
def index(make):
    index = Index()
    assert index.run_sync(make)
    index.wrote.clear()
    return index


def friends_of(index):
    items = index.items.values()
    return {item.service_id: item for item in items if item.kind == Kind.FRIEND}


def run_full_sync(index):
    index.set_cursor(full=int(time.time()) - 90_000)
    assert index.run_sync()


def test_contacts_are_friends(flickr, index):
    friends = friends_of(index)
    assert set(friends) == {f"friend:{contact['nsid']}" for contact in flickr.contacts}
    records = [friends[f"friend:{contact['nsid']}"].record for contact in flickr.contacts]
    names = ["Grace Hopper", "Katherine Johnson", "mary_s"]
    assert [record["name"] for record in records] == names
    assert [record["url"] for record in records] == [
        f"{PROFILES}grace/",
        f"{PROFILES}12037949631@N01/",
        f"{PROFILES}41578656547@N01/",
    ]
    assert records[0]["avatar_url"] == f"{flickr.url}/65535/buddyicons/12037949629@N01.jpg"
    icon = requests.get(records[0]["avatar_url"], timeout=10)
    assert icon.headers["content-type"] == "image/jpeg"
    icons = [bool(record["avatar_url"]) for record in records]
    assert icons == [contact["iconserver"] not in ("0", 0) for contact in flickr.contacts]
    assert len(index.photos) == 20


def test_contacts_are_not_requested_by_default(flickr):
    flickr.options = {}
    index = Index()
    index.run_sync(connector_factory(Flickr, flickr))
    assert friends_of(index) == {}
    assert not [path for path in flickr.request_paths if "contacts" in path]


def test_new_contact_is_imported_by_an_incremental_sync(flickr, index):
    flickr.contacts.append({**CONTACT, "nsid": "9@N01"})
    gone = flickr.contacts.pop(0)
    assert not index.run_sync()
    assert index.wrote == ["friend:9@N01"]
    assert f"friend:{gone['nsid']}" in friends_of(index)
    run_full_sync(index)
    assert f"friend:{gone['nsid']}" not in friends_of(index)
    assert len(index.photos) == 20


@pytest.mark.parametrize("batches", [1, 2, None])
def test_interrupted_sync_imports_all_contacts(flickr, make, batches):
    flickr.contacts = [{**CONTACT, "nsid": f"{number}@N01"} for number in range(2_300)]
    index = Index()
    index.run_sync(make, at_once=batches)
    assert len(friends_of(index)) == 2_300
    assert len(index.wrote) == len(set(index.wrote)) == 2_320


def test_failing_contacts_are_kept_and_do_not_stop_photos(flickr, index):
    flickr.rejects_contacts = True
    gone = flickr.photos.pop(5)
    run_full_sync(index)
    assert len(friends_of(index)) == 3
    assert fake_flickr.photo_id(gone) not in index.photos
    identity = Identity.objects.get(pk=index.identity.pk)
    assert identity.last_synced_at
    assert not identity.last_error
    assert [failure.name for failure in index.skipped] == ["contacts"]


def test_contacts_do_not_hide_that_photos_are_missing(flickr, index):
    """
    Flickr's total is the number of photos and videos.
    """
    flickr.omitted_numbers = {1, 2}
    run_full_sync(index)
    assert len(index.photos) == 20
    identity = Identity.objects.get(pk=index.identity.pk)
    assert identity.kept_items == 2
    assert "listed only 18 of 20 items" in identity.kept_reason


def test_empty_list_of_contacts_is_doubted(flickr, index):
    flickr.contacts = []
    run_full_sync(index)
    assert len(friends_of(index)) == 3
    assert Identity.objects.get(pk=index.identity.pk).kept_items == 3


def test_rate_limit_stops_the_sync(flickr, make):
    state = {"phase": "contacts", "page": 1, "whole": True, "since": 0, "started": 1, "full": 1}
    flickr.failures = [flickr.rate_limit_response()]
    with pytest.raises(RetryLater):
        list(make().batches(state, make.known))


@pytest.mark.parametrize("contacts", [{}, {"contact": None}, {"contact": [None, 5, {"nsid": ""}]}])
def test_invalid_lists_are_tolerated(flickr, make, contacts):
    state = {"phase": "contacts", "page": 1, "whole": True, "since": 0, "started": 1, "full": 1}
    flickr.failures = [json_response({"stat": "ok", "contacts": contacts})]
    batches = list(make().batches(state, make.known))
    assert not batches[0].items


def test_unwanted_types_are_removed_by_the_next_full_sync(flickr, index, make):
    make.set_content_types("videos")
    run_full_sync(index)
    assert {item.kind for item in index.items.values()} == {Kind.VIDEO}
    make.set_content_types("friends")
    run_full_sync(index)
    assert {item.kind for item in index.items.values()} == {Kind.FRIEND}
    assert "people.getPhotos" not in flickr.request_paths[-1]


def test_contact_is_parsed():
    friend = parse_contact(CONTACT, PROFILES, ICONS)
    assert (friend.id, friend.name) == ("12037949629@N01", "Eric Costello")
    assert friend.url == f"{PROFILES}12037949629@N01/"
    icon = "https://farm8.staticflickr.com/7402/buddyicons/12037949629@N01.jpg"
    assert friend.avatar_url == icon
    for without_icon in ({"iconserver": "0"}, {"iconfarm": 0}, {"iconfarm": None}):
        friend = parse_contact({**CONTACT, **without_icon}, PROFILES, ICONS)
        assert friend.avatar_url == ""


@given(st.dictionaries(
    st.sampled_from([*CONTACT]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
))  # fmt: skip
def test_any_contact_is_parsed_or_rejected(record):
    try:
        friend = parse_contact(record, PROFILES, ICONS)
    except ValueError:
        return
    assert friend.id
    assert friend.name
    assert friend.url.startswith(PROFILES)
    assert re.match("https://|$", friend.avatar_url)
