from datetime import UTC, datetime

import pytest
from django.urls import include, path

from django_trove.client import Photo
from django_trove.client.values import Camera, Place
from django_trove.photos.facts import build_facts
from django_trove.photos.page_urls import PageUrls

PHOTO = Photo(
    date=datetime(2007, 3, 4, 21, 8, tzinfo=UTC),
    tags=("snow & ice",),
    camera=Camera(make="NIKON", model="D80", exposure_time=0.004),
    latitude=40.7,
    longitude=-73.9,
    service="flickr",
    original_web_url="https://flickr.example/?a=1&b=2",
)


class Mounted:
    urlpatterns = [path("photos/", include("django_trove.photo_urls"))]


@pytest.fixture
def page_urls(settings):
    settings.ROOT_URLCONF = Mounted
    return PageUrls()


def test_facts_without_pages():
    assert build_facts(PHOTO) == (
        '<ul class="trove-facts">'
        '<li><time datetime="2007-03-04T21:08:00">March 4, 2007, 9:08 p.m.</time></li>'
        "<li>40.700° N, 73.900° W</li><li>NIKON D80</li><li>1/250 s</li>"
        "<li>snow &amp; ice</li>"
        '<li><a href="https://flickr.example/?a=1&amp;b=2" rel="noopener">Flickr</a></li></ul>'
    )


def test_tags_are_linked(page_urls):
    assert '<a href="/photos/?tags=snow+%26+ice">snow &amp; ice</a>' in build_facts(
        PHOTO, page_urls
    )


def test_place_is_linked(page_urls):
    photo = Photo(latitude=35.0, longitude=135.8, place=Place(name="Uji", country="Japan"))
    link = '<li><a href="/photos/?place=Uji%2C+Japan">Uji, Japan</a></li>'
    assert link in build_facts(photo, page_urls)


def test_no_facts():
    assert build_facts(Photo()) == ""
