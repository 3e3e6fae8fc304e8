"""
Images and videos served by this Trove. The signed URL is a capability (protocol, section 3.8): no
session is required.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import BinaryIO

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from django_trove.client.values import SIZES
from django_trove.core.database import non_atomic_requests
from django_trove.core.logs import log_unavailable
from django_trove.core.outages import respond_to_outages

from ..accounts.registry import get_connector
from ..connectors.base import Connector
from ..connectors.errors import RangeIgnored, ServiceFailed
from ..connectors.picture.formats import KNOWN_TYPES, find_suffix
from ..media.fetch import FAILURE_TTL, fetch_rendition
from ..media.originals import serve_original
from ..media.ranges import serve_file
from ..media.signed_urls import media_version, verify_media_token
from ..media.storage import get_storage
from ..models import Item
from ..translation import translate_message

CONTROL_CHARACTERS = re.compile("[\0-\x1f\x7f]")
TEXT_TYPE = "text/plain; charset=utf-8"
ONE_YEAR = 31_536_000
# Browsers display a single image or video in a generated page with an inline style.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"

logger = logging.getLogger(__name__)


def _render_outage() -> HttpResponse:
    return HttpResponse(_("This Trove is temporarily unavailable."), content_type=TEXT_TYPE)


@non_atomic_requests  # an image may be fetched from its service
@login_not_required
@require_safe
@respond_to_outages(_render_outage)
def media_file(request: HttpRequest, signed: str, size: str) -> HttpResponseBase:
    item = verify_media_token(signed, size) if size in SIZES else None
    if item is None:
        raise Http404
    etag = f'"{media_version(item.etag)}-{size}"'
    response = _respond(request, item, size, etag)
    response.setdefault("ETag", etag)
    if isinstance(response, HttpResponse) and response.status_code == 503:
        log_unavailable(request, response)
    if response.status_code < 400:
        response.setdefault("Cache-Control", f"private, max-age={ONE_YEAR}, immutable")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _respond(request: HttpRequest, item: Item, size: str, etag: str) -> HttpResponseBase:
    file = item.files.get(size)
    if file and "name" not in file:
        return _serve_original(request, item, file["type"], etag)
    return get_conditional_response(request, etag=etag) or _open_file(request, item, size, etag)


def _open_file(request: HttpRequest, item: Item, size: str, etag: str) -> HttpResponseBase:
    file = item.files.get(size)
    if file is None:
        raise Http404
    if not file:
        return _proxy_from_service(item, size)
    try:
        content = get_storage().open(file["name"])
        if size == "original":  # may be a large video
            return serve_file(request, content, file["type"], etag)
        with content:
            return HttpResponse(content.read(), content_type=file["type"])
    except FileNotFoundError:
        raise Http404 from None
    except Exception:  # each storage raises exceptions of its own
        logger.exception("A thumbnail could not be read.")
        return _retry_later(_("The picture cannot be read now."))


def _proxy_from_service(item: Item, size: str) -> HttpResponseBase:
    """
    Serve an image whose URL at the service requires credentials.
    """
    try:
        rendition = fetch_rendition(item, size)
    except ServiceFailed as error:
        return _retry_later(translate_message(error.reason))
    if rendition is None:
        raise Http404
    return HttpResponse(rendition.content, content_type=rendition.type)


def _retry_later(reason: str) -> HttpResponse:
    response = HttpResponse(reason, status=503, content_type=TEXT_TYPE)
    response["Retry-After"] = str(FAILURE_TTL)
    return response


def _serve_original(
    request: HttpRequest, item: Item, content_type: str, etag: str
) -> HttpResponseBase:
    """
    Serve the original from a file of the connector, or from the service.
    """
    try:
        connector = get_connector(item.identity)
        path = connector.original(item.service_id, item.etag)
        if not path:
            return _pass_original_on(request, item, connector, content_type, etag)
    except RangeIgnored as error:
        return HttpResponse(translate_message(error.reason), status=404, content_type=TEXT_TYPE)
    except ServiceFailed as error:
        return _retry_later(translate_message(error.reason))
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    response = serve_file(request, _open_original(path), content_type, etag)
    _set_name(response, path.name)
    return response


def _open_original(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError:  # deleted or made unreadable after the check
        raise Http404 from None


def _pass_original_on(
    request: HttpRequest, item: Item, connector: Connector, content_type: str, etag: str
) -> HttpResponseBase:
    """
    Files of other types than those of pictures and videos, such as SVG, are downloaded only.
    """
    media_type = content_type if content_type in KNOWN_TYPES else "application/octet-stream"
    response, name = serve_original(request, item, connector, media_type, etag)
    if response.status_code in (200, 206):
        media_type = response["Content-Type"]
        name = name or f"{item.title or item.service_id}{find_suffix(media_type)}"
        _set_name(response, name, is_attachment=media_type not in KNOWN_TYPES)
    return response


def _set_name(response: HttpResponseBase, name: str, *, is_attachment: bool = False) -> None:
    name = CONTROL_CHARACTERS.sub("_", name)
    response["Content-Disposition"] = content_disposition_header(is_attachment, name) or "inline"
