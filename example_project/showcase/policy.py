"""
A strict Content-Security-Policy, to show that the pages hold under one.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["content_security_policy"]

Answer = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: Answer) -> Answer:
    """
    Let in our own styles and scripts, and pictures from the Trove and its services; nothing inline.
    """
    trove = settings.TROVE.get("URL", "")  # elsewhere, but for a Trove of this very project
    pictures = " ".join([trove, *settings.PICTURES])
    own = "script-src 'self'; style-src 'self'; connect-src 'self'"
    policy = f"default-src 'none'; {own}; img-src 'self' {pictures}"

    def add_policy(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/admin/"):  # Django's admin has scripts of its own
            response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return add_policy
