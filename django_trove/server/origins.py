"""
The base URLs of this Trove: pages and token endpoints, and content (protocol, section 1.3). Both
are valid for every request.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from .conf import conf

HOST = re.compile(r"([a-zA-Z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?")


def get_web_origin(request: HttpRequest) -> str:
    """
    Return the scheme and host of pages.
    """
    return conf.web_origin or _get_own_origin(request)


def get_api_origin(request: HttpRequest) -> str:
    """
    Return the scheme and host of content.
    """
    return conf.api_origin or _get_own_origin(request)


def get_request_origin(request: HttpRequest) -> str:
    """
    Return the scheme and host of the base URL that a request was sent to. If URLs are configured,
    an unknown `Host` header is ignored.
    """
    return list_origins(request)[0]


def list_origins(request: HttpRequest) -> list[str]:
    """
    Return the origins for which signatures are valid. The origin of the request is the first.
    """
    configured = [origin for origin in (conf.web_origin, conf.api_origin) if origin]
    hosts = _list_sent_hosts(request)
    configured.sort(key=lambda origin: _get_host(origin) not in hosts)
    return list(dict.fromkeys(configured)) or [_get_own_origin(request)]


def list_other_origins(request: HttpRequest) -> list[str]:
    """
    Return origins that the request may be signed for, although signatures for them are invalid,
    because of wrong settings of the Trove, of its proxy or of the application.
    """
    valid = list_origins(request)
    origins = [
        f"{scheme}://{host}"
        for host in _list_sent_hosts(request)
        for scheme in ("https", "http")
        if HOST.fullmatch(host)
    ]
    return [origin for origin in origins if origin not in valid]


def absolute_url(origin: str, name: str, *args: object) -> str:
    return origin + reverse(f"trove_server:{name}", args=args)


def _get_own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _list_sent_hosts(request: HttpRequest) -> list[str]:
    """
    Return the host of the request, and the host that a proxy reports.
    """
    forwarded = request.headers.get("X-Forwarded-Host", "").partition(",")[0]
    hosts = [request.headers.get("Host", ""), forwarded]
    return list(dict.fromkeys(host.strip().lower() for host in hosts if host.strip()))


def _get_host(origin: str) -> str:
    """
    Return the host and port as in a `Host` header.
    """
    parts = urlsplit(origin)
    default = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return parts.netloc.lower().removesuffix(default)
