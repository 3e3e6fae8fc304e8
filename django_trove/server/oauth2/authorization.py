"""
Validation of authorization requests (RFC 6749, section 4.1.1; protocol, section 9.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.views.decorators.debug import sensitive_variables
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from django_trove.client.logs import suppress_secret_logging

from .endpoints import build_server

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 hash in base64url (RFC 7636, section 4.2)


def build_authorization_uri(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """
    Return the URI without a comma in its scope: applications of version 1 separate content types by
    commas.
    """
    pairs = [
        (name, " ".join(value.replace(",", " ").split()) if name == "scope" else value)
        for name, value in parameters
    ]
    return f"{url}?{urlencode(pairs)}"


@sensitive_variables()
def validate_authorization(uri: str) -> tuple[list[str], dict[str, Any]]:
    """
    :returns: the content types, and the other values of the request by name.
    :raises OAuth2Error: if the request is invalid. With `FatalClientError`, the application or its
        callback is.
    """
    with suppress_secret_logging():
        scopes, credentials = build_server().validate_authorization_request(uri, "GET")
    _check_state_and_method(credentials)
    return scopes, credentials


def _check_state_and_method(credentials: dict[str, Any]) -> None:
    """
    oauthlib requires no state, and accepts the method "plain" of PKCE (RFC 9700, section 2.1.1) and
    any challenge.
    """
    request = credentials["request"]
    is_hash: Any = request.code_challenge_method == "S256" and CHALLENGE.fullmatch(
        request.code_challenge or ""
    )
    if request.client.allow_legacy_oauth2:
        allowed = is_hash or not request.code_challenge
    else:
        allowed = is_hash and request.state
    if not allowed:
        description = "state, and code_challenge with the method S256, are required."
        raise InvalidRequestError(description=description, request=request)
