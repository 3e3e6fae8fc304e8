"""
Request ids, log records of calls, and keeping secrets out of logs.

A page of the site, its calls to the Trove, and the Trove's log records share one request id
(protocol, section 1.6).
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import cache

logger = logging.getLogger(__name__)


HEADER = "X-Request-ID"


VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # prevents log injection


current: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True, slots=True)
class Call:
    """
    One HTTP request to a Trove, for logs and metrics. It contains no token, query or user.

    :param path: the host and the path.
    :param status: the HTTP status, or None if there was no response.
    :param seconds: the duration until the complete response or the error.
    :param attempt: the number of the attempt, from 1.
    :param error: the name of the exception, or "".
    :param request_id: the id in the Trove's log.
    """

    method: str
    path: str
    status: int | None
    seconds: float
    attempt: int
    error: str
    request_id: str


@contextmanager
def request_id_scope(candidate: str = "") -> Iterator[str]:
    """
    Set the request id inside the context: the current one, or the candidate if it is valid, or a
    new one.

    :param candidate: untrusted input.
    """
    is_valid = VALID_REQUEST_ID.fullmatch(candidate)
    request_id = current.get() or (candidate if is_valid else secrets.token_hex(8))
    token = current.set(request_id)
    try:
        yield request_id
    finally:
        current.reset(token)


def get_request_id() -> str:
    """
    Return the current request id, or "".
    """
    return current.get()


def log_call(call: Call, observe: Callable[[Call], object] | None) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        outcome = call.error or call.status
        message = "%s %s: %s in %.3f s"
        logger.debug(message, call.method, call.path, outcome, call.seconds, extra=asdict(call))
    if observe:
        observe(call)


class RequestIdFilter(logging.Filter):
    """
    A filter for `LOGGING["filters"]` that sets `request_id` on each record, or "-".
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = current.get() or "-"
        return True


LOGGERS = (
    "botocore.auth",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "oauthlib.oauth2.rfc6749.endpoints.authorization",
    "oauthlib.oauth2.rfc6749.endpoints.revocation",
    "oauthlib.oauth2.rfc6749.endpoints.token",
    "oauthlib.oauth2.rfc6749.grant_types.authorization_code",
    "oauthlib.oauth2.rfc6749.grant_types.refresh_token",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "requests_oauthlib.oauth2_session",
)


suppressed: ContextVar[bool] = ContextVar("suppressed", default=False)


@contextmanager
def suppress_secret_logging() -> Iterator[None]:
    """
    Discard records of these loggers inside the context only: at DEBUG they contain tokens,
    signatures and base strings.
    """
    _install_filters()
    token = suppressed.set(True)
    try:
        yield
    finally:
        suppressed.reset(token)


@cache
def _install_filters() -> None:
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_allow_record)


def _allow_record(record: logging.LogRecord) -> bool:
    return not suppressed.get()
