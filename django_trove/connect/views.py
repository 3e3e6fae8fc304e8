"""
The views of the OAuth flow: connect, callback, confirm, disconnect.
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from ..client import QueryError, TroveError, UnsafeResponse
from ..conf import conf
from ..core.logs import log_unavailable
from ..core.oauth_state import PendingAuthorization, StateError
from ..models import TroveAccount
from ..services import Trove
from .errors import (
    DENIED,
    NO_VERIFIER,
    NOT_MY_ACCOUNT,
    NOT_OFFERED,
    TOO_MANY_STARTS,
    render_error,
    render_exception,
)
from .flows import can_start, exchange, save, start
from .forms import CallbackForm, ConfirmForm, ConnectForm
from .grants import PendingGrant, get_oauth_states, get_pending_grants
from .redirects import (
    absolute_url,
    callback_host_mismatch,
    is_same_origin,
    login_required,
    safe_next_url,
    success_url,
)
from .sign_in import must_sign_in_again

logger = logging.getLogger(__name__)


@require_POST
@never_cache
@csrf_protect
@sensitive_post_parameters()
@login_required
def connect(request: HttpRequest) -> HttpResponse:
    """
    Redirect to the authorization page of the Trove, or to the page that adds a service if the
    backend needs no authorization.
    """
    form = ConnectForm(request.POST)
    form.is_valid()  # invalid fields are missing from cleaned_data
    next_url = safe_next_url(request, form.cleaned_data.get("next", ""))
    if "service" in form.errors:
        return render_error(request, NOT_OFFERED, next_url)
    trove = Trove(request.user)
    if not trove.backend.uses_oauth:
        return _redirect_to_add_service(request, trove, success_url(request, next_url))
    if must_sign_in_again(request):
        return _redirect_to_login(request, next_url, form.cleaned_data["service"])
    if host := callback_host_mismatch(request):
        logger.warning(
            "A connection starts on %s, but its callback is %s.", request.get_host(), host
        )
    if not can_start(request.user):
        return render_error(request, TOO_MANY_STARTS, next_url)
    try:
        url, pending = start(
            absolute_url(request, "callback"), next_url, form.cleaned_data["service"]
        )
    except TroveError as error:
        return render_exception(request, error, next_url)
    get_oauth_states(request).add(pending)
    return HttpResponseRedirect(url)


def _redirect_to_login(request: HttpRequest, next_url: str, service: str) -> HttpResponse:
    """
    After the sign-in, the account page continues with the same values: a POST cannot be repeated.
    """
    text = _("Connecting a Trove requires a recent sign-in.")
    messages.info(request, text, fail_silently=True)
    values = {"next": next_url, "service": service}
    query = urlencode({name: value for name, value in values.items() if value})
    return redirect_to_login(f"{reverse('django_trove:account')}?{query}".rstrip("?"))


def _redirect_to_add_service(request: HttpRequest, trove: Trove, back: str) -> HttpResponse:
    try:
        for service in sorted(trove.services()):
            return HttpResponseRedirect(_add_service_url(trove, service, back))
        return HttpResponseRedirect(trove.backend.home_url)
    except TroveError as error:
        return render_exception(request, error, back)


def _add_service_url(trove: Trove, service: str, back: str) -> str:
    try:
        return trove.add_service_url(service, back)
    except QueryError:  # a host of ALLOWED_NEXT_HOSTS may not be a host of this project
        return trove.add_service_url(service)


@require_GET
@never_cache
@sensitive_variables()
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    if _is_prefetch(request):  # the verifier must not be used before the user follows the link
        response = HttpResponse(status=503)
        log_unavailable(request, response)
        return response
    form = CallbackForm(request.GET)
    form.is_valid()  # invalid fields are missing from cleaned_data
    # The query string contains the verifier, which must not reach error reports or Referer headers.
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""
    response = _handle_callback(request, form)
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@sensitive_variables()
def _handle_callback(request: HttpRequest, form: CallbackForm) -> HttpResponse:
    if form.was_denied and not form.token_key:
        return render_error(request, DENIED, "")
    try:
        pending = get_oauth_states(request).pop(form.token_key)
    except StateError as error:
        return render_exception(request, error, error.next)
    if form.issuer and not is_same_origin(form.issuer, conf.web_url):
        other = UnsafeResponse("The callback is a response of another Trove.")
        return render_exception(request, other, pending.next)
    if form.was_denied:
        return render_error(request, DENIED, pending.next)
    return _exchange(request, pending, form.verifier)


@sensitive_variables()
def _exchange(request: HttpRequest, pending: PendingAuthorization, verifier: str) -> HttpResponse:
    if not verifier:
        return render_error(request, NO_VERIFIER, pending.next)
    try:
        grant = exchange(
            request.user, pending.request_token, verifier, absolute_url(request, "callback")
        )
    except TroveError as error:
        return render_exception(request, error, pending.next)
    if conf.confirm_account and not grant.belongs_to(_get_account(request)):
        pending_id = get_pending_grants(request).add(grant, pending.next)
        return redirect("django_trove:confirm", pending_id)
    return _save_grant(request, PendingGrant(grant, pending.next))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@sensitive_variables()
@login_required
def confirm(request: HttpRequest, pending_id: str) -> HttpResponse:
    """
    Ask the user whether the authorized account is theirs. It is saved only if they confirm.
    """
    pending_grants = get_pending_grants(request)
    form = ConfirmForm(request.POST)
    try:
        if not form.is_valid():
            return _render_confirmation(request, pending_grants.peek(pending_id))
        pending = pending_grants.pop(pending_id)
    except StateError as error:
        return render_exception(request, error, error.next)
    if form.is_confirmed:
        return _save_grant(request, pending)
    message = "User %s rejected the authorized Trove account."
    logger.info(message, request.user.pk, extra={"user_id": request.user.pk})
    return render_error(request, NOT_MY_ACCOUNT, pending.next)


def _render_confirmation(request: HttpRequest, pending: PendingGrant) -> HttpResponse:
    context = {"grant": pending.grant, "before": _get_account(request)}
    return render(request, "django_trove/connect_confirm.html", context)


@sensitive_variables()
def _save_grant(request: HttpRequest, pending: PendingGrant) -> HttpResponse:
    try:
        save(request.user, pending.grant)
    except TroveError as error:
        return render_exception(request, error, pending.next)
    messages.success(request, _("Your Trove is connected."), fail_silently=True)
    return HttpResponseRedirect(success_url(request, pending.next))


def _get_account(request: HttpRequest) -> TroveAccount | None:
    return TroveAccount.objects.of(request.user)


def _is_prefetch(request: HttpRequest) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@login_required
def disconnect(request: HttpRequest) -> HttpResponse:
    """
    Ask for confirmation, and disconnect on POST.
    """
    trove = Trove(request.user)
    if trove.account and request.method != "POST":
        return render(request, "django_trove/disconnect.html", {"account": trove.account})
    if trove.account:
        trove.disconnect()
        messages.success(request, _("Your Trove is no longer connected."), fail_silently=True)
    return redirect("django_trove:account")
