"""
What a test client does between the site and the fake Trove.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user
from django.urls import Resolver404, resolve

TEST_HOST = "testserver"
"""Of Django's test clients; the async one says it by itself, and can't be told twice."""


def get_signed_in_user(client: Any) -> Any:
    """
    Return the user of a test client.

    :raises AssertionError: if there is none.
    """
    user = get_user(SimpleNamespace(session=client.session))  # type: ignore[arg-type]
    if not user.is_authenticated:
        raise AssertionError("Nobody is signed in: use client.force_login, or name a user.")
    return user


def to_client_request(url: str) -> dict[str, Any]:
    """
    Return what a test client takes to get an address of the site.
    """
    parts = urlsplit(url)
    elsewhere = {} if parts.netloc == TEST_HOST else {"headers": {"host": parts.netloc}}
    return {
        "path": f"{parts.path}?{parts.query}",
        "secure": parts.scheme == "https",
        **elsewhere,
    }


def confirmation_request(response: Any) -> dict[str, Any] | None:
    """
    Return what a test client takes to keep the Trove that came back; None where nobody is asked.

    :param response: to the callback, followed or not.
    """
    chain = getattr(response, "redirect_chain", None) or [(getattr(response, "url", ""), 302)]
    path = urlsplit(chain[-1][0]).path
    try:
        asks = resolve(path).view_name == "django_trove:confirm"
    except Resolver404:
        return None
    if not asks:
        return None
    came = response.wsgi_request if hasattr(response, "wsgi_request") else response.asgi_request
    host = {} if came.get_host() == TEST_HOST else {"headers": {"host": came.get_host()}}
    return {"path": path, "data": {"answer": "confirm"}, "secure": came.is_secure(), **host}
