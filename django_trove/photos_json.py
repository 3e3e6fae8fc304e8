"""
One's own photos as JSON, for scripts in the site's own pages.

    path("photos.json", PhotosJSON.as_view(), name="photos-json"),

Its keys are those of `serialize_photo` and `serialize_result`: they stay, and others may be added.
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

from .client import AccessDenied, NotConnected, Photo, Query, QueryError, Result, TokenRejected
from .client.content import SIZES
from .client.errors import TroveError
from .client.query import as_utc
from .conf import conf
from .filters import FILTERS, Filters, build_query, unknown_filter_message
from .photos.context import empty_result, get_trove
from .services import Trove

__all__ = ["PhotosJSON", "serialize_photo", "serialize_result"]

ERROR_RESPONSES: tuple[tuple[type[TroveError], int, str, Any], ...] = (
    (QueryError, 400, "filter", ""),
    (NotConnected, 403, "not_connected", gettext_lazy("Connect your Trove first.")),
    (
        TokenRejected,
        403,
        "reconnect",
        gettext_lazy(
            "Your Trove no longer lets this site in. Connect it again to see your photos."
        ),
    ),
    (AccessDenied, 403, "refused", gettext_lazy("Your Trove doesn't show this site your photos.")),
    (
        TroveError,
        503,
        "unavailable",
        gettext_lazy("These photos can't be shown just now. Please try again in a few minutes."),
    ),
)
"""For each kind of failure the status, the `error` and the `detail`; the first that fits."""


@method_decorator(login_not_required, name="dispatch")  # a script gets 401, and no sign-in page
@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(vary_on_cookie, name="dispatch")
class PhotosJSON(LoginRequiredMixin, View):
    """
    A page of the visitor's photos by GET, filtered by the query string: the filters of the tags,
    but for `force_update`. What goes wrong is JSON too, with a status that says what kind it is.

    A browser may keep an answer, and asks each time whether it still holds (`ETag`).
    """

    http_method_names = ["get", "head", "options"]

    paginate_by: ClassVar[int] = 24
    """Photos on a page where `count` isn't given."""

    filters: ClassVar[Filters] = {}
    """What is given out at most; the query string can't change these."""

    total: ClassVar[bool] = True
    """Whether the total is wanted; without it the Trove doesn't have to count."""

    def get_trove(self) -> Trove:
        """
        Return whose photos are given out: the visitor's own.
        """
        return get_trove(self.request, self.request.user)

    def get_filters(self) -> Filters:
        """
        Return the filters that the query string can't change.
        """
        return self.filters

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            result = self.get_trove().photos(self.get_query())
        except TroveError as error:
            return self.failed(error)
        body = serialize_result(result) | {"next": self._next(result)}
        response = JsonResponse(body)
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        return get_conditional_response(request, etag, response=response) or response

    def get_query(self) -> Query:
        """
        Return what the query string asks for.

        :raises QueryError: naming the argument that makes no sense.
        """
        given = {name: _collapse_values(values) for name, values in self.request.GET.lists()}
        after = given.pop("after", "")
        fixed = self.get_filters()
        for name in given:
            if name not in FILTERS:
                raise QueryError(unknown_filter_message(name), field=name)
            if name in fixed or name == "force_update":
                raise QueryError(f"{name} can't be chosen here.", field=name)
        wanted: dict[str, Any] = {"count": self.paginate_by} | given | fixed
        query = build_query(**wanted)
        query.after, query.total = after, self.total
        query.check()
        return query

    def failed(self, error: TroveError) -> JsonResponse:
        """
        Return what went wrong: `error` and `detail`, and what helps.
        """
        status, code, detail = next(f[1:] for f in ERROR_RESPONSES if isinstance(error, f[0]))
        body = {"error": code, "detail": str(detail) or error.detail}
        if isinstance(error, QueryError):
            body["field"] = error.field
        if isinstance(error, (NotConnected, TokenRejected)):
            body["connect_url"] = reverse("django_trove:account")
        response = JsonResponse(body, status=status)
        if status == 503:
            empty_result(error)  # which logs it
            wait = getattr(error, "retry_after", None) or conf.error_cache_seconds
            response["Retry-After"] = str(max(1, math.ceil(wait)))
        return response

    def handle_no_permission(self) -> Any:
        """
        Answer whoever isn't signed in.
        """
        body = {
            "error": "sign_in",
            "detail": _("Sign in first."),
            "login_url": resolve_url(self.get_login_url()),
        }
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Cookie"})

    def _next(self, result: Result[Photo]) -> str | None:
        if not result.has_next:
            return None
        asked: QueryDict = self.request.GET.copy()
        asked["page"] = str(result.page + 1)
        asked.pop("after", None)
        if result.after:
            asked["after"] = result.after
        return f"{self.request.path}?{asked.urlencode()}"


def serialize_result(result: Result[Photo]) -> dict[str, Any]:
    """
    Return a page of photos as what JSON can hold.
    """
    return {
        "photos": [serialize_photo(photo) for photo in result],
        "page": result.page,
        "total": result.total_number_of_results,
        "stale": result.stale,
    }


def serialize_photo(photo: Photo) -> dict[str, Any]:
    """
    Return a photo as what JSON can hold, under the names that it has in Python. What isn't known
    is null, or an empty text; each size falls back to the nearest there is.
    """
    where = photo.location
    return {
        "trove_id": photo.trove_id,
        "service": photo.service,
        "id": photo.id,
        "title": photo.title,
        "description": photo.description,
        "owner": photo.owner,
        "tags": list(photo.tags),
        "date": _serialize_datetime(photo.date) if photo.date else None,
        "urls": {size: photo.urls.nearest(size) or None for size in SIZES},
        "width": photo.width or None,
        "height": photo.height or None,
        "location": {"latitude": where[0], "longitude": where[1]} if where else None,
        "album_id": photo.album_id,
        "license": photo.license,
        "public": photo.public,
        "original_web_url": photo.original_web_url,
    }


def _serialize_datetime(moment: datetime) -> str:
    return as_utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _collapse_values(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
