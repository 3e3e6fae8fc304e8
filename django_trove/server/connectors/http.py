"""
Limits for HTTP requests to services.
"""

from __future__ import annotations

import time

import requests

TIMEOUT = (5, 30)  # seconds to connect, and between reads
MAX_RESPONSE_BYTES = 30_000_000
MAX_PICTURE_BYTES = 25_000_000
MAX_SECONDS = 120  # seconds for the whole response
MAX_REDIRECTS = 3


def read_limited(response: requests.Response, limit: int) -> bytes:
    """
    :raises ValueError: if the body is longer than `limit`.
    :raises requests.Timeout: after `MAX_SECONDS`.
    """
    chunks, size, deadline = [], 0, time.monotonic() + MAX_SECONDS
    for chunk in response.iter_content(65_536):
        if time.monotonic() > deadline:
            raise requests.Timeout
        size += len(chunk)
        if size > limit:
            raise ValueError
        chunks.append(chunk)
    return b"".join(chunks)
