"""
Queries for status updates, check-ins and friends.
"""

import json
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from django_trove.client.codec import CONTENT_CLASSES, content_from_wire, content_to_wire
from django_trove.client.content import Checkin, Friend, Photo, Status, Video
from django_trove.client.query import Query
from django_trove.server.connectors.base import FoundItem
from django_trove.server.index.items import build_item
from django_trove.server.models import Item, Kind
from django_trove.server.search.engine import search_content

from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

NEW_YORK, LISBON = (40.7, -73.9), (38.7, -9.1)
STATUS = Status(
    id="7",
    owner="Ada",
    service_date=datetime(2011, 3, 4, 21, 8, 12, tzinfo=UTC),
    message="Snow at last",
    type="status",
    public=True,
    original_web_url="https://service.example/7",
    place={"name": "New York", "country_code": "US", "bounding_box": None},
    geolocation={"coordinates": list(NEW_YORK), "geohash": "dr5"},
    subfields={"name": "A link", "caption": "site.example", "description": "Of a page"},
)
CHECKIN = Checkin(
    id="7",
    owner="Ada",
    shout="Here again",
    description="A bar",
    service_date=datetime(2011, 3, 5, 1, 0, tzinfo=UTC),
    latitude=LISBON[0],
    longitude=LISBON[1],
    venue={"name": "Bar", "city": "Lisbon", "categories": [{"name": "Bars"}], "phone": None},
)
FRIEND = Friend(
    id="7",
    name="Grace Hopper",
    url="https://service.example/grace",
    avatar_url="https://service.example/grace.jpg",
)
ITEMS = {"status": STATUS, "checkins": CHECKIN, "friends": FRIEND}
KEYS_OF_2011 = {
    "status": {"owner", "service_date", "message", "type", "public"},
    "checkins": {"owner", "description", "shout", "service_date"},
    "friends": {"name", "url", "avatar_url"},
}

NESTED_KEYS_OF_2011 = {
    "place": {"country_code", "full_name", "name", "id", "type"},
    "geolocation": {"coordinates", "geohash"},
    "subfields": {"name", "caption", "description"},
    "venue": {
        *("name", "address", "cross_street", "city", "state", "postal_code", "phone_number"),
        *("category", "verified"),
    },
}


@pytest.fixture
def ask_for(application, make_token):
    caller = Caller(application, make_token(content_types=list(CONTENT_CLASSES)))

    def ask_for(content_type, **query):
        path = f"/v1/oauth/{content_type}/"
        response = caller.post(path, {"query": json.dumps(query)})
        assert response.status_code == 200, response.content
        return response.json()["results"]

    return ask_for


@pytest.fixture
def library(index):
    return index(Photo(id="7", title="Photo"), Video(id="8"), *ITEMS.values())


def without_index_values(record):
    return {key: value for key, value in record.items() if key not in ("trove_id", "service")}


@pytest.mark.parametrize("content_type", ITEMS)
def test_a_query_returns_the_record(library, ask_for, content_type):
    """
    It contains no null and no `categories`, which the client 0.3.0 does not accept.
    """
    [record] = ask_for(content_type)
    item = ITEMS[content_type]
    assert record["trove_id"] == str(Item.objects.get(kind=Kind[item.object_type.upper()]).pk)
    assert (record["object_type"], record["id"], record["service"]) == (
        item.object_type,
        "7",
        "flickr",
    )
    assert KEYS_OF_2011[content_type] <= record.keys()
    expected = content_to_wire(item)
    expected.get("place", {}).pop("bounding_box", None)
    for key in ("categories", "phone"):
        expected.get("venue", {}).pop(key, None)
    for name in NESTED_KEYS_OF_2011.keys() & record.keys():
        assert NESTED_KEYS_OF_2011[name] <= record[name].keys()
        assert expected[name].items() <= record[name].items()
        expected[name] = record[name]
    assert without_index_values(record) == without_index_values(expected)
    assert "null" not in json.dumps(record)


def test_optional_objects_are_omitted(index, ask_for):
    index(Status(id="1"), Checkin(id="1"), Friend(id="1", name="Grace"))
    optional = {"place", "geolocation", "subfields", "venue", "latitude", "longitude"}
    for content_type, keys in KEYS_OF_2011.items():
        [record] = ask_for(content_type)
        assert keys <= record.keys()
        assert not optional & record.keys()
        assert record.get("service_date", "") == ""


