"""
What tells one piece of work from another in the logs: an id that a site's page, its calls to the
Trove, and what the Trove does for them have in common.
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


VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # nothing that could forge a line of a log


current: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True, slots=True)
class Call:
    """
    One attempt to ask a Trove, for logs and counters: no token, no question and no person in it.

    :param path: with the host.
    :param status: of the answer; None where none came.
    :param seconds: until all of the answer was there, or the attempt was given up.
    :param attempt: from 1.
    :param error: the name of the exception; "" where all went well.
    :param request_id: under which the Trove logs it, too.
    """

    method: str
    path: str
    status: int | None
    seconds: float
    attempt: int
    error: str
    request_id: str


@contextmanager
def request_id_scope(given: str = "") -> Iterator[str]:
    """
    Give what is done inside an id: the one that it has already, or else the given one where it is
    fit to be logged, or else a new one.

    :param given: as it came from outside.
    """
    known = current.get() or (given if VALID_REQUEST_ID.fullmatch(given) else secrets.token_hex(8))
    token = current.set(known)
    try:
        yield known
    finally:
        current.reset(token)


def get_request_id() -> str:
    """
    Return the id of what is being done; "" where it has none.
    """
    return current.get()


def log_call(call: Call, observe: Callable[[Call], object] | None) -> None:
    """
    Tell the log of an attempt to ask, and who observes.
    """
    said = call.error or call.status
    words = "%s %s: %s in %.3f s"
    logger.debug(words, call.method, call.path, said, call.seconds, extra=asdict(call))
    if observe:
        observe(call)


class RequestIdFilter(logging.Filter):
    """
    For `LOGGING["filters"]`: gives each record its `request_id`, "-" where there is none.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = current.get() or "-"
        return True


LOGGERS = (
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "requests_oauthlib.oauth2_session",
)


suppressed: ContextVar[bool] = ContextVar("signing", default=False)


@contextmanager
def suppress_secret_logging() -> Iterator[None]:
    """
    Keep those loggers still while we sign or verify. Others in the process who use them aren't
    touched.
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
