"""
Public URLs of this Trove.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from .conf import conf


def path_below_root(name: str, *args: Any) -> str:
    """
    Return the path of a view relative to the Trove's base URL.
    """
    base = reverse("trove_server:home")
    return "/" + reverse(f"trove_server:{name}", args=args).removeprefix(base)


def public_origin(request: HttpRequest) -> str:
    """
    Return the public scheme and host of this Trove.
    """
    if not conf.url:
        return f"{request.scheme}://{request.get_host()}"
    public = urlsplit(conf.url)
    return f"{public.scheme}://{public.netloc}"
