"""
Pages and optional totals (protocol, section 4.8).
"""

import pytest

from django_trove.client.content import Photo, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.search.engine import search

from ..signed_requests import Caller
from .test_counts import count_queries

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"


def find(person, **query):
    return search(person, Query(**query), BASE)


def test_pages_do_not_overlap_if_items_are_added(person, index):
    index(*(Photo(id=str(number)) for number in range(4)))
    first = find(person, count=2)
    index(Photo(id="new"))
    assert [photo.id for photo in first] == ["3", "2"]
    second = search(person, first.next_query, BASE)
    assert ([photo.id for photo in second], second.page) == (["1", "0"], 2)
    assert not second.has_next
    assert second.next_query is None


def test_another_order_has_page_numbers(person, index):
    index(*(Photo(id=str(number), width=number) for number in range(4)))
    first = find(person, count=2, order_by=["width"])
    assert (first.after, first.more) == ("", True)
    assert [photo.id for photo in search(person, first.next_query, BASE)] == ["2", "3"]


@pytest.mark.parametrize("after", ["?", "1", "1.", "1.2.3", "9" * 19 + ".1", "1.-2", "\u0661.1"])
def test_an_invalid_cursor_is_rejected(person, after):
    with pytest.raises(QueryError) as error:
        find(person, after=after)
    assert error.value.field == "after"


def test_a_cursor_in_another_order_is_rejected(person):
    with pytest.raises(QueryError) as error:
        find(person, after="1.1", order_by=["width"])
    assert error.value.field == "after"


def test_an_unrequested_total_is_not_counted(person, index, django_assert_max_num_queries):
    """
    A stored or cached total is returned anyway.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(2)), Photo(id="3"))
    query = {"tags_required": ["a", "b"], "total": False, "count": 1}
    with django_assert_max_num_queries(9) as sql:
        assert find(person, **query).total_number_of_results is None
    assert count_queries(sql) == []
    assert find(person, **{**query, "total": True}).total_number_of_results == 2
    assert find(person, **query).total_number_of_results == 2
    assert find(person, total=False, count=1).total_number_of_results == 3


def test_the_total_of_the_last_page_is_not_counted(person, index, django_assert_max_num_queries):
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(3)))
    query = {"tags_required": ["a", "b"], "count": 2}
    with django_assert_max_num_queries(2) as sql:
        assert find(person, **query, page=2).total_number_of_results == 3
    assert count_queries(sql) == []
    assert find(person, **query, page=3).total_number_of_results == 3


def test_photos_and_videos_have_separate_results(make_token, application, index):
    """
    Protocol, section 5.3.
    """
    index(Photo(id="still", tags=("sea",)), Video(id="moving", tags=("sea",), duration=2.5))
    caller = Caller(application, make_token(content_types=["photos", "videos", "friends"]))
    photos = caller.get("/v1/oauth/photos/").json()
    videos = caller.get("/v1/oauth/videos/").json()
    assert [(photo["object_type"], photo["id"]) for photo in photos["results"]] == [
        ("photo", "still")
    ]
    [video] = videos["results"]
    assert (video["object_type"], video["id"], video["duration"]) == ("video", "moving", 2.5)
    assert (photos["total_number_of_results"], videos["total_number_of_results"]) == (1, 1)
    assert caller.get("/v1/oauth/friends/").json()["more"] is False


def test_cursors_and_null_totals_on_the_wire(ask, index):
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(3)))
    query = {"tags-required": ["a", "b"], "count": 2, "total": False}
    first = ask(**query)
    assert (first["more"], first["total_number_of_results"]) == (True, None)
    second = ask(**query, after=first["after"], page=2)
    assert [photo["id"] for photo in second["results"]] == ["0"]
    assert (second["more"], second["page"], second.get("after")) == (False, 2, None)
