"""
URLs of the connection flow, and validation of redirect targets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import get_urlconf, reverse
from django.utils.translation import get_language, get_supported_language_variant, override

from ..client import UnsafeResponse
from ..conf import conf, request_scope
from ..core.database import non_atomic_requests
from ..core.oauth_state import set_state_cookies
from ..core.outages import render_outage, respond_to_outages
from ..core.redirects import safe_redirect_url

MAX_URL_LENGTH = 2000  # a cookie stores the URL


def absolute_url(request: HttpRequest, name: str) -> str:
    """
    Return the absolute URL of one of this app's views. That of the callback does not depend on the
    language of the user (`i18n_patterns`), since the Trove compares it with the registered one.
    """
    with override(_get_callback_language() if name == "callback" else get_language()):
        path = reverse(f"django_trove:{name}")
    base = conf.callback_base_url
    return urljoin(base, path) if base else request.build_absolute_uri(path)


def _get_callback_language() -> str:
    """
    Return the language that LocaleMiddleware finds in the URL: with a prefix, a supported variant
    of LANGUAGE_CODE ("en" for "en-us"), otherwise LANGUAGE_CODE itself.
    """
    _, is_prefixed = is_language_prefix_patterns_used(get_urlconf() or settings.ROOT_URLCONF)
    code = settings.LANGUAGE_CODE
    return get_supported_language_variant(code) if is_prefixed else code


def callback_host_mismatch(request: HttpRequest) -> str:
    """
    Return the host of the callback URL if it differs from the host of the request, otherwise "".
    The session, and the pending authorization, do not exist on the other host.
    """
    if not conf.backend.uses_oauth:
        return ""
    expected = urlsplit(absolute_url(request, "callback"))
    default_port = ":443" if expected.scheme == "https" else ":80"
    host = expected.netloc.removesuffix(default_port)
    return "" if host == request.get_host().removesuffix(default_port) else host


def safe_next_url(request: HttpRequest, url: str) -> str:
    """
    Return the URL if redirecting to it is allowed, otherwise "".
    """
    hosts = {request.get_host(), *conf.allowed_next_hosts}
    is_short = len(url) <= MAX_URL_LENGTH
    return safe_redirect_url(url, hosts, require_https=request.is_secure()) if is_short else ""


def success_url(request: HttpRequest, next_url: str) -> str:
    """
    Return the URL to redirect to after connecting. `next_url` is validated again, because the
    settings may have changed since it was stored.
    """
    return safe_next_url(request, next_url) or resolve_url(
        conf.connect_redirect_url or "django_trove:account"
    )


def require_trove_url(url: str) -> str:
    """
    Return a URL that the Trove sent, if it is a URL of that Trove.

    :raises UnsafeResponse: if it is not.
    """
    if not conf.backend.uses_oauth:  # a URL of this project
        return url
    target, trove = urlsplit(url), urlsplit(conf.web_url)
    if (target.scheme, target.netloc) != (trove.scheme, trove.netloc):
        raise UnsafeResponse("The Trove returned a URL of another host.")
    return url


def is_same_origin(url: str, other: str) -> bool:
    return _origin(url) == _origin(other) != ("", "", None)


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


def render_outage_page() -> HttpResponse:
    return HttpResponse(render_outage("django_trove/unavailable.html"))


def login_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    Redirect anonymous users to the login page, with the account page as `next`: a POST cannot be
    repeated, and the callback URL contains the verifier. The views call the Trove, so they have no
    transaction around them, regardless of ATOMIC_REQUESTS. They may add pending authorizations.
    """

    @non_atomic_requests
    @login_not_required  # LoginRequiredMiddleware would add the URL to `next`
    @respond_to_outages(render_outage_page)
    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if request.user.is_authenticated:
            with request_scope(request):
                return set_state_cookies(request, view(request, **kwargs))
        return redirect_to_login(reverse("django_trove:account"))

    return wrapper
