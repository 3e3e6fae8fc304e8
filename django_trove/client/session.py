"""
Connections that are kept, and that hold a deadline.

A socket's own time-out starts anew with every byte, so a Trove that trickles could hold a worker
for ever: in a header, before a chunk, inside a compressed stream. Here every read from the socket
looks at the deadline of the call.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

POOL = 20
current_deadline: ContextVar[float | None] = ContextVar("ending", default=None)


@contextmanager
def deadline(moment: float) -> Iterator[None]:
    """
    Let the calls inside end by a moment of the monotonic clock, in seconds.
    """
    token = current_deadline.set(moment)
    try:
        yield
    finally:
        current_deadline.reset(token)


class DeadlineReader(io.RawIOBase):
    """
    What comes from a socket, until the deadline.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        moment = current_deadline.get()
        if moment is not None:
            left = moment - time.monotonic()
            if left <= 0:
                raise TimeoutError("The deadline has passed.")
            self._sock.settimeout(min(left, self._sock.gettimeout() or left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlineHTTPResponse(HTTPResponse):
    """
    An answer that is read through `DeadlineReader`.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(DeadlineReader(sock, self.fp.detach()))


class DeadlineHTTPConnection(HTTPConnection):
    response_class = DeadlineHTTPResponse


class DeadlineHTTPSConnection(HTTPSConnection):
    response_class = DeadlineHTTPResponse


class DeadlineHTTPConnectionPool(HTTPConnectionPool):
    ConnectionCls = DeadlineHTTPConnection


class DeadlineHTTPSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = DeadlineHTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """
    Uses those connections; through a proxy, the deadline is looked at between two reads.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": DeadlineHTTPConnectionPool,
            "https": DeadlineHTTPSConnectionPool,
        }


def pooled_session(*, trust_env: bool = False) -> requests.Session:
    """
    Return a session that many clients and threads can share: it keeps connections and nothing
    else, no cookie, no credential.

    :param trust_env: use proxies and certificates named in the environment, and netrc.
    """
    session = requests.Session()
    session.trust_env = trust_env
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, DeadlineAdapter(pool_maxsize=POOL, max_retries=0))
    return session
