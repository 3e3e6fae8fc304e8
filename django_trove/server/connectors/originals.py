"""
Streaming of originals from a service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import requests

from .base import OriginalPart
from .content_range import parse_content_range
from .entered import EnteredService
from .errors import IncompleteResponse, RangeIgnored, ServiceFailed
from .http import CHUNK
from .messages import Message as _

MAX_HEADER_LENGTH = 300
LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class ResponseBody:
    """
    The body of a response.

    :param title: of the service.
    :param length: number of bytes; None for all.
    """

    def __init__(self, response: requests.Response, title: str, length: int | None) -> None:
        self._response, self._title, self._remaining = response, title, length

    def __iter__(self) -> Iterator[bytes]:
        incomplete = _("%(service)s did not send the complete file.", service=self._title)
        try:
            for content in self._response.iter_content(CHUNK):
                chunk = content[: self._remaining]
                if self._remaining is not None:
                    self._remaining -= len(chunk)
                yield chunk
                if self._remaining == 0:
                    return
        except (requests.RequestException, ValueError):
            raise IncompleteResponse(incomplete) from None
        if self._remaining:
            raise IncompleteResponse(incomplete)

    def close(self) -> None:
        self._response.close()


def open_part(
    service: EnteredService,
    url: str,
    start: int,
    end: int | None,
    check: Callable[[requests.Response], None],
    **options: Any,
) -> OriginalPart:
    """
    Request a part of a file.

    :param check: raises the error of a response that is not successful.
    :raises RangeIgnored: as `Connector.open_original`.
    :raises ServiceFailed: if the service does not send the file.
    """
    headers = {
        "Accept-Encoding": "identity",
        "Range": f"bytes={start}-{'' if end is None else end - 1}",
        **options.pop("headers", {}),
    }
    response = service.open(url, headers=headers, **options)
    try:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return _build_empty_part(service, response, start)
        check(response)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ServiceFailed(
                _("%(service)s sends the file in a compressed form.", service=service.title)
            )
        return _build_part(service, response, start, end)
    except requests.RequestException:
        response.close()
        raise IncompleteResponse(service.describe_missing_file()) from None
    except BaseException:
        response.close()
        raise


def _build_part(
    service: EnteredService, response: requests.Response, start: int, end: int | None
) -> OriginalPart:
    status = response.status_code
    is_range = status == requests.codes.partial_content
    if not is_range and status != requests.codes.ok:
        raise ServiceFailed(
            _(
                "%(service)s did not send the file (status %(status)s).",
                service=service.title,
                status=status,
            )
        )
    if is_range:
        part_end, size = _get_range(response, start)
        part_end = part_end if end is None else min(part_end, end)
        return _to_part(service, response, start, part_end, size)
    if start:
        reason = _(
            "%(service)s sends complete files only, so it is not possible to seek.",
            service=service.title,
        )
        raise RangeIgnored(reason)
    size = _parse_length(response)
    return _to_part(service, response, 0, size, size, is_range=False)


def _build_empty_part(
    service: EnteredService, response: requests.Response, start: int
) -> OriginalPart:
    content_range = parse_content_range(response)
    size = content_range.size if content_range else None
    return _to_part(service, response, start, start, size)


def _to_part(
    service: EnteredService,
    response: requests.Response,
    start: int,
    end: int | None,
    size: int | None,
    *,
    is_range: bool = True,
) -> OriginalPart:
    length = None if end is None else end - start
    return OriginalPart(
        body=ResponseBody(response, service.title, length),
        start=start,
        end=end,
        size=size,
        is_range=is_range,
        etag=_get_header(response, "ETag"),
        modified=_get_header(response, "Last-Modified"),
        type=_get_header(response, "Content-Type").partition(";")[0].strip().lower(),
    )


def _get_range(response: requests.Response, start: int) -> tuple[int, int | None]:
    """
    Return the position after the last byte, and the size of the file.

    :raises ServiceFailed: if the response has another start, or the header is invalid.
    """
    content_range = parse_content_range(response)
    if not content_range or content_range.start != start or content_range.end is None:
        raise ServiceFailed(_("The server sent another part of the file than the requested one."))
    return content_range.end, content_range.size


def _parse_length(response: requests.Response) -> int | None:
    match = LENGTH.fullmatch(response.headers.get("Content-Length", ""))
    return int(match[0]) if match else None


def _get_header(response: requests.Response, name: str) -> str:
    return str(response.headers.get(name, "")).strip()[:MAX_HEADER_LENGTH]
