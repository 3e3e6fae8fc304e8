"""
Strict parsing of request parameters (protocol, sections 1.4, 2.1, 2.2 and 2.6).

oauthlib's parsing is too tolerant for a server (verified with 4.0.1): a form that cannot be decoded
is omitted from the signature; of duplicate parameters in the header, the last one is used; `realm`
is accepted, unsigned, in the query string. Brackets, braces, an invalid percent encoding and other
Authorization schemes raise ValueError. It rejects OAuth parameters in several places.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from django_trove.client.codec import CONTENT_CLASSES

from ..errors import APIError
from .header import parse_parameter_list, split_scheme

MAX_PARAMETERS = 500
MAX_HEADER_LENGTH = 16_384
MAX_VALUE_LENGTH = 4_096
MAX_NONCE_LENGTH = 255
TIMESTAMP = re.compile(r"[0-9]{10}")
VERSIONS = ("1.0", "1.0a", "")  # "1.0A" is the version in the documentation of npm's oauth
REQUIRED = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")


class Parameter(NamedTuple):
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    `oauth` contains the OAuth parameters without their prefix, `others` the other parameters of the
    query string, the form and the header, in order.
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
    def signed(self) -> list[tuple[str, str]]:
        """
        The parameters of the signature base string (RFC 5849, section 3.4.1.3).
        """
        oauth = [
            (f"oauth_{name}", value) for name, value in self.oauth.items() if name != "signature"
        ]
        return [*oauth, *self.others]

    @property
    def query(self) -> str:
        """
        All parameters as a query string for oauthlib, which decodes the values of OAuth parameters
        twice.
        """
        oauth = ((f"oauth_{name}", quote(value, safe="")) for name, value in self.oauth.items())
        return urlencode([*oauth, *self.others])


def parse_parameters(query: str, form: str, authorization: str) -> Parameters:
    """
    Parse the raw query string, form and Authorization header (RFC 5849, section 3.4.1.3.1).
    """
    pairs = _parse_form(query) + _parse_form(form)
    if any(pair.name == "realm" for pair in pairs):
        raise APIError(400, "invalid_request", "realm is allowed only in the Authorization header.")
    pairs += _parse_header(authorization)
    oauth = [pair for pair in pairs if pair.name.startswith("oauth_")]
    if len({pair.name for pair in oauth}) < len(oauth):
        detail = "An OAuth parameter occurs twice in the header, the query string and the form."
        raise APIError(400, "invalid_request", detail)
    others = [pair for pair in pairs if not pair.name.startswith("oauth_")]
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
    if oauth.get("version", "1.0").lower() not in VERSIONS:
        raise APIError(400, "invalid_request", "oauth_version must be 1.0 or absent.")
    if any(len(value) > MAX_VALUE_LENGTH for value in oauth.values()):
        raise APIError(400, "invalid_request", "An OAuth parameter is too long.")
    if len(oauth["nonce"]) > MAX_NONCE_LENGTH or not oauth["nonce"].isprintable():
        detail = f"oauth_nonce must have 1 to {MAX_NONCE_LENGTH} printable characters."
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


def parse_scope(scope: str, offered: Collection[str]) -> list[str]:
    """
    Parse a comma-separated list of content types (protocol, section 2.6).

    :param offered: the content types that the Trove offers.
    """
    names = {name.strip().lower() for name in scope.split(",")}
    requested = [name for name in CONTENT_CLASSES if name in names] or ["photos"]
    granted = [name for name in requested if name in offered]
    if not granted:
        detail = f"This Trove does not offer {', '.join(requested)}, but {', '.join(offered)}."
        raise APIError(400, "invalid_scope", detail)
    return granted


def _parse_header(authorization: str) -> list[Parameter]:
    """
    Parse an Authorization header, without its realm. Another scheme is not an error, because a
    proxy may require it.
    """
    scheme, text = split_scheme(authorization)
    if scheme != "oauth":
        return []
    if len(text) > MAX_HEADER_LENGTH:
        raise APIError(400, "invalid_request", "The Authorization header is too long.")
    try:
        pairs = parse_parameter_list(text)
    except ValueError:
        raise APIError(401, "unauthorized", "The Authorization header is invalid.") from None
    return [
        Parameter(_unquote(name), _unquote(value))
        for name, value in pairs
        if name.lower() != "realm"
    ]


def _unquote(text: str) -> str:
    try:
        unquoted = unquote(text.encode("ascii").decode(), errors="strict")
    except UnicodeError:
        detail = "A parameter is not percent-encoded UTF-8."
        raise APIError(400, "invalid_request", detail) from None
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
