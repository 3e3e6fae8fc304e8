"""
`request.trove`, settings that depend on the request, and its id in the logs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from .client.logs import request_id_scope
from .conf import conf, request_scope
from .services import Trove

__all__ = ["TroveHttpRequest", "TroveMiddleware", "reset_request_trove"]

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class TroveHttpRequest(HttpRequest):
    """
    What a request is behind the middleware: for annotations only.
    """

    trove: Trove


class TroveMiddleware:
    """
    Gives each request the Trove of its user as `request.trove`. No query is made and no session
    read until it is used; view, tags and templates then share it, and with it one query. Settings
    that are callables with an argument are given the request, and what is logged and asked for it
    has one id.

    A middleware and no context processor: views have it too, in templates it is `request.trove`.
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
            return self._awaited(request)
        with request_scope(request), request_id_scope(conf.request_id):
            return self.get_response(request)

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        with request_scope(request), request_id_scope(conf.request_id):
            return await cast(Awaitable[HttpResponseBase], self.get_response(request))


def reset_request_trove(request: HttpRequest | None, **kwargs: Any) -> None:
    """
    Give a request another Trove when its user has signed in or out.
    """
    if request is not None and "trove" in vars(request):
        _set_request_trove(request)


def _set_request_trove(request: HttpRequest) -> None:
    vars(request)["trove"] = SimpleLazyObject(partial(_get_user_trove, request))


def _get_user_trove(request: HttpRequest) -> Trove:
    return Trove(request.user)
