from datetime import UTC, datetime

import pytest

from django_trove.server.connectors.base import ItemFailure
from django_trove.server.connectors.google import Google
from fake_services import google as fake_google
from fake_services.base import json_response, serve
from fake_services.photos import make_photos

from .index import Index, connector_factory
from .sample_files import load


@pytest.fixture
def google():
    with serve(fake_google.Google(make_photos(3))) as fake:
        yield fake


@pytest.fixture
def make(google):
    make = connector_factory(Google, google)
    session = make().start_picker_session().id
    google.pick(session)
    make.add_session(session)
    return make


def taken_in(google, make, listing):
    google.failures = [None, json_response(listing)]
    index = Index()
    index.run_sync(make)
    return index


def test_malformed_items_are_reported(google, make):
    (listing,) = load("google/ha_list_mediaitems.json")
    index = taken_in(google, make, listing)
    assert index.photos == {}
    assert index.failures == [
        ItemFailure(name="id1", reason="The record is invalid."),
        ItemFailure(name="id2", reason="The record is invalid."),
    ]


def test_response_without_items_is_empty(google, make):
    index = taken_in(google, make, load("google/ha_list_albums.json"))
    assert (index.photos, index.failures) == ({}, [])


def test_item_of_an_unknown_type_does_not_affect_others(google, make):
    (shot, *_) = google.photos
    good = {"id": "good", "type": "PHOTO", "createTime": "2026-01-15T08:00:00.500Z"}
    address = google._item_record(shot)["mediaFile"]["baseUrl"]
    file = {"baseUrl": address, "filename": "IMG_0001.JPG"}
    sizes = {"width": "4032", "height": "3024"}  # texts, as some have seen them
    listing = {
        "mediaItems": [
            {"id": "unknown-1", "type": "SOMETHING_NEW"},
            {"id": "elsewhere", "mediaFile": {"baseUrl": "https://evil.example/x"}},
            {"id": "odd", "mediaFile": {"baseUrl": 7, "mediaFileMetadata": []}},
            {**good, "mediaFile": {**file, "mediaFileMetadata": sizes}},
            {**good, "id": "no-size", "mediaFile": file},
        ]
    }
    index = taken_in(google, make, listing)
    assert {failure.name for failure in index.failures} == {"unknown-1", "elsewhere", "odd"}
    photo = index.photos["good"]
    assert (photo.width, photo.height, photo.title) == (4032, 3024, "IMG_0001.JPG")
    assert photo.date == datetime(2026, 1, 15, 8, tzinfo=UTC)
    assert (index.photos["no-size"].width, index.photos["no-size"].height) == (0, 0)
