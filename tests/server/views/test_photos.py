"""
The user's photos on the Trove's pages.
"""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from django.utils.html import escape

from django_trove.client.content import Photo, Video

from ..conftest import put_photos

pytestmark = pytest.mark.django_db


def utc(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.fixture
def library(index, make_identity):
    index(
        Photo(id="1", title="Snow", tags=("Snow", "Alps"), date=utc("2007-03-04")),
        Photo(id="2", title="Sea", tags=("sea",), date=utc("2009-01-01T23:59:59")),
        Photo(id="3", title="No date"),
    )
    other = make_identity(service="smugmug")
    put_photos(other, Photo(id="4", title="Hill", date=utc("2010-01-01")))


def titles(browser, query=""):
    page = browser.get(f"/photos/{query}", secure=True)
    assert page.status_code == 200
    return [photo.title for photo in page.context["result"]]


def test_the_newest_photos_come_first(browser, library):
    assert titles(browser) == ["Hill", "Sea", "Snow", "No date"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?services=smugmug", ["Hill"]),
        ("?services=smugmug&services=flickr", ["Hill", "Sea", "Snow", "No date"]),
        ("?tags=SNOW,+alps", ["Snow"]),
        ("?since=2008-01-01", ["Hill", "Sea"]),
        ("?until=2009-01-01", ["Sea", "Snow"]),
        ("?since=2009-01-01&until=2009-01-01", ["Sea"]),
        ("?tags=never", []),
        ("?tags=,,", ["Hill", "Sea", "Snow", "No date"]),
    ],
)
def test_filters(browser, library, query, expected):
    assert titles(browser, query) == expected


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?since=yesterday", "Enter a valid date"),
        ("?since=2009-01-02&until=2009-01-01", "before the start date"),
        ("?services=orkut", "Select a valid choice"),
    ],
)
def test_an_invalid_filter_is_an_error_of_its_field(browser, library, query, error):
    page = browser.get(f"/photos/{query}", secure=True)
    assert page.status_code == 400
    assert error in str(page.context["form"].errors)


@pytest.mark.parametrize("after", ["?", "1", "1.1.1"])
def test_an_invalid_cursor_is_not_found(browser, library, after):
    assert browser.get("/photos/", {"after": after}, secure=True).status_code == 404


def test_page_links_keep_the_filter(browser, index, monkeypatch):
    monkeypatch.setattr("django_trove.server.views.photos.PAGE_SIZE", 2)
    index(*(Photo(id=str(number), title=str(number), tags=("a", "b")) for number in range(5)))
    seen, url = [], "/photos/?tags=a%2Cb"
    while url:
        page = browser.get(url, secure=True)
        seen += [photo.title for photo in page.context["result"]]
        text = page.content.decode()
        url = None
        if 'rel="next"' in text:
            url = text.partition('rel="next" href="')[2].partition('"')[0]
            url = "/photos/" + url.replace("&amp;", "&")
            assert dict(parse_qsl(url.partition("?")[2]))["tags"] == "a,b"
    assert seen == ["4", "3", "2", "1", "0"]
    assert "Newest" in text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "\u0661"])
def test_an_invalid_page_number_shows_the_first_page(browser, library, page):
    assert browser.get("/photos/", {"page": page}, secure=True).status_code == 200


def test_an_empty_trove_links_to_adding_a_service(browser):
    assert "Add a service" in browser.get("/photos/", secure=True).content.decode()


def test_a_filter_without_results_can_be_reset(browser, library):
    assert "Show all" in browser.get("/photos/?tags=never", secure=True).content.decode()


