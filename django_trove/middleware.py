"""
`request.trove`, settings that depend on the request, and request ids in the logs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from .backends.page_calls import page_scope
from .client import RateLimited, Unavailable
from .client.logs import request_id_scope
from .conf import conf, request_scope
from .connect.errors import PAGE_UNAVAILABLE, render_error
from .services import Trove

__all__ = ["TroveHttpRequest", "TroveMiddleware", "reset_request_trove"]

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class TroveHttpRequest(HttpRequest):
    """
    The type of a request with the middleware, for annotations.
    """

    trove: Trove


class TroveMiddleware:
    """
    Sets `request.trove` to the Trove of the user. It is lazy: neither the session nor the database
    is read before it is used. The view, tags and templates share it, and thus one database query.

    The middleware also passes the request to settings that are callables with an argument, sets the
    request id for log records and for calls to the Trove, and applies `PAGE_DEADLINE` under ASGI.
    If the Trove is unavailable and the view does not handle the exception, the response is an error
    page with status 503.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        _set_request_trove(request)
        if self.is_async:
            return self._call_async(request)
        with _scope(request):
            return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """
        Render the error page for an unavailable Trove if the view does not handle the exception.
        """
        if isinstance(exception, (Unavailable, RateLimited)):
            return render_error(request, PAGE_UNAVAILABLE, request.get_full_path())
        return None

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        with _scope(request):
            return await cast(Awaitable[HttpResponseBase], self.get_response(request))


@contextmanager
def _scope(request: HttpRequest) -> Iterator[None]:
    with request_scope(request), request_id_scope(conf.request_id), page_scope():
        yield


def reset_request_trove(request: HttpRequest | None, **kwargs: Any) -> None:
    """
    Receiver of `user_logged_in` and `user_logged_out`.
    """
    if request is not None and "trove" in vars(request):
        _set_request_trove(request)


def _set_request_trove(request: HttpRequest) -> None:
    vars(request)["trove"] = SimpleLazyObject(partial(_get_user_trove, request))


def _get_user_trove(request: HttpRequest) -> Trove:
    return Trove(request.user)
