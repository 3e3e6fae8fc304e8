"""
`request.trove`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from .services import Trove

__all__ = ["TroveHttpRequest", "TroveMiddleware"]

Answering = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class TroveHttpRequest(HttpRequest):
    """
    What a request is behind the middleware: for annotations only.
    """

    trove: Trove


class TroveMiddleware:
    """
    Gives each request the Trove of its user as `request.trove`. No query is made and no session
    read until it is used; view, tags and templates then share it, and with it one query.

    A middleware and no context processor: views have it too, in templates it is `request.trove`.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        vars(request)["trove"] = SimpleLazyObject(partial(_trove_of_user, request))
        return self.get_response(request)


def _trove_of_user(request: HttpRequest) -> Trove:
    return Trove(request.user)
