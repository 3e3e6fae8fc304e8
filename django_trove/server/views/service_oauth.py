"""
Start the OAuth authorization at a photo service.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_variables

from django_trove.client.token import Token
from django_trove.core.oauth_state import OAuthStateStore, PendingAuthorization

from ..accounts.content_types import join_names
from ..conf import conf
from ..connectors.errors import ServiceFailed
from ..connectors.http import limit_wait
from ..connectors.oauth import OAuthService
from ..origins import get_web_origin
from ..translation import translate_message
from .base import render_error, render_page

STATES = "trove_service"

logger = logging.getLogger(__name__)


def start_authorization(
    request: HttpRequest,
    service: OAuthService,
    next_url: str,
    extra: Mapping[str, Any],
    **context: Any,
) -> HttpResponse:
    """
    Show a page that describes the requested authorization. Its form redirects to the service.
    `extra` is stored with the OAuth state until the callback.
    """
    if request.method != "POST":
        content_types = join_names(service.wanted_types)
        context = {"service": service, "content_types": content_types, **context}
        authorize_url = str(service.config["AUTHORIZE_URL"])
        return render_page(request, "add_account.html", context, redirect_url=authorize_url)
    return _redirect_to_service(request, service, next_url, {**extra, "service": service.name})


@sensitive_variables()
def _redirect_to_service(
    request: HttpRequest, service: OAuthService, next_url: str, extra: Mapping[str, Any]
) -> HttpResponse:
    try:
        with limit_wait():
            started = service.start_authorization(service_callback_url(request, service.name))
    except ServiceFailed as error:
        return render_unavailable(request, service, error)
    token = Token(key=started.key, secret=started.secret)
    get_oauth_states(request).add(PendingAuthorization(token, next_url, extra))
    return HttpResponseRedirect(started.url)


def get_oauth_states(request: HttpRequest) -> OAuthStateStore:
    return OAuthStateStore(request, cache=conf.cache, name=STATES)


def service_callback_url(request: HttpRequest, service: str) -> str:
    """
    Return the callback URL, which the operator registers at the service.
    """
    with override(settings.LANGUAGE_CODE):  # i18n_patterns must not change it
        path = reverse("trove_server:service_callback", args=(service,))
    return get_web_origin(request) + path


def render_unavailable(
    request: HttpRequest, service: OAuthService, error: ServiceFailed
) -> HttpResponse:
    logger.warning("%s could not be added: %s", service.name, error.reason)
    return render_error(
        request,
        translate_message(error.reason),
        _("Nothing was added. Try again later. If the error persists, contact the operator."),
        title=_("%(service)s could not be added") % {"service": service.title},
        status=503,
    )
