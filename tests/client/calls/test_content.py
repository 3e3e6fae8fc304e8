"""
The calls for all content types, of both versions of the protocol.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from django_trove.client import (
    AccessDenied,
    CallError,
    Checkin,
    Friend,
    NotFound,
    NotGranted,
    Photo,
    Query,
    Status,
    Token,
    Video,
)
from django_trove.client.codec import content_to_wire
from django_trove.client.oauth2 import OAuth2API

from ..conftest import KEYS

MOMENT = datetime(2007, 3, 4, tzinfo=UTC)
ITEMS = {
    "photos": Photo(trove_id="1", id="1", title="Snow"),
    "videos": Video(trove_id="2", id="2", title="Waves", duration=4.5),
    "status": Status(trove_id="3", id="3", message="Hello", service_date=MOMENT),
    "checkins": Checkin(trove_id="4", id="4", venue={"name": "Café"}, service_date=MOMENT),
    "friends": Friend(trove_id="5", id="5", name="Bob", url="https://bob.example/"),
}
METHODS = [("photos", "photos"), ("videos", "videos"), ("statuses", "status"),
           ("checkins", "checkins"), ("friends", "friends")]  # fmt: skip


def result_of(*items, total=None, **fields):
    records = [content_to_wire(item) for item in items]
    total = len(items) if total is None else total
    counts = {"count": len(items), "page": 1, "total_number_of_results": total}
    return 200, {}, json.dumps({"results": records} | counts | fields).encode()


def denied(code):
    return 403, {}, json.dumps({"error": code, "detail": "no"}).encode()


@pytest.mark.parametrize(("name", "content_type"), METHODS)
def test_each_type_has_its_methods(api, trove, name, content_type):
    item = ITEMS[content_type]
    trove.respond_with(result_of(item, more=True, after="1.1"), result_of(item, more=False))
    result = getattr(api, f"get_{name}")()
    assert (list(result), result.total_number_of_results) == ([item], 1)
    assert list(getattr(api, f"iter_{name}")(Query(count=1))) == [item]
    paths = {request.url.removeprefix(trove.url) for request in trove.requests}
    assert paths == {f"/v1/oauth/{content_type}/"}


def test_items_are_iterated_over_all_pages(api, trove):
    statuses = [Status(trove_id=str(number)) for number in range(4)]
    trove.respond_with(
        result_of(*statuses[:2], more=True, after="2.2"),
        result_of(*statuses[1:], more=False),
    )
    assert list(api.iter_statuses(Query(count=2))) == statuses
    sent = json.loads(trove.requests[1].form["query"])
    assert (sent["page"], sent["after"]) == (2, "2.2")


def test_photos_can_contain_videos(api, trove):
    photo, video = ITEMS["photos"], ITEMS["videos"]
    trove.respond_with(result_of(video, photo))
    assert list(api.get_photos()) == [video, photo]
    unusual = content_to_wire(video) | {"width": "640", "codec": "av1"}
    counts = {"count": 1, "page": 1, "total_number_of_results": 1}
    body = json.dumps({"results": [unusual, content_to_wire(photo)]} | counts).encode()
    trove.respond_with((200, {}, body))
    first, second = api.get_photos()
    assert (type(first), first.width, first.extra) == (Video, 640, {"codec": "av1"})
    assert second == photo


def test_one_video(api, trove):
    trove.respond_with(result_of(ITEMS["videos"]), result_of())
    assert api.get_video("2") == ITEMS["videos"]
    assert json.loads(trove.requests[0].form["query"])["trove_id"] == "2"
    with pytest.raises(NotFound, match="videos"):
        api.get_video("3")


def test_url_of_friend_can_be_used_in_a_link(api, trove):
    trove.respond_with(result_of(Friend(id="1", url="javascript:alert(1)", avatar_url="data:,")))
    [friend] = api.get_friends()
    assert (friend.url, friend.avatar_url) == ("", "")


@pytest.mark.parametrize("call", ["get_content", "push"])
def test_missing_grant_names_the_content_type(api, trove, call):
    arguments = ("status", "7", []) if call == "push" else ("status",)
    trove.respond_with(denied("not_granted"))
    with pytest.raises(NotGranted, match="status") as caught:
        getattr(api, call)(*arguments)
    assert (caught.value.content_type, caught.value.status) == ("status", 403)
    trove.respond_with(denied("insecure_transport"))
    with pytest.raises(AccessDenied) as caught:
        getattr(api, call)(*arguments)
    assert type(caught.value) is AccessDenied


@pytest.mark.parametrize("content_type", ITEMS)
def test_push_of_each_type(api, trove, content_type):
    trove.respond_with((200, {}, b'{"received": 1, "created": 1, "updated": 0, "rejected": []}'))
    item = ITEMS[content_type]
    assert api.push(content_type, "42", [item]).created == 1
    form = trove.requests[0].form
    assert trove.requests[0].url == f"{trove.url}/v1/oauth/push/"
    assert (form["content_type"], form["number_of_items"]) == (content_type, "1")
    assert json.loads(form["object_list"]) == json.loads(json.dumps([content_to_wire(item)]))


def test_push_of_version_2(trove):
    api = OAuth2API(*KEYS, ["status"], Token("a", "b", 9e9), url=trove.url)
    trove.respond_with((200, {}, b'{"received": 1}'))
    api.push("status", "42", [ITEMS["status"]])
    assert trove.requests[0].url == f"{trove.url}/v2/content/status/"


def test_unknown_type_is_not_sent(api, trove):
    for call in (lambda: api.get_content("recipes"), lambda: api.push("recipes", "7", [])):
        with pytest.raises(CallError, match="checkins, friends"):
            call()
    assert trove.requests == []
