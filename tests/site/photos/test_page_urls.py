import pytest
from django.urls import include, path
from django.views.generic import View

from django_trove.client import Month, Photo, Place, PlaceCount
from django_trove.photos.page_urls import PageUrls, get_album_url, get_page_url

photo_page = path("p/<str:trove_id>/", View.as_view(), name="own-photo")
friend_page = path("friends/<str:name>/<str:trove_id>/", View.as_view(), name="friend-photo")


class Mounted:
    urlpatterns = [
        path("photos/", include("django_trove.photo_urls")),
        photo_page,
        friend_page,
    ]


class NotMounted:
    urlpatterns = [photo_page]


@pytest.fixture
def mounted(settings):
    settings.ROOT_URLCONF = Mounted


def test_pages_of_the_package(mounted):
    urls = PageUrls()
    assert urls.get_url("list") == "/photos/"
    assert urls.get_item_url(Photo(trove_id="7")) == "/photos/photo/7/"
    assert urls.get_item_url("Christmas tree") == "/photos/?tags=Christmas+tree"
    place = PlaceCount(id="Stanley, Falkland Islands", name="Stanley")
    url = "/photos/?place=Stanley%2C+Falkland+Islands"
    assert urls.get_item_url(place) == url
    assert urls.get_item_url(Place(name="Stanley", country="Falkland Islands")) == url


def test_album_of_a_photo(mounted):
    photo = Photo(trove_id="7", album_id="a&b")
    assert get_album_url(photo, PageUrls()) == "/photos/?album=a%26b"
    assert get_album_url(photo, None) == ""
    assert get_album_url(Photo(trove_id="7"), PageUrls()) == ""


def test_own_pages(settings):
    settings.ROOT_URLCONF = NotMounted
    settings.TROVE = settings.TROVE | {"PAGES": {"photo": "own-photo"}}
    assert PageUrls().get_item_url(Photo(trove_id="7")) == "/p/7/"
    assert PageUrls().get_item_url("snow") == ""


def test_pages_with_arguments(mounted):
    urls = PageUrls(names={"photo": "friend-photo"}, arguments={"name": "bob"})
    assert urls.get_item_url(Photo(trove_id="7")) == "/friends/bob/7/"


def test_missing_pages(settings):
    settings.ROOT_URLCONF = NotMounted
    urls = PageUrls()
    assert urls.get_item_url(Photo(trove_id="7")) == ""
    assert urls.get_item_url(Photo(trove_id="8")) == ""
    assert urls.get_list_url(tags="snow") == ""


def test_a_photo_without_an_id_has_no_page(mounted):
    urls = PageUrls()
    assert urls.get_item_url(Photo()) == ""
    assert urls.get_item_url(Photo(trove_id="7")) == "/photos/photo/7/"


def test_items_without_pages(mounted):
    assert PageUrls().get_item_url(None) == ""
    assert PageUrls().get_item_url(Month()) == ""
    assert get_page_url(Photo(trove_id="7"), None) == ""
    assert get_page_url(Photo(trove_id="7"), "") == ""
