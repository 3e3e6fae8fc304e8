"""
Encoding and decoding of objects.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import product

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
from django_trove.client.codec import decode_result, results
from django_trove.client.codec.items import PhotoRecord, VideoRecord
from django_trove.client.values import Camera

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
RECORD_KEYS = (*PhotoRecord.__struct_fields__, "object_type")
OPTIONAL_KEYS = {
    "average_color",
    "utc_offset",
    "upload_date",
    "album_title",
    "media_type",
    "sizes",
    "camera",
}
OLD_KEYS = frozenset(RECORD) - {"latitude", "longitude"}


def encode_page(records):
    page = {"results": records, "count": 1, "page": 1, "total_number_of_results": 9}
    return json.dumps(page).encode()


def to_json_and_back(value):
    return json.loads(json.dumps(value))


@given(photos)
def test_photo_round_trip(photo):
    assert codec.content_from_wire(to_json_and_back(codec.content_to_wire(photo))) == photo


@given(photos)
def test_record_has_all_keys_that_old_clients_read(photo):
    assert codec.content_to_wire(photo).keys() >= OLD_KEYS


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


def test_values_of_old_clients_are_accepted():
    query = codec.query_from_wire({"services": "flickr", "force-update": 1, "count": "7"})
    assert query == Query(services=["flickr"], force_update=True, count=7)
    assert codec.query_from_wire({"force-update": 0}) == Query()
    assert codec.query_from_wire({"public": 0, "videos": 1}) == Query(public=False, videos=True)
    assert codec.query_from_wire({"albums": [7]}) == Query(albums=["7"])


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


@given(st.dictionaries(st.sampled_from(RECORD_KEYS), json_values))
def test_any_record_is_decoded_or_rejected(changes):
    record = RECORD | changes
    try:
        photo = codec.content_from_wire(record)
    except InvalidResponse:
        return
    assert getattr(photo.date, "tzinfo", UTC) is UTC
    assert all(isinstance(tag, str) for tag in photo.tags)
    latitude, longitude = photo.location or (0, 0)
    assert -90 <= latitude <= 90
    assert -180 <= longitude <= 180
    assert isinstance(photo.title, str)
    assert photo.height >= 0


@given(st.dictionaries(st.sampled_from(RECORD_KEYS), json_values))
def test_pages_and_records_are_decoded_equally(changes):
    record = RECORD | changes
    for records in ([record], [record, None]):
        page = json.dumps({"results": records, "count": 1, "page": 1})
        decoded = list(codec.decode_result(page.encode()))
        try:
            assert decoded == [codec.content_from_wire(json.loads(json.dumps(record)))]
        except InvalidResponse:
            assert decoded == []


@given(photos)
def test_photos_are_decoded_equally_by_page_and_by_record(photo):
    record = to_json_and_back(codec.content_to_wire(photo))
    page = encode_page([record])
    assert codec.decode_result(page)[0] == codec.content_from_wire(record)


def test_fields_of_photos_and_records_have_the_same_order():
    assert Photo.__struct_fields__ == ("extra", *PhotoRecord.__struct_fields__)
    assert Video.__struct_fields__ == ("extra", *VideoRecord.__struct_fields__)


def test_all_fields_of_a_record_are_decoded():
    photo = codec.content_from_wire(RECORD)
    assert photo == Photo(
        trove_id="7", service="flickr", id="1", title="Snow", owner="ada",
        urls=Urls(RECORD["urls"]), tags=("snow", "Williamsburg"),
        date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC),
        height=480, width=640, public=True, latitude=40.7, longitude=-73.9,
    )  # fmt: skip


def test_unknown_keys_are_kept_and_missing_keys_have_defaults():
    photo = codec.content_from_wire({"trove_id": "7", "canvas": "Linen"})
    assert photo == Photo(trove_id="7", extra={"canvas": "Linen"})


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [
        ("average_color", "#3f6e8c", "#3f6e8c"),
        ("average_color", "red", ""),
        ("average_color", "#3f6e8c;", ""),
        ("average_color", 7, ""),
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
    photo = codec.content_from_wire(RECORD | {key: value})
    assert getattr(photo, key) == default


def test_unknown_optional_fields_are_omitted():
    assert OPTIONAL_KEYS.isdisjoint(codec.content_to_wire(Photo(trove_id="7")))


def test_other_date_formats_are_decoded():
    record = RECORD | {"date": "4 March 2007, 22:08:12 +0100"}
    assert codec.content_from_wire(record).date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", 7])
def test_only_http_urls_are_accepted(url):
    record = RECORD | {"urls": {"original": url}, "original_web_url": url}
    photo = codec.content_from_wire(record)
    assert photo.urls.original == photo.original_web_url == ""


def test_invalid_record_is_skipped():
    result = codec.decode_result(encode_page([RECORD, None, {"title": "no id"}, RECORD]))
    assert (len(result), result.skipped, result.count) == (2, 2, 4)


@pytest.mark.parametrize(
    "bad", [None, RECORD | {"height": -1}, RECORD | {"canvas": "Linen"}, RECORD | {"date": None}]
)
def test_only_invalid_records_are_decoded_tolerantly(bad, monkeypatch):
    tolerant = []

    def record_call(data, content_type):
        tolerant.append(data)
        return codec.content_from_wire(data, content_type)

    monkeypatch.setattr(results, "content_from_wire", record_call)
    codec.decode_result(encode_page([RECORD, bad, RECORD]))
    assert tolerant == [bad]


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [{"id": "1", "latitude": NaN, "title": "Snow"}]}',
        b'{"results": [{"id": "1", "title": "Snow", "owner": "\\ud800"}]}',
        b'\xef\xbb\xbf{"results": [{"id": "1", "title": "Snow"}]}',
        b'{"results": [{"id": 1, "title": "Snow"}], "page": "x", "total_number_of_results": []}',
    ],
)
def test_json_that_msgspec_rejects_is_decoded(body):
    assert codec.decode_result(body)[0].title == "Snow"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff", b"1" * 5000])
def test_a_body_that_is_not_json_is_an_invalid_response(body):
    with pytest.raises(InvalidResponse):
        codec.decode_result(body)


def test_an_invalid_character_affects_only_its_record():
    page = encode_page([RECORD, RECORD | {"title": "?"}])
    result = codec.decode_result(page.replace(b'"?"', b'"\xff"'))
    assert (len(result), result.skipped) == (1, 1)


def test_lone_surrogates_are_encoded_and_replaced():
    result = Result(count=1, results=(Photo(id="1", title="\ud800 \U0001f600"),))
    assert codec.decode_result(codec.encode_result(result))[0].title == "\ufffd \U0001f600"


@pytest.mark.parametrize(
    "text", [b"\\ud800", b"\\uDFFF", b"\xed\xa0\x80"], ids=["high", "low", "raw"]
)
@pytest.mark.parametrize("content_type", codec.RESULT_CLASSES)
def test_decoded_texts_can_be_encoded(content_type, text):
    names = [b"id", b"title", b"name", b"place", b"tags", b"cover", b"photo", b"unknown"]
    values = b", ".join(b'"%s": ["%s"], "%s": "%s"' % (n, text, n, text) for n in names)
    body = b'{"results": [{"trove_id": "1", %s, "cover": {%s}}]}' % (values, values)
    result = codec.decode_result(body, content_type=content_type)
    assert len(result) + result.skipped == 1
    for item in result:
        repr(item).encode()


@given(json_values)
def test_result_decoder_accepts_any_json(value):
    for wire in (value, {"results": value}, {"results": [value]}):
        if not isinstance(wire, dict) or not isinstance(wire.get("results"), list):
            with pytest.raises(InvalidResponse):
                codec.decode_result(json.dumps(wire).encode())
            continue
        result = codec.decode_result(json.dumps(wire).encode())
        assert len(result) + result.skipped == result.count


@given(st.lists(photos, max_size=3))
def test_result_round_trip(items):
    result = Result(count=len(items), page=2, total_number_of_results=60, results=tuple(items))
    assert codec.decode_result(codec.encode_result(result)) == result


@pytest.mark.parametrize(
    ("content_type", "item"),
    [
        ("videos", Video(trove_id="1", title="Waves", duration=12.5)),
        ("status", Status(trove_id="1", message="Hello", place={"name": "Lisbon"}, public=True,
                          service_date=datetime(2011, 5, 6, tzinfo=UTC))),
        ("checkins", Checkin(trove_id="1", shout="Here", venue={"name": "Café", "city": "Kyoto"})),
        ("checkins", Checkin(trove_id="1", latitude=35.0, longitude=135.8, public=True,
                             original_web_url="https://x.example/1")),
        ("friends", Friend(trove_id="1", name="Grace", url="https://x.example/grace")),
    ],
)  # fmt: skip
def test_content_type_round_trip(content_type, item):
    record = to_json_and_back(codec.content_to_wire(item))
    assert codec.content_from_wire(record, content_type) == item
    assert None not in record.values()


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("status", "original_web_url"),
        ("checkins", "original_web_url"),
        ("friends", "url"),
        ("friends", "avatar_url"),
    ],
)
def test_urls_with_other_schemes_are_dropped(content_type, name):
    """
    Pages use them in `href` and `src`.
    """
    record = {"id": "1", name: "javascript:alert(1)"}
    assert getattr(codec.content_from_wire(record, content_type), name) == ""


def test_person_round_trip():
    person = Person(name="Ada", email="ada@x.example", identities=(Identity(id="1", service="f"),))
    assert codec.object_from_wire(Person, json.loads(codec.encode_json(person))) == person


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        *product(("photos", "videos"), ("width", "latitude", "utc_offset", "public")),
        ("videos", "duration"),
        ("status", "geolocation"),
        ("checkins", "venue"),
    ],
)
def test_lone_surrogate_in_a_field_that_is_no_text(content_type, name):
    record = {"object_type": content_type, "id": "1", name: "\ud800"}
    body = json.dumps({"results": [record], "count": "\ud800", "more": "\ud800"}).encode()
    assert [item.id for item in codec.decode_result(body, content_type=content_type)] == ["1"]


@pytest.mark.parametrize(("levels", "kept"), [(1, True), (50, True), (51, False), (900, False)])
def test_results_with_nested_unknown_keys_can_be_pickled(levels, kept):
    """
    The cache of a site pickles results, which fails for several hundred levels.
    """
    nested = "[" * levels + "]" * levels
    body = f'{{"count": 1, "results": [{{"id": "1", "unknown": {nested}}}]}}'.encode()
    result = decode_result(body)
    assert pickle.loads(pickle.dumps(result)) == result
    assert ("unknown" in result[0].extra) == kept


def test_a_body_with_too_many_levels_is_an_invalid_response():
    with pytest.raises(InvalidResponse) as failure:
        decode_result(b'{"results": [], "unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert pickle.loads(pickle.dumps(failure.value)).detail == failure.value.detail


DECODE_IN_THREADS = """
import json, threading
from django_trove.client import Photo
from django_trove.client.codec import content_to_wire, decode_result
page = {"count": 1, "page": 1, "total_number_of_results": 1}
page["results"] = [content_to_wire(Photo(trove_id="1"))]
body = json.dumps(page).encode()
barrier = threading.Barrier(8)
def decode():
    barrier.wait()
    decode_result(body)
threads = [threading.Thread(target=decode) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_first_pages_may_be_decoded_in_several_threads():
    """
    Without a lock, msgspec crashes some of the processes.
    """
    command = [sys.executable, "-X", "faulthandler", "-c", DECODE_IN_THREADS]
    codes = [subprocess.run(command, check=False).returncode for _ in range(12)]
    assert codes == [0] * 12
