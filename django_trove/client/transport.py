"""
Signed HTTP requests with deadlines and retries.

Requests are signed in the `Authorization` header (RFC 5849, section 3.4). Each attempt has its own
nonce and timestamp.
"""

from __future__ import annotations

import io
import itertools
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests_oauthlib import OAuth1
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, MaxRetryError, ReadTimeoutError

from .errors import (
    InvalidResponse,
    RateLimited,
    TimedOut,
    TroveError,
    Unavailable,
    Unreachable,
)
from .logs import HEADER, Call, get_request_id, log_call, request_id_scope, suppress_secret_logging
from .responses import Response, raise_for_status
from .token import Token

MAX_BYTES = 20_000_000  # 500 photos with long descriptions have about 1 MB


MAX_RETRY_AFTER = 5.0


CHUNK = 65_536


back_off = wait_exponential_jitter(multiplier=0.2, max=3, jitter=0.3)


class Transport:
    """
    Sends signed requests. `TroveAPI` documents the arguments.
    """

    def __init__(
        self,
        keys: Token,
        session: requests.Session,
        *,
        timeout: tuple[float, float],
        deadline: float,
        retries: int,
        signature_method: str,
        max_bytes: int,
        observe: Callable[[Call], object] | None = None,
    ) -> None:
        self._keys = keys
        self._session = session
        self._timeout = timeout
        self._deadline = deadline
        self._signature_method = signature_method
        self._max_bytes = max_bytes
        self._observe = observe
        self._retry = Retrying(
            stop=stop_after_attempt(retries + 1) | stop_before_delay(deadline),
            wait=_wait,
            retry=retry_if_exception(_is_retryable),
            reraise=True,
        )

    def call(
        self,
        method: str,
        url: str,
        *,
        token: Token | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
        **oauth: Any,
    ) -> Response:
        """
        Send a request. Idempotent requests are retried after a temporary error.

        :param oauth: further OAuth parameters: `callback_uri` or `verifier`.
        """
        ends_at = time.monotonic() + self._deadline
        numbers = itertools.count(1)

        def attempt() -> Response:
            started_at, number = time.monotonic(), next(numbers)

            def report(status: int | None, error: str = "") -> None:
                seconds = time.monotonic() - started_at
                call = Call(
                    method, describe_host(url), status, seconds, number, error, get_request_id()
                )
                log_call(call, self._observe)

            try:
                signature = self._signature(token, **oauth)
                response = self._send(
                    method, url, ends_at, params=params, data=form, auth=signature
                )
                raise_for_status(response, signed_by_token=token is not None)
            except TroveError as error:
                report(error.status, type(error).__name__)
                raise
            report(response.status)
            return response

        with request_id_scope():
            return self._retry(attempt) if idempotent else attempt()

    def _signature(self, token: Token | None, **oauth: Any) -> AuthBase | None:
        return OAuth1(
            self._keys.key,
            client_secret=self._keys.secret,
            resource_owner_key=token.key if token else None,
            resource_owner_secret=token.secret if token else None,
            signature_method=self._signature_method,
            nonce=secrets.token_hex(16),
            **oauth,
        )

    def _send(self, method: str, url: str, ends_at: float, **request: Any) -> Response:
        path = describe_host(url)
        remaining = ends_at - time.monotonic()
        if remaining <= 0:
            raise TimedOut(f"No response for {path} within {self._deadline:g} seconds.")
        connect, read = self._timeout
        try:
            with (
                suppress_secret_logging(),
                deadline(ends_at),
                self._session.request(
                    method,
                    url,
                    timeout=(min(connect, remaining), min(read, remaining)),
                    allow_redirects=False,
                    stream=True,
                    headers={HEADER: get_request_id()},
                    **request,
                ) as response,
            ):
                body = self._read(response, path, ends_at)
        except DecodeError:
            raise InvalidResponse(f"The response for {path} cannot be decompressed.") from None
        except (requests.RequestException, HTTPError) as error:
            # The frames of the cause contain signed headers, which debug pages would display.
            raise _error_class(error)(f"No response for {path}: {_describe(error)}.") from None
        return Response(path, response.status_code, response.headers, body)

    def _read(self, response: requests.Response, path: str, ends_at: float) -> bytes:
        """
        Read in chunks, to limit the size and the duration of slow or endless responses.
        """
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            size += len(chunk)
            chunks.append(chunk)
            if size > self._max_bytes:
                response.close()
                raise InvalidResponse(f"The response for {path} exceeds {self._max_bytes} bytes.")
            if time.monotonic() > ends_at:
                response.close()
                raise TimedOut(
                    f"The response for {path} was not complete after {self._deadline:g} seconds."
                )
        return b"".join(chunks)


def _error_class(error: Exception) -> type[Unavailable]:
    reason = error.args[0] if error.args else None
    if isinstance(error, requests.ConnectionError) and isinstance(reason, MaxRetryError):
        return Unreachable  # connecting failed, not reading the response
    timeouts = (requests.ReadTimeout, ReadTimeoutError)
    return TimedOut if isinstance(error, timeouts) or isinstance(reason, timeouts) else Unavailable


def _describe(error: BaseException) -> str:
    """
    Return the reason that a certificate is not trusted, or the name of the exception.
    """
    reason: object = error
    while isinstance(reason, BaseException):
        if isinstance(reason, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({reason.verify_message})"
        reason = getattr(reason, "reason", None) or (reason.args[0] if reason.args else None)
    return type(error).__name__


def _is_retryable(error: BaseException) -> bool:
    if not isinstance(error, (Unavailable, RateLimited)) or isinstance(error, TimedOut):
        return False
    return (error.retry_after or 0) <= MAX_RETRY_AFTER


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    seconds = error.retry_after if isinstance(error, (Unavailable, RateLimited)) else None
    return max(seconds or 0, back_off(state))


POOL_SIZE = 20


current_deadline: ContextVar[float | None] = ContextVar("current_deadline", default=None)


@contextmanager
def deadline(ends_at: float) -> Iterator[None]:
    """
    Limit the reads inside the context.

    :param ends_at: a value of `time.monotonic()`.
    """
    token = current_deadline.set(ends_at)
    try:
        yield
    finally:
        current_deadline.reset(token)


class DeadlineReader(io.RawIOBase):
    """
    Reads from a socket until the deadline.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        ends_at = current_deadline.get()
        if ends_at is not None:
            remaining = ends_at - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("The deadline has passed.")
            self._sock.settimeout(min(remaining, self._sock.gettimeout() or remaining))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlineHTTPResponse(HTTPResponse):
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
    With a proxy, the deadline is checked only between two reads.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": DeadlineHTTPConnectionPool,
            "https": DeadlineHTTPSConnectionPool,
        }


def pooled_session(*, trust_env: bool = False) -> requests.Session:
    """
    Return a session that clients and threads can share. It stores no cookies and no credentials.

    :param trust_env: use proxies and certificates from environment variables, and netrc.
    """
    session = requests.Session()
    session.trust_env = trust_env
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, DeadlineAdapter(pool_maxsize=POOL_SIZE, max_retries=0))
    return session


def describe_host(url: str) -> str:
    """
    Return the host and the path, for error messages.
    """
    return "".join(urlsplit(url)[1:3])
