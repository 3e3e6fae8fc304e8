"""
Originals streamed from a service. They are not stored.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from ..connectors.base import Connector, OriginalPart
from ..connectors.errors import IncompleteResponse, ServiceFailed
from ..connectors.http import limit_wait
from ..connectors.messages import Message as _
from ..connectors.picture.formats import KNOWN_TYPES
from ..models import Item
from .fetch import ORIGINAL, cache_failures, record_failure
from .ranges import ByteRange, FilePartResponse, parse_range, refuse_range
from .signed_urls import media_version

PART_BYTES = 2 * 1024 * 1024
PART_SECONDS = 30.0
FILE_SECONDS = 900.0
READ_SECONDS = 10.0  # a disk of a NAS may have to start
PLAYERS = frozenset({"video", "audio"})
"""Values of Sec-Fetch-Dest."""

CHANGING = "private, max-age=3600"


class OriginalStream:
    """
    The content of a part. If it is incomplete, the connection to the client is closed.
    """

    def __init__(self, item: Item, part: OriginalPart, seconds: float) -> None:
        self._item, self._part, self._deadline = item, part, time.monotonic() + seconds

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._part.body
        except IncompleteResponse as error:
            if time.monotonic() < self._deadline:  # otherwise the client may be slow
                record_failure(self._item, ORIGINAL)
            raise ConnectionResetError(errno.ECONNRESET, error.reason) from None

    def close(self) -> None:
        self._part.body.close()


class OriginalRequest:
    """
    A request for the original of an item.

    Players request the next part by themselves, so the response to an open range is limited to
    `PART_BYTES`: it would otherwise occupy a worker for as long as the video plays. Other clients
    get the complete range, because they would treat the part as the rest of the file.

    The responses to players are not cached: the HTTP cache of Chromium adds an end to open ranges.
    """

    def __init__(self, request: HttpRequest, item: Item, connector: Connector) -> None:
        self._request, self._item, self._connector = request, item, connector
        self._seconds = FILE_SECONDS

    @property
    def is_player(self) -> bool:
        return self._request.headers.get("Sec-Fetch-Dest") in PLAYERS

    def find_part(self, etag: str) -> tuple[OriginalPart, str, bool]:
        """
        Return the part to send, its etag, and whether it is a range.

        :param etag: of the indexed original.
        :raises Http404: if the original does not exist any more, or has changed.
        :raises ServiceFailed: if it cannot be read now.
        """
        asked = self._parse_range()
        part = self._open_range(asked) if asked else self._open_file()
        own_etag = self._get_etag(part, etag)
        if asked and self._request.headers.get("If-Range", own_etag) != own_etag:
            part.body.close()
            asked, part = None, self._open_file()
        return part, self._get_etag(part, etag), bool(asked) and part.is_range

    def build_body(self, part: OriginalPart) -> OriginalStream:
        return OriginalStream(self._item, part, self._seconds)

    def _get_etag(self, part: OriginalPart, indexed: str) -> str:
        if not part.version:
            return indexed
        return f'"{media_version(f"{self._item.etag} {part.version}")}-{ORIGINAL}"'

    def _parse_range(self) -> ByteRange | None:
        is_get = self._request.method == "GET"
        return parse_range(self._request.headers.get("Range", "")) if is_get else None

    def _open_file(self) -> OriginalPart:
        self._seconds = FILE_SECONDS
        return self._open(0, None if self._request.method == "GET" else 1)

    def _open_range(self, asked: ByteRange) -> OriginalPart:
        if asked.first is None:
            return self._open_end(asked)
        if asked.last is not None or not self.is_player:
            return self._open(asked.first, None if asked.last is None else asked.last + 1)
        self._seconds = PART_SECONDS
        part = self._open(asked.first, asked.first + PART_BYTES)
        if part.is_range:
            return part
        part.body.close()
        return self._open_file()

    def _open_end(self, asked: ByteRange) -> OriginalPart:
        """
        The size must be known: not every server supports such a range.
        """
        part = self._open(0, 1)
        part.body.close()
        if part.size is None or not part.is_range:
            return self._open_file()
        start, end = asked.find_bounds(part.size)
        return self._open(start, end) if start < end else self._open(part.size, None)

    def _open(self, start: int, end: int | None) -> OriginalPart:
        item = self._item
        with (
            cache_failures(item, ORIGINAL),
            limit_wait(read=READ_SECONDS, total=self._seconds),
        ):
            part = self._connector.open_original(item.service_id, item.urls, item.etag, start, end)
        if part is None:
            raise Http404
        return part


def serve_original(
    request: HttpRequest, item: Item, connector: Connector, content_type: str, etag: str
) -> tuple[HttpResponseBase, str]:
    """
    Return a response with the original of an item, or a range of it, and the name of the file, or
    "".

    :param content_type: the indexed one.
    :param etag: a strong one, quoted, of the indexed original.
    :raises Http404: if the original does not exist any more, or has changed.
    :raises ServiceFailed: if it cannot be read now.
    """
    original = OriginalRequest(request, item, connector)
    part, etag, is_range = original.find_part(etag)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is not None or (is_range and part.start == part.end):
        part.body.close()
        response = response or refuse_range(part.size)
    else:
        media_type = part.type if part.type in KNOWN_TYPES else content_type
        body = original.build_body(part)
        response = _build_response(request, part, body, media_type, is_range=is_range)
    response["ETag"] = etag
    if response.status_code < 400 and (original.is_player or part.version):
        response["Cache-Control"] = "private, no-store" if original.is_player else CHANGING
    return response, part.name


def _build_response(
    request: HttpRequest,
    part: OriginalPart,
    body: OriginalStream,
    media_type: str,
    *,
    is_range: bool,
) -> HttpResponseBase:
    length = None if part.end is None else part.end - part.start
    if request.method == "HEAD":
        body.close()
        response = FilePartResponse((), media_type, 200, part.size)
    elif is_range:
        response = FilePartResponse(body, media_type, 206, length)
        last, size = part.start + (length or 0) - 1, "*" if part.size is None else part.size
        response["Content-Range"] = f"bytes {part.start}-{last}/{size}"
    elif part.end == part.size:
        response = FilePartResponse(body, media_type, 200, length)
    else:
        body.close()
        raise ServiceFailed(_("The service does not send the complete file."))
    if not part.is_range:
        del response["Accept-Ranges"]
    return response
