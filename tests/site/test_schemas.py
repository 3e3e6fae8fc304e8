"""
The published JSON Schemas are those of the code, and the data of the code is valid.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from django_trove.client import Photo, Result, Video
from django_trove.client.codec import content_to_wire
from django_trove.photos_json import serialize_result
from django_trove.schemas import SCHEMAS, build_schema
from tests.client.strategies import photos

DOCS = Path(__file__).parents[2] / "docs" / "schemas"
VALIDATORS = {name: Draft202012Validator(build_schema(name)) for name in SCHEMAS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_published_file_is_current(name, capsys):
    call_command("trove_schema", name)
    assert capsys.readouterr().out == (DOCS / f"{name}.json").read_text()


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid(name):
    metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert metaschema.is_valid(build_schema(name))


@given(st.lists(photos, max_size=3))
def test_pages_are_valid(items):
    page = serialize_result(Result(count=len(items), results=tuple(items))) | {"next": None}
    assert VALIDATORS["photos-json"].is_valid(json.loads(json.dumps(page)))


@given(photos)
def test_records_are_valid(photo):
    assert VALIDATORS["photo-record"].is_valid(json.loads(json.dumps(content_to_wire(photo))))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photos-json", {"photos": [], "page": 1, "total": None, "stale": False}),
        ("photo-record", {"object_type": "photo", "trove_id": "1"}),
        ("photo-record", {**content_to_wire(Photo(trove_id="1")), "latitude": 91}),
        ("photo-record", {**content_to_wire(Video(trove_id="1")), "duration": "long"}),
    ],
)
def test_other_data_is_invalid(name, data):
    with pytest.raises(ValidationError):
        VALIDATORS[name].validate(data)


def test_later_versions_may_add_keys():
    record = json.loads(json.dumps(content_to_wire(Photo(trove_id="1"))))
    assert VALIDATORS["photo-record"].is_valid({**record, "new": 1})
