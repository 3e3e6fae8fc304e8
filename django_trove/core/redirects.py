"""
Validation of redirect targets that users specify.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.http import url_has_allowed_host_and_scheme


def safe_redirect_url(url: str, allowed_hosts: Iterable[str], *, require_https: bool) -> str:
    """
    Return the URL if a redirect to it is allowed, otherwise "". It must be a path that begins with
    a slash, or an absolute URL of an allowed host. A relative URL would refer to the page that
    redirects. Python ignores control characters in URLs, but a redirect encodes them.
    """
    hosts = set(allowed_hosts)
    if not url.lower().startswith(("/", "https://", "http://")):
        return ""
    if not url_has_allowed_host_and_scheme(url, hosts, require_https):
        return ""
    host = urlsplit(url).netloc  # Django ignores spaces: the host of "// " is " "
    is_safe = host in hosts if host else not url.startswith("//")
    return url if is_safe else ""
