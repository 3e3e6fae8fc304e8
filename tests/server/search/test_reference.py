"""
Search results equal those of the in-memory reference implementation.
"""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.content import Photo
from django_trove.server.models import Identity
from django_trove.server.search.engine import search
from django_trove.testing.search import Record, normalize_tag, search_records

from ..conftest import put_photos
from .reference import SPELLINGS, photos, queries

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"


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
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(library=st.lists(photos(), max_size=7), query=queries())
def test_results_equal_those_of_the_reference_implementation(person, library, query):
    Identity.objects.all().delete()
    identities = {
        name: Identity.objects.get_or_create(user=person, service=name, service_id="1")[0]
        for name in ("flickr", "folder", "google")
    }
    records = [
        Record(number, Photo(id=str(number), **photo)) for number, photo in enumerate(library)
    ]
    for record in records:
        put_photos(identities[record.photo.service], record.photo)
    expected = search_records(records, query)
    result = search(person, query, BASE)
    assert result.total_number_of_results == expected.total_number_of_results
    assert _ids(result) == _ids(expected)
    assert result.has_next == expected.has_next
    unpaged = replace(query, page=1, count=500)
    assert _ids(_walk(person, replace(query, page=1))) == _ids(search_records(records, unpaged))


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
