"""
Addresses of servers, as users enter them.
"""

from __future__ import annotations

import re

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from .errors import AddressRefused
from .messages import Message as _

MUST_START_WITH_HTTPS = _("The address must start with https:// and contain a host.")
MUST_START_WITH_HTTP = _("The address must start with http:// or https:// and contain a host.")

MAX_ADDRESS_LENGTH = 400
DEFAULT_PORTS = {"http": 80, "https": 443}
INVALID_CHARACTERS = re.compile(r"[\0-\x20\x7f\\]|\s")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
INCOMPLETE_SCHEME = re.compile(r"^(https?)(//|:/)(?!/)", re.IGNORECASE)


def normalize_address(text: str, *, allow_http: bool = False) -> str:
    """
    Return the URL of an address as users type it: https is the default scheme; a missing colon or
    slash is inserted; a trailing slash, the query and the fragment are removed.

    :raises AddressRefused: if it is not an address, contains a password, or has another scheme.
    """
    text = INCOMPLETE_SCHEME.sub(r"\1://", text.strip())
    if not text or len(text) > MAX_ADDRESS_LENGTH or INVALID_CHARACTERS.search(text):
        raise AddressRefused(
            _("Enter the address of the server, such as https://photos.example.com.")
        )
    try:
        parts = parse_url(text if SCHEME.match(text) else f"https://{text}")
    except LocationParseError:
        raise AddressRefused(_("The address is invalid. Check it for typing errors.")) from None
    if parts.auth:
        raise AddressRefused(_("Remove the user name and password from the address."))
    if not parts.host or parts.scheme not in DEFAULT_PORTS:
        raise AddressRefused(MUST_START_WITH_HTTP if allow_http else MUST_START_WITH_HTTPS)
    if parts.scheme == "http" and not allow_http:
        raise AddressRefused(
            _(
                "The address must start with https://. The operator of this Trove can allow http "
                "with the setting ALLOW_HTTP."
            )
        )
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    path = (parts.path or "").rstrip("/")
    return f"{parts.scheme}://{parts.host.lower()}{port}{path}"


def get_origin(url: str) -> tuple[str, str, int | None]:
    """
    Return scheme, host and port of a URL; empty ones if it is invalid.
    """
    try:
        parts = parse_url(url)
    except LocationParseError:
        return "", "", None
    scheme = parts.scheme or ""
    return scheme, (parts.host or "").lower(), parts.port or DEFAULT_PORTS.get(scheme)


def is_web_url(url: str) -> bool:
    scheme, host, _port = get_origin(url)
    return scheme in DEFAULT_PORTS and bool(host)


def is_same_origin(url: str, other: str) -> bool:
    return get_origin(url) == get_origin(other)


def describe_origin(url: str) -> str:
    """
    Return the scheme, host and port of a URL for a message.
    """
    scheme, host, port = get_origin(url)
    shown_port = "" if port in (None, DEFAULT_PORTS.get(scheme)) else f":{port}"
    return f"{scheme}://{host}{shown_port}"
