"""
What the pages have in common: who may see them, and the page of what went wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .addresses import absolute_url, callback_host_mismatch, safe_next_url
from .client import TroveError
from .conf import conf
from .flows import OAuthStateStore
from .problems import ErrorPage, error_page_for

__all__ = ["get_oauth_states", "login_required", "render_error", "render_exception"]

logger = logging.getLogger(__name__)


def login_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    Ask for a sign-in first, and come back to the account page: a form can't be sent again, and a
    callback's address isn't for the sign-in page to know.
    """

    @wraps(view)
    def inner(request: HttpRequest, **given: str) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, **given)
        return redirect_to_login(reverse("django_trove:account"))

    return login_not_required(inner)  # a LoginRequiredMiddleware would pass the address on


def get_oauth_states(request: HttpRequest) -> OAuthStateStore:
    """
    Return the visitor's flows under way.
    """
    return OAuthStateStore(request.session, request.user, cache=conf.cache)


def render_exception(request: HttpRequest, error: Exception, target: str) -> HttpResponse:
    """
    Show what went wrong.

    :param target: where the visitor wanted to go.
    """
    detail = error.detail if isinstance(error, TroveError) else ""
    facts = {"user_id": request.user.pk, "error": type(error).__name__}
    logger.warning("A connection was stopped: %s %s", facts["error"], detail, extra=facts)
    return render_error(request, error_page_for(error), target)


def render_error(request: HttpRequest, problem: ErrorPage, target: str) -> HttpResponse:
    """
    Show the page of a problem, with a way out.
    """
    context = {
        "problem": problem,
        "next": safe_next_url(request, target),
        "callback": absolute_url(request, "callback"),
        "trove_url": conf.web_url,
        "other_host": callback_host_mismatch(request),
    }
    return render(request, "django_trove/failed.html", context, status=problem.status)
