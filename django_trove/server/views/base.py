"""
Rendering and decorators of the HTML pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import chain
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect

from django_trove.client.errors import QueryError
from django_trove.client.hosts import is_loopback
from django_trove.core.database import non_atomic_requests
from django_trove.core.logs import log_unavailable
from django_trove.core.oauth_state import set_state_cookies
from django_trove.core.outages import SafeTemplateResponse, render_outage, respond_to_outages

from ..conf import conf
from ..redirect_uris import get_origin

View = Callable[..., HttpResponseBase]


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    redirect_url: str = "",
) -> HttpResponse:
    """
    Render a template of `trove_server`. `redirect_url` is an external URL to which the page's form
    may redirect: browsers apply `form-action` to redirects, too.
    """
    context = {"trove_name": conf.name, **(context or {})}
    response = render(request, f"trove_server/{template}", context, status=status)
    response["Content-Security-Policy"] = content_security_policy(redirect_url)
    return response


def render_error(
    request: HttpRequest,
    message: str,
    hint: str,
    *,
    title: str = "",
    status: int = 400,
    next_url: str = "",
) -> HttpResponse:
    """
    :param next_url: where the user can continue. Default: the home page of the Trove.
    """
    context = {"title": title, "message": message, "hint": hint, "next_url": next_url}
    response = render_page(request, "error.html", context, status=status)
    if status == 503:
        log_unavailable(request, response)
    return response


def content_security_policy(redirect_url: str = "") -> str:
    """
    Return a Content-Security-Policy with the app's own style sheet and scripts, and images and
    videos of any https URL, because services serve them from many hosts.
    """
    static_files = " ".join(filter(None, ["'self'", get_origin(static("trove_server/trove.css"))]))
    forms = " ".join(filter(None, ["'self'", get_origin(redirect_url)]))
    images = " ".join(_image_sources())
    return (
        f"default-src 'none'; style-src {static_files}; script-src {static_files}; "
        f"connect-src 'self'; img-src {images}; media-src {images}; form-action {forms}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _image_sources() -> list[str]:
    """
    Return https, and plain http for configured media hosts on loopback.
    """
    options = conf.services.values()
    hosts = chain.from_iterable(option.get("MEDIA_HOSTS", ()) for option in options)
    return ["'self'", "https:", *(f"http://{host}" for host in hosts if is_loopback(host))]


def render_outage_page() -> HttpResponse:
    return HttpResponse(_outage_page())


def _outage_page() -> str:
    return render_outage("trove_server/unavailable.html", {"trove_name": conf.name})


class PageTemplateResponse(SafeTemplateResponse):
    def render_outage(self) -> str:
        return _outage_page()


class PageMixin:
    """
    A class-based view whose template extends "trove_server/base.html".
    """

    response_class: Any = PageTemplateResponse

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"trove_name": conf.name}


def html_page(view: View) -> View:
    """
    Decorator for HTML pages: disables caching and framing, and responds with 503 while the database
    is unavailable.
    """
    safe_view = respond_to_outages(render_outage_page)(view)

    @non_atomic_requests  # a transaction would begin before the view can catch an error
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = safe_view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Frame-Options"] = "DENY"
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return wrapper


def login_required_page(view: View) -> View:
    """
    `html_page` for signed-in users. CSRF protection does not depend on the project's middleware.
    If the URL contains an invalid value for a query, the page does not exist.
    """

    @login_not_required  # LoginRequiredMiddleware would redirect to LOGIN_URL
    @html_page
    @csrf_protect
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            try:
                return set_state_cookies(request, view(request, *args, **kwargs))
            except QueryError:
                raise Http404 from None
        return redirect_to_login(request.get_full_path(), reverse("trove_server:login"))

    return wrapper
