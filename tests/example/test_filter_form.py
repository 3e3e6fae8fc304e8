from __future__ import annotations

import pytest
from django.http import QueryDict

from photoblog.forms import FilterForm


@pytest.fixture(autouse=True)
def _places(settings):
    settings.PLACES = {"Kyoto": (35.0, 135.8)}


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("near=kyoto", (35.0, 135.8, 25)),
        ("near=Kyoto&within=5", (35.0, 135.8, 5)),
        ("near=-33.5,+-71", (-33.5, -71.0, 25)),
    ],
)
def test_place_is_a_name_or_coordinates(query, near):
    form = FilterForm(QueryDict(query))
    assert form.filters == {"near": near}
    assert [chip.url for chip in form.active_filters()] == ["?" + query.partition("&")[2]]


@pytest.mark.parametrize("place", ["Oz", "1.2.3,4", "100,0", "1,2,3", "x" * 5000])
def test_invalid_place(place):
    assert not FilterForm(QueryDict(f"near={place}")).is_valid()


def test_invalid_distance():
    assert "within" in FilterForm(QueryDict("near=Kyoto&within=7")).errors
