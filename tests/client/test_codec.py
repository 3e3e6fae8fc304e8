"""
Encoding and decoding of objects.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client import (
    Checkin,
    Friend,
    Identity,
    InvalidResponse,
    Person,
    Photo,
    Query,
    QueryError,
    Result,
    Status,
    Urls,
    Video,
    codec,
)
from django_trove.client.codec import PHOTO_DECODERS, PHOTO_KEYS
from django_trove.client.content import Camera

from .strategies import json_values, photos, queries

# A photo record (protocol, section 5.2).
RECORD = {
    "object_type": "photo",
    "trove_id": "7",
    "service": "flickr",
    "id": "1",
    "title": "Snow",
    "owner": "ada",
    "description": "",
    "urls": {"original": "https://x.example/o.jpg", "thumbnail": "https://x.example/t.jpg"},
    "tags": ["snow", "Williamsburg"],
    "date": "2007-03-04 T 21:08:12",
    "album_id": "",
    "license": "",
    "height": 480,
    "width": 640,
    "public": True,
    "original_web_url": "",
    "latitude": 40.7,
    "longitude": -73.9,
}
OLD_KEYS = frozenset(PHOTO_DECODERS) | {"object_type"}


def to_json_and_back(value):
    return json.loads(json.dumps(value))


@given(photos)
def test_photo_round_trip(photo):
    assert codec.photo_from_wire(to_json_and_back(codec.photo_to_wire(photo))) == photo


@given(photos)
def test_record_has_all_keys_that_old_clients_read(photo):
    assert codec.photo_to_wire(photo).keys() >= OLD_KEYS


@given(queries())
def test_query_round_trip(query):
    decoded = codec.query_from_wire(to_json_and_back(codec.query_to_wire(query)))
    assert asdict(decoded) == asdict(query) | {
        name: list(getattr(query, name))
        for name in ("identities_by_id", "tags_required", "tags_optional", "order_by")
    } | {"geo_near_radius": query.geo_near_radius if query.geo_near_center else 5}


def test_query_by_id_has_no_other_fields():
    assert codec.query_to_wire(Query(trove_id="7", page=3)) == {"trove_id": "7"}


def test_query_days_are_local_days():
    wire = codec.query_to_wire(Query(day_from=date(2007, 3, 4), day_to=date(2007, 3, 5)))
    assert (wire["day-from"], wire["day-to"]) == ("2007-03-04", "2007-03-05")


@pytest.mark.parametrize("day", ["2007-3-4", "20070304", "2007-02-30", "2007-03-04 10:00", 7, []])
def test_an_invalid_day_is_rejected(day):
    with pytest.raises(QueryError, match="day-from") as error:
        codec.query_from_wire({"day-from": day})
    assert error.value.field == "day-from"


def test_query_dates_are_utc_with_trailing_space():
    wire = codec.query_to_wire(Query(date_from=datetime(2007, 3, 4, 21, 8, 12)))
    assert wire["date-from"] == "2007-03-04 21:08:12 "


def decodes_or_names_field(value):
    try:
        codec.query_to_wire(codec.query_from_wire(value))
    except QueryError as refused:
        return bool(refused.field)
    return True


@given(json_values)
def test_query_decoder_accepts_any_json(value):
    assert decodes_or_names_field(value)


@given(st.dictionaries(st.sampled_from(sorted(codec.query_to_wire(Query()))), json_values))
def test_query_decoder_accepts_any_value_of_a_field(value):
    assert decodes_or_names_field(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("page", 0), ("page", "x"), ("count", 501), ("count", True), ("date-from", "yesterday-ish"),
     ("date-to", 7), ("geo_sw", [200, 0]), ("geo_near_center", [1]), ("tags-required", "snow"),
     ("services", [7]), ("order_by", [None]), ("geo_near_radius", -1), ("attributes", []),
     ("tags-optional", ["nul\0"]), ("tags-required", ["\ud800"]), ("force-update", "yes")],
)  # fmt: skip
def test_invalid_value_is_rejected_with_protocol_field_name(field, value):
    wire = {field: value} | ({"geo_ne": [1, 1]} if field == "geo_sw" else {})
    with pytest.raises(QueryError, match=field) as caught:
        codec.query_from_wire(wire)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "text", ["2007-03-04 21:08:12 ", "2007-03-04T21:08:12Z", "4 March 2007 21:08:12",
             "2007-03-04 22:08:12+01:00"]
)  # fmt: skip
def test_query_accepts_all_date_formats_of_dateutil(text):
    query = codec.query_from_wire({"date-from": text})
    assert query.date_from == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)


def test_null_and_unknown_query_fields_are_ignored():
    wire = dict.fromkeys(codec.query_to_wire(Query())) | {"colour": "red"}
    assert codec.query_from_wire(wire) == Query()


def test_ids_can_be_numbers():
    assert codec.query_from_wire({"identities_by_id": [7]}).identities_by_id == ["7"]
    assert codec.query_from_wire({"trove_id": 7}).trove_id == "7"


@given(st.dictionaries(st.sampled_from(sorted(PHOTO_KEYS)), json_values))
def test_any_record_is_decoded_or_rejected(changes):
    record = RECORD | changes
    try:
        photo = codec.photo_from_wire(record)
    except InvalidResponse:
        return
    assert getattr(photo.date, "tzinfo", UTC) is UTC
    assert all(isinstance(tag, str) for tag in photo.tags)
    latitude, longitude = photo.location or (0, 0)
    assert -90 <= latitude <= 90
    assert -180 <= longitude <= 180
    assert isinstance(photo.title, str)
    assert photo.height >= 0


def test_all_fields_of_a_record_are_decoded():
    photo = codec.photo_from_wire(RECORD)
    assert photo == Photo(
        trove_id="7", service="flickr", id="1", title="Snow", owner="ada",
        urls=Urls(RECORD["urls"]), tags=("snow", "Williamsburg"),
        date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC),
        height=480, width=640, public=True, latitude=40.7, longitude=-73.9,
    )  # fmt: skip


def test_unknown_keys_are_kept_and_missing_keys_have_defaults():
    photo = codec.photo_from_wire({"trove_id": "7", "canvas": "Linen"})
    assert photo == Photo(trove_id="7", extra={"canvas": "Linen"})


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [
        ("utc_offset", "-480", None),
        ("utc_offset", 841, None),
        ("utc_offset", True, None),
        ("upload_date", 7, None),
        ("album_title", None, ""),
        ("media_type", [], ""),
        ("sizes", {"large": [1600], "medium": "800x600", "thumbnail": [0, 240]}, {}),
        ("sizes", [1, 2], {}),
        ("sizes", {"huge": [1600, 1200]}, {}),
        ("camera", "Nikon", Camera()),
        ("camera", {"iso": -1, "aperture": "inf", "model": None}, Camera()),
    ],
)
def test_optional_fields_of_a_wrong_type_have_their_defaults(key, value, default):
    photo = codec.photo_from_wire(RECORD | {key: value})
    assert getattr(photo, key) == default


def test_unknown_optional_fields_are_omitted():
    assert codec.OPTIONAL_KEYS.isdisjoint(codec.photo_to_wire(Photo(trove_id="7")))


def test_other_date_formats_are_decoded():
    record = RECORD | {"date": "4 March 2007, 22:08:12 +0100"}
    assert codec.photo_from_wire(record).date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", 7])
def test_only_http_urls_are_accepted(url):
    record = RECORD | {"urls": {"original": url}, "original_web_url": url}
    photo = codec.photo_from_wire(record)
    assert photo.urls.original == photo.original_web_url == ""


def test_invalid_record_is_skipped():
    page = {"count": 4, "page": 1, "total_number_of_results": 9,
            "results": [RECORD, None, {"title": "no id"}, RECORD]}  # fmt: skip
    result = codec.result_from_wire(page)
    assert (len(result), result.skipped, result.count) == (2, 2, 4)


@given(json_values)
def test_result_decoder_accepts_any_json(value):
    for wire in (value, {"results": value}, {"results": [value]}):
        if not isinstance(wire, dict) or not isinstance(wire.get("results"), list):
            with pytest.raises(InvalidResponse):
                codec.result_from_wire(wire)
            continue
        result = codec.result_from_wire(wire)
        assert len(result) + result.skipped == result.count


@given(st.lists(photos, max_size=3))
def test_result_round_trip(items):
    result = Result(count=len(items), page=2, total_number_of_results=60, results=tuple(items))
    assert codec.result_from_wire(to_json_and_back(codec.result_to_wire(result))) == result


@pytest.mark.parametrize(
    ("content_type", "item"),
    [
        ("videos", Video(trove_id="1", title="Waves", duration=12.5)),
        ("status", Status(trove_id="1", message="Hello", place={"name": "Lisbon"}, public=True,
                          service_date=datetime(2011, 5, 6, tzinfo=UTC))),
        ("checkins", Checkin(trove_id="1", shout="Here", venue={"name": "Café", "city": "Kyoto"})),
        ("friends", Friend(trove_id="1", name="Grace", url="https://x.example/grace")),
    ],
)  # fmt: skip
def test_content_type_round_trip(content_type, item):
    record = to_json_and_back(codec.content_to_wire(item))
    assert codec.content_from_wire(record, content_type) == item
    assert None not in record.values()


def test_person_round_trip():
    person = Person(name="Ada", email="ada@x.example", identities=(Identity(id="1", service="f"),))
    assert codec.person_from_wire(to_json_and_back(codec.person_to_wire(person))) == person
