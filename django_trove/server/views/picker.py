"""
Picker services: the user selects photos in a picker session at the service.
"""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from django_trove.core.database import atomic

from ..accounts.registry import get_connector
from ..connectors.errors import IncompleteResponse, NoResponse, Revoked, ServiceFailed
from ..connectors.http import limit_wait
from ..connectors.picker import Picker
from ..models import Identity
from ..tasks import request_sync
from ..translation import translate_message
from .base import login_required_page, render_error, render_page

MAX_SESSIONS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def picker(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Start a picker session, or wait for the current one.
    """
    identity, connector = _get_picker_identity(request, pk)
    if request.method == "POST":
        try:
            with limit_wait():
                session = connector.start_picker_session()
        except ServiceFailed as error:
            return _render_picker_error(request, identity, error)
        data = {"id": session.id, "url": session.url, "expires": session.expires}
        _save_session(identity, {**data, "seconds": session.seconds})
        return redirect("trove_server:picker", pk)
    current = identity.settings.get("picker_session", {})
    is_open = current.get("expires", 0) > time.time()
    context = {
        "identity": identity,
        "service": connector,
        "picker_session": current if is_open else None,
        "cancel_url": _get_next_url(identity),
    }
    return render_page(request, "picker.html", context, redirect_url=_get_next_url(identity))


@require_POST
@login_required_page
def picker_status(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Start a sync if the selection is complete. The response is JSON for the page's script, or a
    redirect for its button.
    """
    identity, connector = _get_picker_identity(request, pk)
    session = identity.settings.get("picker_session")
    try:
        with limit_wait():
            complete = bool(session) and connector.is_selection_complete(session["id"])
    except (NoResponse, IncompleteResponse) as error:
        return _render_picker_error(request, identity, error)
    except ServiceFailed as error:
        _save_session(identity, {})
        return _render_picker_error(request, identity, error)
    next_url = _get_next_url(identity)
    if complete:
        _save_session(identity, {})
        save_next_url(identity, "")
        Identity.objects.filter(pk=identity.pk).request_sync()
        request_sync(identity)
        message = _("The import of your selection has started.")
        messages.success(request, message, fail_silently=True)
    url = next_url if complete else reverse("trove_server:picker", args=(pk,))
    if request.accepts("text/html"):
        return HttpResponseRedirect(url)
    return JsonResponse({"next": url if complete else ""})


def _get_picker_identity(request: HttpRequest, pk: int) -> tuple[Identity, Picker]:
    active = Identity.objects.of(request.user).filter(state=Identity.State.ACTIVE)
    identity = get_object_or_404(active, pk=pk)
    try:
        connector: Any = get_connector(identity)
    except ServiceFailed:
        raise Http404 from None
    if not isinstance(connector, Picker):
        raise Http404
    return identity, connector


def _save_session(identity: Identity, session: dict[str, Any]) -> None:
    """
    Store the current session, and the ids of the last ones for the next sync.
    """
    with atomic(Identity):
        row = Identity.objects.select_for_update().get(pk=identity.pk)
        settings = {**row.settings, "picker_session": session}
        if session:
            sessions = [*row.settings.get("sessions", []), session["id"]]
            settings["sessions"] = sessions[-MAX_SESSIONS:]
        row.settings = settings
        row.save(update_fields=["settings"])


def save_next_url(identity: Identity, url: str) -> None:
    """
    Store the URL to redirect to after the first selection.
    """
    with atomic(Identity):
        row = Identity.objects.select_for_update().get(pk=identity.pk)
        row.settings = {**row.settings, "picker_next": url}
        row.save(update_fields=["settings"])


def _get_next_url(identity: Identity) -> str:
    return str(identity.settings.get("picker_next") or reverse("trove_server:home"))


def _render_picker_error(
    request: HttpRequest, identity: Identity, error: ServiceFailed
) -> HttpResponse:
    is_revoked = isinstance(error, Revoked)
    if is_revoked:
        state = Identity.State.NEEDS_RECONNECT
        Identity.objects.filter(pk=identity.pk).update(state=state, last_error=error.reason)
    return render_error(
        request,
        translate_message(error.reason),
        _("No photos were selected. Start again from your Trove."),
        title=_("Selection failed"),
        status=400 if is_revoked else 503,
    )
