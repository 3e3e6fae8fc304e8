"""
The exposure of a photo as text.
"""

from __future__ import annotations

import pytest
from django.utils import translation

from django_trove.client import Photo
from django_trove.client.values import Camera
from django_trove.core.exposure import format_exposure


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, ""),
        (
            {"exposure_time": 0.004, "aperture": 2.8, "iso": 100, "focal_length": 50},
            "1/250 s, f/2.8, ISO 100, 50 mm",
        ),
        ({"exposure_time": 0.3}, "1/3 s"),
        ({"exposure_time": 0.5}, "0.5 s"),
        ({"exposure_time": 30}, "30 s"),
        ({"exposure_time": 1e-9}, "1/1000000000 s"),
        ({"aperture": 8.0, "focal_length": 4.25}, "f/8, 4.2 mm"),
    ],
)
def test_unknown_values_are_omitted(values, text):
    assert format_exposure(Photo(camera=Camera(**values))) == text


def test_numbers_are_localized():
    with translation.override("de"):
        assert format_exposure(Photo(camera=Camera(aperture=2.8))) == "f/2,8"


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D80", "NIKON D80"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("", "Pixel 8", "Pixel 8"),
        ("SONY", "", "SONY"),
    ],
)
def test_name_of_a_camera_contains_the_make_once(make, model, name):
    assert Camera(make=make, model=model).name == name
