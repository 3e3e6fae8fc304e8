"""
Signed calls over one pooled session: deadlines, retries, and what is refused.

A client signs with RFC 5849 (section 3.4) in the `Authorization` header, each attempt with a nonce
and a time-stamp of its own.
"""

from __future__ import annotations

import io
import itertools
import secrets
import socket
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
from urllib3.exceptions import DecodeError, HTTPError, MaxRetryError

from .errors import InvalidResponse, RateLimited, TroveError, Unavailable, Unreachable
from .logs import HEADER, Call, get_request_id, log_call, request_id_scope, suppress_secret_logging
from .responses import Response, raise_for_status
from .token import Token

MAX_BYTES = 20_000_000  # 500 photos with long descriptions take about one


MAX_RETRY_AFTER = 5.0


CHUNK = 65_536


back_off = wait_exponential_jitter(multiplier=0.2, max=3, jitter=0.3)


class Transport:
    """
    Sends signed calls and hands back answers, or raises what the caller can act on.

    :param keys: the application's consumer key and secret.
    :param session: where the calls go out; shared freely.
    :param timeout: seconds to connect and between two reads.
    :param deadline: seconds for one call in all, its retries included.
    :param retries: how often a passing fault of an idempotent call is tried again.
    :param signature_method: "HMAC-SHA256", "HMAC-SHA512" or "HMAC-SHA1".
    :param max_bytes: the largest answer that is read, after decompression.
    :param observe: is told of each attempt.
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
        self._retries = retries
        self._observe = observe

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
        Send one call, and again where that is safe and may help.

        :param token: the request or access token that signs beside the keys.
        :param oauth: further protocol parameters, `callback_uri` or `verifier`.
        :raises TroveError: the one that fits.
        """
        ends = time.monotonic() + self._deadline
        numbers = itertools.count(1)

        def attempt() -> Response:
            began, number = time.monotonic(), next(numbers)

            def tell_of(status: int | None, error: str = "") -> None:
                seconds = time.monotonic() - began
                call = Call(
                    method, describe_host(url), status, seconds, number, error, get_request_id()
                )
                log_call(call, self._observe)

            try:
                signature = self._signature(token, **oauth)
                answer = self._send(method, url, ends, params=params, data=form, auth=signature)
                raise_for_status(answer, signed_by_token=token is not None)
            except TroveError as fault:
                tell_of(fault.status, type(fault).__name__)
                raise
            tell_of(answer.status)
            return answer

        with request_id_scope():
            return self._tried(attempt, idempotent=idempotent)

    def _tried(self, attempt: Callable[[], Response], *, idempotent: bool) -> Response:
        if not (idempotent and self._retries):
            return attempt()
        retrying = Retrying(
            stop=stop_after_attempt(self._retries + 1) | stop_before_delay(self._deadline),
            wait=_wait,
            retry=retry_if_exception(_is_retryable),
            reraise=True,
        )
        return retrying(attempt)

    def _signature(self, token: Token | None, **oauth: Any) -> OAuth1:
        return OAuth1(
            self._keys.key,
            client_secret=self._keys.secret,
            resource_owner_key=token.key if token else None,
            resource_owner_secret=token.secret if token else None,
            signature_method=self._signature_method,
            nonce=secrets.token_hex(16),
            **oauth,
        )

    def _send(self, method: str, url: str, ends: float, **request: Any) -> Response:
        path = describe_host(url)
        left = ends - time.monotonic()
        if left <= 0:
            raise Unavailable(f"No answer for {path} within {self._deadline:g} seconds.")
        connect, read = self._timeout
        try:
            with (
                suppress_secret_logging(),
                deadline(ends),
                self._session.request(
                    method,
                    url,
                    timeout=(min(connect, left), min(read, left)),
                    allow_redirects=False,
                    stream=True,
                    headers={HEADER: get_request_id()},
                    **request,
                ) as response,
            ):
                body = self._read(response, path, ends)
        except DecodeError:
            raise InvalidResponse(f"The answer for {path} does not decompress.") from None
        except (requests.RequestException, HTTPError) as fault:
            # Without its cause, whose frames hold the signed headers: a traceback page shows them.
            kind = Unreachable if _is_unreachable(fault) else Unavailable
            raise kind(f"No answer for {path}: {type(fault).__name__}.") from None
        return Response(path, response.status_code, response.headers, body)

    def _read(self, response: requests.Response, path: str, ends: float) -> bytes:
        """
        Read what there is, piece by piece, so that neither a slow nor an endless body gets past.
        """
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            size += len(chunk)
            chunks.append(chunk)
            if size > self._max_bytes:
                response.close()
                raise InvalidResponse(f"The answer for {path} is over {self._max_bytes} bytes.")
            if time.monotonic() > ends:
                response.close()
                raise Unavailable(f"No whole answer for {path} in {self._deadline:g} seconds.")
        return b"".join(chunks)


def _is_unreachable(fault: Exception) -> bool:
    """
    Whether it was making the connection that failed, and not waiting for the answer.
    """
    reason = fault.args[0] if fault.args else None
    return isinstance(fault, requests.ConnectionError) and isinstance(reason, MaxRetryError)


def _is_retryable(fault: BaseException) -> bool:
    """
    Whether trying again soon may help: not where the Trove asks for a longer wait.
    """
    if not isinstance(fault, (Unavailable, RateLimited)):
        return False
    return (fault.retry_after or 0) <= MAX_RETRY_AFTER


def _wait(state: RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.retry_after if isinstance(fault, (Unavailable, RateLimited)) else None
    return max(asked or 0, back_off(state))


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


def describe_host(url: str) -> str:
    """
    Return the path with the host: a wrong one is the usual reason.
    """
    return "".join(urlsplit(url)[1:3])
