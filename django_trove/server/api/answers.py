"""
What every endpoint's answer has in common (protocol, "Errors").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from django_trove.client.errors import QueryError

from ..oauth.http import REALM, form_answer
from ..oauth.parameters import Refusal

__all__ = ["api_view", "content_view", "error", "token_view"]

RETRY_SECONDS = "60"

HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer carries: it is data, kept by nobody and shown in no page."""

View = Callable[..., HttpResponse]


def error(status: int, code: str, detail: str, field: str = "") -> HttpResponse:
    """
    Write an error as content endpoints do.

    :param field: the field of the query that is to blame, where one is.
    """
    blamed = {"field": field} if field else {}
    return JsonResponse({"error": code, "detail": detail, **blamed}, status=status)


def token_view(view: View) -> View:
    """
    Make a token endpoint: it answers errors form-encoded.
    """

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return form_answer(refusal)

    return api_view(answer)


def content_view(view: View) -> View:
    """
    Make a content endpoint: it answers errors as JSON.
    """

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return error(refusal.status, refusal.code, refusal.detail)
        except QueryError as wrong:
            return error(400, "bad_query", wrong.detail, wrong.field)

    return api_view(answer)


def api_view(view: View) -> View:
    """
    Make an endpoint for applications: it takes GET and POST without a session or a CSRF token, and
    nothing on the way keeps its answer.
    """

    @csrf_exempt
    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "POST"):
            response = view(request, *args, **kwargs)
        else:
            response = error(405, "method_not_allowed", "GET and POST are taken here.")
            response["Allow"] = "GET, POST"
        if response.status_code == 401:
            response["WWW-Authenticate"] = REALM
        if response.status_code in (429, 503):
            response["Retry-After"] = RETRY_SECONDS
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer
