"""
Requests of a Django test client during the OAuth flow.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user
from django.urls import Resolver404, resolve

TEST_HOST = "testserver"
"""The default host of Django's test clients. `AsyncClient` fails if it is passed as a header."""


def get_signed_in_user(client: Any) -> Any:
    user = get_user(SimpleNamespace(session=client.session))  # type: ignore[arg-type]
    if not user.is_authenticated:
        raise AssertionError("No user is signed in. Call client.force_login or pass user=.")
    return user


def to_client_request(url: str) -> dict[str, Any]:
    """
    Return the arguments of `client.get` for a URL of the site.
    """
    parts = urlsplit(url)
    return {
        "path": f"{parts.path}?{parts.query}",
        "secure": parts.scheme == "https",
        **_host_header(parts.netloc),
    }


def confirmation_request(response: Any) -> dict[str, Any] | None:
    """
    Return the arguments of `client.post` that confirm the account, or None if the response to the
    callback is no redirect to the confirmation page.
    """
    chain = getattr(response, "redirect_chain", None) or [(getattr(response, "url", ""), 302)]
    path = urlsplit(chain[-1][0]).path
    try:
        needs_confirmation = resolve(path).view_name == "django_trove:confirm"
    except Resolver404:
        return None
    if not needs_confirmation:
        return None
    is_sync = hasattr(response, "wsgi_request")
    request = response.wsgi_request if is_sync else response.asgi_request
    return {
        "path": path,
        "data": {"answer": "confirm"},
        "secure": request.is_secure(),
        **_host_header(request.get_host()),
    }


def _host_header(host: str) -> dict[str, Any]:
    return {} if host == TEST_HOST else {"headers": {"host": host}}
