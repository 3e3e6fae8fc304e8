"""
Open Graph and schema.org data of a photo's page, as a browser-independent HTML parser reads it.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import include, path
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client import Photo, Video
from django_trove.generic import PhotoDetailView
from django_trove.photos.shared_page import _encode, build_structured_data
from django_trove.services import Trove

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class PublicPhoto(PhotoDetailView):
    requires_login = False

    def get_trove(self) -> Trove:
        return Trove(get_user_model()._default_manager.get(username=self.kwargs["name"]))


urlpatterns = [
    path("photos/", include("django_trove.photo_urls")),
    path("people/<str:name>/<str:trove_id>/", PublicPhoto.as_view()),
    path("trove/", include("django_trove.urls")),
]
LARGE = "https://media.example/7.jpg?a=1&b=2"


class Head(HTMLParser):
    """
    :param properties: the content of `<meta>` elements by name.
    :param data: the decoded JSON-LD.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.properties: dict[str, str] = {}
        self.scripts: list[str] = []
        self._is_data = False
        self.feed(html)
        self.data = [json.loads(script) for script in self.scripts]

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "meta":
            name = attributes.get("property") or attributes.get("name")
            self.properties[name] = attributes.get("content")
        self._is_data = attributes.get("type") == "application/ld+json"

    def handle_data(self, data):
        if self._is_data:
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self._is_data = False


@pytest.fixture
def trove(fake_trove, user):
    fake_trove.connect(user)
    fake_trove.add_photo(
        title='Snow "2007" </script>',
        description="In Brooklyn",
        tags=["snow"],
        date="2007-03-04T21:08:12",
        utc_offset=-480,
        location=(40.7, -73.95),
        owner="Ada",
        license="https://creativecommons.org/licenses/by/4.0/",
        trove_id="7",
        original_web_url="https://photos.example/7",
        urls={"large": LARGE, "original": "https://o.example/7"},
        sizes={"large": (1600, 1200)},
    )
    fake_trove.add_photo(title="Hidden", trove_id="8", public=False)
    return fake_trove


def get_head(url, client=None):
    response = (client or Client()).get(url)
    assert response.status_code == 200
    return Head(response.content.decode())


class TestPublicPage:
    def test_open_graph(self, trove):
        head = get_head("/people/ann/7/")
        properties = {
            name: value
            for name, value in head.properties.items()
            if name and name.startswith(("og:", "twitter:"))
        }
        assert properties == {
            "og:type": "website",
            "og:title": 'Snow "2007" </script>',
            "og:url": "http://testserver/people/ann/7/",
            "og:description": "In Brooklyn",
            "og:image": LARGE,
            "og:image:width": "1600",
            "og:image:height": "1200",
            "og:image:alt": 'Snow "2007" </script>',
            "twitter:card": "summary_large_image",
        }

    def test_structured_data(self, trove):
        (data,) = get_head("/people/ann/7/").data
        assert data["@type"] == "ImageObject"
        assert data["name"] == 'Snow "2007" </script>'
        assert data["contentUrl"] == "https://o.example/7"
        assert data["dateCreated"] == "2007-03-04T13:08:12"
        assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert data["acquireLicensePage"] == "https://photos.example/7"
        assert data["creator"] == {"@type": "Person", "name": "Ada"}
        assert data["contentLocation"]["geo"] == {
            "@type": "GeoCoordinates",
            "latitude": 40.7,
            "longitude": -73.95,
        }

    def test_private_photo(self, trove):
        assert Client().get("/people/ann/8/").status_code == 404


class TestOwnPage:
    def test_public_photo(self, trove, client, user):
        client.force_login(user)
        assert get_head("/photos/photo/7/", client).properties["og:image"] == LARGE

    def test_private_photo_is_not_described(self, trove, client, user):
        client.force_login(user)
        head = get_head("/photos/photo/8/", client)
        assert not [name for name in head.properties if name and name.startswith("og:")]
        assert head.data == []

    def test_sign_in_is_required(self, trove, client):
        assert client.get("/photos/photo/7/").status_code == 302


class TestStructuredData:
    def test_unknown_values_are_absent(self):
        assert build_structured_data(Photo(trove_id="1")) == {
            "@context": "https://schema.org",
            "@type": "ImageObject",
        }

    def test_video(self):
        data = build_structured_data(Video(trove_id="1", duration=75.4))
        assert (data["@type"], data["duration"]) == ("VideoObject", "P0DT00H01M15S")

    def test_license_that_is_no_url(self):
        photo = Photo(license="All rights reserved", original_web_url="https://photos.example/1")
        assert not {"license", "acquireLicensePage"} & build_structured_data(photo).keys()

    @given(st.text())
    def test_json_does_not_end_the_script_element(self, text):
        encoded = _encode({"name": text})
        assert not set(encoded) & set("<>&")
        assert json.loads(encoded) == {"name": text}
