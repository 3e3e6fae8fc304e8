"""
Every field of a query, against a plain reading of the protocol.
"""

from datetime import UTC, datetime, timedelta

import pytest

from django_trove.client.content import Photo
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.search.engine import search

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


@pytest.mark.parametrize(("order", "found"), [([], "210"), (["date"], "012"), (["-width"], "210")])
def test_ties_go_by_trove_id_in_the_first_fields_direction(person, index, order, found):
    """
    So that pages never overlap.
    """
    index(*(Photo(id=str(number), date=at("2007-03-04")) for number in range(3)))
    assert "".join(ids(person, order_by=order)) == found
    pages = [ids(person, order_by=order, count=1, page=page)[0] for page in (1, 2, 3)]
    assert "".join(pages) == found


def test_meridians_180_east_and_west_are_one(person, index):
    """
    Whichever of the two a photo or a box is written with.
    """
    index(
        Photo(id="east", latitude=0.0, longitude=180.0),
        Photo(id="pole", latitude=90.0, longitude=0.0),
    )
    index(Photo(id="west", latitude=0.0, longitude=-180.0))
    for west, east in ((179, 180), (-180, -179), (179, -179)):
        assert sorted(ids(person, geo_sw=(-1, west), geo_ne=(1, east))) == ["east", "west"]
    for longitude in (180, -180, 179.999, -179.999):
        near = ids(person, geo_near_center=(0, longitude), geo_near_radius=1)
        assert sorted(near) == ["east", "west"]


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
    Tags, version, total, ids, rows; a total that is remembered isn't counted again.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(60)))
    for queries in (5, 4):
        with django_assert_num_queries(queries):
            assert len(ids(person, tags_required=["a", "b"], tags_optional=["a"], count=50)) == 50
