"""
Files and parts of files over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import requests

from ..content_range import parse_content_range
from ..entered import EnteredService
from ..errors import AddressRefused, IncompleteResponse, Misconfigured, RetryLater, ServiceFailed
from ..http import read_start
from ..messages import Message as _
from .content import FilePart
from .entries import FileFailed

IDENTITY = {"Accept-Encoding": "identity"}


def fetch_part(
    service: EnteredService,
    url: str,
    start: int,
    length: int,
    check: Callable[[requests.Response], None],
    **options: Any,
) -> FilePart:
    """
    Fetch a part of a file. No more than `length` bytes are received, even if the server ignores
    ranges.

    :param check: raises the error of a response that is not successful.
    :raises FileFailed: if the server ignores a range that does not begin at 0, or redirects to
        another origin.
    :raises NoResponse: if there is no response.
    :raises IncompleteResponse: if the part is incomplete.
    """
    headers = IDENTITY | {"Range": f"bytes={start}-{start + length - 1}"}
    with _convert_failures():
        response = service.open(url, headers=headers, **options)
    try:
        with response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                return FilePart(b"", _get_size(response))
            check(response)
            if not response.ok:
                raise FileFailed(
                    _(
                        "The server did not send the file (status %(status)s).",
                        status=response.status_code,
                    )
                )
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise FileFailed(
                    _("%(service)s sends the file in a compressed form.", service=service.title)
                )
            if _get_start(response) != start:
                raise FileFailed(_("The server does not send parts of files."))
            return FilePart(read_start(response, length), _get_size(response))
    except (requests.RequestException, ValueError):
        raise IncompleteResponse(service.describe_missing_file()) from None


def fetch_file(
    service: EnteredService,
    url: str,
    target: BinaryIO,
    limit: int,
    check: Callable[[requests.Response], None],
    **options: Any,
) -> None:
    """
    Write a complete file to `target`.

    :raises FileFailed: if it is larger than `limit`, or the server redirects to another origin.
    """
    with _convert_failures():
        response = service.download(url, target, limit, headers=IDENTITY, **options)
    check(response)
    if response.status_code != requests.codes.ok:
        raise FileFailed(
            _("The server did not send the file (status %(status)s).", status=response.status_code)
        )


@contextmanager
def _convert_failures() -> Iterator[None]:
    """
    Convert an error of one file, so that the other files are still read.
    """
    try:
        yield
    except (AddressRefused, Misconfigured, RetryLater):
        raise
    except ServiceFailed as error:
        raise FileFailed(error.reason) from None


def _get_start(response: requests.Response) -> int | None:
    """
    Return the position of the content in the file: 0 for a complete file, None if it is unknown.
    """
    if response.status_code != requests.codes.partial_content:
        return 0
    content_range = parse_content_range(response)
    return content_range.start if content_range else None


def _get_size(response: requests.Response) -> int:
    """
    Return the size of the complete file; 0 if it is unknown.
    """
    if content_range := parse_content_range(response):
        return content_range.size or 0
    length = response.headers.get("Content-Length", "")
    is_complete = response.status_code == requests.codes.ok
    return int(length) if is_complete and length.isascii() and length.isdigit() else 0
