"""
The pages: each reads the request, calls the flow and chooses the answer.
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from .backends.base import get_local_backend
from .client import NotConnected, QueryError, TroveError
from .conf import conf
from .connect.errors import NOT_OFFERED, ErrorPage, error_page_for, render_error, render_exception
from .connect.flows import start
from .connect.forms import AddServiceForm, ConnectForm
from .connect.pending import get_oauth_states
from .connect.redirects import (
    absolute_url,
    callback_host_mismatch,
    login_required,
    require_trove_url,
    safe_next_url,
    success_url,
)
from .services import Trove

logger = logging.getLogger(__name__)


@require_POST
@never_cache
@csrf_protect
@sensitive_post_parameters()
@login_required
def connect(request: HttpRequest) -> HttpResponse:
    """
    Send the visitor to their Trove, to say yes there; to one in this project, to add a service.
    """
    form = ConnectForm(request.POST)
    target = safe_next_url(request, form.cleaned_data["next"] if form.is_valid() else "")
    if conf.backend:
        return _begin_here(request, success_url(request, target))
    if host := callback_host_mismatch(request):
        logger.warning("A connection starts on %s and comes back to %s.", request.get_host(), host)
    try:
        url, flow = start(absolute_url(request, "callback"), target)
    except TroveError as error:
        return render_exception(request, error, target)
    get_oauth_states(request).add(flow)
    return redirect(url)


def _begin_here(request: HttpRequest, back: str) -> HttpResponse:
    trove = Trove(request.user)
    try:
        for service in sorted(trove.services()):
            return redirect(_add_here(trove, service, back))
        here = get_local_backend(request.user)
        return redirect(here.home_url if here else back)
    except TroveError as error:
        return render_exception(request, error, back)


def _add_here(trove: Trove, service: str, back: str) -> str:
    try:
        return trove.add_service_url(service, back)
    except QueryError:  # one of `ALLOWED_NEXT_HOSTS` needn't be a host of this project
        return trove.add_service_url(service)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@login_required
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
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """
    Show how the connection stands, and what can be added to it.
    """
    trove = Trove(request.user)
    problem: ErrorPage | None = None
    offered: list[str] = []
    try:
        offered = sorted(trove.services())
    except NotConnected:
        pass
    except TroveError as error:
        problem = error_page_for(error)
    here = get_local_backend(request.user) if trove.connected else None
    context = {
        "account": trove.account,
        "home_url": here.home_url if here else "",
        "services": offered,
        "problem": problem,
        "other_host": callback_host_mismatch(request),
    }
    return render(request, "django_trove/account.html", context)


@require_POST
@never_cache
@csrf_protect
@login_required
def add_service(request: HttpRequest) -> HttpResponse:
    """
    Send the visitor to the page at their Trove where a service is added.
    """
    form = AddServiceForm(request.POST)
    service = form.cleaned_data["service"] if form.is_valid() else ""
    trove, back = Trove(request.user), absolute_url(request, "account")
    try:
        if service not in trove.services():
            return render_error(request, NOT_OFFERED, "")
        return redirect(require_trove_url(trove.add_service_url(service, back)))
    except TroveError as error:
        return render_exception(request, error, reverse("django_trove:account"))
