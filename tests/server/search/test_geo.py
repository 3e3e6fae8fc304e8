"""
Circles and boxes, with points just inside and just outside of them in all directions.
"""

from __future__ import annotations

import math

import pytest

from django_trove.client.content import Photo
from django_trove.client.query import EARTH_RADIUS_KM, Query
from django_trove.server.search.engine import search

pytestmark = pytest.mark.django_db

CENTERS = [(0.0, 0.0), (48.85, 2.35), (-33.9, 151.2), (65.0, -179.95), (69.9, 20.0), (89.5, 10.0)]
RADII = [0.5, 5, 49.9, 50.1, 800, 9000]
BEARINGS = range(0, 360, 45)
MARGIN = 0.002


def destination(center, bearing, kilometers):
    """
    Return the point at a distance along a great circle.
    """
    latitude, longitude = map(math.radians, center)
    course, angle = math.radians(bearing), kilometers / EARTH_RADIUS_KM
    north = math.asin(
        math.sin(latitude) * math.cos(angle)
        + math.cos(latitude) * math.sin(angle) * math.cos(course)
    )
    east = longitude + math.atan2(
        math.sin(course) * math.sin(angle) * math.cos(latitude),
        math.cos(angle) - math.sin(latitude) * math.sin(north),
    )
    return math.degrees(north), (math.degrees(east) + 540) % 360 - 180


def make_photos(center, radius):
    for bearing in BEARINGS:
        for name, share in (("in", 1 - MARGIN), ("out", 1 + MARGIN)):
            latitude, longitude = destination(center, bearing, radius * share)
            yield Photo(id=f"{name} {bearing}", latitude=latitude, longitude=longitude, tags=("x",))


@pytest.mark.parametrize("tags", [[], ["x"]], ids=["untagged", "tagged"])
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("center", CENTERS)
def test_a_circle_has_the_same_radius_in_all_directions(person, index, center, radius, tags):
    index(*make_photos(center, radius), Photo(id="center", latitude=center[0], longitude=center[1]))
    query = Query(tags_required=tags, count=100).near(center, radius)
    expected = {f"in {bearing}" for bearing in BEARINGS} | (set() if tags else {"center"})
    assert {photo.id for photo in search(person, query, "")} == expected


@pytest.mark.parametrize(
    ("south_west", "north_east"),
    [
        ((10.05, 20.05), (10.45, 20.35)),  # several latitude bands
        ((-0.35, -0.25), (0.45, 0.15)),
        ((-0.05, 179.9), (0.05, -179.9)),  # crosses the antimeridian
        ((-60.0, -120.0), (70.0, 130.0)),  # more bands than are listed
    ],
)
def test_a_box_contains_the_points_within_its_edges(person, index, south_west, north_east):
    (south, west), (north, east) = south_west, north_east
    middle, width = (south + north) / 2, (east - west) % 360
    center = (west + width / 2 + 180) % 360 - 180
    step = 0.001
    index(
        Photo(id="in south", latitude=south + step, longitude=center),
        Photo(id="in north", latitude=north - step, longitude=center),
        Photo(id="in west", latitude=middle, longitude=west + step),
        Photo(id="in east", latitude=middle, longitude=east - step),
        Photo(id="out south", latitude=south - step, longitude=center),
        Photo(id="out north", latitude=north + step, longitude=center),
        Photo(id="out west", latitude=middle, longitude=west - step),
        Photo(id="out east", latitude=middle, longitude=east + step),
    )
    query = Query(count=100).within(south_west, north_east)
    found = {photo.id for photo in search(person, query, "")}
    assert found == {"in south", "in north", "in west", "in east"}


@pytest.mark.parametrize(
    ("west", "east", "found"),
    [
        (-180.0, -170.0, {"west", "east"}),
        (170.0, 180.0, {"west", "east"}),
        (-179.9, -170.0, set()),
        (170.0, 179.9, set()),
        (179.9, -179.9, {"west", "east"}),
    ],
)
def test_longitudes_180_and_minus_180_are_the_same_meridian(person, index, west, east, found):
    index(
        Photo(id="east", latitude=10.0, longitude=180.0),
        Photo(id="west", latitude=10.0, longitude=-180.0),
        Photo(id="elsewhere", latitude=10.0, longitude=0.0),
    )
    query = Query(count=100).within((9.0, west), (11.0, east))
    assert {photo.id for photo in search(person, query, "")} == found
