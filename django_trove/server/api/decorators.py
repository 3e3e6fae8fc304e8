"""
What every endpoint's answer has in common (protocol, "Errors").
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from django_trove.client.errors import QueryError
from django_trove.client.logs import HEADER, get_request_id, request_id_scope

from .. import signals
from ..errors import APIError
from ..oauth.bridge import REALM, form_error
from ..ratelimit import count_rejection, is_blocked

RETRY_SECONDS = 60
TOO_MANY_REQUESTS = frozenset({400, 401, 403, 413})
HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer carries: it is data, kept by nobody and shown in no page."""

View = Callable[..., HttpResponse]
ErrorWriter = Callable[..., HttpResponse]

logger = logging.getLogger(__name__)


def json_error(status: int, code: str, detail: str, field: str = "") -> HttpResponse:
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
    return _wrap_endpoint(view, form_error)


def api_view(view: View) -> View:
    """
    Make a content endpoint: it answers errors as JSON.
    """
    return _wrap_endpoint(view, json_error)


def _wrap_endpoint(view: View, write: ErrorWriter) -> View:
    """
    Make an endpoint for applications: it takes GET and POST without a session or a CSRF token, and
    nothing on the way keeps its answer. What belongs together is a transaction of its own, whatever
    the project's ATOMIC_REQUESTS: one around all would hide a look at services from the workers.

    :param write: how an error is written.
    """

    @transaction.non_atomic_requests
    @csrf_exempt
    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        began = time.monotonic()
        with request_id_scope(request.headers.get(HEADER, "")) as known:
            response = _limit_rejections(view, write, request, *args, **kwargs)
            endpoint = str(kwargs.get("content_type") or view.__name__)
            _log_response(request, response, endpoint, time.monotonic() - began)
        for name, value in (HEADERS | {HEADER: known}).items():
            response[name] = value
        return response

    return answer


def _limit_rejections(
    view: View, write: ErrorWriter, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    """
    Hold off an address that was refused too often, and count what is refused.
    """
    seconds = is_blocked(request)
    if seconds:
        words = "Too many requests from here were refused."
        response = _retry_later(write(429, "too_many_requests", words), seconds)
    else:
        response = _handle_errors(view, write, request, *args, **kwargs)
        if response.status_code in TOO_MANY_REQUESTS:
            count_rejection(request)
    if response.status_code == 401:
        response["WWW-Authenticate"] = REALM
    return response


def _handle_errors(
    view: View, write: ErrorWriter, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    """
    Whatever goes wrong, a program reads what it can read; the log has the rest.
    """
    if request.method not in ("GET", "POST"):
        response = write(405, "method_not_allowed", "GET and POST are taken here.")
        response["Allow"] = "GET, POST"
        return response
    try:
        return view(request, *args, **kwargs)
    except APIError as refusal:
        response = write(refusal.status, refusal.code, refusal.detail)
        late = refusal.status in {429, 503}
        return _retry_later(response, refusal.seconds or RETRY_SECONDS) if late else response
    except QueryError as wrong:
        return json_error(400, "bad_query", wrong.detail, wrong.field)
    except (OperationalError, InterfaceError):
        logger.exception("The database was away.")
        words = "This Trove can't answer just now."
        return _retry_later(write(503, "unavailable", words), RETRY_SECONDS)
    except Exception:
        logger.exception("A request could not be answered.")
        return write(500, "server_error", "This Trove failed; its log says why.")


def _log_response(
    request: HttpRequest, response: HttpResponse, endpoint: str, seconds: float
) -> None:
    """
    Tell the log and who counts. The path alone: a query may hold what is nobody's business.
    """
    method, path, status = request.method, request.path, response.status_code
    facts = {"endpoint": endpoint, "status": status, "seconds": seconds}
    extra = {"method": method, "path": path, "request_id": get_request_id(), **facts}
    logger.info("%s %s: %s in %.3f s", method, path, status, seconds, extra=extra)
    signals.request_answered.send_robust(sender=None, **facts)


def _retry_later(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response
