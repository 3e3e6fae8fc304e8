"""
Pushes of each content type.
"""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.codec import CONTENT_CLASSES
from django_trove.server.models import Item, Tally
from django_trove.server.sync.pushed_records import MAX_VALUES

from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

URLS = {"original": "https://site.example/1.jpg"}
RECORDS = {
    "photos": {"urls": URLS, "title": "Snow"},
    "videos": {"urls": URLS, "title": "Waves", "duration": 2.5},
    "status": {
        "message": "Snow at last",
        "service_date": "2011-03-04 T 21:08:12",
        "geolocation": {"coordinates": [40.7, -73.9]},
        "place": {"name": "New York", "bounding_box": None},
    },
    "checkins": {
        "shout": "Here",
        "service_date": "2011-03-05 T 01:00:00",
        "latitude": 38.7,
        "longitude": -9.1,
        "venue": {"name": "Bar", "categories": [1]},
    },
    "friends": {
        "name": "Grace",
        "url": "https://site.example/grace",
        "avatar_url": "https://site.example/grace.jpg",
    },
}

KEPT = ("name", "coordinates")  # others are null or not supported


@pytest.fixture
def caller(application, make_token):
    return Caller(application, make_token(content_types=list(CONTENT_CLASSES)))


@pytest.fixture
def push(caller):
    def push(content_type, *records, by=caller, path="/v1/oauth/push/"):
        form = {
            "user_id": "42",
            "content_type": content_type,
            "number_of_items": str(len(records)),
            "object_list": json.dumps(records).replace("Infinity", "1e999"),
        }
        response = by.post(path, form)
        return response.status_code, response.json()

    return push


@pytest.fixture
def ask(caller):
    def ask(content_type):
        return caller.get(f"/v1/oauth/{content_type}/").json()["results"]

    return ask


def record(content_type, id="7", **fields):
    return {"id": id, **RECORDS[content_type], **fields}


@pytest.mark.parametrize("content_type", CONTENT_CLASSES)
@pytest.mark.parametrize("path", ["/v1/oauth/push/", "/v2/content/{}/"])
def test_a_pushed_item_is_found(push, ask, application, content_type, path):
    sent = record(content_type)
    status, data = push(content_type, sent, path=path.format(content_type))
    assert (status, data) == (200, {"received": 1, "created": 1, "updated": 0, "rejected": []})
    [found] = ask(content_type)
    assert (found["service"], found["id"]) == (application.slug, "7")
    assert found["object_type"] == CONTENT_CLASSES[content_type].object_type
    for name in ("place", "venue", "geolocation"):
        nested = {key: value for key, value in sent.pop(name, {}).items() if key in KEPT}
        assert nested.items() <= found.get(name, {}).items()
    assert sent.items() <= found.items()


def test_each_type_has_its_own_ids_except_photos_and_videos(push, ask):
    for content_type in CONTENT_CLASSES:
        push(content_type, record(content_type))
    assert [len(ask(name)) for name in CONTENT_CLASSES] == [0, 1, 1, 1, 1]
    assert Item.objects.count() == 4


def test_a_known_id_replaces_the_item(push, ask):
    push("friends", record("friends"))
    _, data = push("friends", record("friends", name="Grace Hopper"), record("friends", "8"))
    assert (data["created"], data["updated"]) == (1, 1)
    assert sorted(friend["name"] for friend in ask("friends")) == ["Grace", "Grace Hopper"]
    assert Tally.objects.get(items__gt=0).items == 2


@pytest.mark.parametrize("content_type", CONTENT_CLASSES)
def test_the_type_must_be_granted(push, application, make_token, content_type):
    others = [name for name in CONTENT_CLASSES if name != content_type]
    caller = Caller(application, make_token(content_types=others))
    for path in ("/v1/oauth/push/", f"/v2/content/{content_type}/"):
        status, data = push(content_type, record(content_type), by=caller, path=path)
        assert (status, data["error"]) == (403, "not_granted")
    assert not Item.objects.exists()


def test_the_type_in_the_path_and_in_the_form_must_be_equal(push):
    status, data = push("friends", record("friends"), path="/v2/content/status/")
    assert (status, data["field"]) == (400, "content_type")


NESTED = {str(number): number for number in range(MAX_VALUES // 2)}


@pytest.mark.parametrize(
    ("content_type", "fields", "error"),
    [
        ("videos", {"object_type": "photo"}, "not a video"),
        ("status", {"object_type": "photo"}, "not a status"),
        ("friends", {"name": " "}, "name"),
        ("friends", {"name": None}, "name"),
        ("friends", {"url": "javascript:alert(1)"}, "url"),
        ("friends", {"avatar_url": 7}, "avatar_url"),
        ("status", {"original_web_url": "data:,x"}, "original_web_url"),
        ("checkins", {"venue": {"url": "javascript:alert(1)"}}, "venue"),
        ("checkins", {"venue": {"links": [{"iconURL": " http://x"}]}}, "venue"),
        ("checkins", {"venue": {**NESTED, "more": 1}}, "venue"),
        ("checkins", {"venue": {"name": ["x"] * (MAX_VALUES + 1)}}, "venue"),
        ("checkins", {"venue": {"latitude": float("inf")}}, "number"),
        ("checkins", {"venue": {"visits": 10**19}}, "number"),
        ("status", {"place": {"name": "a\0b"}}, "character"),
        ("status", {"place": {"\ud800": 1}}, "character"),
        ("status", {"message": "\ud800"}, "character"),
        ("status", {"id": "x" * 501}, "id"),
        ("status", {"id": ""}, "no id"),
        ("photos", {"id": "status:7"}, "id must not begin"),
        ("videos", {"id": "friend:7"}, "id must not begin"),
    ],
)
def test_an_invalid_record_is_rejected(push, content_type, fields, error):
    _, data = push(content_type, record(content_type, **fields), record(content_type, "8"))
    assert [(item["index"], error in item["error"]) for item in data["rejected"]] == [(0, True)]
    assert Item.objects.count() == 1


def test_values_at_the_limits_are_accepted(push, ask):
    fields = {"id": "x" * 500, "venue": {**NESTED, "url": ""}}
    fields["venue"].pop("0")
    _, data = push("checkins", record("checkins", **fields))
    assert data["rejected"] == []
    [found] = ask("checkins")
    assert found["id"] == fields["id"]
    assert fields["venue"].items() <= found["venue"].items()


numbers = count()
texts = st.text(st.characters(), max_size=10)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), content_type=st.sampled_from(list(CONTENT_CLASSES)))
def test_any_record_is_indexed_or_rejected(push, ask, content_type, data):
    """
    An indexed record has the keys of its type, and can be queried.
    """
    keys = st.sampled_from([*CONTENT_CLASSES[content_type].__struct_fields__, "object_type"])
    changes = data.draw(st.dictionaries(keys, values))
    status, report = push(content_type, {**record(content_type, str(next(numbers))), **changes})
    assert status == 200, report
    assert report["created"] + report["updated"] + len(report["rejected"]) == 1
    if report["created"]:
        found = ask(content_type)
        object_type = CONTENT_CLASSES[content_type].object_type
        assert {item["object_type"] for item in found} == {object_type}
        assert {"trove_id", "service", "id"} <= found[0].keys()
