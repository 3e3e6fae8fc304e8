"""
What oauthlib and requests-oauthlib write at DEBUG holds tokens, signatures and base strings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

__all__ = ["suppress_secret_logging"]

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
