"""
What oauthlib and requests-oauthlib write at DEBUG holds tokens, signatures and base strings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

__all__ = ["secrets_out_of_logs"]

LOGGERS = (
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "requests_oauthlib.oauth2_session",
)
signing: ContextVar[bool] = ContextVar("signing", default=False)


@contextmanager
def secrets_out_of_logs() -> Iterator[None]:
    """
    Keep those loggers still while we sign or verify. Others in the process who use them aren't
    touched.
    """
    _install()
    token = signing.set(True)
    try:
        yield
    finally:
        signing.reset(token)


@cache
def _install() -> None:
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_passes)


def _passes(record: logging.LogRecord) -> bool:
    return not signing.get()
