"""
What every page's answer has in common.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import chain
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect

from django_trove.client.urls import is_loopback

from ..conf import conf
from ..redirect_uris import get_origin

View = Callable[..., HttpResponseBase]


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    leads_to: str = "",
) -> HttpResponse:
    """
    Render a page.

    :param leads_to: an address outside to which this page's form may be redirected, which
        browsers hold against the policy as well.
    """
    words = {"trove_name": conf.name, **(context or {})}
    response = render(request, f"trove_server/{template}", words, status=status)
    response["Content-Security-Policy"] = content_security_policy(leads_to)
    return response


def render_error(
    request: HttpRequest, what: str, todo: str, *, title: str = "", status: int = 400
) -> HttpResponse:
    """
    Render a page that says what happened and what to do next.
    """
    words = {"title": title, "what": what, "todo": todo}
    return render_page(request, "trouble.html", words, status=status)


def content_security_policy(leads_to: str = "") -> str:
    """
    Return the Content-Security-Policy: nothing but our own style sheet and script, and pictures of
    services, which are wherever these have them.
    """
    static_files = " ".join(filter(None, ["'self'", get_origin(static("trove_server/trove.css"))]))
    forms = " ".join(filter(None, ["'self'", get_origin(leads_to)]))
    return (
        f"default-src 'none'; style-src {static_files}; script-src {static_files}; "
        f"connect-src 'self'; img-src {' '.join(_image_sources())}; form-action {forms}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _image_sources() -> list[str]:
    """
    Return where pictures are: on https, and for a service that the settings look for on this very
    machine, there.
    """
    hosts = chain.from_iterable(said.get("MEDIA_HOSTS", ()) for said in conf.services.values())
    return ["'self'", "https:", *(f"http://{host}" for host in hosts if is_loopback(host))]


def html_page(view: View) -> View:
    """
    Make a page: nobody keeps it, and nobody frames it.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Frame-Options"] = "DENY"
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return answer


def login_required_page(view: View) -> View:
    """
    Make a page for people who have signed in; others sign in first and come back. What is posted
    there comes from its own form, whether the project has Django's middleware for that or not.
    """

    @html_page
    @csrf_protect
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), reverse("trove_server:login"))

    return answer