def test_the_detail_page_escapes_all_values(browser, index):
    script = "<script>alert(1)</script>"
    [item] = index(
        Photo(
            id="1",
            title=script,
            description=script,
            tags=(script, "a&b"),
            owner="ada",
            date=utc("2007-03-04T21:08:12"),
            latitude=40.7,
            longitude=-73.9,
            width=4000,
            height=3000,
            original_web_url="javascript:alert(1)",
        )
    )
    text = browser.get(f"/photos/{item.pk}/", secure=True).content.decode()
    assert script not in text
    assert escape(script) in text
    assert "javascript:" not in text
    assert "?tags=a%26b" in text
    assert "Maspeth, New York, United States" in text
    assert "4000 \u00d7 3000" in text
    assert "March 4, 2007" in text


def test_another_users_photos_are_not_found(browser, make_identity, make_person):
    other = make_identity(user=make_person("grace"))
    [item] = put_photos(other, Photo(id="1", title="Hers"))
    assert browser.get(f"/photos/{item.pk}/", secure=True).status_code == 404
    assert "Hers" not in browser.get("/photos/", secure=True).content.decode()


def test_the_number_of_queries_is_constant(browser, index, django_assert_max_num_queries):
    index(*(Photo(id=str(number)) for number in range(40)))
    with django_assert_max_num_queries(7):
        browser.get("/photos/", secure=True)


@pytest.mark.parametrize(
    "path", ["%00/", "a%00b/", "?after=%00", "?after=x", "?after=" + "1" * 200]
)
def test_an_invalid_url_is_not_found(browser, path):
    assert browser.get(f"/photos/{path}", secure=True).status_code == 404


def test_too_many_tags_are_an_error_of_the_form(browser, library):
    tags = ",".join(map(str, range(31)))
    page = browser.get("/photos/", {"tags": tags}, secure=True)
    assert page.status_code == 400
    assert page.context["form"].errors["tags"] == ["Enter at most 30 tags."]


@pytest.mark.parametrize("page", ["9" * 5000, "9" * 9, "0", "-1", "\u0663", "1.5", "x"])
def test_invalid_page_number_is_the_first_page(browser, library, page):
    assert titles(browser, f"?page={page}") == titles(browser)


@pytest.fixture
def film(index, library):
    urls = {size: f"https://trove.example/{size}.jpg" for size in ("thumbnail", "large")}
    fields = {"title": "Waves", "duration": 65.4, "date": utc("2008-01-01"), "width": 640}
    [item] = index(
        Video(
            id="9",
            urls={**urls, "original": "https://trove.example/waves.mp4"},
            media_type="video/mp4",
            tags=("sea",),
            height=360,
            **fields,
        )
    )
    return item


def test_videos_have_a_list_of_their_own(browser, film):
    assert titles(browser) == ["Hill", "Sea", "Snow", "No date"]
    assert titles(browser, "?type=videos") == ["Waves"]
    page = browser.get("/photos/?type=videos", secure=True).content.decode()
    assert "1 video" in page
    assert 'class="video"' in page
    assert '<input type="hidden" name="type" value="videos">' in page
    page = browser.get("/photos/?type=videos&tags=never", secure=True).content.decode()
    assert "No matching videos." in page
    assert "No videos yet." not in page


def test_an_invalid_type_is_an_error(browser, library):
    assert browser.get("/photos/?type=films", secure=True).status_code == 400


def test_a_video_is_played_on_its_page(browser, film):
    page = browser.get(f"/photos/{film.pk}/", secure=True)
    text = page.content.decode()
    assert '<video controls preload="none" src="https://trove.example/waves.mp4" poster=' in text
    assert "https://trove.example/large.jpg" in text
    assert 'width="640" height="360"' in text
    assert "1:05" in text
    assert "?type=videos&amp;tags=sea" in text
    assert "media-src 'self' https:;" in page["Content-Security-Policy"]


def test_a_video_whose_urls_are_pictures_is_not_played(browser, index):
    [item] = index(Video(id="9", urls={"original": "https://flickr.example/a.jpg"}))
    text = browser.get(f"/photos/{item.pk}/", secure=True).content.decode()
    assert "<video" not in text
    assert '<img src="https://flickr.example/a.jpg"' in text
