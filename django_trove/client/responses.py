"""
What is in an answer's body.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import parse_qs

from .errors import (
    AccessDenied,
    CallError,
    ClockSkewed,
    InvalidResponse,
    KeysRejected,
    NotFound,
    QueryError,
    RateLimited,
    TokenRejected,
    Unavailable,
    UnsafeResponse,
)
from .token import Token

ONE_TIME_PATH = re.compile(r"/[^/\\\s][^\\\s]*")


def parse_token(answer: Response) -> tuple[Token, bool]:
    """
    Return a token endpoint's token, and whether it confirms the callback (RFC 5849, section 2.1).

    :raises UnreadableAnswer: if there is no token in it.
    """
    fields = parse_qs(answer.body.decode(errors="replace"))
    key, secret = fields.get("oauth_token", [""])[0], fields.get("oauth_token_secret", [""])[0]
    confirmed = fields.get("oauth_callback_confirmed") == ["true"]
    if not key or not secret:
        del fields, secret  # so that no traceback page finds them here
        raise InvalidResponse(f"{answer.path} gave no token.")
    return Token(key, secret), confirmed


def parse_json(answer: Response) -> Any:
    """
    Return the JSON of a content call's answer.

    :raises UnreadableAnswer: if it isn't JSON.
    """
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise InvalidResponse(f"The answer for {answer.path} is not JSON.") from None


def is_local_path(value: object) -> bool:
    """
    Return whether it is a path, and nothing that a browser takes for another host.
    """
    return isinstance(value, str) and ONE_TIME_PATH.fullmatch(value) is not None


CLOCK_WINDOW = 300.0
"""Seconds: how far apart the two clocks may be before a 401 is taken for the clock's fault."""

MAX_DETAIL_LENGTH = 200
"""Characters of a Trove's own words that are passed on."""


class Answered(Protocol):
    """
    What an answer has.
    """

    @property
    def path(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


def raise_for_status(answer: Answered, *, signed_by_token: bool) -> None:
    """
    Raise the error that a status stands for; return where it is a good one.

    :param signed_by_token: whether a token signed beside the application's keys.
    :raises TroveError: the one that fits.
    """
    status, path = answer.status, answer.path
    if status < 300:
        return
    if status < 400:
        raise UnsafeResponse(
            f"{path} redirects; a signed call is not sent elsewhere.", status=status
        )
    if status == 401:
        _raise_unauthorized(answer, signed_by_token=signed_by_token)
    if status == 400:
        raise _raise_bad_request(answer)
    if status == 403:
        raise AccessDenied(f"{path} was not granted.", status=status)
    if status == 404:
        raise NotFound(f"{path} was not found.", status=status)
    if status == 413:
        raise CallError(f"{path} was sent too much at once.", status=status)
    _raise_retry_later(answer)


def _raise_bad_request(answer: Answered) -> CallError:
    detail, field = _error_detail(answer)
    detail = detail or f"{answer.path} was refused as a bad request."
    return QueryError(detail, field=field, status=400) if field else CallError(detail, status=400)


def _raise_unauthorized(answer: Answered, *, signed_by_token: bool) -> None:
    ahead = _clock_offset(answer)
    if abs(ahead) > CLOCK_WINDOW:
        side = "ahead of" if ahead > 0 else "behind"
        raise ClockSkewed(
            f"This machine's clock is {abs(ahead):.0f} seconds {side} the Trove's: set it right.",
            seconds=ahead,
            status=401,
        )
    if signed_by_token:
        raise TokenRejected("The token is unknown, expired or revoked: connect again.", status=401)
    raise KeysRejected("The Trove does not take these application keys.", status=401)


def _raise_retry_later(answer: Answered) -> None:
    wait, status = parse_retry_after(answer.headers), answer.status
    if status == 429:
        said = "" if wait is None else f": wait {wait:.0f} seconds"
        raise RateLimited(f"Too many calls{said}.", retry_after=wait, status=status)
    if status >= 500:
        detail = f"The Trove can't answer {answer.path} now ({status})."
        raise Unavailable(detail, retry_after=wait, status=status)
    raise InvalidResponse(f"{answer.path} answered {status}.", status=status)


def _clock_offset(answer: Answered) -> float:
    try:
        return time.time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return 0


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds of `Retry-After`, which is a number or a date (RFC 9110, section 10.2.3).
    """
    value = headers.get("Retry-After", "")
    if value.isascii() and value.removeprefix("-").isdigit():
        return max(0.0, float(value[:9]))
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _error_detail(answer: Answered) -> tuple[str, str]:
    """
    Return the Trove's own sentence and the field it blames: JSON from content calls, a form from
    the token endpoints.
    """
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        form = parse_qs(answer.body[:10_000].decode(errors="replace"))
        said = {key: values[0] for key, values in form.items()}
    if not isinstance(said, dict):
        return "", ""
    detail = said.get("detail") or said.get("error_description") or said.get("error")
    return _make_printable(detail), _make_printable(said.get("field"))


def _make_printable(words: object) -> str:
    text = words if isinstance(words, str) else ""
    return "".join(c for c in text[:MAX_DETAIL_LENGTH] if c.isprintable())


@dataclass(frozen=True, slots=True)
class Response:
    """
    What came back: status, headers and the body, decompressed.
    """

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
