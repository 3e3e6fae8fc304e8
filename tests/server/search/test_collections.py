"""
Albums and the timeline (protocol, section 3.9).
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_trove.client.codec import decode_result
from django_trove.client.collections import Album, Month
from django_trove.client.content import Photo, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.local import LocalTrove
from django_trove.server.search.collections import search_collection

from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
BOTH = ("photos", "videos")


def day(number):
    return datetime(2007, 3, 1, tzinfo=UTC) + timedelta(days=number)


def album_photo(number, album, **fields):
    return Photo(
        id=str(number), album_id=album, album_title=f"Album {album}", date=day(number), **fields
    )


@pytest.fixture
def library(index):
    index(
        album_photo(1, "7", public=True),
        album_photo(2, "7"),
        album_photo(40, "8", utc_offset=-480),
        Video(id="video", album_id="7", album_title="Album 7", date=day(3)),
        Photo(id="none"),
    )


@pytest.fixture
def search(person):
    def search(name, content_types=BOTH, **query):
        return search_collection(person, name, Query(**query), BASE, content_types)

    return search


def describe(albums):
    return [(album.id, album.photos, album.videos, album.cover.id) for album in albums]


def test_albums_have_title_counts_and_cover(search, identity, library):
    result = search("albums")
    assert describe(result) == [("8", 1, 0, "40"), ("7", 2, 1, "2")]
    album = result[1]
    assert (album.title, album.count, album.service) == ("Album 7", 3, "flickr")
    assert album.identity == str(identity.pk)
    assert (result.total_number_of_results, result.more) == (2, False)


def test_albums_of_public_photos_do_not_reveal_private_ones(search, library):
    assert describe(search("albums", public=True)) == [("7", 1, 0, "1")]
    assert describe(search("albums", public=False)) == [("8", 1, 0, "40"), ("7", 1, 1, "2")]


def test_private_photos_do_not_affect_the_order_of_albums_of_public_ones(search, library, index):
    index(album_photo(30, "8", public=True), album_photo(35, "9", public=True))
    assert [album.id for album in search("albums", public=True)] == ["9", "8", "7"]
    assert [album.id for album in search("albums")] == ["8", "9", "7"]


def test_albums_contain_granted_content_types_only(search, library):
    assert describe(search("albums", ["photos"])) == [("8", 1, 0, "40"), ("7", 2, 0, "2")]
    assert describe(search("albums", ["videos"])) == [("7", 0, 1, "video")]


def test_pages_and_filters_of_albums(search, library, make_identity, index):
    other = make_identity(service="smugmug")
    index(album_photo(9, "7"), into=other)
    assert len(search("albums")) == 3
    first = search("albums", count=2)
    assert (first.count, first.more, first.total_number_of_results) == (2, True, 3)
    assert len(search("albums", count=2, page=2)) == 1
    assert describe(search("albums", identities_by_id=[str(other.pk)])) == [("7", 1, 0, "9")]
    assert describe(search("albums", services=["smugmug"])) == [("7", 1, 0, "9")]
    assert describe(search("albums", albums=["8"])) == [("8", 1, 0, "40")]
    assert search("albums", trove_id=first[0].trove_id)[0].id == first[0].id
    assert len(search("albums", trove_id="nothing")) == 0


def test_albums_of_other_users_are_not_returned(make_person, library):
    stranger = make_person("stranger")
    for name in ("albums", "timeline"):
        assert len(search_collection(stranger, name, Query(), BASE, BOTH)) == 0


def test_timeline_counts_local_months(search, library):
    """
    The photo of 40 days later was taken in the evening before, in local time.
    """
    months = [(month.year, month.month, month.photos, month.videos) for month in search("timeline")]
    assert months == [(2007, 4, 1, 0), (2007, 3, 2, 1), (0, 0, 1, 0)]
    assert search("timeline")[0].first_day.isoformat() == "2007-04-01"
    assert search("timeline")[2].first_day is None
    assert [m.photos for m in search("timeline", public=True)] == [1]
    assert [m.count for m in search("timeline", ["videos"])] == [1]
    assert len(search("timeline", services=["smugmug"])) == 0


@pytest.mark.parametrize("name", ["albums", "timeline"])
@pytest.mark.parametrize(
    "query",
    [
        {"tags_required": ["snow"]},
        {"text": "snow"},
        {"order_by": ["date"]},
        {"day_from": day(1).date()},
        {"attributes": {"title": "x"}},
        {"after": "1.1"},
    ],
)
def test_an_unsupported_field_is_rejected(search, name, query):
    with pytest.raises(QueryError) as raised:
        search(name, **query)
    assert raised.value.field == next(iter(query))


@pytest.mark.parametrize("version", ["/v1/oauth/{}/", "/v2/content/{}/"])
def test_collections_on_the_wire(make_token, application, library, version):
    caller = Caller(application, make_token(content_types=BOTH))
    albums = caller.post(version.format("albums"), {"query": json.dumps({"count": 1})})
    [album] = decode_result(albums.content, content_type="albums")
    assert isinstance(album, Album)
    assert (album.id, album.title, album.photos, album.cover.id) == ("8", "Album 8", 1, "40")
    [newest, *_] = decode_result(
        caller.get(version.format("timeline")).content, content_type="timeline"
    )
    assert isinstance(newest, Month)
    assert (newest.id, newest.photos) == ("2007-04", 1)


def test_collections_require_photos_or_videos(make_token, application, library):
    caller = Caller(application, make_token(content_types=["friends"]))
    for name in ("albums", "timeline"):
        response = caller.get(f"/v1/oauth/{name}/")
        assert (response.status_code, response.json()["error"]) == (403, "not_granted")


def test_collections_of_a_trove_in_the_same_project(person, library):
    trove = LocalTrove(person)
    assert [album.id for album in trove.get_albums()] == ["8", "7"]
    assert [month.id for month in trove.get_timeline()] == ["2007-04", "2007-03", "0000-00"]


@pytest.mark.skipif(connection.vendor == "mysql", reason="query plans of MySQL are NOT tested")
@pytest.mark.parametrize("public", [None, True])
def test_covers_are_read_from_an_index(search, index, public):
    index(*(album_photo(n, str(n % 50), public=n % 100 < 50) for n in range(300)))
    with CaptureQueriesContext(connection) as queries:
        search("albums", public=public)
    index_name = "trove_item_public_album" if public else "trove_item_album"
    [page] = [query["sql"] for query in queries if "LIMIT 51" in query["sql"]]
    [covers] = [
        query["sql"] for query in queries if "LIMIT 1" in query["sql"] and page != query["sql"]
    ]
    assert ("trove_album_public" if public else "trove_album_owner") in explain(page)
    plan = explain(covers)
    assert re.search(rf"{index_name}\b", plan)
    assert "Seq Scan" not in plan


def explain(sql):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            for kind in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{kind} = off")
        command = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{command} {sql}")
        return "\n".join(map(str, cursor.fetchall()))


def test_covers_of_previous_pages_are_not_read(search, index):
    index(*(album_photo(n, str(n % 50)) for n in range(100)))
    with CaptureQueriesContext(connection) as queries:
        assert len(search("albums", count=2, page=10)) == 2
    [page] = [query["sql"] for query in queries if "LIMIT 3" in query["sql"]]
    assert "trove_server_item" not in page
