"""
Search results equal those of the in-memory reference implementation.
"""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings

from django_trove.client.content import Video
from django_trove.client.query import Query
from django_trove.server.models import Identity
from django_trove.server.search.engine import search
from django_trove.testing.records import Record
from django_trove.testing.search import normalize_tag, search_records

from ..conftest import put_photos
from .reference import SERVICES, SPELLINGS, build_photo, libraries_with_queries

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
ONE_TAG = {"service": "flickr", "tags": ("snow",)}
SNOWMAN = {"service": "flickr", "title": "snowman", "latitude": 0.0, "longitude": 0.0}
BOTH_TAGS = {"service": "flickr", "tags": ("snow", "sea")}


def test_the_reference_implementation_normalizes_tags():
    """
    It is as good as what it is measured by.
    """
    spelled = [(tag, spelling) for tag, spellings in SPELLINGS.items() for spelling in spellings]
    wrong = [
        (spelling, another)
        for (one, spelling), (other, another) in product(spelled, spelled)
        if (normalize_tag(spelling) == normalize_tag(another)) != (one == other)
    ]
    assert wrong == []


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(libraries_with_queries(7))
@example(([BOTH_TAGS, ONE_TAG], Query(tags_required=["snow"], tags_optional=["sea", "ice"])))
@example(([BOTH_TAGS, ONE_TAG], Query(tags_optional=["snow", "sea"])))
@example(([SNOWMAN], Query(videos=True, text="snow", order_by=["-service_date", "width"])))
@example(([SNOWMAN], Query(videos=True, geo_near_center=(0, 0), order_by=["width", "date"])))
def test_results_equal_those_of_the_reference_implementation(person, library_and_query):
    library, query = library_and_query
    Identity.objects.all().delete()
    identities = {
        name: Identity.objects.get_or_create(user=person, service=name, service_id="1")[0]
        for name in SERVICES
    }
    records = [
        Record(number, build_photo(photo, id=str(number)), photo["service"])
        for number, photo in enumerate(library)
    ]
    for record in records:
        put_photos(identities[record.item.service], record.item)
    records = [each for each in records if query.videos or not isinstance(each.item, Video)]
    expected = search_records(records, query)
    unpaged = search_records(records, replace(query, page=1, count=500))
    query.identities_by_id = [str(identities[name].pk) for name in query.identities_by_id]
    result = search(person, query, BASE)
    assert result.total_number_of_results == expected.total_number_of_results
    assert _ids(result) == _ids(expected)
    assert result.has_next == expected.has_next
    assert _ids(_walk(person, replace(query, page=1))) == _ids(unpaged)


def _ids(photos):
    return [photo.id for photo in photos]


def _walk(person, query):
    """
    Yield the photos of all pages.
    """
    while query:
        result = search(person, query, BASE)
        yield from result
        query = result.next_query
