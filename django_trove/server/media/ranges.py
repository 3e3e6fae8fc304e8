"""
Files of any size, with range requests (RFC 9110, section 14): browsers require them to play and
seek videos.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

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

    def __init__(self, part: FilePart, content_type: str, status: int) -> None:
        super().__init__(part, content_type=content_type, status=status)
        self["Content-Length"] = str(part.remaining)
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
    bounds = _parse_range(_get_range(request, etag), size)
    if bounds is None:
        return FilePartResponse(FilePart(file, 0, size), content_type, 200)
    start, end = bounds
    if start >= end:
        file.close()
        return _refuse_range(size)
    response = FilePartResponse(FilePart(file, start, end - start), content_type, 206)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _get_range(request: HttpRequest, etag: str) -> str:
    """
    Return the value of Range; "" if it does not apply.
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return ""
    return request.headers.get("Range", "")


def _parse_range(text: str, size: int) -> tuple[int, int] | None:
    """
    Return the first position and the one after the last; None if the header is missing or invalid.
    A range that is not satisfiable is empty.
    """
    match = RANGE.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _refuse_range(size: int) -> HttpResponse:
    response = HttpResponse(status=416, content_type="text/plain")
    response["Content-Range"] = f"bytes */{size}"
    response["Accept-Ranges"] = "bytes"
    return response
