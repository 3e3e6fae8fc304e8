"""
The pictures that we serve. An address is the permission to see one, so no session is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from django_trove.client.content import SIZES

from .. import links
from ..models import Item
from ..services import connectors
from ..storage import storage

__all__ = ["picture"]

YEAR = 31_536_000
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
"""Browsers put a picture that is opened by itself into a page with a style of their own."""


@login_not_required
@require_safe
def picture(request: HttpRequest, signed: str, size: str) -> HttpResponseBase:
    """
    Serve a picture in one size.
    """
    item = links.opened(signed, size) if size in SIZES else None
    if item is None:
        raise Http404
    etag = f'"{links.version(item)}-{size}"'
    answer = get_conditional_response(request, etag=etag) or _file(item, size)
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _file(item: Item, size: str) -> HttpResponseBase:
    file = item.files.get(size)
    if file is None:
        raise Http404
    if size == "original":
        return FileResponse(_original(item), content_type=file["type"])
    try:
        with storage().open(file["name"]) as content:
            return HttpResponse(content.read(), content_type=file["type"])
    except FileNotFoundError:
        raise Http404 from None


def _original(item: Item) -> BinaryIO:
    """
    Open the person's own file, if it is still there and still the one that was read.
    """
    connector: Any = connectors().get(item.identity.service)
    path = connector and connector(item.identity.settings).original(item.service_id, item.stamp)
    if not path:
        raise Http404
    try:
        return Path(path).open("rb")
    except OSError:  # it went away, or is closed to us, since it was looked at
        raise Http404 from None
