"""
Limits for HTTP requests to services.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any, NamedTuple

import requests

from django_trove.client.responses import parse_retry_after

from .base import RetryLater

TIMEOUT = (5, 30)  # seconds to connect, and between reads
MAX_RESPONSE_BYTES = 30_000_000
MAX_PICTURE_BYTES = 25_000_000
CHUNK = 65_536
MAX_SECONDS = 120  # seconds for the whole response
MAX_REDIRECTS = 3
MAX_DOWNLOAD_SECONDS = 900
PAGE_DOWNLOAD_SECONDS = 20  # while a page waits; a picture may have several megabytes

PAGE_WAIT = 2.5  # seconds


class WaitLimit(NamedTuple):
    """
    The arguments of `limit_wait`.
    """

    connect: float
    read: float
    download: float | None


page_wait: ContextVar[WaitLimit | None] = ContextVar("page_wait", default=None)


@contextmanager
def limit_wait(
    seconds: float = PAGE_WAIT, *, read: float | None = None, download: float | None = None
) -> Iterator[None]:
    """
    Wait less for responses than a sync does, so that a service that does not respond does not
    occupy the workers that serve pages.

    :param seconds: to connect; a whole response may take four times as long.
    :param read: seconds between reads, by default the same.
    :param download: seconds for a file, by default `PAGE_DOWNLOAD_SECONDS`.
    """
    token = page_wait.set(WaitLimit(seconds, seconds if read is None else read, download))
    try:
        yield
    finally:
        page_wait.reset(token)


def get_timeout() -> tuple[float, float]:
    """
    Return the seconds to connect, and between reads.
    """
    limit = page_wait.get()
    return TIMEOUT if limit is None else (limit.connect, limit.read)


def get_max_seconds(limit: float | None = None) -> float:
    """
    Return the seconds for a whole response.

    :param limit: outside of pages; by default `MAX_SECONDS`.
    """
    page_limit = page_wait.get()
    if page_limit is None:
        return MAX_SECONDS if limit is None else limit
    return 4 * page_limit.connect


def get_download_seconds() -> float:
    """
    Return the seconds for a response that may be a large file.
    """
    limit = page_wait.get()
    if limit is None:
        return MAX_DOWNLOAD_SECONDS
    return PAGE_DOWNLOAD_SECONDS if limit.download is None else limit.download


def find_outage(response: requests.Response, name: str) -> RetryLater | None:
    """
    Return the error of a response that is not permanent.

    :param name: of the service, at the start of a sentence.
    """
    status, seconds = response.status_code, parse_retry_after(response.headers)
    if status == requests.codes.too_many_requests:
        return RetryLater(f"{name} limits the rate of requests.", seconds)
    if status >= 500 and status != requests.codes.not_implemented:
        return RetryLater(f"{name} is unavailable (status {status}).", seconds)
    return None


class LimitedResponse(HTTPResponse):
    """
    A response whose header and body must be complete after `get_download_seconds`. Timeouts of
    sockets apply to each part that is received, which may be a single byte.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fp: Any = io.BufferedReader(_LimitedFile(self.fp.detach()))


class _LimitedFile(io.RawIOBase):
    def __init__(self, file: io.RawIOBase) -> None:
        self._file, self._deadline = file, time.monotonic() + get_download_seconds()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._deadline:
            raise TimeoutError
        count: int | None = self._file.readinto(buffer)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class TooLarge(Exception):
    """
    The body is longer than the limit.
    """


def read_limited(response: requests.Response, limit: int) -> bytes:
    """
    :raises TooLarge: if the body is longer than `limit`.
    :raises requests.Timeout: after `MAX_SECONDS`, or the limit of the page.
    """
    chunks, size, deadline = [], 0, time.monotonic() + get_max_seconds()
    for chunk in response.iter_content(CHUNK):
        if time.monotonic() > deadline:
            raise requests.Timeout
        size += len(chunk)
        if size > limit:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def read_start(response: requests.Response, length: int) -> bytes:
    """
    Read at most `length` bytes of a body.

    :raises requests.Timeout: as `read_limited`.
    """
    content, deadline = bytearray(), time.monotonic() + get_max_seconds()
    for chunk in response.iter_content(min(CHUNK, length)):
        content += chunk
        if len(content) >= length:
            break
        if time.monotonic() > deadline:
            raise requests.Timeout
    return bytes(content[:length])
