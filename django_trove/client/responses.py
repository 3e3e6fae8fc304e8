"""
HTTP responses: status to exception, and parsing of tokens and `Retry-After`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
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
    SignUpClosed,
    TokenRejected,
    Unavailable,
    UnsafeResponse,
    WrongHost,
)
from .token import Token

LOCAL_PATH = re.compile(r"/[^/\\\s][^\\\s]*")

CLOCK_WINDOW = 300.0
"""A 401 is attributed to the clock if it differs from the Trove's by more seconds than this."""

MAX_DETAIL_LENGTH = 200

WRONG_HOST = (
    "The Trove does not accept signatures for {}. The client must use the URL that is in the "
    "settings of the Trove (URL, WEB_URL or API_URL), and the proxy of the Trove must forward the "
    "host."
)


@dataclass(frozen=True, slots=True)
class Response:
    """
    :param path: the host and the path of the request.
    :param body: decompressed.
    """

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def raise_for_status(response: Response, *, signed_by_token: bool) -> None:
    """
    :param signed_by_token: whether a token signed the request, in addition to the application key.
    :raises TroveError: the exception for the status, unless it is 2xx.
    """
    status, path = response.status, response.path
    if status < 300:
        return
    if status < 400:
        raise UnsafeResponse(
            f"{path} is a redirect, which signed calls do not follow.", status=status
        )
    if status == 401:
        _raise_unauthorized(response, signed_by_token=signed_by_token)
    if status in (400, 409):
        raise _bad_request_error(response)
    if status == 403:
        code = _error_detail(response)[2]
        if code == "sign_up_closed":
            raise SignUpClosed("The Trove does not accept new users.", code=code, status=status)
        raise AccessDenied(f"Access to {path} was denied.", code=code, status=status)
    if status == 404:
        raise NotFound(f"{path} was not found.", status=status)
    if status == 413:
        raise CallError(f"The request to {path} was too large.", status=status)
    retry_after = parse_retry_after(response.headers)
    if status == 429:
        wait = "" if retry_after is None else f" Retry after {retry_after:.0f} seconds."
        raise RateLimited(f"Too many requests.{wait}", retry_after=retry_after, status=status)
    if status >= 500:
        detail = f"{path} is unavailable ({status})."
        raise Unavailable(detail, retry_after=retry_after, status=status)
    raise InvalidResponse(f"{path} responded with status {status}.", status=status)


def parse_token(response: Response) -> tuple[Token, bool]:
    """
    Return the token of a token endpoint, and whether the callback is confirmed (RFC 5849, section
    2.1).

    :raises InvalidResponse: if the response contains no token.
    """
    fields = parse_qs(response.body.decode(errors="replace"))
    key, secret = fields.get("oauth_token", [""])[0], fields.get("oauth_token_secret", [""])[0]
    confirmed = fields.get("oauth_callback_confirmed") == ["true"]
    if not key or not secret:
        del fields, secret  # debug pages display local variables
        raise InvalidResponse(f"The response of {response.path} contains no token.")
    return Token(key, secret), confirmed


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Return `Retry-After` in seconds. It is a number or a date (RFC 9110, section 10.2.3).
    """
    value = headers.get("Retry-After", "")
    if value.isascii() and value.removeprefix("-").isdigit():
        return max(0.0, float(value[:9]))
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def is_local_path(value: object) -> bool:
    """
    Return whether the value is a path that browsers do not interpret as another host.
    """
    return isinstance(value, str) and LOCAL_PATH.fullmatch(value) is not None


def _raise_unauthorized(response: Response, *, signed_by_token: bool) -> None:
    if _error_detail(response)[2] == "wrong_host":
        raise WrongHost(WRONG_HOST.format(response.path), status=401)
    ahead = _clock_offset(response)
    if abs(ahead) > CLOCK_WINDOW:
        direction = "ahead of" if ahead > 0 else "behind"
        raise ClockSkewed(
            f"The local clock is {abs(ahead):.0f} seconds {direction} the Trove's. Synchronize it.",
            seconds=ahead,
            status=401,
        )
    if signed_by_token:
        detail = "The token is unknown, expired or revoked. The user must reconnect."
        raise TokenRejected(detail, status=401)
    raise KeysRejected("The Trove rejected the application key or secret.", status=401)


def _bad_request_error(response: Response) -> CallError:
    detail, field, code = _error_detail(response)
    detail = detail or f"{response.path} rejected the request."
    if field:
        return QueryError(detail, field=field, status=response.status)
    return CallError(detail, code=code, status=response.status)


def _clock_offset(response: Response) -> float:
    try:
        return time.time() - parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return 0


def _error_detail(response: Response) -> tuple[str, str, str]:
    """
    Return the message, the field and the code of an error (protocol, section 6.1): JSON, or
    form-encoded from token endpoints of version 1.
    """
    try:
        data = json.loads(response.body)
    except (ValueError, RecursionError):
        form = parse_qs(response.body[:10_000].decode(errors="replace"))
        data = {key: values[0] for key, values in form.items()}
    if not isinstance(data, dict):
        return "", "", ""
    detail = data.get("detail") or data.get("error_description") or data.get("error")
    values = (detail, data.get("field"), data.get("error"))
    detail, field, code = map(_make_printable, values)
    return detail, field, code


def _make_printable(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(character for character in text[:MAX_DETAIL_LENGTH] if character.isprintable())
