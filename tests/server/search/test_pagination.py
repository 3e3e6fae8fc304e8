"""
Walking through pages, and answers that aren't kept waiting for a total.
"""

import pytest

from django_trove.client.content import Photo, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.search.engine import search

from ..signed_requests import Caller
from .test_counts import counts

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"


def found(person, **query):
    return search(person, Query(**query), BASE)


def test_a_page_goes_on_where_the_one_before_ended_though_the_list_grew(person, index):
    """
    Numbered pages would show one photo twice.
    """
    index(*(Photo(id=str(number)) for number in range(4)))
    first = found(person, count=2)
    index(Photo(id="new"))
    assert [photo.id for photo in first] == ["3", "2"]
    following = search(person, first.next_query, BASE)
    assert ([photo.id for photo in following], following.page) == (["1", "0"], 2)
    assert not following.has_next
    assert following.next_query is None


def test_in_another_order_pages_are_numbered(person, index):
    index(*(Photo(id=str(number), width=number) for number in range(4)))
    first = found(person, count=2, order_by=["width"])
    assert (first.after, first.more) == ("", True)
    assert [photo.id for photo in search(person, first.next_query, BASE)] == ["2", "3"]


@pytest.mark.parametrize("after", ["?", "1", "1.", "1.2.3", "9" * 19 + ".1", "1.-2", "\u0661.1"])
def test_an_end_that_no_answer_gave_is_refused(person, after):
    with pytest.raises(QueryError) as refused:
        found(person, after=after)
    assert refused.value.field == "after"


def test_an_end_in_another_order_is_refused(person):
    with pytest.raises(QueryError) as refused:
        found(person, after="1.1", order_by=["width"])
    assert refused.value.field == "after"


def test_a_total_that_nobody_wants_is_not_counted(person, index, django_assert_max_num_queries):
    """
    One that is kept or remembered is said all the same.
    """
    index(Photo(id="1", tags=("a", "b")), Photo(id="2"))
    query = {"tags_required": ["a", "b"], "total": False}
    with django_assert_max_num_queries(9) as sql:
        assert found(person, **query).total_number_of_results is None
    assert counts(sql) == []
    assert found(person, **{**query, "total": True}).total_number_of_results == 1
    assert found(person, **query).total_number_of_results == 1
    assert found(person, total=False).total_number_of_results == 2


def test_photos_and_videos_are_asked_for_apart(make_token, application, index):
    """
    A video is a photo's record with a duration (protocol, "Version 2").
    """
    index(Photo(id="still", tags=("sea",)), Video(id="moving", tags=("sea",), duration=2.5))
    both = Caller(application, make_token(content_types=["photos", "videos", "friends"]))
    photos = both.get("/v1/oauth/photos/").json()
    videos = both.get("/v1/oauth/videos/").json()
    assert [(one["object_type"], one["id"]) for one in photos["results"]] == [("photo", "still")]
    [video] = videos["results"]
    assert (video["object_type"], video["id"], video["duration"]) == ("video", "moving", 2.5)
    assert (photos["total_number_of_results"], videos["total_number_of_results"]) == (1, 1)
    assert both.get("/v1/oauth/friends/").json()["more"] is False


def test_the_wire_says_where_a_page_ended(ask, index):
    """
    So that a client in any language goes on there; an open total is null only where asked for.
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(3)))
    query = {"tags-required": ["a", "b"], "count": 2, "total": False}
    first = ask(**query)
    assert (first["more"], first["total_number_of_results"]) == (True, None)
    second = ask(**query, after=first["after"], page=2)
    assert [photo["id"] for photo in second["results"]] == ["0"]
    assert (second["more"], second["page"], second.get("after")) == (False, 2, None)
