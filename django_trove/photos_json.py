"""
The user's photos as JSON, for scripts of the site.

    path("photos.json", PhotosJSON.as_view(), name="photos-json"),

The keys are those of `serialize_photo` and `serialize_result`. They are stable; new keys may be
added.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_cookie
from msgspec.structs import asdict

from .client import (
    AccessDenied,
    NotConnected,
    NotGranted,
    Photo,
    Query,
    QueryError,
    Result,
    TokenRejected,
    Video,
)
from .client.errors import TroveError
from .client.query import as_utc
from .client.values import Place
from .conf import conf
from .core.database import non_atomic_requests
from .core.logs import log_unavailable
from .core.outages import respond_to_outages
from .filters import FILTERS, Filters, build_query, unknown_filter_message
from .photos.context import get_trove, show_public_only
from .photos.json_types import PhotoData, PlaceData, ResultData
from .services import Trove

__all__ = ["PhotosJSON", "serialize_photo", "serialize_result"]

ERROR_RESPONSES: tuple[tuple[type[TroveError], int, str, Any], ...] = (
    (QueryError, 400, "filter", ""),
    (NotConnected, 403, "not_connected", gettext_lazy("Connect your Trove first.")),
    (
        TokenRejected,
        403,
        "reconnect",
        gettext_lazy("This site no longer has access to your Trove. Reconnect to see your photos."),
    ),
    (
        NotGranted,
        403,
        "not_granted",
        gettext_lazy("You have not shared this content with this site. Reconnect to share it."),
    ),
    (
        AccessDenied,
        403,
        "access_denied",
        gettext_lazy("You have not shared your photos with this site."),
    ),
    (
        TroveError,
        503,
        "unavailable",
        gettext_lazy("These photos are unavailable. Try again in a few minutes."),
    ),
)
"""Exception class, status, `error` and `detail`. The first match is used."""


def _render_outage() -> JsonResponse:
    _status, code, detail = ERROR_RESPONSES[-1][1:]
    return JsonResponse({"error": code, "detail": str(detail)})


@method_decorator(login_not_required, name="dispatch")  # scripts receive 401 instead of a redirect
@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(vary_on_cookie, name="dispatch")
@method_decorator([non_atomic_requests, respond_to_outages(_render_outage)], name="dispatch")
class PhotosJSON(LoginRequiredMixin, View):
    """
    GET returns a page of the user's photos, filtered by the query string. The filters are those of
    the template tags, except `force_update`. Errors are JSON as well. Browsers may cache a
    response, but must revalidate it (`ETag`).
    """

    http_method_names = ["get", "head", "options"]

    paginate_by: ClassVar[int] = 24
    """The number of photos per page without `count`."""

    filters: ClassVar[Filters] = {}
    """Fixed filters. The query string cannot change them."""

    total: ClassVar[bool] = True
    """Whether to request the total."""

    def get_trove(self) -> Trove:
        """
        Return the Trove to query. Default: the Trove of the user.
        """
        return get_trove(self.request, self.request.user)

    def get_filters(self) -> Filters:
        """
        Return the filters that the query string cannot change.
        """
        return self.filters

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            public = self.get_filters().get("public")
            trove = show_public_only(request, self.get_trove(), public)
            result = trove.photos(self.get_query())
        except TroveError as error:
            return self.error_response(error)
        body = serialize_result(result) | {"next": self._next_url(result)}
        response = JsonResponse(body)
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        return get_conditional_response(request, etag, response=response) or response

    def get_query(self) -> Query:
        """
        Return the query of the query string.

        :raises QueryError: if a parameter is unknown or invalid.
        """
        requested = {name: _collapse_values(values) for name, values in self.request.GET.lists()}
        after = requested.pop("after", "")
        fixed = self.get_filters()
        for name in requested:
            if name not in FILTERS:
                raise QueryError(unknown_filter_message(name), field=name)
            if name in fixed or name == "force_update":
                raise QueryError(f"{name} cannot be changed here.", field=name)
        filters: dict[str, Any] = {"count": self.paginate_by} | requested | fixed
        query = build_query(**filters)
        query.after, query.total = after, self.total
        query.check()
        return query

    def error_response(self, error: TroveError) -> JsonResponse:
        """
        Return `error` and `detail`, and `connect_url` if the user must connect.
        """
        status, code, detail = next(f[1:] for f in ERROR_RESPONSES if isinstance(error, f[0]))
        body = {"error": code, "detail": str(detail) or error.detail}
        if isinstance(error, QueryError):
            body["field"] = error.field
        if isinstance(error, (NotConnected, NotGranted, TokenRejected)):
            body["connect_url"] = reverse("django_trove:account")
        response = JsonResponse(body, status=status)
        if status == 503:
            seconds = getattr(error, "retry_after", None) or conf.error_cache_seconds
            response["Retry-After"] = str(max(1, math.ceil(seconds)))
            log_unavailable(self.request, response)
        return response

    def handle_no_permission(self) -> Any:
        """
        Return the response for anonymous users.
        """
        body = {
            "error": "login_required",
            "detail": _("Log in first."),
            "login_url": resolve_url(self.get_login_url()),
        }
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Cookie"})

    def _next_url(self, result: Result[Photo]) -> str | None:
        if not result.has_next:
            return None
        parameters: QueryDict = self.request.GET.copy()
        parameters["page"] = str(result.page + 1)
        parameters.pop("after", None)
        if result.after:
            parameters["after"] = result.after
        return f"{self.request.path}?{parameters.urlencode()}"


def serialize_result(result: Result[Photo]) -> ResultData:
    """
    Return a page of photos as JSON-serializable data.
    """
    return {
        "photos": [serialize_photo(photo) for photo in result],
        "page": result.page,
        "total": result.total_number_of_results,
        "stale": result.stale,
    }


def serialize_photo(photo: Photo) -> PhotoData:
    """
    Return a photo as JSON-serializable data, with the names of `client.Photo`. Unknown values are
    null or an empty string. A missing size contains the URL of the nearest size.
    """
    location = photo.location
    return {
        "object_type": "video" if isinstance(photo, Video) else "photo",
        "trove_id": photo.trove_id,
        "service": photo.service,
        "id": photo.id,
        "title": photo.title,
        "description": photo.description,
        "owner": photo.owner,
        "tags": list(photo.tags),
        "date": _serialize_datetime(photo.date),
        "local_date": photo.local_date.isoformat(timespec="seconds") if photo.local_date else None,
        "utc_offset": photo.utc_offset,
        "upload_date": _serialize_datetime(photo.upload_date),
        "urls": {
            "thumbnail": photo.pictures.nearest("thumbnail") or None,
            "medium": photo.pictures.nearest("medium") or None,
            "large": photo.pictures.nearest("large") or None,
            "original": photo.urls.nearest("original") or None,  # may be the file of a video
        },
        "sizes": {size: list(pixels) for size, pixels in photo.sizes.items()},
        "media_type": photo.media_type,
        "duration": (photo.duration if isinstance(photo, Video) else 0) or None,
        "width": photo.width or None,
        "height": photo.height or None,
        "location": {"latitude": location[0], "longitude": location[1]} if location else None,
        "average_color": photo.average_color,
        "place": _serialize_place(photo.place),
        "album_id": photo.album_id,
        "album_title": photo.album_title,
        "camera": {"name": photo.camera.name, **asdict(photo.camera)},  # type: ignore[typeddict-item]
        "license": photo.license,
        "public": photo.public,
        "original_web_url": photo.original_web_url,
    }


def _serialize_place(place: Place) -> PlaceData | None:
    if not place:
        return None
    return {"name": place.name, "region": place.region, "country": place.country}


def _serialize_datetime(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return as_utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _collapse_values(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
