"""
Paths as applications are given them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from .conf import conf


def path_below_root(name: str, *args: Any) -> str:
    """
    Return a path below this Trove's own base, which applications put before it.
    """
    base = reverse("trove_server:home")
    return "/" + reverse(f"trove_server:{name}", args=args).removeprefix(base)


def public_origin(request: HttpRequest) -> str:
    """
    Return the scheme and host by which the world knows this Trove.
    """
    if not conf.url:
        return f"{request.scheme}://{request.get_host()}"
    public = urlsplit(conf.url)
    return f"{public.scheme}://{public.netloc}"
