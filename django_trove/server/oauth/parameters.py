"""
Strict parsing of request parameters (protocol, sections 1.4, 2.1, 2.2 and 2.6).

oauthlib's parsing is too tolerant for a server (verified with 4.0.1): a form that cannot be decoded
is omitted from the signature; of duplicate parameters in the header, the last one is used; `realm`
is accepted, unsigned, in the query string. Brackets, braces, an invalid percent encoding and other
Authorization schemes raise ValueError.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from ..errors import APIError

MAX_PARAMETERS = 500
MAX_HEADER_LENGTH = 16_384
MAX_VALUE_LENGTH = 4_096
HEADER = re.compile(r'([^\s=,"]+)="([^"]*)"')
NONCE = re.compile(r"[A-Za-z0-9._~-]{8,128}")
TIMESTAMP = re.compile(r"[0-9]{10}")
REQUIRED = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")
CONTENT_TYPES = ("photos", "videos", "status", "checkins", "friends")


class Parameter(NamedTuple):
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    `oauth` contains the OAuth parameters without their prefix, `others` the other parameters of the
    query string and the form, in order.
    """

    oauth: dict[str, str]
    others: tuple[Parameter, ...]

    def get(self, name: str) -> str | None:
        """
        Return a parameter. A duplicate is an error.
        """
        values = [pair.value for pair in self.others if pair.name == name]
        if len(values) > 1:
            raise APIError(400, "invalid_request", f"{name} occurs more than once.")
        return values[0] if values else None

    @property
    def header(self) -> str:
        """
        The OAuth parameters as an Authorization header (RFC 5849, section 3.5.1).
        """
        quoted = (f'oauth_{name}="{quote(value, safe="~")}"' for name, value in self.oauth.items())
        return "OAuth " + ", ".join(quoted)

    @property
    def query(self) -> str:
        """
        The other parameters as a query string.
        """
        return urlencode(self.others)


def parse_parameters(query: str, form: str, authorization: str) -> Parameters:
    """
    Parse the raw query string, form and Authorization header (RFC 5849, section 3.4.1.3.1).
    """
    places = [_parse_header(authorization), _parse_form(query), _parse_form(form)]
    signed = [[pair for pair in place if pair.name.startswith("oauth_")] for place in places]
    if sum(map(bool, signed)) > 1:
        raise APIError(400, "invalid_request", "OAuth parameters are in more than one place.")
    oauth = [pair for place in signed for pair in place]
    if len({pair.name for pair in oauth}) < len(oauth):
        raise APIError(400, "invalid_request", "An OAuth parameter occurs more than once.")
    others = [pair for pair in places[1] + places[2] if not pair.name.startswith("oauth_")]
    if any(pair.name == "realm" for pair in others):
        raise APIError(400, "invalid_request", "realm is allowed only in the Authorization header.")
    return Parameters({name.removeprefix("oauth_"): value for name, value in oauth}, tuple(others))


def check_required(parameters: Parameters, methods: frozenset[str], *, token: bool) -> None:
    """
    Check the required OAuth parameters (RFC 5849, section 3.1).
    """
    oauth = parameters.oauth
    required = (*REQUIRED, "token") if token else REQUIRED
    missing = [name for name in required if not oauth.get(name)]
    if missing:
        raise APIError(401, "unauthorized", f"oauth_{missing[0]} is missing.")
    if oauth["signature_method"] not in methods:
        detail = f"oauth_signature_method must be one of {', '.join(sorted(methods))}."
        raise APIError(400, "invalid_signature_method", detail)
    if oauth.get("version", "1.0") != "1.0":
        raise APIError(400, "invalid_request", "oauth_version must be 1.0 or absent.")
    if any(len(value) > MAX_VALUE_LENGTH for value in oauth.values()):
        raise APIError(400, "invalid_request", "An OAuth parameter is too long.")
    if not NONCE.fullmatch(oauth["nonce"]):
        detail = "oauth_nonce must have 8 to 128 letters, digits or -._~"
        raise APIError(400, "invalid_request", detail)


def check_timestamp(parameters: Parameters, window: int) -> None:
    """
    Reject a timestamp outside the window, with the difference from the server's clock.
    """
    timestamp = parameters.oauth["timestamp"]
    if not TIMESTAMP.fullmatch(timestamp):
        detail = "oauth_timestamp must be seconds since 1970, with 10 digits."
        raise APIError(400, "invalid_request", detail)
    now = int(time.time())
    difference = int(timestamp) - now
    if abs(difference) > window:
        direction = "ahead of" if difference > 0 else "behind"
        raise APIError(
            401,
            "timestamp_refused",
            f"oauth_timestamp is {abs(difference)} seconds {direction} the server's clock ({now}).",
        )


def parse_scope(scope: str) -> list[str]:
    """
    Parse a comma-separated list of content types (protocol, section 2.6).
    """
    requested = {name.strip().lower() for name in scope.split(",")}
    return [name for name in CONTENT_TYPES if name in requested] or ["photos"]


def _parse_header(authorization: str) -> list[Parameter]:
    """
    Parse an Authorization header, without its realm.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    if not scheme:
        return []
    if scheme.lower() != "oauth":
        raise APIError(401, "unauthorized", "The Authorization scheme must be OAuth.")
    if len(rest) > MAX_HEADER_LENGTH:
        raise APIError(400, "invalid_request", "The Authorization header is too long.")
    pairs = []
    for part in filter(None, (part.strip() for part in rest.split(","))):
        match = HEADER.fullmatch(part)
        if not match:
            raise APIError(401, "unauthorized", "The Authorization header is invalid.")
        pairs.append(Parameter(_unquote(match[1]), _unquote(match[2])))
    return [pair for pair in pairs if pair.name != "realm"]


def _unquote(text: str) -> str:
    try:
        unquoted = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise APIError(400, "invalid_request", "A parameter is not UTF-8.") from None
    if "\0" in unquoted:
        raise APIError(400, "invalid_request", "A parameter contains NUL.")
    return unquoted


def _parse_form(text: str) -> list[Parameter]:
    """
    Parse a query string or form. Blank values are kept, because they are signed.
    """
    if not text.isascii() or "\0" in text or "%00" in text:
        raise APIError(400, "invalid_request", "Parameters must be percent-encoded, without NUL.")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise APIError(400, "invalid_request", "The parameters are invalid.") from None
    return [Parameter(*pair) for pair in pairs]
