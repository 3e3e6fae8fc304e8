"""
What a signed request carries, read once: what is signed is what is used.

oauthlib's own reading is not enough for a server (seen on 4.0.1): a form body that it can't decode
is left out of the signature and still verifies; of two equal parameters in the header the last one
counts; a `realm` in the query string takes part in nothing and is believed; brackets, braces and a
bad percent sign raise ValueError, and so does any other Authorization scheme.
"""

from __future__ import annotations

import re
import time
from collections import Counter
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
SIGNING = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")


class Parameter(NamedTuple):
    """
    One parameter.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    Every parameter of a request.

    :param oauth: the protocol's own, from one place, without their "oauth_".
    :param others: the rest of the query string and of the form, in order.
    """

    oauth: dict[str, str]
    others: tuple[Parameter, ...]

    def one(self, name: str) -> str | None:
        """
        Return a parameter that may be sent once.

        :raises Refusal: if it was sent twice.
        """
        values = [pair.value for pair in self.others if pair.name == name]
        if len(values) > 1:
            raise APIError(400, "invalid_request", f"{name} was sent more than once.")
        return values[0] if values else None

    @property
    def header(self) -> str:
        """
        The protocol's parameters as an Authorization header (RFC 5849, section 3.5.1).
        """
        quoted = (f'oauth_{name}="{quote(value, safe="~")}"' for name, value in self.oauth.items())
        return "OAuth " + ", ".join(quoted)

    @property
    def query(self) -> str:
        """
        The others as a query string. They count the same for a signature wherever they were sent.
        """
        return urlencode(self.others)


def parse_parameters(query: str, form: str, authorization: str) -> Parameters:
    """
    Read all three places (RFC 5849, section 3.4.1.3.1).

    :param query: the raw query string.
    :param form: the raw form body, or "".
    :param authorization: the header, or "".
    :raises Refusal: for what can't be read in one way only.
    """
    places = [_parse_header(authorization), _parse_form(query), _parse_form(form)]
    signed = [[pair for pair in place if pair.name.startswith("oauth_")] for place in places]
    if sum(map(bool, signed)) > 1:
        raise APIError(400, "invalid_request", "OAuth parameters were sent in more than one place.")
    oauth = [pair for place in signed for pair in place]
    if any(times > 1 for times in Counter(pair.name for pair in oauth).values()):
        raise APIError(400, "invalid_request", "An OAuth parameter was sent more than once.")
    others = [pair for pair in places[1] + places[2] if not pair.name.startswith("oauth_")]
    if any(pair.name == "realm" for pair in others):
        raise APIError(400, "invalid_request", "realm belongs into the Authorization header.")
    return Parameters({name.removeprefix("oauth_"): value for name, value in oauth}, tuple(others))


def check_required(parameters: Parameters, methods: frozenset[str], *, token: bool) -> None:
    """
    Refuse a request without the protocol's parameters (RFC 5849, section 3.1).

    :param methods: the signature methods that this endpoint takes.
    :param token: whether a token has to be among them.
    :raises Refusal: 401 for a missing one, 400 for what is not supported.
    """
    sent = parameters.oauth
    missing = [name for name in (*SIGNING, *(["token"] if token else [])) if not sent.get(name)]
    if missing:
        raise APIError(401, "unauthorized", f"oauth_{missing[0]} is missing: sign the request.")
    if sent["signature_method"] not in methods:
        raise APIError(
            400,
            "invalid_signature_method",
            f"This endpoint takes {', '.join(sorted(methods))}.",
        )
    if sent.get("version", "1.0") != "1.0":
        raise APIError(400, "invalid_request", "oauth_version is 1.0, or left out.")
    if any(len(value) > MAX_VALUE_LENGTH for value in sent.values()):
        raise APIError(400, "invalid_request", "An OAuth parameter is too long.")
    if not NONCE.fullmatch(sent["nonce"]):
        raise APIError(400, "invalid_request", "oauth_nonce is 8 to 128 letters, digits or -._~")


def check_timestamp(parameters: Parameters, window: int) -> None:
    """
    Refuse a time-stamp that is too far from our clock, and say by how much.

    :raises Refusal: 401, since the client may set its clock and come again.
    """
    written = parameters.oauth["timestamp"]
    if not TIMESTAMP.fullmatch(written):
        raise APIError(400, "invalid_request", "oauth_timestamp is seconds since 1970, 10 digits.")
    now = int(time.time())
    ahead = int(written) - now
    if abs(ahead) > window:
        side = "ahead of" if ahead > 0 else "behind"
        raise APIError(
            401,
            "timestamp_refused",
            f"oauth_timestamp is {abs(ahead)} seconds {side} this server's clock ({now}).",
        )


def _parse_header(authorization: str) -> list[Parameter]:
    """
    Read an Authorization header; its realm is for people and is left out.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    if not scheme:
        return []
    if scheme.lower() != "oauth":
        raise APIError(401, "unauthorized", "Requests are signed by OAuth 1.0a here.")
    if len(rest) > MAX_HEADER_LENGTH:
        raise APIError(400, "invalid_request", "The Authorization header is too long.")
    pairs = []
    for part in filter(None, (part.strip() for part in rest.split(","))):
        found = HEADER.fullmatch(part)
        if not found:
            raise APIError(401, "unauthorized", "The Authorization header can't be read.")
        pairs.append(Parameter(_unquote(found[1]), _unquote(found[2])))
    return [pair for pair in pairs if pair.name != "realm"]


def _unquote(text: str) -> str:
    try:
        unquoted = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise APIError(400, "invalid_request", "A parameter is not UTF-8.") from None
    if "\0" in unquoted:
        raise APIError(400, "invalid_request", "A parameter holds NUL.")
    return unquoted


def _parse_form(text: str) -> list[Parameter]:
    """
    Read a query string or form. Blank values are kept: they are signed like any other.
    """
    if not text.isascii() or "\0" in text or "%00" in text:
        raise APIError(400, "invalid_request", "Parameters are percent-encoded, and hold no NUL.")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise APIError(400, "invalid_request", "The parameters can't be read.") from None
    return [Parameter(*pair) for pair in pairs]
