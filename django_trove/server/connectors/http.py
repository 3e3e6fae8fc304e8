from __future__ import annotations

import time

import requests

TIMEOUT = (5, 30)  # seconds to connect, and between two reads
MAX_RESPONSE_BYTES = 30_000_000  # bytes
MAX_PICTURE_BYTES = 25_000_000  # bytes
MAX_SECONDS = 120  # seconds for a whole answer, however it drips
MAX_REDIRECTS = 3


def read_limited(answer: requests.Response, most: int) -> bytes:
    """
    :raises ValueError: if there is more.
    :raises requests.Timeout: if it takes too long.
    """
    parts, size, end = [], 0, time.monotonic() + MAX_SECONDS
    for part in answer.iter_content(65_536):
        if time.monotonic() > end:
            raise requests.Timeout
        size += len(part)
        if size > most:
            raise ValueError
        parts.append(part)
    return b"".join(parts)
