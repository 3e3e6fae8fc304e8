"""
Feeds of public photos, parsed by feedparser.
"""

from __future__ import annotations

import json
from xml.etree import ElementTree

import feedparser
import pytest
from django.db import connections
from django.urls import include, path
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client import Photo
from django_trove.client.values import Urls
from django_trove.feeds import AtomGenerator, TroveFeed, TroveJSONFeed

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class SnowFeed(TroveFeed):
    filters = {"tags": "snow"}
    count = 1


urlpatterns = [
    path("people/<str:username>/photos.atom", TroveFeed()),
    path("people/<str:username>/photos.json", TroveJSONFeed()),
    path("people/<str:username>/snow.atom", SnowFeed()),
    path("trove/", include("django_trove.urls")),
]
ATOM, JSON = "/people/ann/photos.atom", "/people/ann/photos.json"


@pytest.fixture
def trove(fake_trove, user):
    fake_trove.connect(user)
    fake_trove.add_photo(
        title="Snow & <ice>",
        description="First line\nsecond <b>line</b>",
        tags=["snow", "a & b"],
        date="2007-03-04T21:08:12",
        location=(40.7, -73.95),
        owner="Ada",
        license="CC BY 4.0",
        trove_id="7",
        original_web_url="https://photos.example/7",
        urls={"large": "https://media.example/7.jpg?a=1&b=2", "original": "https://o.example/7"},
        sizes={"large": (1600, 1200)},
    )
    fake_trove.add_photo(title="Second", tags=["snow"], date="2009-01-01")
    fake_trove.add_photo(title="Hidden", public=False)
    return fake_trove


def read_atom(client, url=ATOM):
    response = client.get(url)
    assert response.status_code == 200
    feed = feedparser.parse(response.content)
    assert not feed.bozo
    return feed


class TestAtom:
    def test_entries(self, trove, client):
        feed = read_atom(client)
        assert feed.version == "atom10"
        assert feed.feed.title == "Photos by ann"
        assert [entry.title for entry in feed.entries] == ["Second", "Snow & <ice>"]
        entry = feed.entries[1]
        assert entry.link == "https://photos.example/7"
        assert entry.published == entry.updated == "2007-03-04T21:08:12+00:00"
        assert [tag.term for tag in entry.tags] == ["snow", "a & b"]
        assert entry.author == "Ada"
        assert entry.rights == "CC BY 4.0"
        assert 'src="https://media.example/7.jpg?a=1&amp;b=2"' in entry.summary
        assert "second &lt;b&gt;line&lt;/b&gt;" in entry.summary

    def test_media_and_place(self, trove, client):
        entry = read_atom(client).entries[1]
        assert entry.media_content == [
            {
                "url": "https://media.example/7.jpg?a=1&b=2",
                "medium": "image",
                "width": "1600",
                "height": "1200",
            }
        ]
        assert entry.where.coordinates == (-73.95, 40.7)

    def test_private_photos_are_excluded_for_their_owner_too(self, trove, client, user):
        client.force_login(user)
        assert b"Hidden" not in client.get(ATOM).content

    def test_ids_are_unique_and_stable(self, trove, client):
        first, second = ([e.id for e in read_atom(client).entries] for _ in range(2))
        assert first == second
        assert len(set(first)) == 2

    def test_filters_and_count(self, trove, client):
        assert [e.title for e in read_atom(client, "/people/ann/snow.atom").entries] == ["Second"]

    def test_undated_photo(self, trove, client):
        trove.add_photo(title="Undated")
        assert len(read_atom(client).entries) == 3

    def test_feed_without_photos(self, fake_trove, user, client):
        fake_trove.connect(user)
        assert read_atom(client).entries == []

    @given(text=st.text())
    def test_any_text_is_valid_xml(self, text):
        url = f"https://photos.example/{text}"
        photo = Photo(
            trove_id="1",
            title=text,
            description=text,
            owner=text,
            tags=(text,),
            original_web_url=url,
            urls=Urls({"original": url, "large": url, "thumbnail": url}),
        )
        feed, generator = TroveFeed(), AtomGenerator("Photos", "https://site.example/", "")
        generator.add_item(
            feed.item_title(photo),
            feed.item_link(photo),
            feed.item_description(photo),
            author_name=feed.item_author_name(photo),
            categories=feed.item_categories(photo),
            **feed.item_extra_kwargs(photo),
        )
        root = ElementTree.fromstring(generator.writeString("utf-8"))
        assert root.tag == "{http://www.w3.org/2005/Atom}feed"


class TestJSON:
    def test_items(self, trove, client):
        response = client.get(JSON)
        assert response["Content-Type"] == "application/feed+json; charset=utf-8"
        feed = json.loads(response.content)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["feed_url"] == f"http://example.com{JSON}"  # of the sites framework
        item = feed["items"][1]
        assert item["title"] == "Snow & <ice>"
        assert item["image"] == "https://media.example/7.jpg?a=1&b=2"
        assert item["date_published"] == "2007-03-04T21:08:12+00:00"
        assert item["tags"] == ["snow", "a & b"]
        assert item["authors"] == [{"name": "Ada"}]
        assert "Hidden" not in response.content.decode()


class TestErrors:
    @pytest.mark.parametrize("url", [ATOM, JSON])
    def test_user_without_trove(self, fake_trove, user, client, url):
        assert client.get(url).status_code == 404

    def test_unknown_and_inactive_users(self, trove, user, client):
        assert client.get("/people/bob/photos.atom").status_code == 404
        assert client.get("/people/%00/photos.atom").status_code == 404
        user.is_active = False
        user.save()
        assert client.get(ATOM).status_code == 404

    def test_revoked_access(self, trove, user, client):
        trove.revoke(user)
        assert client.get(ATOM).status_code == 404

    def test_unavailable_trove(self, trove, client):
        trove.down()
        response = client.get(ATOM)
        assert response.status_code == 503
        assert response["Retry-After"] == "600"

    def test_last_photos_while_the_trove_is_unavailable(self, trove, client, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        read_atom(client)
        trove.down()
        assert len(read_atom(client).entries) == 2

    def test_login_required_middleware(self, trove, client, settings):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert client.get(ATOM).status_code == 200

    def test_feed_is_not_in_a_transaction(self, trove, client, settings):
        assert TroveFeed()._non_atomic_requests == set(connections)
