"""
Every field of a query, against a plain reading of the protocol.
"""

import math
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.content import Photo
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.models import Identity, Item
from django_trove.server.search import search

from .conftest import put_photos

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
EARTH = 6371.0088


def ids(person, **query):
    return [photo.id for photo in search(person, Query(**query), BASE)]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def library(index):
    return index(
        Photo(id="snow", tags=("Snow ", "Williamsburg"), date=at("2007-03-04 21:08:12")),
        Photo(id="sea", tags=("SEA",), date=at("2009-01-01"), latitude=0.0, longitude=179.9),
        Photo(id="none", title="No date", width=20),
    )


def test_the_newest_come_first_and_the_undated_last(person, library):
    """
    Protocol: order_by defaults to -service_date.
    """
    assert ids(person) == ["sea", "snow", "none"]
    assert ids(person, order_by=["date"]) == ["none", "snow", "sea"]


def test_tags_compare_without_case_or_surrounding_space(person, library, index):
    """
    All of the required, at least one of the optional; accents however they are composed.
    """
    index(Photo(id="cafe", tags=("Cafe\u0301", "Straße")))
    assert ids(person, tags_required=[" sNOW", "williamsburg"]) == ["snow"]
    assert ids(person, tags_required=["snow", "sea"]) == []
    assert ids(person, tags_optional=["sea", "SNOW", "never"]) == ["sea", "snow"]
    assert ids(person, tags_optional=["never"]) == []
    assert ids(person, tags_required=["CAFÉ", "STRASSE"]) == ["cafe"]
    assert ids(person, tags_required=[""]) == []


def test_both_ends_of_a_span_are_in_it_to_the_second(person, library):
    """
    Protocol: both ends included. An undated photo is in no span.
    """
    moment = at("2007-03-04 21:08:12")
    second = timedelta(seconds=1)
    assert ids(person, date_from=moment, date_to=moment) == ["snow"]
    assert ids(person, date_to=moment - second) == []
    assert ids(person, date_from=moment + second) == ["sea"]
    assert ids(person, date_to=at("9999-12-31")) == ["sea", "snow"]
    assert ids(person, date_from=datetime(1, 1, 1)) == ["sea", "snow"]


def test_a_box_may_cross_the_antimeridian(person, library, index):
    """
    Protocol: its west is greater than its east then.
    """
    index(Photo(id="line", latitude=0.0, longitude=-180.0, date=at("2001-01-01")))
    assert ids(person, geo_sw=(-1, 170), geo_ne=(1, -170)) == ["sea", "line"]
    assert ids(person, geo_sw=(-1, 170), geo_ne=(1, 180)) == ["sea", "line"]
    assert ids(person, geo_sw=(-1, -170), geo_ne=(1, 170)) == []


def test_near_reaches_over_the_antimeridian_and_the_poles(person, index):
    """
    Protocol: kilometres along a great circle.
    """
    index(
        Photo(id="date line", latitude=0.0, longitude=-179.99),
        Photo(id="pole", latitude=89.99, longitude=10.0),
    )
    assert ids(person, geo_near_center=(0, 179.99), geo_near_radius=3) == ["date line"]
    assert ids(person, geo_near_center=(0, 179.99), geo_near_radius=2) == []
    assert ids(person, geo_near_center=(89.99, -170), geo_near_radius=3) == ["pole"]
    assert len(ids(person, geo_near_center=(0, 0), geo_near_radius=20_100)) == 2


def test_the_antipode_is_half_way_round(person, index):
    """
    Rounding must not push the square root's argument over 1.
    """
    index(Photo(id="far", latitude=-41.5, longitude=-5.5))
    assert ids(person, geo_near_center=(41.5, 174.5), geo_near_radius=20_100) == ["far"]
    assert ids(person, geo_near_center=(41.5, 174.5), geo_near_radius=20_000) == []


def test_attributes_are_exact(person, index):
    """
    Those that are known, each of its type.
    """
    index(Photo(id="a", album_id="7", public=True), Photo(id="b", album_id="77", title="B"))
    assert ids(person, attributes={"album_id": "7"}) == ["a"]
    assert ids(person, attributes={"public": False, "title": "B"}) == ["b"]
    assert ids(person, attributes={"id": "a"}) == ["a"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"album": "7"},
        {"album_id": 7},
        {"public": "yes"},
        {"title": "a\0b"},
        {"id": ["a"]},
        {"title__gt": ""},
    ],
)
def test_attributes_that_nobody_knows_are_refused(person, attributes):
    """
    A filter that is silently dropped would show more than was asked for.
    """
    with pytest.raises(QueryError) as refused:
        ids(person, attributes=attributes)
    assert refused.value.field == "attributes"


