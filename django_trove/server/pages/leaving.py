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
from django_trove.flows import FlowStore, Pending

from ..conf import conf
from ..connectors.base import ServiceFailed
from ..connectors.remote import Remote
from ..oauth.http import origin_of
from .policy import show, trouble

__all__ = ["callback_of", "flows", "go", "not_now"]

FLOWS = "trove_server.flows"

logger = logging.getLogger(__name__)


def go(
    request: HttpRequest, service: Remote, back: str, about: Mapping[str, Any], **words: Any
) -> HttpResponse:
    """
    Say what a service is asked for, and send the person there when they say so.

    :param back: where they want to be in the end.
    :param about: what has to be known when they come back.
    :param words: for the page.
    """
    if request.method != "POST":
        words = {"service": service, "back": back, **words}
        leads_to = str(service.config["AUTHORIZE_URL"])
        return show(request, "add_remote.html", words, leads_to=leads_to)
    return _sent(request, service, back, {**about, "service": service.name})


@sensitive_variables()
def _sent(
    request: HttpRequest, service: Remote, back: str, about: Mapping[str, Any]
) -> HttpResponse:
    try:
        started = service.begin(callback_of(request, service.name))
    except ServiceFailed as failed:
        return not_now(request, service, failed)
    token = Token(key=started.key, secret=started.secret)
    flows(request).put(Pending(token, back, about))
    return HttpResponseRedirect(started.url)


def flows(request: HttpRequest) -> FlowStore:
    """
    Return the person's flows under way.
    """
    return FlowStore(request.session, request.user, cache=conf.cache_alias, name=FLOWS)


def callback_of(request: HttpRequest, service: str) -> str:
    """
    Return where a service sends people back to: the operator registers it there.
    """
    return origin_of(request) + reverse("trove_server:came_back", args=(service,))


def not_now(request: HttpRequest, service: Remote, failed: ServiceFailed) -> HttpResponse:
    """
    Say why a service couldn't be added.
    """
    logger.warning("%s could not be added: %s", service.name, failed.reason)
    return trouble(
        request,
        failed.reason,
        _("Nothing was added. Try again in a while; if it stays so, tell whoever runs this Trove."),
        title=_("%(service)s could not be added") % {"service": service.title},
        status=503,
    )
