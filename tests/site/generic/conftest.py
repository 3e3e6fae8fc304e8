from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import include, path
from django.utils.timezone import localdate

from django_trove.generic import AlbumDetailView, AlbumListView, PhotoMonthArchiveView, TimelineView
from django_trove.services import Trove


class OfOwner:
    """
    Pages that show the Trove of `owner` to other users.
    """

    owner: Any = None

    def get_trove(self) -> Trove:
        return Trove(self.owner)


class AlbumsOfOwner(OfOwner, AlbumListView):
    pass


class AlbumOfOwner(OfOwner, AlbumDetailView):
    pass


class TimelineOfOwner(OfOwner, TimelineView):
    pass


class MonthOfOwner(OfOwner, PhotoMonthArchiveView):
    pass


class Pages:
    urlpatterns = [
        path("photos/", include("django_trove.photo_urls")),
        path("trove/", include("django_trove.urls")),
        path("owner/albums/", AlbumsOfOwner.as_view()),
        path("owner/albums/<str:trove_id>/", AlbumOfOwner.as_view()),
        path("owner/timeline/", TimelineOfOwner.as_view()),
        path("owner/<int:year>/<int:month>/", MonthOfOwner.as_view()),
    ]


@pytest.fixture
def trove(fake_trove, user, settings, monkeypatch):
    """
    The fake Trove of a user, with albums, and photos of the current day in earlier years.
    """
    settings.ROOT_URLCONF = Pages
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    monkeypatch.setattr(OfOwner, "owner", user)
    fake_trove.connect(user)
    snow = {"album_id": "7", "album_title": "Snow & ice"}
    fake_trove.add_photo(user, title="First", date="2007-03-04", **snow)
    fake_trove.add_photo(user, title="Second", date="2007-03-20", **snow)
    fake_trove.add_photo(user, title="Sea", date="2009-08-01", album_id="8", album_title="Sea")
    return fake_trove


@pytest.fixture
def own_client(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def page(own_client):
    """
    Request a page, and return its text.
    """

    def get(path: str, status: int = 200) -> str:
        response = own_client.get(path)
        assert response.status_code == status
        return str(response.content.decode())

    return get


def years_ago(years: int) -> date:
    """
    Return a day whose anniversary is today.
    """
    today = localdate()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def days_and_years_ago(days: int, years: int) -> date:
    return years_ago(years) - timedelta(days)