def test_an_unknown_order_is_refused(person):
    with pytest.raises(QueryError) as refused:
        ids(person, order_by=["-service_date", "owner__password"])
    assert refused.value.field == "order_by"


def test_one_item_by_its_id_and_everything_else_ignored(person, library):
    [item] = search(person, Query(trove_id=str(library[0].pk), tags_required=["sea"]), BASE)
    assert item.id == "snow"


@pytest.mark.parametrize("trove_id", ["0", "x", "-1", "9" * 19, "9" * 200, "٣", "1.0", "1e3"])
def test_an_id_that_no_row_has_finds_nothing(person, library, trove_id):
    """
    Whatever a database would make of it.
    """
    assert ids(person, trove_id=trove_id) == []
    assert ids(person, identities_by_id=[trove_id]) == []


def test_pages_far_out_are_empty(person, library):
    result = search(person, Query(page=10_000_000, count=500), BASE)
    assert (result.count, result.total_number_of_results) == (0, 3)


def test_services_and_identities(person, make_identity, library, index):
    """
    An unknown name finds nothing; none at all means every one.
    """
    smug = make_identity(service="smugmug")
    index(Photo(id="smug"), into=smug)
    assert ids(person, services=["smugmug"]) == ["smug"]
    assert ids(person, services=["nowhere"]) == []
    assert len(ids(person, services=["flickr", "smugmug"])) == 4
    assert ids(person, identities_by_id=[str(smug.pk), "x"]) == ["smug"]


def test_a_query_costs_the_same_however_much_it_finds(person, index, django_assert_num_queries):
    """
    Tags, total, ids, rows.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(60)))
    with django_assert_num_queries(4):
        assert len(ids(person, tags_required=["a", "b"], tags_optional=["a"], count=50)) == 50


# --- the same from a plain reading -------------------------------------------------------------

TAGS = ["snow", "Snow ", "SEA", "é", "é".upper(), unicodedata.normalize("NFD", "é"), ""]
tags = st.lists(st.sampled_from(TAGS), max_size=3)
moments = st.sampled_from([at("2007-03-04") + timedelta(seconds=n) for n in range(4)])
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


@st.composite
def queries(draw):
    query = {
        "services": draw(st.none() | st.lists(st.sampled_from(["flickr", "google", "?"]))),
        "tags_required": draw(tags.filter(lambda t: len(t) < 3)),
        "tags_optional": draw(tags),
        "order_by": draw(
            st.lists(
                st.builds(
                    str.__add__,
                    st.sampled_from(["", "-"]),
                    st.sampled_from(["service_date", "service", "trove_id", "width", "height"]),
                ),
                max_size=3,
            )
        ),
        "count": draw(st.integers(1, 4)),
        "page": draw(st.integers(1, 3)),
        "attributes": draw(st.sampled_from([{}, {}, {"album_id": "7"}, {"public": True}])),
    }
    span = sorted([draw(moments), draw(moments)])
    query |= draw(st.sampled_from([{}, {"date_from": span[0]}, {"date_to": span[1]}]))
    south, north = sorted([draw(latitudes), draw(latitudes)])
    if draw(st.booleans()):
        query |= {"geo_sw": (south, draw(degrees)), "geo_ne": (north, draw(degrees))}
    if draw(st.booleans()):
        query["geo_near_center"] = draw(places)
        query["geo_near_radius"] = draw(st.sampled_from([1.0, 5.0, 300.0, 11_000.0, 20_100.0]))
    return Query(**query)


def same(tag):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", tag).casefold()).strip()


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
    own = {same(tag) for tag in photo["tags"] if same(tag)}
    conditions = [
        not query.services or photo["service"] in query.services,
        all(same(tag) in own for tag in query.tags_required),
        not query.tags_optional or any(same(tag) in own for tag in query.tags_optional),
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
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(library=st.lists(photos(), max_size=8), query=queries())
def test_an_answer_is_what_a_plain_reading_of_the_protocol_gives(person, library, query):
    """
    Every field at once, on whatever database the tests run on.
    """
    Item.objects.all().delete()
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


def _fields(photo):
    return {name: value for name, value in photo.items() if name not in ("service", "number")}
