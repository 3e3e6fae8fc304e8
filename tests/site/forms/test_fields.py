from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from django_trove.core.box import WORLD, Box
from django_trove.filters import build_query
from django_trove.forms.box import parse_box
from django_trove.forms.fields import MESSAGES, BoxField

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
TEXTS = st.one_of(st.text(), st.lists(NUMBERS, min_size=3, max_size=5).map(repr))


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("40.7,-74.0,40.8,-73.9", Box(40.7, -74.0, 40.8, -73.9)),
        (" -10 , 170 , 10 , -170 ", Box(-10, 170, 10, -170)),
        ("-10,170,10,190", Box(-10, 170, 10, -170)),
        ("-10,-190,10,-170", Box(-10, 170, 10, -170)),
        ("-10,350,10,370", Box(-10, -10, 10, 10)),
        ("-90,-300,90,300", WORLD),
        ("0,180,0,180", Box(0, 180, 0, 180)),
    ],
)
def test_area_is_parsed_and_longitudes_are_wrapped(text, box):
    assert parse_box(text) == box


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "form"),
        ("here", "form"),
        ("1,2,3", "form"),
        ("1,2,3,4,5", "form"),
        ("nan,0,1,1", "form"),
        ("0,0,inf,1", "form"),
        ("0,0,1e999,1", "form"),
        ("-91,0,1,1", "latitude"),
        ("0,0,90.1,1", "latitude"),
        ("0,0,1,541", "longitude"),
        ("2,0,1,1", "upside_down"),
    ],
)
def test_invalid_area_has_error_message(text, code):
    with pytest.raises(ValueError, match=code):
        parse_box(text)
    with pytest.raises(ValidationError) as caught:
        BoxField().clean(text or " x ")
    assert [str(message) for message in caught.value.messages] == [str(MESSAGES[code])]


@given(TEXTS)
def test_any_input_is_valid_area_or_error(text):
    try:
        box = BoxField(required=False).clean(text)
    except ValidationError:
        return
    build_query(box=box)
    if box is not None:
        assert parse_box(str(box)) == pytest.approx(box, abs=1e-5)


LATITUDES = st.floats(-90, 90)


@given(LATITUDES, st.floats(-540, 540), LATITUDES, st.floats(0, 359.9))
def test_area_beyond_antimeridian(south, west, north, width):
    south, north = sorted((south, north))
    if abs(west + width) > 540:
        return
    box = parse_box(f"{south},{west},{north},{west + width}")
    assert -180 <= box.west <= 180
    assert -180 <= box.east <= 180
    turns = (box.east - box.west - width) / 360
    assert turns == pytest.approx(round(turns), abs=1e-8)


@pytest.mark.parametrize("edge", [0.00001, -0.00001, -0.000001, 1e-9, 180.0, -179.99999])
def test_area_is_rendered_without_localization(edge):
    text = str(Box(0, edge, 0, edge))
    assert "e" not in text
    assert "-0," not in text
    assert BoxField().prepare_value(Box(0, edge, 0, edge)) == text


def test_empty_area():
    assert BoxField(required=False).clean("  ") is None
