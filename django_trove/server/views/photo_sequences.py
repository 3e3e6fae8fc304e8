"""
The photos of an album or a month, or all photos, in the order in which they are browsed.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from django_trove.client.collections import Month
from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.client.result import Result

from ..index.values import parse_ids
from ..models import UNDATED, Album, Item
from ..models.values import to_epoch_seconds
from ..search.engine import search_content
from ..search.pagination import encode_cursor

PAGE_SIZE = 60
AFTER_DATED = encode_cursor(UNDATED + 1, 0)
"""A cursor between the items with a date and those without, by descending date."""


@dataclass(frozen=True, slots=True)
class PhotoSequence:
    """
    Photos and videos, the newest first.

    :param query: selects them.
    :param parameters: the query string that identifies the sequence in the URL of the page of
        one of its photos.
    """

    title: str
    url: str
    query: Query
    content_type: str = "photos"
    parameters: str = ""

    def get_page(self, user: Any, after: str, page: int) -> Result[Photo]:
        """
        :param after: the cursor of the previous page, or "".
        """
        query = replace(self.query, after=after or self.query.after, page=page, count=PAGE_SIZE)
        return search_content(user, self.content_type, query, "")

    def get_newer(self, user: Any, photo: Photo) -> Photo | None:
        return self._get_neighbor(user, photo, "service_date")

    def get_older(self, user: Any, photo: Photo) -> Photo | None:
        return self._get_neighbor(user, photo, "-service_date")

    def _get_neighbor(self, user: Any, photo: Photo, order: str) -> Photo | None:
        cursor = encode_cursor(to_epoch_seconds(photo.date), int(photo.trove_id))
        query = replace(self.query, after=cursor, count=1, order_by=[order])
        return next(iter(search_content(user, self.content_type, query, "")), None)


def all_photos() -> PhotoSequence:
    return PhotoSequence(_("Your photos"), reverse("trove_server:photo_list"), Query(total=False))


def all_videos() -> PhotoSequence:
    url = f"{reverse('trove_server:photo_list')}?type=videos"
    return PhotoSequence(_("Your videos"), url, Query(total=False), "videos")


def photos_of_album(album: Album) -> PhotoSequence:
    query = Query(
        albums=[album.service_id],
        identities_by_id=[str(album.identity_id)],
        videos=True,
        total=False,
    )
    url = reverse("trove_server:album_detail", args=[album.pk])
    return PhotoSequence(str(album), url, query, parameters=f"album={album.pk}")


def photos_of_month(month: Month) -> PhotoSequence:
    url = reverse("trove_server:month_detail", args=[month.id])
    first = month.first_day
    if first is None:
        query = Query(after=AFTER_DATED, videos=True, total=False)
        return PhotoSequence(_("Date unknown"), url, query)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    query = Query(day_from=first, day_to=last, videos=True, total=False)
    title = date_format(first, "YEAR_MONTH_FORMAT")
    return PhotoSequence(title, url, query, parameters=f"month={month.id}")


def find_sequence(request: HttpRequest, photo: Photo) -> PhotoSequence:
    """
    Return the sequence in the URL of a photo's page. By default, it contains all photos, or all
    videos.
    """
    ids = parse_ids([request.GET.get("album", "")])
    if album := albums_of(request.user).filter(pk__in=ids).first():
        return photos_of_album(album)
    month = month_of_photo(photo)
    if month and request.GET.get("month") == month.id:
        return photos_of_month(month)
    return all_videos() if photo.object_type == "video" else all_photos()


def month_of_photo(photo: Photo) -> Month | None:
    day = photo.local_date
    if day is None:
        return None
    return Month(id=f"{day.year:04}-{day.month:02}", year=day.year, month=day.month)


def albums_of(user: Any) -> QuerySet[Album]:
    return Album.objects.filter(owner=user)


def albums_of_photo(user: Any, photo: Photo) -> QuerySet[Album]:
    item = Item.objects.filter(
        pk=photo.trove_id, identity=OuterRef("identity"), album_id=OuterRef("service_id")
    )
    return albums_of(user).filter(Exists(item))
