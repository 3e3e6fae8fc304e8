"""
Totals: kept counts and remembered ones always say what counting would.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.content import Photo, Video
from django_trove.client.query import Query
from django_trove.server.index.write import delete_items
from django_trove.server.models import Identity, Item, Kind, Tag
from django_trove.server.search.engine import search
from django_trove.server.tasks import request_identity_deletion

from ..conftest import put_photos

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
SERVICES = ("flickr", "folder")
TAGS = ("snow", "sea")


def total(person, **query):
    return search(person, Query(**query), BASE).total_number_of_results


def counts(sql):
    return [query["sql"] for query in sql.captured_queries if "COUNT(" in query["sql"]]


taken = st.builds(
    lambda service, number, tags, video: (
        "put",
        service,
        str(number),
        (Video if video else Photo, tags),
    ),
    st.sampled_from(SERVICES),
    st.integers(0, 3),
    st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
    st.booleans(),
)
dropped = st.tuples(st.just("drop"), st.sampled_from(SERVICES), st.integers(0, 3).map(str))
removed = st.tuples(st.just("remove"), st.sampled_from(SERVICES))


def happens(person, what, service, number="", photo=None):
    identity, _ = Identity.objects.add(person, service, "1")
    if what == "put":
        make, tags = photo
        put_photos(identity, make(id=number, tags=tags))
    elif what == "drop":
        delete_items(identity, identity.items.filter(service_id=number))
    else:
        request_identity_deletion(identity)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=st.lists(st.one_of(taken, dropped, removed), max_size=8))
def test_a_total_is_what_counting_says_whatever_happened(person, events):
    """
    Of the library, of services, identities and tags, after every change.
    """
    Identity.objects.all().delete()
    for event in events:
        happens(person, *event)
        photos = list(Item.objects.of_kind(Kind.PHOTO))
        assert total(person) == len(photos)
        for identity in Identity.objects.all():
            mine = [photo for photo in photos if photo.identity_id == identity.pk]
            assert total(person, services=[identity.service]) == len(mine)
            assert total(person, identities_by_id=[str(identity.pk)]) == len(mine)
            assert total(person, identities_by_id=[str(identity.pk)], services=["?"]) == 0
        for tag in TAGS:
            having = [photo for photo in photos if tag in photo.tags]
            assert total(person, tags_required=[tag]) == len(having)
            flickr = [photo for photo in having if photo.service == "flickr"]
            assert total(person, tags_required=[tag], services=["flickr"]) == len(flickr)
        both = [photo for photo in photos if set(TAGS) <= set(photo.tags)]
        assert total(person, tags_required=TAGS) == len(both)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 3),
        ({"services": ["flickr", "?"]}, 3),
        ({"services": ["?"]}, 0),
        ({"identities_by_id": ["x"]}, 0),
        ({"tags_required": [" A ", "a"]}, 2),
        ({"tags_required": ["never"]}, 0),
    ],
)
def test_what_is_kept_is_not_counted(person, index, query, found, django_assert_max_num_queries):
    """
    Whole library, services, identities, one tag however it is written.
    """
    index(Photo(id="1", tags=("a",)), Photo(id="2", tags=("A",)), Photo(id="3"))
    with django_assert_max_num_queries(3) as sql:
        assert total(person, **query) == found
    assert counts(sql) == []


def test_any_other_total_is_counted_once_until_an_item_changes(
    person, index, django_assert_max_num_queries
):
    """
    On whatever page, in whatever order, however the tags are written.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(3)))
    with django_assert_max_num_queries(5) as sql:
        assert total(person, tags_required=["a", "b"]) == 3
    assert len(counts(sql)) == 1
    with django_assert_max_num_queries(4) as sql:
        query = {"tags_required": ["B ", "A", "a"], "page": 2, "count": 1, "order_by": ["width"]}
        assert total(person, **query) == 3
    assert counts(sql) == []
    index(Photo(id="4", tags=("a", "b")))
    assert total(person, tags_required=["a", "b"]) == 4


def test_queries_that_find_different_things_share_no_total(person, make_person, index):
    """
    Nor do people.
    """
    date = datetime(2007, 3, 4, tzinfo=UTC)
    index(Photo(id="1", tags=("a",), date=date, latitude=1.0, longitude=1.0), Photo(id="2"))
    asked = [
        ({"date_from": date}, 1),
        ({"date_to": datetime(2001, 1, 1, tzinfo=UTC)}, 0),
        ({"tags_optional": ["a"]}, 1),
        ({"tags_optional": [""]}, 0),
        ({"geo_near_center": (1.0, 1.0), "geo_near_radius": 1}, 1),
        ({"geo_near_center": (1.0, 2.0), "geo_near_radius": 1}, 0),
        ({"geo_near_center": (1.0, 2.0), "geo_near_radius": 200}, 1),
        ({"geo_sw": (0, 0), "geo_ne": (2, 2)}, 1),
        ({"geo_sw": (0, 2), "geo_ne": (2, 3)}, 0),
        ({"attributes": {"id": "2"}}, 1),
        ({"attributes": {"public": False}}, 2),
        ({"tags_required": ["a"], "identities_by_id": ["x"]}, 0),
        ({"tags_required": ["a"], "services": ["flickr"]}, 1),
    ]
    for query, found in asked * 2:
        assert total(person, **query) == found, query
    grace = make_person("grace")
    assert all(total(grace, **query) == 0 for query, _ in asked)


def test_a_person_goes_with_an_account_that_never_had_items(person, identity):
    """
    Nothing is written for them on the way out.
    """
    person.delete()
    assert not Identity.objects.exists()


def test_a_person_goes_with_items_and_tags(person, index):
    index(Photo(id="1", tags=("a",)))
    person.delete()
    assert not Tag.objects.exists()
