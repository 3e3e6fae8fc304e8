"""
The methods of 2010 and the new ones, with their requests.
"""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from django_trove.client import (
    CallError,
    InvalidResponse,
    NotConnected,
    NotFound,
    Photo,
    Query,
    Token,
    TroveAPI,
    UnsafeResponse,
)
from django_trove.client.codec import content_to_wire

from .conftest import KEYS

GRANTED = b"oauth_token=key&oauth_token_secret=secret&oauth_callback_confirmed=true"


def make_result_data(photos, total, page=1):
    records = [content_to_wire(photo) for photo in photos]
    wire = {"count": len(records), "page": page, "total_number_of_results": total}
    return (200, {}, json.dumps(wire | {"results": records}).encode())


def test_walk_through_of_2010(trove, monkeypatch):
    """
    The lines of the original README, with the verifier of OAuth 1.0a.
    """
    monkeypatch.setenv("TROVE_URL", trove.url)
    trove.respond_with(
        (200, {}, GRANTED),
        (200, {}, b"oauth_token=a&oauth_token_secret=b"),
        make_result_data([Photo(id="1", title="Snow")], 863),
    )
    api = TroveAPI(*KEYS, ["photos"])
    request_token = api.get_request_token()
    api.get_authorization_url(request_token)
    with pytest.raises(CallError, match="oauth_verifier of the callback"):
        api.get_access_token(request_token)
    access_token = api.get_access_token(request_token, "verifier")
    for stored in (access_token, access_token.to_string()):
        api = TroveAPI(*KEYS, ["photos"], stored)
        assert api.access_token == Token("a", "b")
    query = Query()
    query.tags_required.append("snow")
    query.tags_optional.append("ice")
    query.identities_by_id.append("7")
    query.order_by.append("service")
    results = api.get_photos(query)
    assert repr(results) == "<Result count=1 total_number_of_results=863 page=1>"
    sent = json.loads(trove.requests[-1].form["query"])
    assert (sent["tags-required"], sent["tags-optional"]) == (["snow"], ["ice"])
    assert (sent["identities_by_id"], sent["order_by"]) == (["7"], ["-service_date", "service"])
    assert Query() == Query(tags_required=[], order_by=["-service_date"])


@pytest.mark.parametrize("text", ["", "canary", "oauth_token=canary", "oauth_token_secret=canary"])
def test_stored_token_must_be_complete(trove, text):
    with pytest.raises(CallError, match="access_token") as error:
        TroveAPI(*KEYS, ["photos"], text, url=trove.url)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("token", [Token("a b", "c&d"), Token("a", "b", 1.5)])
def test_token_can_be_stored_as_text(token):
    restored = Token.from_string(token.to_string())
    assert (restored, restored.expires_at) == (token, token.expires_at)


def test_calls_of_2010_client_work_unchanged(api_for, trove):
    api = api_for(access_token=None, callback="https://site.example/back/")
    trove.respond_with(
        (200, {}, GRANTED),
        (200, {}, b"oauth_token=a&oauth_token_secret=b"),
        make_result_data([], 0),
    )
    request_token = api.get_request_token()
    assert api.get_authorization_url(request_token) == (
        f"{trove.url}/v1/oauth/authorize/?oauth_token=key"
    )
    assert api.get_access_token(request_token, "verifier") == Token("a", "b")
    q = Query()
    q.tags_required = ["Williamsburg", "snow"]
    q.date_from = datetime(2007, 3, 4, 21, 8, 12)
    api.get_photos(q)
    request, access_request, photos = trove.requests
    assert (request.method, request.url.partition("?")[2]) == ("GET", "scope=photos")
    assert request.oauth["oauth_callback"] == "https://site.example/back/"
    assert (access_request.method, access_request.oauth["oauth_verifier"]) == ("POST", "verifier")
    assert access_request.is_signed_with(KEYS[1], "secret")
    assert photos.is_signed_with(KEYS[1], "b")
    assert json.loads(photos.form["query"])["tags-required"] == ["Williamsburg", "snow"]


def test_default_callback_is_out_of_band(api, trove):
    trove.respond_with((200, {}, GRANTED))
    api.get_request_token()
    assert trove.requests[0].oauth["oauth_callback"] == "oob"


def test_callback_argument_overrides_default(api, trove):
    trove.respond_with((200, {}, GRANTED))
    api.get_request_token(callback="https://site.example/one/")
    assert trove.requests[0].oauth["oauth_callback"] == "https://site.example/one/"


@pytest.mark.parametrize("confirmed", [b"", b"&oauth_callback_confirmed=false"])
def test_unconfirmed_callback_raises_error(api, trove, confirmed):
    """
    The downgrade to OAuth 1.0, open to session fixation.
    """
    trove.respond_with((200, {}, b"oauth_token=key&oauth_token_secret=secret" + confirmed))
    with pytest.raises(UnsafeResponse, match="downgrade"):
        api.get_request_token()


def test_token_response_without_token_raises_bad_response(api, trove):
    trove.respond_with((200, {}, b"<html>oauth_token</html>"))
    with pytest.raises(InvalidResponse):
        api.get_request_token()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"results": 7}', b"[" * 100_000, b"\xff"]
)
def test_invalid_result_raises_bad_response(api, trove, body):
    trove.respond_with((200, {}, body))
    with pytest.raises(InvalidResponse):
        api.get_photos()


