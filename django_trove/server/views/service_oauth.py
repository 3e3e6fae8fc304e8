"""
To a service on the web, where the person is asked for leave, and back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_trove.client.token import Token
from django_trove.core.oauth_state import OAuthStateStore, PendingAuthorization

from ..conf import conf
from ..connectors.base import ServiceFailed
from ..connectors.remote import RemoteConnector
from ..http import public_origin
from .base import render_error, render_page

FLOWS = "trove_server.flows"

logger = logging.getLogger(__name__)


def start_authorization(
    request: HttpRequest,
    service: RemoteConnector,
    back: str,
    extra: Mapping[str, Any],
    **words: Any,
) -> HttpResponse:
    """
    Say what a service is asked for, and send the person there when they say so.

    :param back: where they want to be in the end.
    :param extra: what has to be known when they come back.
    :param words: for the page.
    """
    if request.method != "POST":
        words = {"service": service, "back": back, **words}
        leads_to = str(service.config["AUTHORIZE_URL"])
        return render_page(request, "add_remote.html", words, leads_to=leads_to)
    return _redirect_to_service(request, service, back, {**extra, "service": service.name})


@sensitive_variables()
def _redirect_to_service(
    request: HttpRequest, service: RemoteConnector, back: str, extra: Mapping[str, Any]
) -> HttpResponse:
    try:
        started = service.start_authorization(service_callback_url(request, service.name))
    except ServiceFailed as failed:
        return render_unavailable(request, service, failed)
    token = Token(key=started.key, secret=started.secret)
    get_oauth_states(request).add(PendingAuthorization(token, back, extra))
    return HttpResponseRedirect(started.url)


def get_oauth_states(request: HttpRequest) -> OAuthStateStore:
    """
    Return the person's flows under way.
    """
    return OAuthStateStore(request.session, request.user, cache=conf.cache_alias, name=FLOWS)


def service_callback_url(request: HttpRequest, service: str) -> str:
    """
    Return where a service sends people back to: the operator registers it there.
    """
    return public_origin(request) + reverse("trove_server:came_back", args=(service,))


def render_unavailable(
    request: HttpRequest, service: RemoteConnector, failed: ServiceFailed
) -> HttpResponse:
    """
    Say why a service couldn't be added.
    """
    logger.warning("%s could not be added: %s", service.name, failed.reason)
    return render_error(
        request,
        failed.reason,
        _("Nothing was added. Try again in a while; if it stays so, tell whoever runs this Trove."),
        title=_("%(service)s could not be added") % {"service": service.title},
        status=503,
    )
