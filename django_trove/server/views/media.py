"""
The pictures that we serve. An address is the permission to see one, so no session is asked for.
"""

from __future__ import annotations

from typing import BinaryIO

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from django_trove.client.content import SIZES

from ..accounts.registry import get_connector
from ..connectors.base import ServiceFailed
from ..media.fetch import FAILURE_TTL, fetch_rendition
from ..media.storage import get_storage
from ..media.urls import media_version, verify_media_token
from ..models import Item

YEAR = 31_536_000
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
"""Browsers put a picture that is opened by itself into a page with a style of their own."""


@login_not_required
@require_safe
def media_file(request: HttpRequest, signed: str, size: str) -> HttpResponseBase:
    """
    Serve a picture in one size.
    """
    item = verify_media_token(signed, size) if size in SIZES else None
    if item is None:
        raise Http404
    etag = f'"{media_version(item)}-{size}"'
    answer = get_conditional_response(request, etag=etag) or _open_file(item, size)
    answer["ETag"] = etag
    if answer.status_code < 400:
        answer["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _open_file(item: Item, size: str) -> HttpResponseBase:
    file = item.files.get(size)
    if file is None:
        raise Http404
    if not file:
        return _proxy_from_service(item, size)
    if size == "original":
        return FileResponse(_open_original(item), content_type=file["type"])
    try:
        with get_storage().open(file["name"]) as content:
            return HttpResponse(content.read(), content_type=file["type"])
    except FileNotFoundError:
        raise Http404 from None


def _proxy_from_service(item: Item, size: str) -> HttpResponseBase:
    """
    Serve what lies at the service, and can't be shown from there.
    """
    try:
        rendition = fetch_rendition(item, size)
    except ServiceFailed as failed:
        response = HttpResponse(failed.reason, status=503, content_type="text/plain")
        response["Retry-After"] = str(FAILURE_TTL)
        return response
    if rendition is None:
        raise Http404
    return HttpResponse(rendition.content, content_type=rendition.type)


def _open_original(item: Item) -> BinaryIO:
    """
    Open the person's own file, if it is still there and still the one that was read.
    """
    try:
        path = get_connector(item.identity).original(item.service_id, item.etag)
    except ServiceFailed:
        path = None
    if not path:
        raise Http404
    try:
        return path.open("rb")
    except OSError:  # it went away, or is closed to us, since it was looked at
        raise Http404 from None
