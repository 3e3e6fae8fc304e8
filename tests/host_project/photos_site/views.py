"""
The views of a site. They use the public API, and mypy checks its types.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, assert_type

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from django_trove.client import (
    NotConnected,
    Photo,
    Query,
    QueryError,
    RateLimited,
    Result,
    TokenRejected,
    TroveError,
)
from django_trove.filters import Filters
from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.middleware import TroveHttpRequest
from django_trove.models import TroveAccount
from django_trove.pagination import TrovePage, TrovePaginator
from django_trove.photos_json import PhotosJSON
from django_trove.services import Trove


def plain(request: HttpRequest) -> HttpResponse:
    trove = Trove(request.user)
    assert_type(trove.account, TroveAccount | None)
    if not trove.connected:
        return redirect("django_trove:account")
    try:
        photos = trove.photos(Query(tags_required=["snow"]).near((40.7, -73.95), 5))
    except (NotConnected, TokenRejected):
        return redirect("django_trove:account")
    except QueryError as error:
        return HttpResponse(error.field, status=400)
    except RateLimited as error:
        assert_type(error.retry_after, float | None)
        return HttpResponse(status=503)
    except TroveError as error:
        return HttpResponse(error.detail, status=503)
    assert_type(photos, Result[Photo])
    assert_type(photos[0], Photo)
    assert_type(photos.next_query, Query | None)
    assert_type(photos.total_number_of_results, int | None)
    for photo in photos:
        assert_type(photo.date, datetime | None)
        assert_type(photo.urls.thumbnail, str)
    return render(request, "photos.html", {"photos": photos})


def by_filters(trove: Trove) -> None:
    trove.photos(tags="snow,sea", since=date(2007, 3, 4), near=(40.7, -73.95, 5), count=12)
    trove.photos(tags=["snow"], until="2007-03-04", box="40,-74,41,-73", order_by="-date")
    wanted: Filters = {"tags": ["snow"], "page": "2"}
    assert_type(trove.photos(**wanted), Result[Photo])
    for photo in trove.iter_photos(**wanted):
        assert_type(photo, Photo)


def mistakes(trove: Trove) -> None:
    """
    Each line has a type error. If mypy does not find it, the unused ignore is an error.
    """
    trove.photos(tag="snow")  # type: ignore[call-arg]
    trove.photos(count=1.5)  # type: ignore[arg-type]
    trove.photos(since=2007)  # type: ignore[arg-type]
    trove.photos("snow")  # type: ignore[arg-type]
    Trove("ann")  # type: ignore[arg-type]
    wrong: Filters = {"tag": "snow"}  # type: ignore[typeddict-unknown-key]
    trove.photos(**wrong)


async def awaited(request: TroveHttpRequest) -> JsonResponse:
    assert_type(request.trove, Trove)
    photos = await request.trove.aphotos(tags="snow")
    assert_type(photos, Result[Photo])
    assert_type(await request.trove.aconnected(), bool)
    titles = [photo.title async for photo in request.trove.aiter_photos(since="2007-03-04")]
    return JsonResponse({"titles": titles})


def paged(request: HttpRequest) -> HttpResponse:
    paginator = TrovePaginator(Trove(request.user), 24, tags="snow")
    page = paginator.get_page(request.GET.get("page"))
    assert_type(page, TrovePage)
    assert_type(page.result.query, Query)
    assert_type(paginator.num_pages, int | None)
    return render(request, "photos.html", {"page_obj": page})


class SnowForm(forms.Form):
    tags = forms.CharField(required=False)

    def __init__(self, data: Any, *, trove: Trove) -> None:
        super().__init__(data)

    @property
    def filters(self) -> Filters:
        return {"tags": self.cleaned_data["tags"]}


class Snow(PhotoListView):
    paginate_by = 12
    filter_form_class = SnowForm
    template_name = "snow.html"
    total = False

    def get_filters(self) -> Filters:
        return {"any_tags": ["snow", "ice"], "since": date(2007, 1, 1)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title="Snow", **kwargs)


class OnePhoto(PhotoDetailView):
    photo_url_kwarg = "photo"


class Some(PhotosJSON):
    filters = {"services": "flickr"}
