"""
The pages of the user's albums and of the timeline.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from django_trove.client.collections import Month
from django_trove.client.query import Query

from ..accounts.registry import get_attributions, get_service_titles
from ..models import Identity
from ..search.collections import search_collection
from .base import login_required_page, render_page
from .photo_sequences import (
    PAGE_SIZE,
    PhotoSequence,
    albums_of,
    photos_of_album,
    photos_of_month,
)

PAGE_NUMBER = re.compile("[1-9][0-9]{0,7}")
CONTENT_TYPES = ("photos", "videos")


def services_of(user: Any) -> list[str]:
    """
    Return the names of the services of a user's accounts.
    """
    identities = Identity.objects.of(user).order_by("service")
    return list(dict.fromkeys(identities.values_list("service", flat=True)))


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
    return _render_sequence(request, "album_detail.html", photos_of_album(album), context)


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
    return _render_sequence(
        request, "month_detail.html", photos_of_month(months[position]), context
    )


def _render_sequence(
    request: HttpRequest, template: str, sequence: PhotoSequence, context: dict[str, Any]
) -> HttpResponse:
    after = request.GET.get("after", "")
    context["section"], context["sequence"] = "photos", sequence
    context["result"] = sequence.get_page(request.user, after, get_page_number(request))
    return render_page(request, template, context)
