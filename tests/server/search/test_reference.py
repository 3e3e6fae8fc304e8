"""
A search against a plain reading of the protocol, on whatever database the tests run on.
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


def test_the_plain_reading_takes_those_spellings_for_one_tag_and_no_others():
    """
    It is as good as what it is measured by.
    """
    spelled = [(tag, spelling) for tag, spellings in SPELLINGS.items() for spelling in spellings]
    for (one, spelling), (other, another) in product(spelled, spelled):
        assert (normalize_tag(spelling) == normalize_tag(another)) == (one == other)


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
    everything = replace(query, page=1, count=500)
    assert _ids(_walk(person, replace(query, page=1))) == _ids(search_records(records, everything))


def _ids(photos):
    return [photo.id for photo in photos]


def _walk(person, query):
    """
    Go through the pages as each answer says that the next one is asked for.
    """
    while query:
        result = search(person, query, BASE)
        yield from result
        query = result.next_query
