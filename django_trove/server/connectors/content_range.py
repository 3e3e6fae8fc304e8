"""
The Content-Range header of a response (RFC 9110, 14.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(?:(\d{1,18})|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ContentRange:
    """
    The position of a part in a file.

    :param start: position of its first byte; None if the response has no content of the file.
    :param end: the position after its last byte; None like `start`.
    :param size: of the complete file; None if it is unknown.
    """

    start: int | None
    end: int | None
    size: int | None


def parse_content_range(response: requests.Response) -> ContentRange | None:
    """
    Return None if the response has no valid header.
    """
    match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not match:
        return None
    start, last, size = (None if text is None else int(text) for text in match.groups())
    if start is None or last is None:
        return ContentRange(None, None, size)
    if last < start or (size is not None and size <= last):
        return None
    return ContentRange(start, last + 1, size)
