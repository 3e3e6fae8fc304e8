"""
A search against a plain reading of the protocol, on whatever database the tests run on.
"""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.server.models import Identity
from django_trove.server.search import search

from .conftest import put_photos

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
EARTH = 6371.0088


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SPELLINGS = {
    "snow": ["snow", "Snow ", "\u2003SNOW"],
    "sea": ["SEA", "sea"],
    "sean": ["sean"],
    "e": ["e", "E"],
    "é": ["\u00e9", "\u00c9", "e\u0301", " E\u0301"],
    "road": ["Stra\u00dfe", "STRASSE", "stra\u1e9ee"],
    "": ["", " "],
}
"""What is one tag and what isn't, written out."""
TAG = {spelling: tag for tag, spellings in SPELLINGS.items() for spelling in spellings}
tags = st.lists(st.sampled_from(list(TAG)), max_size=3)
moments = st.sampled_from([at("2007-03-04") + timedelta(seconds=n) for n in range(3)])
degrees = st.sampled_from([-180.0, -179.99, -1.0, 0.0, 0.01, 90.0, 179.99, 180.0])
latitudes = st.sampled_from([-90.0, -89.99, -1.0, 0.0, 0.01, 89.99, 90.0])
places = st.tuples(latitudes, degrees)


@st.composite
def photos(draw):
    place = draw(st.none() | places)
    return {
        "service": draw(st.sampled_from(["flickr", "folder", "google"])),
        "tags": tuple(draw(tags)),
        "date": draw(st.none() | moments),
        "latitude": place and place[0],
        "longitude": place and place[1],
        "width": draw(st.integers(0, 2)),
        "height": draw(st.integers(0, 2)),
        "album_id": draw(st.sampled_from(["", "7"])),
        "public": draw(st.booleans()),
    }


names = st.sampled_from(["service_date", "service", "trove_id", "width", "height"])
boxes = st.tuples(latitudes, latitudes, degrees, degrees).map(
    lambda box: {"geo_sw": (min(box[:2]), box[2]), "geo_ne": (max(box[:2]), box[3])}
)
radii = st.sampled_from([1.0, 5.0, 300.0, 11_000.0, 20_100.0])
filters = st.one_of(
    st.lists(st.sampled_from(["flickr", "google", "?"])).map(lambda names: {"services": names}),
    tags.map(lambda names: {"tags_required": names[:2]}),
    tags.map(lambda names: {"tags_optional": names}),
    moments.map(lambda moment: {"date_from": moment}),
    moments.map(lambda moment: {"date_to": moment}),
    boxes,
    st.builds(lambda c, r: {"geo_near_center": c, "geo_near_radius": r}, places, radii),
    st.sampled_from([{"attributes": {"album_id": "7"}}, {"attributes": {"public": True}}]),
)


@st.composite
def queries(draw):
    query = {
        "order_by": draw(
            st.lists(st.builds(str.__add__, st.sampled_from(["", "-"]), names), max_size=2)
        ),
        "count": draw(st.integers(2, 5)),
        "page": draw(st.integers(1, 2)),
    }
    for chosen in draw(st.lists(filters, max_size=3)):
        query |= chosen
    if query.keys() >= {"date_from", "date_to"}:
        dates = sorted((query["date_from"], query["date_to"]))
        query |= dict(zip(("date_from", "date_to"), dates, strict=True))
    return Query(**query)


def kilometres(one, other):
    """
    By the chord through the Earth, which is another formula than the index has.
    """

    def vector(place):
        latitude, longitude = map(math.radians, place)
        return (
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        )

    return 2 * EARTH * math.asin(min(1.0, math.dist(vector(one), vector(other)) / 2))


def in_box(photo, query):
    (south, west), (north, east) = query.geo_sw, query.geo_ne
    if photo["latitude"] is None or not south <= photo["latitude"] <= north:
        return False
    around = (photo["longitude"], *([-180.0, 180.0] if abs(photo["longitude"]) == 180 else []))
    if west <= east:
        return any(west <= longitude <= east for longitude in around)
    return any(longitude >= west or longitude <= east for longitude in around)


def is_near(photo, query):
    place = (photo["latitude"], photo["longitude"])
    if place[0] is None:
        return False
    return kilometres(place, query.geo_near_center) <= query.geo_near_radius


def wanted(photo, query):
    own = {TAG[tag] for tag in photo["tags"]} - {""}
    conditions = [
        not query.services or photo["service"] in query.services,
        all(TAG[tag] in own for tag in query.tags_required),
        not query.tags_optional or any(TAG[tag] in own for tag in query.tags_optional),
        not query.date_from or (photo["date"] and photo["date"] >= query.date_from),
        not query.date_to or (photo["date"] and photo["date"] <= query.date_to),
        not query.geo_sw or in_box(photo, query),
        not query.geo_near_center or is_near(photo, query),
        all(photo[name] == value for name, value in query.attributes.items()),
    ]
    return all(conditions)


def value(photo, name):
    if name == "service_date":
        return photo["date"] or datetime.min.replace(tzinfo=UTC)
    return photo["number"] if name == "trove_id" else photo[name]


def in_order(library, query):
    names = list(query.order_by) or ["-service_date"]
    last = "-trove_id" if names[0].startswith("-") else "trove_id"
    for name in reversed([*names, last]):
        library = sorted(
            library,
            key=lambda photo, name=name: value(photo, name.removeprefix("-")),
            reverse=name.startswith("-"),
        )
    return library


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(library=st.lists(photos(), max_size=7), query=queries())
def test_an_answer_is_what_a_plain_reading_of_the_protocol_gives(person, library, query):
    """
    Every field at once, on whatever database the tests run on.
    """
    Identity.objects.all().delete()
    identities = {
        name: Identity.objects.get_or_create(user=person, service=name, service_id="1")[0]
        for name in ("flickr", "folder", "google")
    }
    for number, photo in enumerate(library):
        photo["number"] = number
        put_photos(identities[photo["service"]], Photo(id=str(number), **_fields(photo)))
    expected = in_order([photo for photo in library if wanted(photo, query)], query)
    start = (query.page - 1) * query.count
    result = search(person, query, BASE)
    assert result.total_number_of_results == len(expected)
    assert [int(photo.id) for photo in result] == [
        photo["number"] for photo in expected[start : start + query.count]
    ]
    assert result.has_next == (start + query.count < len(expected))
    walked = [int(photo.id) for photo in _walk(person, replace(query, page=1))]
    assert walked == [photo["number"] for photo in expected]


def _walk(person, query):
    """
    Go through the pages as each answer says that the next one is asked for.
    """
    while query:
        result = search(person, query, BASE)
        yield from result
        query = result.next_query


def _fields(photo):
    return {name: value for name, value in photo.items() if name not in ("service", "number")}
