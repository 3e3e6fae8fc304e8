"""
The pages of the user's albums and of the timeline, and the photos before and after a photo.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from django_trove.client.collections import Month
from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.client.result import Result

from ..accounts.registry import get_attributions, get_service_titles
from ..index.values import parse_ids
from ..models import UNDATED, Album, Identity, Item
from ..models.values import to_epoch_seconds
from ..search.collections import search_collection
from ..search.engine import search_content
from ..search.pagination import encode_cursor
from .base import login_required_page, render_page

PAGE_SIZE = 60
PAGE_NUMBER = re.compile("[1-9][0-9]{0,7}")
CONTENT_TYPES = ("photos", "videos")
AFTER_DATED = encode_cursor(UNDATED + 1, 0)
"""A cursor between the items with a date and those without, by descending date."""


@dataclass(frozen=True, slots=True)
class Collection:
    """
    Photos and videos that are browsed together.

    :param query: selects them, the newest first.
    :param parameters: the query string that identifies the collection in the URL of the page of
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


def all_photos() -> Collection:
    return Collection(_("Your photos"), reverse("trove_server:photo_list"), Query(total=False))


def all_videos() -> Collection:
    url = f"{reverse('trove_server:photo_list')}?type=videos"
    return Collection(_("Your videos"), url, Query(total=False), "videos")


def photos_of_album(album: Album) -> Collection:
    query = Query(
        albums=[album.service_id],
        identities_by_id=[str(album.identity_id)],
        videos=True,
        total=False,
    )
    url = reverse("trove_server:album_detail", args=[album.pk])
    return Collection(str(album), url, query, parameters=f"album={album.pk}")


def photos_of_month(month: Month) -> Collection:
    url = reverse("trove_server:month_detail", args=[month.id])
    first = month.first_day
    if first is None:
        query = Query(after=AFTER_DATED, videos=True, total=False)
        return Collection(_("Date unknown"), url, query)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    query = Query(day_from=first, day_to=last, videos=True, total=False)
    title = date_format(first, "YEAR_MONTH_FORMAT")
    return Collection(title, url, query, parameters=f"month={month.id}")


def find_collection(request: HttpRequest, photo: Photo) -> Collection:
    """
    Return the collection in the URL of a photo's page. By default, these are all photos, or all
    videos.
    """
    for pk in parse_ids([request.GET.get("album", "")]):
        for album in albums_of(request.user).filter(pk=pk):
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


def services_of(user: Any) -> list[str]:
    """
    Return the names of the services of a user's accounts.
    """
    identities = Identity.objects.of(user).order_by("service")
    return list(dict.fromkeys(identities.values_list("service", flat=True)))


def albums_of(user: Any) -> QuerySet[Album]:
    return Album.objects.filter(owner=user)


def albums_of_photo(user: Any, photo: Photo) -> list[Album]:
    items = Item.objects.filter(pk=photo.trove_id, owner=user)
    return [
        album
        for identity, album_id in items.values_list("identity", "album_id")
        for album in albums_of(user).filter(identity=identity, service_id=album_id)
    ]


def get_page_number(request: HttpRequest) -> int:
    page = request.GET.get("page", "")
    return int(page) if PAGE_NUMBER.fullmatch(page) else 1


@require_safe
@login_required_page
def album_list(request: HttpRequest) -> HttpResponse:
    query = Query(page=get_page_number(request), count=PAGE_SIZE, total=False)
    result = search_collection(request.user, "albums", query, "", CONTENT_TYPES)
    titles = get_service_titles()
    albums = [(album, titles.get(album.service, album.service)) for album in result]
    context = {
        "section": "photos",
        "page": "albums",
        "albums": albums,
        "result": result,
        "attributions": get_attributions(dict.fromkeys(album.service for album in result)),
    }
    return render_page(request, "album_list.html", context)


@require_safe
@login_required_page
def album_detail(request: HttpRequest, pk: int) -> HttpResponse:
    album = get_object_or_404(albums_of(request.user).select_related("identity"), pk=pk)
    context = {
        "page": "albums",
        "counts": album,
        "service": get_service_titles().get(album.identity.service, album.identity.service),
        "attributions": get_attributions([album.identity.service]),
    }
    return _render_collection(request, "album_detail.html", photos_of_album(album), context)


@require_safe
@login_required_page
def timeline(request: HttpRequest) -> HttpResponse:
    months = search_collection(request.user, "timeline", Query(), "", CONTENT_TYPES)
    years = [list(group) for __, group in groupby(months, lambda month: month.year)]
    context = {
        "section": "photos",
        "page": "timeline",
        "years": [(_add_counts(year), year) for year in years],
    }
    return render_page(request, "timeline.html", context)


def _add_counts(months: list[Month]) -> dict[str, int]:
    return {
        "photos": sum(month.photos for month in months),
        "videos": sum(month.videos for month in months),
    }


@require_safe
@login_required_page
def month_detail(request: HttpRequest, month_id: str) -> HttpResponse:
    months = search_collection(request.user, "timeline", Query(), "", CONTENT_TYPES).results
    position = next((n for n, month in enumerate(months) if month.id == month_id), None)
    if position is None:
        raise Http404
    context = {
        "page": "timeline",
        "counts": months[position],
        "newer": months[position - 1] if position else None,
        "older": months[position + 1] if position + 1 < len(months) else None,
        "attributions": get_attributions(services_of(request.user)),
    }
    return _render_collection(
        request, "month_detail.html", photos_of_month(months[position]), context
    )


def _render_collection(
    request: HttpRequest, template: str, collection: Collection, context: dict[str, Any]
) -> HttpResponse:
    after = request.GET.get("after", "")
    context["section"], context["collection"] = "photos", collection
    context["result"] = collection.get_page(request.user, after, get_page_number(request))
    return render_page(request, template, context)
