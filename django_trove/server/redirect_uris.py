"""
Where an application may send people back to.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_trove.client.urls import is_loopback

OUT_OF_BAND = "oob"
"""The callback of an application that no browser can come back to (RFC 5849, section 2.1)."""

UNSAFE_CHARACTERS = re.compile(r"[^\x21-\x7e]|\\")
HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]+")


def validate_redirect_uri(url: str) -> None:
    """
    Refuse an address that nobody should register as a callback.

    :raises ValidationError: with the reason.
    """
    if not isinstance(url, str) or UNSAFE_CHARACTERS.search(url):
        raise ValidationError(_("A callback is written in plain ASCII, without spaces."))
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not _host(parts):
        raise ValidationError(_("A callback is a whole address, such as https://site/callback/."))
    if parts.username is not None or parts.password is not None or "#" in url:
        raise ValidationError(_("A callback has no user name and no fragment."))
    if parts.scheme == "http" and not is_loopback(parts.netloc):
        raise ValidationError(_("A callback is https, save on this very machine."))


def is_registered_uri(registered: str, asked: str) -> bool:
    """
    Return whether the callback that was asked for is a registered one: exactly, or on this very
    machine with any port (RFC 8252, section 7.3).
    """
    if registered == asked:
        return True
    one, other = _split(registered), _split(asked)
    if one is None or other is None or UNSAFE_CHARACTERS.search(asked):
        return False
    if not is_loopback(one.netloc):
        return False
    return (
        "@" not in other.netloc and "#" not in asked and _without_port(one) == _without_port(other)
    )


def get_origin(url: str) -> str:
    """
    Return an address's scheme, host and port; "" for what is no address.
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
        parts.port  # noqa: B018  reading it is what raises
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """
    Return the host where it is written as hosts are; it ends up in a security policy.
    """
    host = parts.hostname or ""
    return host if HOST.fullmatch(host) else ""


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return parts.scheme, parts.hostname, parts.path, parts.query
