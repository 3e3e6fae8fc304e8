"""
The way back from a Trove: the callback, and the page that asks whose Trove it is.
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from ..client import QueryError, TroveError
from ..conf import conf
from ..core.oauth_state import PendingAuthorization, StateError
from ..models import TroveAccount
from ..services import Trove
from .errors import DENIED, NO_VERIFIER, NOT_MY_ACCOUNT, render_error, render_exception
from .flows import exchange, save, start
from .forms import CallbackForm, ConfirmForm, ConnectForm
from .pending import PendingGrant, get_oauth_states, get_pending_grants
from .redirects import (
    absolute_url,
    callback_host_mismatch,
    login_required,
    safe_next_url,
    success_url,
)

logger = logging.getLogger(__name__)


@require_GET
@never_cache
@sensitive_variables()
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """
    Finish what `connect` began, when the Trove sends the visitor back.
    """
    if _is_prefetch(request):  # nobody has come yet: the link is to be followed in earnest
        return HttpResponse(status=503)
    form = CallbackForm(request.GET)
    form.is_valid()  # what is wrong with it is missing from it, and is said below
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""  # not into error reports
    response = _handle_callback(request, form)
    response.headers["Referrer-Policy"] = "same-origin"  # the address holds the verifier
    return response


@sensitive_variables()
def _handle_callback(request: HttpRequest, form: CallbackForm) -> HttpResponse:
    if form.was_denied and not form.token_key:
        return render_error(request, DENIED, "")
    try:
        flow = get_oauth_states(request).pop(form.token_key)
    except StateError as wrong:
        return render_exception(request, wrong, wrong.next)
    if form.was_denied:
        return render_error(request, DENIED, flow.next)
    return _exchange(request, flow, form.verifier)


@sensitive_variables()
def _exchange(request: HttpRequest, flow: PendingAuthorization, verifier: str) -> HttpResponse:
    if not verifier:
        return render_error(request, NO_VERIFIER, flow.next)
    try:
        arrival = exchange(request.user, flow.request_token, verifier)
    except TroveError as error:
        return render_exception(request, error, flow.next)
    if conf.confirm_account and not arrival.belongs_to(_get_account(request)):
        pending_id = get_pending_grants(request).add(arrival, flow.next)
        return redirect("django_trove:confirm", pending_id)
    return _save_grant(request, PendingGrant(arrival, flow.next))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@sensitive_variables()
@login_required
def confirm(request: HttpRequest, pending_id: str) -> HttpResponse:
    """
    Show whose Trove came back, and keep it or forget it when the answer comes.

    :param name: what the arrival is known by.
    """
    pending_grants = get_pending_grants(request)
    form = ConfirmForm(request.POST)
    try:
        if not form.is_valid():  # nothing was answered yet
            return _render_confirmation(request, pending_grants.peek(pending_id))
        waiting = pending_grants.pop(pending_id)
    except StateError as wrong:
        return render_exception(request, wrong, wrong.next)
    if form.is_kept:
        return _save_grant(request, waiting)
    words = "User %s has sent back a Trove that isn't theirs."
    logger.info(words, request.user.pk, extra={"user_id": request.user.pk})
    return render_error(request, NOT_MY_ACCOUNT, waiting.next)


def _render_confirmation(request: HttpRequest, waiting: PendingGrant) -> HttpResponse:
    context = {"arrival": waiting.grant, "before": _get_account(request)}
    return render(request, "django_trove/connect_confirm.html", context)


@sensitive_variables()
def _save_grant(request: HttpRequest, waiting: PendingGrant) -> HttpResponse:
    try:
        save(request.user, waiting.grant)
    except TroveError as error:
        return render_exception(request, error, waiting.next)
    messages.success(request, _("Your Trove is connected."), fail_silently=True)
    return redirect(success_url(request, waiting.next))


def _get_account(request: HttpRequest) -> TroveAccount | None:
    return TroveAccount.objects.of(request.user)


def _is_prefetch(request: HttpRequest) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)


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
    trove = Trove(request.user)
    if not trove.backend.uses_oauth:
        return _redirect_to_add_service(request, trove, success_url(request, target))
    if host := callback_host_mismatch(request):
        logger.warning("A connection starts on %s and comes back to %s.", request.get_host(), host)
    try:
        url, flow = start(absolute_url(request, "callback"), target)
    except TroveError as error:
        return render_exception(request, error, target)
    get_oauth_states(request).add(flow)
    return redirect(url)


def _redirect_to_add_service(request: HttpRequest, trove: Trove, back: str) -> HttpResponse:
    try:
        for service in sorted(trove.services()):
            return redirect(_add_service_url(trove, service, back))
        return redirect(trove.backend.home_url)
    except TroveError as error:
        return render_exception(request, error, back)


def _add_service_url(trove: Trove, service: str, back: str) -> str:
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
