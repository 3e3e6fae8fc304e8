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

from django_trove.flows import FlowLate, FlowOfOther, FlowSpent, FlowWrong, Pending

from ..connectors.base import ServiceFailed
from ..connectors.remote import Denied, Granted, Picker, Remote
from ..models import AddLink, Identity
from ..services import BeingRemoved, add_account, remote
from .adding import late, taken_in
from .leaving import callback_of, flows, go, not_now
from .policy import personal, trouble

__all__ = ["came_back", "connect_again"]

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def connect_again(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Ask for leave anew, for an account whose token isn't taken any more.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    service = remote(identity.service)
    if service is None:
        raise Http404
    return go(request, service, "", {"identity": identity.pk}, identity=identity)


@require_GET
@sensitive_variables()
@personal
def came_back(request: HttpRequest, service: str) -> HttpResponse:
    """
    Take somebody in who comes back from a service.
    """
    asked = remote(service)
    if asked is None:
        raise Http404
    said = request.GET.dict()
    request.GET, request.META["QUERY_STRING"] = QueryDict(), ""  # not into error reports
    try:
        flow = flows(request).take(said.get("oauth_token") or said.get("state") or "")
    except FlowWrong as wrong:
        return _not_followed(request, asked, wrong)
    if flow.about.get("service") != service:
        return _not_followed(request, asked, FlowWrong())
    return _finished(request, asked, flow, said)


@sensitive_variables()
def _finished(
    request: HttpRequest, service: Remote, flow: Pending, said: dict[str, str]
) -> HttpResponse:
    callback = callback_of(request, service.name)
    try:
        granted = service.finish(flow.request_token.secret, said, callback)
    except Denied:
        words = _("You said no at %(service)s, so nothing was added.") % {"service": service.title}
        messages.info(request, words, fail_silently=True)
        return HttpResponseRedirect(flow.next or reverse("trove_server:home"))
    except ServiceFailed as failed:
        return not_now(request, service, failed)
    link = flow.about.get("link")
    if link and not AddLink(pk=link).use():
        return late(request)
    return _added(request, service, flow, granted)


def _added(request: HttpRequest, service: Remote, flow: Pending, granted: Granted) -> HttpResponse:
    try:
        identity, new = add_account(request.user, service.name, granted)
    except BeingRemoved:
        return trouble(
            request,
            _("%(name)s is just being removed from your Trove.") % {"name": granted.name},
            _("Add it again in a few minutes, when that is done."),
            title=_("Not yet"),
            status=409,
        )
    wanted = flow.about.get("identity")
    if wanted and identity.pk != wanted:
        words = _(
            "That was another account of %(service)s: the one that you meant still has to be "
            "connected again."
        )
        messages.warning(request, words % {"service": service.title}, fail_silently=True)
    if isinstance(service, Picker) and new:
        return redirect("trove_server:pick", identity.pk)
    return taken_in(request, identity, flow.next)


def _not_followed(request: HttpRequest, service: Remote, wrong: FlowWrong) -> HttpResponse:
    """
    Say why somebody who came back isn't let in.
    """
    if isinstance(wrong, FlowSpent):  # the page was loaded again
        return redirect("trove_server:home")
    why: dict[type[FlowWrong], Any] = {
        FlowLate: _("You were away for more than ten minutes."),
        FlowOfOther: _("Somebody else began this: you are signed in as %(name)s.")
        % {"name": request.user.get_username()},
    }
    logger.warning("A way back from %s was not followed: %s", service.name, type(wrong).__name__)
    return trouble(
        request,
        why.get(type(wrong), _("This browser didn't begin to add anything there.")),
        _("Nothing was added. Begin again on your Trove's own page."),
        title=_("%(service)s was not added") % {"service": service.title},
    )
