"""
The nearest place of a location.
"""

import math
import random
import subprocess
import sys

import pytest

from django_trove.client.values import Place
from django_trove.server.places.gazetteer import (
    MAX_KM,
    UNITS_PER_DEGREE,
    Columns,
    Gazetteer,
    find_place,
)

WILLIAMSBURG = Place(name="Williamsburg", region="New York", country="United States")


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ((40.7, -73.95), "Williamsburg, New York, United States"),
        ((35.01, 135.77), "Kyoto, Kyoto, Japan"),
        ((-51.694, -57.857), "Stanley, Falkland Islands (Malvinas)"),
        ((78.22, 15.64), "Longyearbyen, Svalbard, Svalbard and Jan Mayen"),
    ],
)
def test_known_places(location, name):
    assert str(find_place(location)) == name


@pytest.mark.parametrize(
    "location", [(0.0, -30.0), (-16.8, 179.99), (90.0, 0.0), (-90.0, 180.0), (0.0, 180.0)]
)
def test_the_open_sea_and_the_poles_have_no_place(location):
    assert find_place(location) is None


def test_a_place_across_the_antimeridian_is_found():
    gazetteer = Gazetteer(build_columns([(-16.8, -179.95), (-16.8, 179.5)]))
    assert gazetteer.find(-16.8, 179.99).name == "0"
    assert gazetteer.find(-16.8, 180.0) == gazetteer.find(-16.8, -180.0)


@pytest.mark.parametrize("latitude", [0, 45, 70, -84])
def test_the_place_is_the_nearest_one(latitude):
    chance = random.Random(latitude)

    def choose():
        return latitude + chance.uniform(-1, 1), (chance.uniform(178, 182) + 180) % 360 - 180

    towns = [choose() for _ in range(80)]
    gazetteer = Gazetteer(build_columns(towns))
    found = 0
    for location in (choose() for _ in range(200)):
        distances = [distance_km(location, town) for town in towns]
        nearest = min(distances)
        place = gazetteer.find(*location)
        found += place is not None
        if place is not None:
            assert distances[int(place.name)] == pytest.approx(nearest, rel=0.01, abs=0.2)
        else:
            assert nearest > MAX_KM * 0.99
    assert found > 20


def build_columns(towns):
    return Columns(
        regions=[("Country", "")],
        region=[0] * len(towns),
        latitude=[round(latitude * UNITS_PER_DEGREE) for latitude, _ in towns],
        longitude=[round(longitude * UNITS_PER_DEGREE) for _, longitude in towns],
        names=[str(number) for number in range(len(towns))],
    )


def distance_km(start, end):
    (south, west), (north, east) = (
        [math.radians(each) for each in place] for place in (start, end)
    )
    haversine = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(haversine))


def test_a_place_without_a_name_is_false():
    assert WILLIAMSBURG
    assert not Place()


def test_data_are_not_loaded_at_import():
    code = (
        "import django; django.setup()\n"
        "from django_trove.server import urls\n"
        "from django_trove.server.places.gazetteer import get_gazetteer\n"
        "print(get_gazetteer.cache_info().currsize)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout == "0\n"
