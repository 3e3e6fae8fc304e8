"""
Validation and comparison of redirect URIs.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_trove.client.hosts import is_loopback

OUT_OF_BAND = "oob"
"""The callback of an application without a redirect URI (RFC 5849, section 2.1)."""

UNSAFE_CHARACTERS = re.compile(r"[^\x21-\x7e]|\\")
HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]+")


def validate_redirect_uri(url: str) -> None:
    """
    Validate a redirect URI before it is registered.

    :raises ValidationError: with the reason.
    """
    if not isinstance(url, str) or UNSAFE_CHARACTERS.search(url):
        raise ValidationError(_("Enter a URL in ASCII characters without spaces."))
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not _host(parts):
        raise ValidationError(_("Enter an absolute URL, such as https://site/callback/."))
    if parts.username is not None or parts.password is not None or "#" in url:
        raise ValidationError(_("Enter a URL without a user name and without a fragment."))
    if parts.scheme == "http" and not is_loopback(parts.netloc):
        raise ValidationError(_("Enter an https URL. Only loopback addresses may use http."))


def is_registered_uri(registered: str, requested: str) -> bool:
    """
    Compare a requested redirect URI with a registered one. They must be equal, except for the port
    of a loopback address (RFC 8252, section 7.3).
    """
    if registered == requested:
        return True
    registered_parts, requested_parts = _split(registered), _split(requested)
    if registered_parts is None or requested_parts is None or UNSAFE_CHARACTERS.search(requested):
        return False
    if not is_loopback(registered_parts.netloc):
        return False
    return (
        "@" not in requested_parts.netloc
        and "#" not in requested
        and _without_port(registered_parts) == _without_port(requested_parts)
    )


def get_origin(url: str) -> str:
    """
    Return the scheme, host and port of a URL; "" if it is invalid.
    """
    parts = _split(url)
    if parts is None or not parts.hostname or parts.scheme not in ("http", "https"):
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    standard = parts.port in (None, {"http": 80, "https": 443}[parts.scheme])
    return f"{parts.scheme}://{host}" if standard else f"{parts.scheme}://{host}:{parts.port}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  the property raises ValueError
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """
    Return the host if it has valid characters only, since it is inserted into the
    Content-Security-Policy header.
    """
    host = parts.hostname or ""
    return host if HOST.fullmatch(host) else ""


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return parts.scheme, parts.hostname, parts.path, parts.query
