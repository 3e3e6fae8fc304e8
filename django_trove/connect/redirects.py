"""
Addresses: where the Trove sends people back to, and where they go from there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urljoin, urlsplit

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from ..client import UnsafeResponse
from ..conf import conf

MAX_URL_LENGTH = 2000


def absolute_url(request: HttpRequest, name: str) -> str:
    """
    Return the full address of one of our views, as the Trove and the browser see it.

    :param name: of the view, such as "callback".
    """
    path = reverse(f"django_trove:{name}")
    base = conf.callback_base_url
    return urljoin(base, path) if base else request.build_absolute_uri(path)


def callback_host_mismatch(request: HttpRequest) -> str:
    """
    Return the host that the callback comes to, where it isn't the one that the visitor is on:
    the session, and the flow in it, isn't there then. "" where all is well.
    """
    if not conf.backend.uses_oauth:
        return ""
    expected = urlsplit(absolute_url(request, "callback"))
    standard = ":443" if expected.scheme == "https" else ":80"
    host = expected.netloc.removesuffix(standard)
    return "" if host == request.get_host().removesuffix(standard) else host


def safe_next_url(request: HttpRequest, target: str) -> str:
    """
    Return the address if a visitor may be sent there, and "" otherwise.

    :param target: as it came from outside.
    """
    allowed = len(target) <= MAX_URL_LENGTH and url_has_allowed_host_and_scheme(
        target,
        allowed_hosts={request.get_host(), *conf.allowed_next_hosts},
        require_https=request.is_secure(),
    )
    return target if allowed else ""


def success_url(request: HttpRequest, target: str) -> str:
    """
    Return where a visitor goes when all is done. `next` is checked here again: the settings may
    have changed since it was stored.
    """
    return safe_next_url(request, target) or resolve_url(
        conf.connect_redirect_url or "django_trove:account"
    )


def require_trove_url(url: str) -> str:
    """
    Return an address that a Trove gave out, if it leads to that Trove.

    :raises UnsafeAnswer: if it leads elsewhere.
    """
    if not conf.backend.uses_oauth:  # a URL of this project
        return url
    found, ours = urlsplit(url), urlsplit(conf.web_url)
    if (found.scheme, found.netloc) != (ours.scheme, ours.netloc):
        raise UnsafeResponse("The Trove gave out an address that isn't its own.")
    return url


def login_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    Ask for a sign-in first, and come back to the account page: a form can't be sent again, and a
    callback's address isn't for the sign-in page to know.
    """

    @wraps(view)
    def inner(request: HttpRequest, **given: str) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, **given)
        return redirect_to_login(reverse("django_trove:account"))

    return login_not_required(inner)  # a LoginRequiredMiddleware would pass the address on
