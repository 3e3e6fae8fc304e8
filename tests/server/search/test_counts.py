"""
Totals from stored and cached counts equal the counted ones.
"""

from datetime import UTC, datetime, timedelta

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


def count_queries(sql):
    return [query["sql"] for query in sql.captured_queries if "COUNT(" in query["sql"]]


puts = st.builds(
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
drops = st.tuples(st.just("drop"), st.sampled_from(SERVICES), st.integers(0, 3).map(str))
removals = st.tuples(st.just("remove"), st.sampled_from(SERVICES))


def apply_event(person, action, service, number="", photo=None):
    identity, _ = Identity.objects.add(person, service, "1")
    if action == "put":
        make, tags = photo
        put_photos(identity, make(id=number, tags=tags))
    elif action == "drop":
        delete_items(identity, identity.items.filter(service_id=number))
    else:
        request_identity_deletion(identity)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.one_of(puts, drops, removals), min_size=1, max_size=8))
def test_totals_equal_the_counted_items_after_every_change(person, events):
    Identity.objects.all().delete()
    assert total(person) == 0
    for event in events:
        apply_event(person, *event)
        photos = list(Item.objects.filter(kind=Kind.PHOTO))
        assert total(person) == len(photos)
        for identity in Identity.objects.all():
            of_identity = [photo for photo in photos if photo.identity_id == identity.pk]
            assert total(person, services=[identity.service]) == len(of_identity)
            assert total(person, identities_by_id=[str(identity.pk)]) == len(of_identity)
            assert total(person, identities_by_id=[str(identity.pk)], services=["?"]) == 0
        for tag in TAGS:
            tagged = [photo for photo in photos if tag in photo.tags]
            assert total(person, tags_required=[tag]) == len(tagged)
            flickr = [photo for photo in tagged if photo.service == "flickr"]
            assert total(person, tags_required=[tag], services=["flickr"]) == len(flickr)
        both = [photo for photo in photos if set(TAGS) <= set(photo.tags)]
        assert total(person, tags_required=TAGS) == len(both)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, 3),
        ({"services": ["flickr", "?"]}, 3),
        ({"services": ["?"]}, 0),
        ({"identities_by_id": ["x"]}, 0),
        ({"tags_required": [" A ", "a"]}, 2),
        ({"tags_required": ["never"]}, 0),
    ],
)
def test_stored_counts_need_no_count_query(
    person, index, query, expected, django_assert_max_num_queries
):
    index(Photo(id="1", tags=("a",)), Photo(id="2", tags=("A",)), Photo(id="3"))
    with django_assert_max_num_queries(3) as sql:
        assert total(person, **query) == expected
    assert count_queries(sql) == []


def test_other_totals_are_cached_until_an_item_changes(
    person, index, django_assert_max_num_queries
):
    """
    Independent of page, order and spelling of the tags.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(3)))
    with django_assert_max_num_queries(5) as sql:
        assert total(person, tags_required=["a", "b"], count=1) == 3
    assert len(count_queries(sql)) == 1
    with django_assert_max_num_queries(4) as sql:
        query = {"tags_required": ["B ", "A", "a"], "page": 2, "count": 1, "order_by": ["width"]}
        assert total(person, **query) == 3
    assert count_queries(sql) == []
    index(Photo(id="4", tags=("a", "b")))
    assert total(person, tags_required=["a", "b"], count=1) == 4


def test_different_queries_and_users_do_not_share_a_total(person, make_person, index):
    date = datetime(2007, 3, 4, tzinfo=UTC)
    index(Photo(id="1", tags=("a",), date=date, latitude=1.0, longitude=1.0), Photo(id="2"))
    queries = [
        ({"date_from": date}, 1),
        ({"date_from": date + timedelta(1)}, 0),
        ({"date_to": date}, 1),
        ({"date_to": datetime(2001, 1, 1, tzinfo=UTC)}, 0),
        ({"day_from": date.date()}, 1),
        ({"day_from": date.date() + timedelta(1)}, 0),
        ({"on_this_day": date.date().replace(year=2020)}, 1),
        ({"on_this_day": date.date().replace(year=2020) + timedelta(1)}, 0),
        ({"on_this_day": date.date().replace(year=2020) + timedelta(1), "days_around": 1}, 1),
        ({"day_to": date.date()}, 1),
        ({"day_to": date.date() - timedelta(1)}, 0),
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
    for query, expected in queries * 2:
        assert total(person, **query) == expected, query
    grace = make_person("grace")
    assert all(total(grace, **query) == 0 for query, _ in queries)


def test_a_user_with_an_empty_account_can_be_deleted(person, identity):
    person.delete()
    assert not Identity.objects.exists()


def test_a_user_with_items_and_tags_can_be_deleted(person, index):
    index(Photo(id="1", tags=("a",)))
    person.delete()
    assert not Tag.objects.exists()
