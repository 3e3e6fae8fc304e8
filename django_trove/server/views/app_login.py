"""
The page shown until the user has approved a login at a service, as in `AppLogin`.
"""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from django_trove.client.token import Token
from django_trove.core.encryption import fingerprint
from django_trove.core.oauth_state import (
    OAuthStateStore,
    PendingAuthorization,
    StateError,
    StateExpired,
    StateUsed,
)

from ..accounts.registry import get_remote_connector
from ..accounts.revocation import revoke_unused_token
from ..conf import conf
from ..connectors.app_login import LOGIN_SECONDS, AppLogin, LoginRequest
from ..connectors.authorization import Authorization
from ..connectors.entered import EnteredService
from ..connectors.errors import RetryLater, ServiceFailed
from ..connectors.http import limit_wait
from ..models import AddLink, Identity
from ..translation import translate_message
from .added_service import add_account_response, render_invalid_link
from .base import login_required_page, render_error, render_page

STATES = "trove_login"
POLL_SECONDS = 3
MIN_POLL_SECONDS = 2  # between two requests to the service

logger = logging.getLogger(__name__)


@sensitive_variables()
def wait_for_login(
    request: HttpRequest,
    service: EnteredService,
    login: LoginRequest,
    next_url: str,
    *,
    link: AddLink | None = None,
    identity: Identity | None = None,
) -> HttpResponse:
    """
    Store a started login in this browser, and redirect to the page that is shown until it is
    approved.

    :param identity: the account to reconnect.
    """
    extra = {
        "service": service.name,
        "link": link.pk if link else None,
        "identity": identity.pk if identity else None,
    }
    token = Token(key=secrets.token_urlsafe(16), secret=json.dumps(asdict(login)))
    _get_states(request).add(PendingAuthorization(token, next_url, extra, LOGIN_SECONDS))
    return redirect("trove_server:app_login", service.name, token.key)


@require_safe
@login_required_page
def app_login(request: HttpRequest, service: str, key: str) -> HttpResponse:
    """
    Show the link to the service, and wait.
    """
    connector = _get_service(service)
    try:
        pending = _peek(request, service, key)
    except StateError as error:
        return _render_state_error(request, connector, error)
    context = {
        "service": connector,
        "key": key,
        "login_url": _get_login(pending).url,
        "poll_seconds": POLL_SECONDS,
        "cancel_url": pending.next or reverse("trove_server:home"),
    }
    return render_page(request, "app_login.html", context, redirect_url=pending.next)


@require_POST
@sensitive_variables()
@login_required_page
def app_login_status(request: HttpRequest, service: str, key: str) -> HttpResponse:
    """
    Add the account if the user has approved the login. The response is JSON for the page's script,
    or a page or redirect for its button.
    """
    connector = _get_service(service)
    try:
        pending = _peek(request, service, key)
        authorization = _poll(connector, pending, key)
        if authorization is None:
            return _respond(request, redirect("trove_server:app_login", service, key), wait=True)
    except StateError as error:
        return _respond(request, _render_state_error(request, connector, error))
    except ServiceFailed as error:
        return _respond(request, _fail(request, connector, error))
    try:
        _get_states(request).pop(key)
    except StateError as error:  # it has expired, or another request has added the account
        revoke_unused_token(connector, authorization)
        return _respond(request, _render_state_error(request, connector, error))
    return _respond(request, _add_account(request, connector, pending, authorization))


@sensitive_variables()
def _poll(service: AppLogin, pending: PendingAuthorization, key: str) -> Authorization | None:
    """
    Return None also if the service does not respond, or was polled a moment ago.
    """
    rate_key = f"trove_server.app_login:{fingerprint(key)}"
    if not conf.cache.add(rate_key, True, MIN_POLL_SECONDS):
        return None
    try:
        with limit_wait():
            return service.poll_login(_get_login(pending))
    except RetryLater:
        return None


def _add_account(
    request: HttpRequest,
    service: AppLogin,
    pending: PendingAuthorization,
    authorization: Authorization,
) -> HttpResponse:
    link = pending.extra["link"]
    if link and not AddLink(pk=link).use():
        revoke_unused_token(service, authorization)
        return render_invalid_link(request)
    reconnected = pending.extra["identity"]
    return add_account_response(
        request, service, authorization, pending.next, reconnected=reconnected
    )


def _fail(request: HttpRequest, service: AppLogin, error: ServiceFailed) -> HttpResponse:
    logger.warning("%s could not be added: %s", service.name, error.reason)
    return render_error(
        request,
        translate_message(error.reason),
        _("Nothing was added. Start again from your Trove."),
        title=_("%(service)s was not added") % {"service": service.title},
    )


def _respond(request: HttpRequest, response: HttpResponse, *, wait: bool = False) -> HttpResponse:
    """
    Return the response, or JSON for the script: the URL to continue at, or "" to wait. A script
    cannot show the page of an error, so the user continues at the home page.
    """
    if request.accepts("text/html"):
        return response
    if isinstance(response, HttpResponseRedirect):
        return JsonResponse({"next": "" if wait else response.url})
    if response.status_code >= 400:
        text = _("The account was not added. Start again from your Trove.")
        messages.error(request, text, fail_silently=True)
    return JsonResponse({"next": reverse("trove_server:home")})


def _get_service(name: str) -> AppLogin:
    service: Any = get_remote_connector(name)
    if not isinstance(service, AppLogin):
        raise Http404
    return service


def _get_states(request: HttpRequest) -> OAuthStateStore:
    return OAuthStateStore(request, cache=conf.cache, name=STATES)


def _peek(request: HttpRequest, service: str, key: str) -> PendingAuthorization:
    pending = _get_states(request).peek(key)
    if pending.extra.get("service") != service:
        raise StateError
    return pending


def _get_login(pending: PendingAuthorization) -> LoginRequest:
    return LoginRequest(**json.loads(pending.request_token.secret))


def _render_state_error(request: HttpRequest, service: AppLogin, error: StateError) -> HttpResponse:
    if isinstance(error, StateUsed):  # the user reloaded the page, or has it in two tabs
        return redirect("trove_server:home")
    reason = _("This login was not started in this browser.")
    if isinstance(error, StateExpired):
        reason = _("The login took more than 20 minutes.")
    return render_error(
        request,
        reason,
        _("Nothing was added. Start again from your Trove."),
        title=_("%(service)s was not added") % {"service": service.title},
    )