def test_content_requires_access_token(api_for, trove):
    with pytest.raises(NotConnected):
        api_for(access_token=None).get_photos()
    assert trove.requests == []


def test_invalid_query_is_not_sent(api, trove):
    query = Query()
    query.count = 0
    for call in (lambda: api.get_photos(query), lambda: api.get_content("recipes")):
        with pytest.raises(CallError):
            call()
    assert trove.requests == []


def test_get_photo_by_id(api, trove):
    trove.respond_with(
        make_result_data([Photo(trove_id="7", title="Snow")], 1), make_result_data([], 0)
    )
    assert api.get_photo("7").title == "Snow"
    assert json.loads(trove.requests[0].form["query"]) == {"trove_id": "7"}
    with pytest.raises(NotFound):
        api.get_photo("8")


def library(trove, size, *, grows=0, most=500):
    """
    A Trove with `size` photos, sorted from new to old. After each page, `grows` photos are added.
    """
    ids = list(range(size, 0, -1))

    def respond(request):
        query = json.loads(request.form["query"])
        count = min(query["count"], most)
        start = (query["page"] - 1) * count
        photos = [Photo(trove_id=str(i)) for i in ids[start : start + count]]
        page = make_result_data(photos, len(ids), query["page"])
        ids[:0] = range(len(ids) + grows, len(ids), -1)
        return page

    trove.respond = respond


def test_iteration_loads_pages_lazily(api, trove):
    library(trove, 25)
    photos = api.iter_photos(Query(count=10))
    assert next(photos).trove_id == "25"
    assert len(trove.requests) == 1
    assert [photo.trove_id for photo in photos] == [str(i) for i in range(24, 0, -1)]
    assert len(trove.requests) == 3


def test_iteration_skips_duplicates_if_photos_are_added(api, trove):
    library(trove, 25, grows=3)
    ids = [photo.trove_id for photo in api.iter_photos(Query(count=10))]
    assert ids == [str(i) for i in range(25, 0, -1)]


def test_iteration_continues_if_pages_are_smaller_than_requested(api, trove):
    library(trove, 25, most=4)
    assert len(list(api.iter_photos(Query(count=10)))) == 25


def test_iteration_starts_at_requested_page(api, trove):
    library(trove, 25)
    ids = [photo.trove_id for photo in api.iter_photos(Query(count=10, page=3))]
    assert ids == ["5", "4", "3", "2", "1"]


def test_get_user_info_returns_name(api, trove):
    trove.respond_with((200, {}, b'{"name": "Ada", "email": "", "identities": [{"id": 7}]}'))
    person = api.get_user_info()
    assert (person.name, person.identities[0].id) == ("Ada", "7")


def test_add_service_returns_one_time_link(api, trove):
    trove.respond_with(
        (200, {}, b'{"folder": "/v1/add/service/folder/", "odd": "//evil.example/"}'),
        (200, {}, b"/add/once/\n"),
    )
    url = api.get_url_for_service("folder", "https://site.example/account/")
    assert url == f"{trove.url}/add/once/"
    assert trove.requests[1].form == {"redirect_url": "https://site.example/account/"}


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil", "", "/a b"]
)
def test_add_link_to_another_host_raises_bad_response(api, trove, path):
    trove.respond_with((200, {}, b'{"folder": "/add/"}'), (200, {}, path.encode()))
    with pytest.raises(InvalidResponse):
        api.get_url_for_service("folder")


def test_unavailable_service_is_named_in_error(api, trove):
    trove.respond_with((200, {}, b'{"folder": "/add/"}'))
    with pytest.raises(CallError, match="folder"):
        api.get_url_for_service("flickr")


def test_push_uses_format_of_old_clients(api, trove):
    data = {"received": 1, "created": 1, "updated": 0, "rejected": []}
    trove.respond_with((200, {}, json.dumps(data).encode()))
    pushed = api.push_photos("42", [Photo(id="1", title="Snow")])
    assert (pushed.received, pushed.created, pushed.rejected) == (1, 1, ())
    form = trove.requests[0].form
    assert (form["user_id"], form["content_type"], form["number_of_items"]) == ("42", "photos", "1")
    assert json.loads(form["object_list"])[0]["title"] == "Snow"


def test_push_rejects_too_many_items(api, trove):
    with pytest.raises(CallError, match="1000"):
        api.push_photos("42", [Photo(id="1")] * 1001)
    assert trove.requests == []


@pytest.mark.parametrize(
    "options", [{"timeout": None}, {"timeout": (None, 5)}, {"deadline": 0},
                {"signature_method": "RSA-SHA1"}]
)  # fmt: skip
def test_client_requires_limits(api_for, options):
    with pytest.raises(CallError):
        api_for(**options)


def test_client_requires_app_key_and_secret():
    with pytest.raises(CallError, match="app_key"):
        TroveAPI("", "", url="https://trove.example")


def test_content_types_must_be_a_list():
    with pytest.raises(CallError, match="content_types"):
        TroveAPI(*KEYS, "photos", url="https://trove.example")


def test_repr_of_client_has_no_secret(api):
    assert KEYS[1] not in repr(api)
    assert "access" not in repr(api)
