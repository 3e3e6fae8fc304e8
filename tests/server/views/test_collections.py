"""
The pages of albums and of the timeline, and the photos before and after a photo.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_trove.client.content import Photo, Video
from django_trove.server.models import Album

from ..conftest import put_photos

pytestmark = pytest.mark.django_db


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def album_photo(id_, date, album, kind=Photo, **fields):
    fields = {"album_title": f"Album {album}", **fields}
    return kind(id=id_, title=f"Title {id_}", date=day(date), album_id=album, **fields)


@pytest.fixture
def library(index):
    index(
        album_photo("1", "2007-03-01", "7"),
        album_photo("2", "2007-03-31T23:30", "7", utc_offset=60),
        album_photo("3", "2007-03-05", "7", kind=Video),
        album_photo("4", "2009-12-31", "8"),
        Photo(id="5", title="Title 5"),
    )


@pytest.fixture
def get(browser):
    def get(path):
        page = browser.get(path, secure=True)
        assert page.status_code == 200
        return page

    return get


def ids(photos):
    return [photo.id for photo in photos]


def find_links(page):
    return re.findall(r'href="(/photos/[0-9]+/[^"]*)"', page.content.decode())


def follow(get, path, rel):
    """
    Return the ids on the pages that `rel` links to, and the path of the last page.
    """
    seen = []
    while path:
        page = get(path)
        seen.append(page.context["photo"].id)
        link = re.search(rf'rel="{rel}" href="([^"]*)"', page.content.decode())
        last, path = path, link and link[1]
    return seen, last


def test_albums_have_cover_name_and_counts(get, library):
    html = " ".join(get("/albums/").content.decode().split())
    assert html.index("Album 8") < html.index("Album 7")
    assert "2 photos · 1 video · Flickr" in html
    assert html.count("<img") == 2


def test_album_shows_its_photos_and_videos_newest_first(get, library):
    album = Album.objects.get(service_id="7")
    page = get(f"/albums/{album.pk}/")
    assert ids(page.context["result"]) == ["2", "3", "1"]
    assert all(link.endswith(f"/?album={album.pk}") for link in find_links(page))
    assert len(find_links(page)) == 3


def test_album_with_same_id_at_another_service_is_another_album(get, library, make_identity):
    other = make_identity(service="smugmug")
    put_photos(other, album_photo("6", "2008-01-01", "7"))
    album = Album.objects.get(identity=other)
    assert ids(get(f"/albums/{album.pk}/").context["result"]) == ["6"]


@pytest.mark.parametrize("path", ["/albums/0/", "/albums/99999999999999999999/"])
def test_unknown_album_is_not_found(browser, library, path):
    assert browser.get(path, secure=True).status_code == 404


def test_album_of_another_user_is_not_found(browser, get, make_identity, make_person):
    other = make_identity(user=make_person("grace"))
    [item] = put_photos(other, album_photo("1", "2007-03-01", "7"))
    album = Album.objects.get()
    assert browser.get(f"/albums/{album.pk}/", secure=True).status_code == 404
    assert browser.get(f"/photos/{item.pk}/?album={album.pk}", secure=True).status_code == 404
    assert "Album 7" not in get("/albums/").content.decode()


def test_album_pages_follow_each_other(get, index, monkeypatch):
    monkeypatch.setattr("django_trove.server.views.photo_sequences.PAGE_SIZE", 2)
    index(*(album_photo(str(number), f"2007-03-0{number}", "7") for number in range(1, 6)))
    path, seen = f"/albums/{Album.objects.get().pk}/", []
    query = ""
    while query is not None:
        page = get(path + query)
        seen += ids(page.context["result"])
        link = re.search(r'rel="next" href="([^"]*)"', page.content.decode())
        query = link and link[1].replace("&amp;", "&")
    assert seen == ["5", "4", "3", "2", "1"]


def test_album_list_has_pages(get, index, monkeypatch):
    monkeypatch.setattr("django_trove.server.views.collections.PAGE_SIZE", 2)
    index(*(album_photo(str(number), f"2007-03-0{number}", str(number)) for number in range(1, 4)))
    first = get("/albums/").content.decode()
    assert 'rel="next" href="?page=2"' in first
    second = get("/albums/?page=2").content.decode()
    assert ("Album 3" in first, "Album 1" in first) == (True, False)
    assert ("Album 3" in second, "Album 1" in second) == (False, True)
    assert 'rel="next"' not in second


def test_timeline_lists_years_and_months(get, library):
    page = get("/timeline/")
    assert [
        (counts["photos"], counts["videos"], months[0].year, len(months))
        for counts, months in page.context["years"]
    ] == [(1, 0, 2009, 1), (2, 1, 2007, 2), (1, 0, 0, 1)]
    html = page.content.decode()
    for month in ("2009-12", "2007-04", "2007-03", "0000-00"):
        assert f'href="/timeline/{month}/"' in html
    assert "Date unknown" in html


@pytest.mark.parametrize(
    ("month", "expected", "other"),
    [
        ("2009-12", ["4"], ["2007-04"]),
        ("2007-04", ["2"], ["2009-12", "2007-03"]),
        ("2007-03", ["3", "1"], ["2007-04", "0000-00"]),
        ("0000-00", ["5"], ["2007-03"]),
    ],
)
def test_month_shows_photos_by_local_time(get, library, month, expected, other):
    page = get(f"/timeline/{month}/")
    assert ids(page.context["result"]) == expected
    assert re.findall(r'href="/timeline/([0-9-]+)/"', page.content.decode()) == other


@pytest.mark.parametrize("month", ["2007-02", "2007-3", "2007-13", "x", "\u0662007-03"])
def test_month_without_photos_is_not_found(browser, library, month):
    assert browser.get(f"/timeline/{month}/", secure=True).status_code == 404


def test_empty_trove_has_empty_pages(get):
    assert "after a sync" in get("/albums/").content.decode()
    assert "No photos yet" in get("/timeline/").content.decode()


@pytest.mark.parametrize("path", ["/timeline/2007-03/", "/timeline/0000-00/"])
def test_invalid_cursor_is_not_found(browser, library, path):
    assert browser.get(path, {"after": "x"}, secure=True).status_code == 404


def test_photo_links_album_month_and_tags(get, index):
    [item] = index(album_photo("1", "2007-03-01", "7", tags=("snow",)))
    html = get(f"/photos/{item.pk}/").content.decode()
    assert f'href="/albums/{Album.objects.get().pk}/"' in html
    assert 'href="/timeline/2007-03/"' in html
    assert "?tags=snow" in html


def test_photos_are_browsed_in_all_photos_by_default(get, library):
    path = find_links(get("/photos/"))[0]
    seen, last = follow(get, path, "next")
    assert seen == ["4", "2", "1", "5"]
    assert follow(get, last, "prev")[0] == seen[::-1]


def test_photos_and_videos_of_album_are_browsed_in_album(get, library):
    album = Album.objects.get(service_id="7")
    path = find_links(get(f"/albums/{album.pk}/"))[0]
    seen, last = follow(get, path, "next")
    assert seen == ["2", "3", "1"]
    assert follow(get, last, "prev")[0] == seen[::-1]
    assert f'href="/albums/{album.pk}/"' in get(last).content.decode()


def test_photos_of_month_are_browsed_in_month(get, library):
    path = find_links(get("/timeline/2007-03/"))[0]
    seen, last = follow(get, path, "next")
    assert seen == ["3", "1"]
    assert follow(get, last, "prev")[0] == seen[::-1]


@pytest.mark.parametrize("query", ["?album=x", "?album=0", "?album=", "?month=x", "?month="])
def test_unknown_sequence_of_photo_is_ignored(get, library, query):
    path = find_links(get("/photos/"))[1]
    page = get(path + query)
    assert (page.context["newer"].id, page.context["older"].id) == ("4", "1")


def test_home_shows_latest_photos_and_counts(get, library):
    page = get("/")
    assert ids(page.context["latest"]) == ["4", "2", "3", "1", "5"]
    html = page.content.decode()
    assert 'href="/photos/">4 photos</a>' in html
    assert 'href="/photos/?type=videos">1 video</a>' in html


@pytest.mark.skipif(connection.vendor != "sqlite", reason="steps of SQLite only")
def test_pages_do_not_read_more_rows_of_a_larger_library(get, index):
    """
    The instructions that SQLite executes for a page do not depend on the number of other photos.
    """
    index(
        *(album_photo(f"a{n}", "2007-03-01", "7") for n in range(5)),
        *(album_photo(f"b{n}", "2007-04-02", "8") for n in range(5)),
    )
    album = f"/albums/{Album.objects.get(service_id='7').pk}/"
    photo = find_links(get(album))[2]
    paths = (album, photo, "/timeline/2007-03/", "/timeline/", "/albums/", "/")
    before = {path: count_steps(get, path) for path in paths}
    dates = (day("2007-04-03") + timedelta(days=n % 20) for n in range(1000))
    index(*(Photo(id=f"c{n}", date=date, album_id="8") for n, date in enumerate(dates)))
    for path in paths:
        assert count_steps(get, path) < 1.5 * before[path], path


def count_steps(get, path):
    """
    Return the number of instructions of SQLite's virtual machine for a page.
    """
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return 0

    connection.connection.set_progress_handler(count, 1)
    try:
        get(path)
    finally:
        connection.connection.set_progress_handler(None, 1)
    return steps


def test_average_color_is_displayed_while_a_picture_loads(get, index):
    index(Photo(id="1", average_color="#3f6e8c"), Photo(id="2"))
    html = get("/photos/").content.decode()
    assert html.count("<rect") == html.count('fill="#3f6e8c"') == 1


def test_number_of_queries_is_constant(get, index):
    index(*(album_photo(str(n), "2007-03-01", str(n)) for n in range(30)))
    for path, maximum in (("/albums/", 6), ("/timeline/", 4), ("/timeline/2007-03/", 6)):
        with CaptureQueriesContext(connection) as queries:
            get(path)
        assert len(queries) <= maximum, path
