"""
Files of any size, with range requests (RFC 9110, section 14): browsers require them to play and
seek videos.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK_BYTES = 65_536
RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII)


class FilePart:
    """
    A part of an open file.

    :param file: must be seekable; it is closed with the response.
    """

    def __init__(self, file: Any, start: int, length: int) -> None:
        self.file, self.remaining = file, length
        file.seek(start)

    def read(self) -> bytes:
        chunk: bytes = self.file.read(min(CHUNK_BYTES, self.remaining))
        self.remaining -= len(chunk)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

    def close(self) -> None:
        self.file.close()


class FilePartResponse(StreamingHttpResponse):
    """
    A part of a file. Under ASGI, Django would read all of it before it is sent.
    """

    def __init__(self, part: Any, content_type: str, status: int, length: int | None) -> None:
        super().__init__(part, content_type=content_type, status=status)
        if length is not None:
            self["Content-Length"] = str(length)
        self["Accept-Ranges"] = "bytes"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks: Any = iter(self)  # of middleware, if it has replaced them
        read = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
        while chunk := await read():
            yield chunk


def serve_file(request: HttpRequest, file: Any, content_type: str, etag: str) -> HttpResponseBase:
    """
    Return a file, or the range of a GET request. A request for several ranges returns
    the whole file.

    :param file: an open file, which must be seekable.
    :param etag: a strong one, quoted.
    """
    file.seek(0, 2)
    size = file.tell()
    asked = parse_range(_get_range(request, etag))
    if asked is None:
        return FilePartResponse(FilePart(file, 0, size), content_type, 200, size)
    start, end = asked.find_bounds(size)
    if start >= end:
        file.close()
        return refuse_range(size)
    part = FilePart(file, start, end - start)
    response = FilePartResponse(part, content_type, 206, end - start)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _get_range(request: HttpRequest, etag: str) -> str:
    """
    Return the value of Range; "" if it does not apply.
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return ""
    return request.headers.get("Range", "")


class ByteRange(NamedTuple):
    """
    A range as requested.

    :param first: the first position; None if `last` is the number of bytes at the end of the file.
    :param last: the last position; None for the end of the file.
    """

    first: int | None
    last: int | None

    def find_bounds(self, size: int) -> tuple[int, int]:
        """
        Return the first position and the one after the last. A range that is not satisfiable is
        empty.
        """
        if self.first is None:
            return max(size - (self.last or 0), 0), size if self.last else 0
        return self.first, size if self.last is None else min(self.last + 1, size)


def parse_range(text: str) -> ByteRange | None:
    """
    Return the range of a header; None if it is missing or invalid, or has several ranges.
    """
    match = RANGE.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    first, last = (int(number) if number else None for number in match.groups())
    if first is not None and last is not None and last < first:
        return None
    return ByteRange(first, last)


def refuse_range(size: int | None) -> HttpResponse:
    response = HttpResponse(status=416, content_type="text/plain")
    if size is not None:
        response["Content-Range"] = f"bytes */{size}"
    response["Accept-Ranges"] = "bytes"
    return response