@pytest.mark.parametrize("geolocation", [{"geohash": "dr5"}, {"coordinates": [91, 0]}])
def test_a_geolocation_without_valid_coordinates_is_omitted(index, ask_for, geolocation):
    index(Status(id="1", geolocation=geolocation))
    [record] = ask_for("status")
    assert "geolocation" not in record


def test_the_default_owner_is_the_user(identity):
    for content in (Status(id="1"), Checkin(id="1")):
        item = build_item(identity, FoundItem(content=content, etag="1"), {}, "Ada Lovelace")
        assert (item.owner_name, item.record["owner"]) == ("Ada Lovelace", "Ada Lovelace")


def test_items_of_several_types_can_have_the_same_id(library, ask_for):
    types = ["photos", "status", "checkins", "friends"]
    found = [ask_for(name, attributes={"id": "7"}) for name in types]
    assert [record["object_type"] for [record] in found] == ["photo", "status", "checkin", "friend"]
    assert ask_for("videos", attributes={"id": "7"}) == []
    for name, item in ITEMS.items():
        assert ask_for(name, attributes={"id": f"{item.object_type}:7"}) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"date-from": "2011-03-05"}, ["checkins"]),
        ({"date-to": "2011-03-04 21:08:12"}, ["status"]),
        ({"day-from": "2011-03-04", "day-to": "2011-03-04"}, ["status"]),
        ({"services": ["flickr"]}, ["status", "checkins", "friends"]),
        ({"services": ["facebook"]}, []),
        ({"identities_by_id": ["0"]}, []),
        ({"geo_sw": [40, -75], "geo_ne": [41, -73]}, ["status"]),
        ({"geo_near_center": list(LISBON), "geo_near_radius": 1}, ["checkins"]),
        ({"tags-required": ["snow"]}, []),
        ({"tags-optional": ["snow", "ice"]}, []),
        ({"attributes": {"owner": "Ada"}}, ["status", "checkins"]),
        ({"attributes": {"public": True}}, ["status"]),
        ({"attributes": {"title": "Grace Hopper"}}, ["friends"]),
        ({"attributes": {"title": "Bar"}}, ["checkins"]),
        ({"public": True}, ["status"]),
        ({"public": False}, ["checkins", "friends"]),
        ({"albums": ["1"]}, []),
        ({"text": "snow"}, ["status"]),
        ({"text": "bar here"}, ["checkins"]),
        ({"text": "hopper"}, ["friends"]),
        ({"text": "link"}, ["status"]),
    ],
)
def test_filters_apply_to_each_type(library, ask_for, query, expected):
    assert [name for name in ITEMS if ask_for(name, **query)] == expected


def test_an_item_is_found_by_its_trove_id(library, ask_for):
    pks = {item.kind: str(item.pk) for item in Item.objects.all()}
    for name, content in ITEMS.items():
        pk = pks[Kind[content.object_type.upper()]]
        assert [record["trove_id"] for record in ask_for(name, trove_id=pk)] == [pk]
        assert ask_for("photos", trove_id=pk) == []


def test_items_are_ordered_and_paged(index, ask_for, person):
    dates = [datetime(2011, 1, day, tzinfo=UTC) for day in (2, 3, 1)]
    index(*(Status(id=str(date.day), service_date=date) for date in dates), Status(id="none"))
    assert [r["id"] for r in ask_for("status")] == ["3", "2", "1", "none"]
    assert [r["id"] for r in ask_for("status", order_by=["date"])] == ["none", "1", "2", "3"]
    page = search_content(person, "status", Query(count=3), "")
    assert (page.total_number_of_results, page.more) == (4, True)
    rest = search_content(person, "status", Query(count=3, after=page.after), "")
    assert [item.id for item in rest] == ["none"]


@pytest.mark.parametrize("content_type", CONTENT_CLASSES)
def test_content_in_process_equals_the_response(library, ask_for, person, content_type):
    with override_settings(TROVE_SERVER={"URL": "https://trove.example"}):
        [item] = search_content(person, content_type, Query(), "https://trove.example")
        [record] = ask_for(content_type)
    assert item == content_from_wire(record, content_type)


def test_counts_are_kept_for_each_type(library, identity):
    assert {tally.kind: tally.items for tally in identity.tallies.all()} == dict.fromkeys(Kind, 1)


def test_all_types_are_in_the_data_export(library, browser):
    response = browser.get("/download/", secure=True)
    items = json.loads(b"".join(response.streaming_content))["items"]
    assert {item["object_type"] for item in items} == {
        content.object_type for content in CONTENT_CLASSES.values()
    }
