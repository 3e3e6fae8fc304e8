"""
Queries by place, and the list of places (protocol, sections 3.9 and 4.14).
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_trove.client.content import Photo, Video
from django_trove.client.query import Query
from django_trove.server.models import PlaceTally
from django_trove.server.search.collections import search_collection
from django_trove.server.search.engine import search

pytestmark = pytest.mark.django_db

WILLIAMSBURG = (40.7, -73.95)
VIRGINIA = (37.27, -76.7)
GREENPOINT = (40.724, -73.951)
LUXEMBOURG = (49.61, 6.13)
STANLEY = (-51.694, -57.857)
"""A place without a region."""
SEA = (0.0, -30.0)
BASE = "https://trove.example"


def located(name, location, **fields):
    return Photo(id=name, latitude=location[0], longitude=location[1], **fields)


@pytest.fixture
def library(index):
    index(
        located("a", WILLIAMSBURG, date=datetime(2007, 3, 4, tzinfo=UTC), tags=("snow",)),
        located("b", VIRGINIA, public=True, tags=("snow", "sea")),
        located("c", GREENPOINT, date=datetime(2008, 3, 4, tzinfo=UTC), album_id="7"),
        located("d", LUXEMBOURG),
        located("e", STANLEY),
        located("sea", SEA),
        Photo(id="nowhere"),
        Video(id="v", latitude=WILLIAMSBURG[0], longitude=WILLIAMSBURG[1], public=True),
    )


@pytest.fixture
def find(person, library):
    def find(place, **query):
        result = search(person, Query(place=place, **query), BASE)
        assert result.total_number_of_results == len(result)
        return sorted(photo.id for photo in result)

    return find


@pytest.mark.parametrize(
    ("place", "ids"),
    [
        ("Williamsburg", "ab"),
        ("WILLIAMSBURG ", "ab"),
        ("Williamsburg, New York", "a"),
        ("williamsburg new york", "a"),
        ("Williamsburg, United States", "ab"),
        ("Williamsburg, New York, United States", "a"),
        ("Williamsburg, Virginia, United States", "b"),
        ("New York", "ac"),
        ("New York, United States", "ac"),
        ("united states", "abc"),
        ("Luxembourg", "d"),
        ("Stanley", "e"),
        ("Stanley, Falkland Islands (Malvinas)", "e"),
        ("falkland islands malvinas", "e"),
        ("Williams", ""),
        ("New York, Williamsburg", ""),
        ("York", ""),
        ("!", ""),
    ],
)
def test_a_place_is_found_by_its_names(find, place, ids):
    assert "".join(find(place)) == ids


def test_diacritics_are_ignored(person, index):
    index(located("1", (47.249, 6.018)))
    for text in ("besancon", "Besanc\u0327on, FRANCE", "Bourgogne Franche Comte"):
        [photo] = search(person, Query(place=text), BASE)
        assert photo.place.name == "Besan\u00e7on"


def test_blank_place_is_no_filter(find):
    assert len(find(" ")) == 7


def test_a_place_is_combined_with_other_filters(find):
    assert find("United States", public=True) == ["b"]
    assert find("United States", public=False) == ["a", "c"]
    assert find("Williamsburg", public=True, videos=True) == ["b", "v"]
    assert find("United States", tags_required=["snow"]) == ["a", "b"]
    assert find("New York", tags_required=["snow"]) == ["a"]
    assert find("Williamsburg", tags_optional=["sea", "snow"]) == ["a", "b"]
    assert find("New York", albums=["7"]) == ["c"]
    assert find("New York", date_from=datetime(2008, 1, 1, tzinfo=UTC)) == ["c"]
    assert find("United States", geo_near_center=WILLIAMSBURG, geo_near_radius=2) == ["a"]
    assert find("Williamsburg", services=["smugmug"]) == []
    assert find("Williamsburg", services=["flickr"]) == ["a", "b"]


def test_a_place_is_combined_with_an_account(person, find, identity, make_identity, index):
    other = make_identity(service="smugmug")
    index(located("z", WILLIAMSBURG), into=other)
    assert find("New York", identities_by_id=[str(other.pk)]) == ["z"]
    assert find("New York", identities_by_id=[str(identity.pk)]) == ["a", "c"]


def test_a_place_is_part_of_the_record(person, library):
    by_id = {photo.id: photo for photo in search(person, Query(), BASE)}
    assert str(by_id["a"].place) == "Williamsburg, New York, United States"
    assert not by_id["sea"].place
    assert not by_id["nowhere"].place


def test_a_place_follows_the_location(person, find, index):
    index(located("a", SEA), located("c", WILLIAMSBURG))
    assert find("New York") == ["c"]
    assert find("Greenpoint") == []


def list_places(person, content_types=("photos", "videos"), **query):
    result = search_collection(person, "places", Query(**query), BASE, content_types)
    return [(place.name, place.photos, place.videos) for place in result]


def test_places_have_counts(person, library, index):
    index(located("f", WILLIAMSBURG))
    first, *others = list_places(person)
    assert first == ("Williamsburg", 2, 1)
    assert sorted(others) == [
        ("Greenpoint", 1, 0),
        ("Luxembourg", 1, 0),
        ("Stanley", 1, 0),
        ("Williamsburg", 1, 0),
    ]
    assert list_places(person, ["videos"]) == [("Williamsburg", 0, 1)]
    assert sorted(list_places(person, public=True)) == [
        ("Williamsburg", 0, 1),
        ("Williamsburg", 1, 0),
    ]
    assert list_places(person, services=["smugmug"]) == []
    assert len(list_places(person, count=2)) == 2
    assert len(list_places(person, count=2, page=3)) == 1


def test_the_id_of_a_place_finds_its_items(person, library):
    for place in search_collection(person, "places", Query(), BASE, ["photos"]):
        found = search(person, Query(place=place.id), BASE)
        assert len(found) == place.photos
        assert {photo.place for photo in found} == {place.place}


def test_places_of_other_users_are_not_returned(make_person, library):
    assert list_places(make_person("stranger")) == []
    assert search(make_person("other"), Query(place="Williamsburg"), BASE).count == 0


@pytest.fixture
def page_plan(person, index):
    """
    Return the plan of the statement for a page.
    """
    start = datetime(2007, 3, 4, tzinfo=UTC)
    places = (WILLIAMSBURG, LUXEMBOURG, STANLEY, SEA, VIRGINIA)
    index(
        *(
            located(str(n), places[n % 5], public=n % 4 == 0, date=start + timedelta(hours=n))
            for n in range(400)
        )
    )

    def page_plan(**query):
        with CaptureQueriesContext(connection) as queries:
            search(person, Query(count=5, total=False, **query), "")
        [sql] = [each["sql"] for each in queries if "LIMIT 6" in each["sql"]]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ANALYZE")
                for kind in ("seqscan", "bitmapscan"):
                    cursor.execute(f"SET LOCAL enable_{kind} = off")
            explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            cursor.execute(f"{explain} {sql}")
            return "\n".join(map(str, cursor.fetchall()))

    return page_plan


@pytest.mark.skipif(connection.vendor == "mysql", reason="query plans of MySQL are NOT tested")
@pytest.mark.parametrize("public", [None, True, False])
@pytest.mark.parametrize(
    ("place", "index_name"),
    [
        ("Luxembourg", "trove_item_country"),
        ("New York", "trove_item_region"),
        ("Williamsburg, Virginia", "trove_item_place"),
    ],
)
def test_a_page_reads_the_rows_of_a_place_from_an_index(page_plan, place, index_name, public):
    plan = page_plan(place=place, public=public)
    assert len(re.findall(rf"{index_name}\b", plan)) == (2 if public is None else 1)
    assert not re.search("Seq Scan|trove_item_(owner|identity|public)", plan)


def test_tallies_are_read_by_name(person, library):
    with CaptureQueriesContext(connection) as queries:
        search(person, Query(place="Williamsburg"), BASE)
    [sql] = [each["sql"] for each in queries if PlaceTally._meta.db_table in each["sql"]]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        assert "trove_place_name" in "\n".join(map(str, cursor.fetchall()))
