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

from .client.tracing import identified
from .conf import answering, conf
from .services import Trove

__all__ = ["TroveHttpRequest", "TroveMiddleware", "renew"]

Answering = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


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

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        _give(request)
        if self.is_async:
            return self._awaited(request)
        with answering(request), identified(conf.request_id):
            return self.get_response(request)

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        with answering(request), identified(conf.request_id):
            return await cast(Awaitable[HttpResponseBase], self.get_response(request))


def renew(request: HttpRequest | None, **kwargs: Any) -> None:
    """
    Give a request another Trove when its user has signed in or out.
    """
    if request is not None and "trove" in vars(request):
        _give(request)


def _give(request: HttpRequest) -> None:
    vars(request)["trove"] = SimpleLazyObject(partial(_trove_of_user, request))


def _trove_of_user(request: HttpRequest) -> Trove:
    return Trove(request.user)
