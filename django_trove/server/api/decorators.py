"""
Decorators of the API endpoints: errors, headers, rate limits and logging (protocol, sections 1.4 to
1.6 and 6).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from django_trove.client.codec import CONTENT_CLASSES
from django_trove.client.errors import QueryError
from django_trove.client.logs import HEADER, get_request_id, request_id_scope
from django_trove.core.database import non_atomic_requests
from django_trove.core.logs import log_unavailable
from django_trove.core.outages import is_outage

from .. import signals
from ..errors import APIError
from ..oauth.endpoints import BEARER_REALM, REALM, form_error
from ..ratelimit import count_rejection, is_blocked

RETRY_SECONDS = 60
REJECTED_STATUSES = frozenset({400, 401, 403, 413})
HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

View = Callable[..., HttpResponse]
ErrorRenderer = Callable[..., HttpResponse]

logger = logging.getLogger(__name__)


def json_error(status: int, code: str, detail: str, field: str = "") -> HttpResponse:
    """
    Return an error in the format of content endpoints. `field` is the invalid field, if any.
    """
    error = {"error": code, "detail": detail}
    if field:
        error["field"] = field
    return JsonResponse(error, status=status)


def oauth2_error(status: int, code: str, detail: str) -> HttpResponse:
    """
    Return an error in the format of RFC 6749, section 5.2.
    """
    return JsonResponse({"error": code, "error_description": detail}, status=status)


def token_view(view: View) -> View:
    """
    Decorator for token endpoints: errors are form-encoded.
    """
    return _wrap_endpoint(view, form_error)


def oauth2_view(view: View) -> View:
    """
    Decorator for endpoints of OAuth 2: errors have the format of RFC 6749.
    """
    return _wrap_endpoint(view, oauth2_error, BEARER_REALM)


def version2_view(view: View) -> View:
    """
    Decorator for content endpoints of version 2: errors are JSON.
    """
    return _wrap_endpoint(view, json_error, BEARER_REALM)


def api_view(view: View) -> View:
    """
    Decorator for content endpoints: errors are JSON.
    """
    return _wrap_endpoint(view, json_error)


def _wrap_endpoint(view: View, render_error: ErrorRenderer, realm: str = REALM) -> View:
    """
    Wrap a view for GET and POST without a session or CSRF token. It has no transaction around it,
    regardless of ATOMIC_REQUESTS: workers would not see a sync that the view requests.
    """

    @non_atomic_requests
    @csrf_exempt
    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        start = time.monotonic()
        with request_id_scope(request.headers.get(HEADER, "")) as request_id:
            response = _limit_rejections(view, render_error, request, *args, **kwargs)
            if response.status_code == 401:
                response.headers.setdefault("WWW-Authenticate", realm)
            endpoint = _get_endpoint(view, kwargs.get("content_type"))
            _log_response(request, response, endpoint, time.monotonic() - start)
        for name, value in (HEADERS | {HEADER: request_id}).items():
            response[name] = value
        return response

    return wrapper


def _limit_rejections(
    view: View, render_error: ErrorRenderer, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    """
    Apply the rate limit for rejected requests of an IP address, before any other work.
    """
    seconds = is_blocked(request)
    if seconds:
        detail = "Too many requests of this IP address were rejected."
        response = _retry_later(render_error(429, "too_many_requests", detail), seconds)
    else:
        response = _handle_errors(view, render_error, request, *args, **kwargs)
        if response.status_code in REJECTED_STATUSES:
            count_rejection(request)
    return response


def _handle_errors(
    view: View, render_error: ErrorRenderer, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    """
    Convert exceptions to error responses. Details of unexpected exceptions are only logged.
    """
    if request.method not in ("GET", "POST"):
        response = render_error(405, "method_not_allowed", "Allowed methods: GET and POST.")
        response["Allow"] = "GET, POST"
        return response
    try:
        return view(request, *args, **kwargs)
    except APIError as error:
        response = render_error(error.status, error.code, error.detail)
        if error.status == 405:
            response["Allow"] = "POST"
        if error.status in {429, 503}:
            _retry_later(response, error.seconds or RETRY_SECONDS)
        return response
    except QueryError as error:
        return json_error(400, "bad_query", error.detail, error.field)
    except Exception as error:
        if is_outage(error):
            logger.exception("The database is unavailable.")
            detail = "This Trove is temporarily unavailable."
            return _retry_later(render_error(503, "unavailable", detail), RETRY_SECONDS)
        logger.exception("Unexpected error while handling a request.")
        return render_error(500, "server_error", "Unexpected error. It was logged.")


def _get_endpoint(view: View, content_type: str | None) -> str:
    """
    Return a name for metrics. The number of names is limited, whatever clients request.
    """
    return content_type if content_type in CONTENT_CLASSES else view.__name__


def _log_response(
    request: HttpRequest, response: HttpResponse, endpoint: str, seconds: float
) -> None:
    """
    Log a response and send `request_answered`. The query string is omitted, because it may contain
    personal data. The path is escaped: it can contain line breaks.
    """
    method, path, status = request.method, escape_uri_path(request.path), response.status_code
    data = {"endpoint": endpoint, "status": status, "seconds": seconds}
    extra = {"method": method, "path": path, "request_id": get_request_id(), **data}
    logger.info("%s %s: %s in %.3f s", method, path, status, seconds, extra=extra)
    if status == 503:
        log_unavailable(request, response)
    signals.request_answered.send_robust(sender=None, **data)


def _retry_later(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response
