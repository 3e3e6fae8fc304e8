"""
The pages: each reads the request, calls the flow and chooses the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from . import connecting
from .addresses import absolute, allowed_next, arrival, at_the_trove, other_host
from .backends import local_trove
from .client import NotConnected, QueryError, TroveError
from .conf import conf
from .flows import FlowStore, FlowWrong, Pending
from .forms import AddServiceForm, CallbackForm, ConnectForm
from .problems import DENIED, NO_VERIFIER, NOT_OFFERED, Problem, problem_of
from .services import Trove

__all__ = ["account", "add_service", "callback", "connect", "disconnect"]

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]


def signed_in(view: View) -> View:
    """
    Ask for a sign-in first, and come back to the account page: a form can't be sent again, and a
    callback's address isn't for the sign-in page to know.
    """

    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request)
        return redirect_to_login(reverse("django_trove:account"))

    return login_not_required(inner)  # a LoginRequiredMiddleware would pass the address on


@require_POST
@never_cache
@csrf_protect
@sensitive_post_parameters()
@signed_in
def connect(request: HttpRequest) -> HttpResponse:
    """
    Send the visitor to their Trove, to say yes there; to one in this project, to add a service.
    """
    form = ConnectForm(request.POST)
    target = allowed_next(request, form.cleaned_data["next"] if form.is_valid() else "")
    if conf.backend:
        return _begin_here(request, arrival(request, target))
    if host := other_host(request):
        logger.warning("A connection starts on %s and comes back to %s.", request.get_host(), host)
    try:
        url, flow = connecting.begin(absolute(request, "callback"), target)
    except TroveError as error:
        return _stopped(request, error, target)
    _flows(request).put(flow)
    return redirect(url)


def _begin_here(request: HttpRequest, back: str) -> HttpResponse:
    trove = Trove(request.user)
    try:
        for service in sorted(trove.services()):
            return redirect(_add_here(trove, service, back))
        here = local_trove(request.user)
        return redirect(here.home_url if here else back)
    except TroveError as error:
        return _stopped(request, error, back)


def _add_here(trove: Trove, service: str, back: str) -> str:
    try:
        return trove.add_service_url(service, back)
    except QueryError:  # one of `NEXT_HOSTS` needn't be a host of this project
        return trove.add_service_url(service)


@require_GET
@never_cache
@sensitive_variables()
@signed_in
def callback(request: HttpRequest) -> HttpResponse:
    """
    Finish what `connect` began, when the Trove sends the visitor back.
    """
    if _is_prefetch(request):  # nobody has come yet: the link is to be followed in earnest
        return HttpResponse(status=503)
    form = CallbackForm(request.GET)
    form.is_valid()  # what is wrong with it is missing from it, and is said below
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""  # not into error reports
    response = _came_back(request, form)
    response.headers["Referrer-Policy"] = "same-origin"  # the address holds the verifier
    return response


@sensitive_variables()
def _came_back(request: HttpRequest, form: CallbackForm) -> HttpResponse:
    if form.was_denied and not form.token_key:
        return _failed(request, DENIED, "")
    try:
        flow = _flows(request).take(form.token_key)
    except FlowWrong as wrong:
        return _stopped(request, wrong, wrong.next)
    if form.was_denied:
        return _failed(request, DENIED, flow.next)
    return _finish(request, flow, form.verifier)


@sensitive_variables()
def _finish(request: HttpRequest, flow: Pending, verifier: str) -> HttpResponse:
    if not verifier:
        return _failed(request, NO_VERIFIER, flow.next)
    try:
        connecting.complete(request.user, flow.request_token, verifier)
    except TroveError as error:
        return _stopped(request, error, flow.next)
    messages.success(request, _("Your Trove is connected."), fail_silently=True)
    return redirect(arrival(request, flow.next))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@signed_in
def disconnect(request: HttpRequest) -> HttpResponse:
    """
    Ask whether to disconnect, and do it when the answer comes.
    """
    trove = Trove(request.user)
    if trove.account and request.method != "POST":
        return render(request, "django_trove/disconnect.html", {"account": trove.account})
    if trove.account:
        trove.disconnect()
        messages.success(request, _("Your Trove is no longer connected."), fail_silently=True)
    return redirect("django_trove:account")


@require_safe
@never_cache
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """
    Show how the connection stands, and what can be added to it.
    """
    trove = Trove(request.user)
    problem: Problem | None = None
    offered: list[str] = []
    try:
        offered = sorted(trove.services())
    except NotConnected:
        pass
    except TroveError as error:
        problem = problem_of(error)
    here = local_trove(request.user) if trove.connected else None
    context = {
        "account": trove.account,
        "home_url": here.home_url if here else "",
        "services": offered,
        "problem": problem,
        "other_host": other_host(request),
    }
    return render(request, "django_trove/account.html", context)


@require_POST
@never_cache
@csrf_protect
@signed_in
def add_service(request: HttpRequest) -> HttpResponse:
    """
    Send the visitor to the page at their Trove where a service is added.
    """
    form = AddServiceForm(request.POST)
    service = form.cleaned_data["service"] if form.is_valid() else ""
    trove, back = Trove(request.user), absolute(request, "account")
    try:
        if service not in trove.services():
            return _failed(request, NOT_OFFERED, "")
        return redirect(at_the_trove(trove.add_service_url(service, back)))
    except TroveError as error:
        return _stopped(request, error, reverse("django_trove:account"))


def _flows(request: HttpRequest) -> FlowStore:
    return FlowStore(request.session, request.user, cache=conf.cache)


def _is_prefetch(request: HttpRequest) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)


def _stopped(request: HttpRequest, error: Exception, target: str) -> HttpResponse:
    detail = error.detail if isinstance(error, TroveError) else ""
    logger.warning("A connection was stopped: %s %s", type(error).__name__, detail)
    return _failed(request, problem_of(error), target)


def _failed(request: HttpRequest, problem: Problem, target: str) -> HttpResponse:
    context = {
        "problem": problem,
        "next": allowed_next(request, target),
        "callback": absolute(request, "callback"),
        "other_host": other_host(request),
    }
    return render(request, "django_trove/failed.html", context, status=problem.status)
