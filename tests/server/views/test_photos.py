"""
My photos, in the Trove's own pages.
"""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from django.utils.html import escape

from django_trove.client.content import Photo

from ..conftest import put_photos

pytestmark = pytest.mark.django_db


def at(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.fixture
def library(index, make_identity):
    index(
        Photo(id="1", title="Snow", tags=("Snow", "Alps"), date=at("2007-03-04")),
        Photo(id="2", title="Sea", tags=("sea",), date=at("2009-01-01T23:59:59")),
        Photo(id="3", title="No date"),
    )
    other = make_identity(service="smugmug")
    put_photos(other, Photo(id="4", title="Hill", date=at("2010-01-01")))


def titles(browser, query=""):
    page = browser.get(f"/photos/{query}", secure=True)
    assert page.status_code == 200
    return [photo.title for photo in page.context["found"]]


def test_the_newest_come_first(browser, library):
    assert titles(browser) == ["Hill", "Sea", "Snow", "No date"]


@pytest.mark.parametrize(
    ("query", "found"),
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
def test_what_is_shown_is_in_the_address(browser, library, query, found):
    assert titles(browser, query) == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?since=yesterday", "Enter a valid date"),
        ("?since=2009-01-02&until=2009-01-01", "before the first day"),
        ("?services=orkut", "Select a valid choice"),
    ],
)
def test_a_filter_that_does_not_read_is_said_at_its_field(browser, library, query, said):
    page = browser.get(f"/photos/{query}", secure=True)
    assert page.status_code == 400
    assert said in str(page.context["form"].errors)


@pytest.mark.parametrize("after", ["?", "1", "1.1.1"])
def test_a_page_that_nobody_linked_to_is_not_there(browser, library, after):
    assert browser.get("/photos/", {"after": after}, secure=True).status_code == 404


def test_pages_are_links_that_keep_the_filter(browser, index, monkeypatch):
    """
    Without any script, to the last one and back to the first.
    """
    monkeypatch.setattr("django_trove.server.views.photos.PAGE_SIZE", 2)
    index(*(Photo(id=str(number), title=str(number), tags=("a", "b")) for number in range(5)))
    seen, address = [], "/photos/?tags=a%2Cb"
    while address:
        page = browser.get(address, secure=True)
        seen += [photo.title for photo in page.context["found"]]
        text = page.content.decode()
        address = None
        if 'rel="next"' in text:
            address = text.partition('rel="next" href="')[2].partition('"')[0]
            address = "/photos/" + address.replace("&amp;", "&")
            assert dict(parse_qsl(address.partition("?")[2]))["tags"] == "a,b"
    assert seen == ["4", "3", "2", "1", "0"]
    assert "Newest" in text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "\u0661"])
def test_an_odd_page_number_is_the_first_page(browser, library, page):
    assert browser.get("/photos/", {"page": page}, secure=True).status_code == 200


def test_an_empty_trove_says_what_to_do(browser):
    assert "Add a service" in browser.get("/photos/", secure=True).content.decode()


def test_a_filter_that_finds_nothing_leads_back(browser, library):
    assert "Show all" in browser.get("/photos/?tags=never", secure=True).content.decode()


def test_a_photo_is_shown_with_all_that_is_known(browser, index):
    """
    As text, whatever a service says.
    """
    evil = "<script>alert(1)</script>"
    [item] = index(
        Photo(
            id="1",
            title=evil,
            description=evil,
            tags=(evil, "a&b"),
            owner="ada",
            date=at("2007-03-04T21:08:12"),
            latitude=40.7,
            longitude=-73.9,
            width=4000,
            height=3000,
            original_web_url="javascript:alert(1)",
        )
    )
    text = browser.get(f"/photos/{item.pk}/", secure=True).content.decode()
    assert evil not in text
    assert escape(evil) in text
    assert "javascript:" not in text
    assert "?tags=a%26b" in text
    assert "40.70000, -73.90000" in text
    assert "4000 \u00d7 3000" in text
    assert "March 4, 2007" in text


def test_nobody_sees_anothers_photos(browser, make_identity, make_person):
    other = make_identity(user=make_person("grace"))
    [item] = put_photos(other, Photo(id="1", title="Hers"))
    assert browser.get(f"/photos/{item.pk}/", secure=True).status_code == 404
    assert "Hers" not in browser.get("/photos/", secure=True).content.decode()


def test_photos_cost_no_query_each(browser, index, django_assert_max_num_queries):
    index(*(Photo(id=str(number)) for number in range(40)))
    with django_assert_max_num_queries(7):
        browser.get("/photos/", secure=True)
