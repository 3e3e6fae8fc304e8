"""
Accounts on the web: back from the service, connected again, and picked from.
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

from ..accounts.add import add_account
from ..accounts.registry import get_remote_connector
from ..connectors.base import ServiceFailed
from ..connectors.remote import Authorization, AuthorizationDenied, Picker, RemoteConnector
from ..errors import IdentityDeleting
from ..models import AddLink, Identity
from .add_service import first_sync_response, render_link_expired
from .base import login_required_page, render_error
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
    Ask for leave anew, for an account whose token isn't taken any more.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    service = get_remote_connector(identity.service)
    if service is None:
        raise Http404
    return start_authorization(request, service, "", {"identity": identity.pk}, identity=identity)


@require_GET
@sensitive_variables()
@login_required_page
def service_callback(request: HttpRequest, service: str) -> HttpResponse:
    """
    Take somebody in who comes back from a service.
    """
    asked = get_remote_connector(service)
    if asked is None:
        raise Http404
    said = request.GET.dict()
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""  # not into error reports
    try:
        flow = get_oauth_states(request).pop(said.get("oauth_token") or said.get("state") or "")
    except StateError as wrong:
        return _render_state_error(request, asked, wrong)
    if flow.extra.get("service") != service:
        return _render_state_error(request, asked, StateError())
    return _complete(request, asked, flow, said)


@sensitive_variables()
def _complete(
    request: HttpRequest, service: RemoteConnector, flow: PendingAuthorization, said: dict[str, str]
) -> HttpResponse:
    callback = service_callback_url(request, service.name)
    try:
        granted = service.finish_authorization(flow.request_token.secret, said, callback)
    except AuthorizationDenied:
        words = _("You said no at %(service)s, so nothing was added.") % {"service": service.title}
        messages.info(request, words, fail_silently=True)
        return HttpResponseRedirect(flow.next or reverse("trove_server:home"))
    except ServiceFailed as failed:
        return render_unavailable(request, service, failed)
    link = flow.extra.get("link")
    if link and not AddLink(pk=link).use():
        return render_link_expired(request)
    return _add_account(request, service, flow, granted)


def _add_account(
    request: HttpRequest,
    service: RemoteConnector,
    flow: PendingAuthorization,
    granted: Authorization,
) -> HttpResponse:
    try:
        identity, new = add_account(request.user, service.name, granted)
    except IdentityDeleting:
        return render_error(
            request,
            _("%(name)s is just being removed from your Trove.") % {"name": granted.name},
            _("Add it again in a few minutes, when that is done."),
            title=_("Not yet"),
            status=409,
        )
    wanted = flow.extra.get("identity")
    if wanted and identity.pk != wanted:
        words = _(
            "That was another account of %(service)s: the one that you meant still has to be "
            "connected again."
        )
        messages.warning(request, words % {"service": service.title}, fail_silently=True)
    if isinstance(service, Picker) and new:
        return redirect("trove_server:pick", identity.pk)
    return first_sync_response(request, identity, flow.next)


def _render_state_error(
    request: HttpRequest, service: RemoteConnector, wrong: StateError
) -> HttpResponse:
    """
    Say why somebody who came back isn't let in.
    """
    if isinstance(wrong, StateUsed):  # the page was loaded again
        return redirect("trove_server:home")
    why: dict[type[StateError], Any] = {
        StateExpired: _("You were away for more than ten minutes."),
        StateOfOtherUser: _("Somebody else began this: you are signed in as %(name)s.")
        % {"name": request.user.get_username()},
    }
    logger.warning("A way back from %s was not followed: %s", service.name, type(wrong).__name__)
    return render_error(
        request,
        why.get(type(wrong), _("This browser didn't begin to add anything there.")),
        _("Nothing was added. Begin again on your Trove's own page."),
        title=_("%(service)s was not added") % {"service": service.title},
    )
