"""
The addresses of a Trove.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .errors import CallError


def validate_base_url(name: str, url: str, *, allow_http: bool = False) -> str:
    """
    Return a base address without its last slash.

    :param name: what the caller calls it, for the message.
    :param allow_http: let plain http go beyond this machine.
    :raises CallError: if it is missing, is no web address, or would send tokens in the clear.
    """
    if not url:
        raise CallError(f"{name} is missing: the address of a Trove, as https://trove.example.org.")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        fits = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment:
        raise CallError(f"{name} is not the address of a Trove, as https://trove.example.org.")
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.netloc)):
        raise CallError(f"{name} is plain http, which is for this machine only: use https.")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """
    Return whether a host name or address is the local machine.

    :param host: with or without a port. All names below `localhost` count (RFC 6761, section 6.3).
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def describe_host(url: str) -> str:
    """
    Return the path with the host: a wrong one is the usual reason.
    """
    return "".join(urlsplit(url)[1:3])
