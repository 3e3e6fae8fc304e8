from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest

from django_trove.client import Photo, Query, Result, Token, Urls
from django_trove.client.content import Checkin, Status

PHOTO = Photo(
    trove_id="7",
    service="flickr",
    id="1",
    title="Snow",
    urls=Urls({"thumbnail": "https://x.example/t", "original": "https://x.example/o"}),
    date=datetime(2007, 3, 4, tzinfo=UTC),
    latitude=40.7,
    longitude=-73.9,
)


@pytest.mark.parametrize(
    ("sizes", "size", "expected"),
    [
        ("thumbnail original", "thumbnail", "thumbnail"),
        ("thumbnail original", "medium", "thumbnail"),
        ("thumbnail original", "large", "original"),
        ("thumbnail large", "medium", "large"),
        ("large", "thumbnail", "large"),
        ("thumbnail", "original", "thumbnail"),
    ],
)
def test_missing_size_falls_back_to_nearest_size(sizes, size, expected):
    urls = Urls({size: f"https://x.example/{size}" for size in sizes.split()})
    assert getattr(urls, size) == f"https://x.example/{expected}"


def test_url_is_empty_without_sizes():
    assert Urls().large == ""


def test_key_access_has_no_fallback():
    assert PHOTO.urls["original"] == "https://x.example/o"
    assert "large" not in PHOTO.urls


def test_location_requires_both_coordinates():
    assert PHOTO.location == (40.7, -73.9)
    assert Photo(latitude=40.7).location is None


def test_photos_are_immutable():
    with pytest.raises(AttributeError):
        PHOTO.title = "Ice"


def test_reprs():
    assert repr(PHOTO) == "<Photo 'Snow' 2007-03-04 flickr:1 trove_id='7'>"
    result = Result(count=50, page=2, total_number_of_results=863)
    assert repr(result) == "<Result count=50 total_number_of_results=863 page=2>"


def test_repr_of_token_has_no_secret():
    assert repr(Token("key", "secret")) == "Token()"


def test_result_is_a_sequence():
    result = Result(count=2, results=(PHOTO, PHOTO), total_number_of_results=2)
    assert (len(result), list(result), result[0], result[:1]) == (2, [PHOTO] * 2, PHOTO, (PHOTO,))
    assert not Result()


@pytest.mark.parametrize(
    ("page", "count", "more"), [(1, 50, True), (17, 50, True), (18, 13, False)]
)
def test_next_query_leads_to_last_page(page, count, more):
    query = Query(page=page, tags_required=["snow"])
    result = Result(count=count, page=page, total_number_of_results=863, query=query)
    assert result.has_next is more
    assert result.number_of_pages == 18
    assert result.next_query == (Query(page=page + 1, tags_required=["snow"]) if more else None)


def test_empty_page_has_no_next_page():
    assert not Result(page=1, total_number_of_results=863).has_next


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_result_can_be_pickled(copied):
    result = Result(count=1, results=(PHOTO,), total_number_of_results=1, query=Query(page=1))
    assert copied(result) == result


@pytest.mark.parametrize(
    ("coordinates", "location"),
    [
        ([40.7, -73.9], (40.7, -73.9)),
        ([91, 0], None),
        ([1], None),
        ("40.7,-73.9", None),
        (None, None),
    ],
)
def test_the_location_of_a_status_is_that_of_valid_coordinates(coordinates, location):
    assert Status(geolocation={"coordinates": coordinates}).location == location


def test_the_location_of_a_checkin_requires_both_coordinates():
    assert Checkin(latitude=40.7, longitude=-73.9).location == (40.7, -73.9)
    assert Checkin(latitude=40.7).location is None
    assert Status().location is None
