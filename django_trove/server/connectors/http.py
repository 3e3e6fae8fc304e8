"""
Limits for HTTP requests to services.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import requests

from django_trove.client.responses import parse_retry_after

from .errors import RetryLater
from .messages import Message as _

TIMEOUT = (5, 30)  # seconds to connect, and between reads
MAX_RESPONSE_BYTES = 30_000_000
MAX_PICTURE_BYTES = 25_000_000
CHUNK = 65_536
MAX_SECONDS = 120  # seconds for the whole response
MAX_REDIRECTS = 3
MAX_DOWNLOAD_SECONDS = 400  # less than the lease of a sync
PAGE_DOWNLOAD_SECONDS = 20  # during a page request; a picture may have several megabytes
MIN_TIMEOUT = 0.01  # must not be 0
MIN_PAGE_RATE = 20_000  # bytes per second, during a page request
RATE_SECONDS = 5.0  # of waiting, before the minimum rate applies

PAGE_WAIT = 2.5  # seconds


@dataclass(frozen=True, slots=True)
class PageWait:
    """
    :param connect: seconds to connect.
    :param read: seconds between reads.
    :param deadline: of all responses together.
    """

    connect: float
    read: float
    deadline: float

    @property
    def remaining(self) -> float:
        return self.deadline - time.monotonic()


page_wait: ContextVar[PageWait | None] = ContextVar("page_wait", default=None)


@contextmanager
def limit_wait(
    seconds: float = PAGE_WAIT, *, read: float | None = None, total: float = PAGE_DOWNLOAD_SECONDS
) -> Iterator[None]:
    """
    Apply shorter timeouts than in a sync, so that an unresponsive service does not block the
    workers that serve pages.

    :param seconds: to connect; a whole response, except for files, may take four times as long.
    :param read: seconds between reads, by default the same.
    :param total: seconds for all responses together.
    """
    wait = PageWait(seconds, seconds if read is None else read, time.monotonic() + total)
    token = page_wait.set(wait)
    try:
        yield
    finally:
        page_wait.reset(token)


def get_timeout() -> tuple[float, float]:
    """
    Return the seconds to connect, and between reads.
    """
    wait = page_wait.get()
    if wait is None:
        return TIMEOUT
    remaining = max(wait.remaining, MIN_TIMEOUT)
    return min(wait.connect, remaining), min(wait.read, remaining)


def get_max_seconds() -> float:
    """
    Return the seconds for a whole response.
    """
    wait = page_wait.get()
    if wait is None:
        return MAX_SECONDS
    return min(4 * wait.connect, wait.remaining)


def get_download_seconds() -> float:
    """
    Return the seconds for a response that may be a large file.
    """
    wait = page_wait.get()
    return MAX_DOWNLOAD_SECONDS if wait is None else wait.remaining


def is_page_over() -> bool:
    """
    Return whether the time limit of the page request has passed. A missing response is then not a
    failure of the service.
    """
    wait = page_wait.get()
    return wait is not None and wait.remaining <= 0


def find_outage(response: requests.Response, name: str) -> RetryLater | None:
    """
    Return the error of a temporary failure (status 429 or 5xx); None for other responses.

    :param name: of the service, at the start of a sentence.
    """
    status, seconds = response.status_code, parse_retry_after(response.headers)
    if status == requests.codes.too_many_requests:
        return RetryLater(_("%(service)s limits the rate of requests.", service=name), seconds)
    if status >= 500 and status != requests.codes.not_implemented:
        return RetryLater(
            _("%(service)s is unavailable (status %(status)s).", service=name, status=status),
            seconds,
        )
    return None


class LimitedResponse(HTTPResponse):
    """
    A response whose header and body must be complete after `get_download_seconds`. During a page
    request, it must also have a minimum rate. Timeouts of sockets apply to each received part,
    which may be a single byte.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fp: Any = io.BufferedReader(_LimitedFile(self.fp.detach()))


class _LimitedFile(io.RawIOBase):
    def __init__(self, file: io.RawIOBase) -> None:
        self._file, self._deadline = file, time.monotonic() + get_download_seconds()
        self._min_rate = 0 if page_wait.get() is None else MIN_PAGE_RATE
        self._waited, self._received = 0.0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        started = time.monotonic()
        if started > self._deadline or self._is_slow():
            raise TimeoutError
        count: int | None = self._file.readinto(buffer)
        self._waited += time.monotonic() - started
        self._received += count or 0
        return count

    def _is_slow(self) -> bool:
        """
        Count only the time spent waiting for the server, not for the client of a page.
        """
        return self._waited > RATE_SECONDS and self._received < self._min_rate * self._waited

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
