from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.takeout.records import (
    parse_album_title,
    parse_json,
    parse_sidecar,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=8,
)
KEYS = ("title", "description", "photoTakenTime", "geoData", "geoDataExif", "people", "url")
ALBUM_KEYS = ("albumData", "access", "trashed", "inLockedFolder", "archived", "creationTime")


def test_early_dates_and_exif_locations_are_parsed():
    facts = parse_sidecar(
        {
            "photoTakenTime": {"timestamp": "-86400"},
            "creationTime": {"timestamp": "86400"},
            "geoData": {"latitude": 0.0, "longitude": 0.0},
            "geoDataExif": {"latitude": 1.5, "longitude": 2.5},
        }
    )
    assert facts.taken == datetime(1969, 12, 31, tzinfo=UTC)
    assert facts.uploaded == datetime(1970, 1, 2, tzinfo=UTC)
    assert facts.place == (1.5, 2.5)


@pytest.mark.parametrize("timestamp", ["", "0", None, "soon", "1e999", "9" * 30])
def test_invalid_time_is_unknown(timestamp):
    assert parse_sidecar({"photoTakenTime": {"timestamp": timestamp}}).taken is None


@given(st.dictionaries(st.sampled_from(KEYS + ALBUM_KEYS), JSON))
def test_arbitrary_json_is_parsed(data):
    assert type(parse_sidecar(data).title) is str
    assert type(parse_album_title(data, "folder")) is str


@pytest.mark.parametrize(
    ("content", "data"),
    [
        (b'\xef\xbb\xbf{"title": "a"}', {"title": "a"}),
        (b'{"title": "caf\xe9"}', {"title": "caf\ufffd"}),
        (b"[1]", {}),
        (b"{", {}),
        (b"[" * 100_000, {}),
    ],
)
def test_invalid_json_is_empty(content, data):
    assert parse_json(lambda: content) == data


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"title": "Rome &lt;3"}, "Rome <3"),
        ({"albumData": {"title": "Rome"}}, "Rome"),
        ({"title": "", "access": "protected"}, "folder"),
        ({"title": ["a list of memories"]}, ""),
        ({"title": "IMG_1.jpg", "photoTakenTime": {}}, ""),
        ({}, ""),
    ],
)
def test_album_is_found_by_content(data, title):
    assert parse_album_title(data, "folder") == title
