"""
OAuth callback of the photo services, and reconnecting of accounts.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from django_trove.core.oauth_state import (
    PendingAuthorization,
    StateError,
    StateExpired,
    StateOfOtherUser,
    StateUsed,
)

from ..accounts.registry import get_remote_connector
from ..connectors.entered import EnteredService
from ..connectors.errors import ServiceFailed
from ..connectors.http import limit_wait
from ..connectors.oauth import AuthorizationDenied, OAuthService
from ..connectors.remote import RemoteConnector
from ..models import AddLink, Identity
from .added_service import add_account_response, render_invalid_link
from .base import login_required_page, render_error
from .entered_account import enter_account
from .service_oauth import (
    get_oauth_states,
    render_unavailable,
    service_callback_url,
    start_authorization,
)

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def reconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Authorize an account again, or enter its values again.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    service = get_remote_connector(identity.service)
    if service is None:
        raise Http404
    if isinstance(service, EnteredService):
        return enter_account(request, service, "", identity=identity)
    if not isinstance(service, OAuthService):
        raise Http404
    return start_authorization(request, service, "", {"identity": identity.pk}, identity=identity)


@require_GET
@sensitive_variables()
@login_required_page
def service_callback(request: HttpRequest, service: str) -> HttpResponse:
    connector = get_remote_connector(service)
    if not isinstance(connector, OAuthService):
        raise Http404
    parameters = request.GET.dict()
    # Keep the verifier or code out of error reports.
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""
    key = parameters.get("oauth_token") or parameters.get("state") or ""
    try:
        pending = get_oauth_states(request).pop(key)
    except StateError as error:
        return _render_state_error(request, connector, error)
    if pending.extra.get("service") != service:
        return _render_state_error(request, connector, StateError())
    return _complete(request, connector, pending, parameters)


@sensitive_variables()
def _complete(
    request: HttpRequest,
    service: OAuthService,
    pending: PendingAuthorization,
    parameters: dict[str, str],
) -> HttpResponse:
    callback = service_callback_url(request, service.name)
    secret = pending.request_token.secret
    try:
        with limit_wait():
            authorization = service.finish_authorization(secret, parameters, callback)
    except AuthorizationDenied:
        message = _("You denied the authorization at %(service)s. Nothing was added.")
        messages.info(request, message % {"service": service.title}, fail_silently=True)
        return HttpResponseRedirect(pending.next or reverse("trove_server:home"))
    except ServiceFailed as error:
        return render_unavailable(request, service, error)
    link = pending.extra.get("link")
    if link and not AddLink(pk=link).use():
        return render_invalid_link(request)
    return add_account_response(
        request, service, authorization, pending.next, reconnected=pending.extra.get("identity")
    )


def _render_state_error(
    request: HttpRequest, service: RemoteConnector, error: StateError
) -> HttpResponse:
    if isinstance(error, StateUsed):  # The user reloaded the page.
        return redirect("trove_server:home")
    reasons: dict[type[StateError], Any] = {
        StateExpired: _("The authorization took more than ten minutes."),
        StateOfOtherUser: _(
            "Another user started this authorization. You are signed in as %(name)s."
        )
        % {"name": request.user.get_username()},
    }
    logger.warning("Callback of %s rejected: %s", service.name, type(error).__name__)
    return render_error(
        request,
        reasons.get(type(error), _("This authorization was not started in this browser.")),
        _("Nothing was added. Start again from your Trove."),
        title=_("%(service)s was not added") % {"service": service.title},
    )
