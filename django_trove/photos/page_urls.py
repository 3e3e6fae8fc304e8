"""
URLs of the site's pages of photos (`django_trove.photo_urls`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from ..client import Album, Month, Photo, Place, PlaceCount
from ..conf import conf

NAMESPACE = "trove_photos"


TITLES = {
    "list": gettext_lazy("Photos"),
    "albums": gettext_lazy("Albums"),
    "timeline": gettext_lazy("Timeline"),
    "on_this_day": gettext_lazy("On this day"),
    "map": gettext_lazy("Map"),
}


class PageLink(NamedTuple):
    url: str
    text: str
    is_current: bool


class PageUrls:
    """
    The URLs of one person's pages. A URL is "" if the site has no such page.

    :param names: the names of URL patterns by page. Default: the setting `PAGES`, or the names of
        `django_trove.photo_urls`.
    :param arguments: arguments of all URL patterns.
    """

    def __init__(
        self,
        request: HttpRequest | None = None,
        names: Mapping[str, str] | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        match = getattr(request, "resolver_match", None)
        self._path = request.path if request else ""
        self._namespace = match.namespace if match else None
        self._names = conf.pages if names is None else names
        self._arguments = arguments or {}

    @property
    def navigation(self) -> list[PageLink]:
        """
        The links to the pages that need no arguments.
        """
        urls = {page: self.get_url(page) for page in TITLES}
        return [
            PageLink(url, str(TITLES[page]), is_current=url == self._path)
            for page, url in urls.items()
            if url
        ]

    def get_url(self, page: str, **arguments: Any) -> str:
        """
        Return the URL of a page, such as "list", or of "photo" with its `trove_id`.
        """
        name = self._names.get(page) or f"{NAMESPACE}:{page}"
        try:
            return reverse(
                name, kwargs={**self._arguments, **arguments}, current_app=self._namespace
            )
        except NoReverseMatch:
            return ""

    def get_item_url(self, item: Any) -> str:
        """
        Return the URL of the page of a photo, an album, a year, a month or a day, or of the photos
        at a place or with a tag.
        """
        for item_type, find in ITEM_PAGES.items():
            if isinstance(item, item_type):
                return find(self, item)
        return ""

    def get_list_url(self, **filters: str) -> str:
        """
        Return the URL of the photos with these filters.
        """
        url = self._list_url
        return f"{url}?{urlencode(filters)}" if url and filters else url

    @cached_property
    def _list_url(self) -> str:
        return self.get_url("list")

    def _get_month_url(self, month: Month) -> str:
        return self.get_url("month", year=month.year, month=month.month) if month.month else ""


class NoPageUrls(PageUrls):
    """
    Pages of a person who is not the viewer.
    """

    def get_url(self, page: str, **arguments: Any) -> str:
        return ""


def get_page_url(item: Any, page_urls: PageUrls | None) -> str:
    """
    The template filter `trove_page_url`.

    :param item: as for `get_item_url`, or None.
    """
    return page_urls.get_item_url(item) if isinstance(page_urls, PageUrls) else ""


def get_album_url(photo: Photo, page_urls: PageUrls | None) -> str:
    """
    The template filter `trove_album_url`: the URL of the photos in the photo's album.
    """
    if not photo.album_id or not isinstance(page_urls, PageUrls):
        return ""
    return page_urls.get_list_url(album=photo.album_id)


ITEM_PAGES: dict[type, Callable[[PageUrls, Any], str]] = {
    Photo: lambda urls, photo: urls.get_url("photo", trove_id=photo.trove_id),
    Album: lambda urls, album: urls.get_url("album", trove_id=album.trove_id),
    Month: PageUrls._get_month_url,
    PlaceCount: lambda urls, place: urls.get_list_url(place=place.id),
    Place: lambda urls, place: urls.get_list_url(place=str(place)),
    date: lambda urls, day: urls.get_url("day", year=day.year, month=day.month, day=day.day),
    int: lambda urls, year: urls.get_url("year", year=year),
    str: lambda urls, tag: urls.get_list_url(tags=tag),
}
