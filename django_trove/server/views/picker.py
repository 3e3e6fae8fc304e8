"""
Services whose person picks there what comes into the Trove.
"""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ..accounts.registry import get_connector
from ..connectors.base import Revoked, ServiceFailed
from ..connectors.remote import Picker
from ..models import Identity
from ..tasks import request_sync
from .base import login_required_page, render_error, render_page

MAX_SESSIONS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def picker(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Say how picking goes; begin it; and wait for its end.
    """
    identity, picker = _get_picker_identity(request, pk)
    if request.method == "POST":
        try:
            began = picker.start_picker_session()
        except ServiceFailed as failed:
            return _render_picker_error(request, identity, failed)
        _save_session(
            identity, {"id": began.id, "url": began.url, "expires": began.expires}, began.seconds
        )
        return redirect("trove_server:pick", pk)
    under_way = identity.settings.get("picking", {})
    going_on = under_way if under_way.get("expires", 0) > time.time() else None
    return render_page(
        request, "pick.html", {"identity": identity, "service": picker, "picking": going_on}
    )


@require_POST
@login_required_page
def picker_status(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Look whether the person is done, and have what they picked taken in. The page's script asks for
    JSON, and the button for a page.
    """
    identity, picker = _get_picker_identity(request, pk)
    under_way = identity.settings.get("picking")
    try:
        done = bool(under_way) and picker.is_selection_complete(under_way["id"])
    except ServiceFailed as failed:
        _save_session(identity, None)
        return _render_picker_error(request, identity, failed)
    if done:
        _save_session(identity, None)
        Identity.objects.filter(pk=identity.pk).request_sync()
        request_sync(identity)
        words = _("What you picked is on its way into your Trove.")
        messages.success(request, words, fail_silently=True)
    where = reverse("trove_server:home") if done else reverse("trove_server:pick", args=(pk,))
    if request.accepts("text/html"):
        return redirect(where)
    return JsonResponse({"next": where if done else ""})


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


def _save_session(identity: Identity, picking: dict[str, Any] | None, seconds: float = 0) -> None:
    """
    Note what is under way, and all sessions, for the next look at the account.
    """
    with transaction.atomic():
        row = Identity.objects.select_for_update().get(pk=identity.pk)
        settings = {**row.settings, "picking": {**picking, "seconds": seconds} if picking else {}}
        if picking:
            sessions = [*row.settings.get("sessions", []), picking["id"]]
            settings["sessions"] = sessions[-MAX_SESSIONS:]
        row.settings = settings
        row.save(update_fields=["settings"])


def _render_picker_error(
    request: HttpRequest, identity: Identity, failed: ServiceFailed
) -> HttpResponse:
    """
    Say why not; an account whose leave was taken back is to be connected again.
    """
    if isinstance(failed, Revoked):
        state = Identity.State.NEEDS_RECONNECT
        Identity.objects.filter(pk=identity.pk).update(state=state, last_error=failed.reason)
    return render_error(
        request,
        failed.reason,
        _("Nothing was picked. Begin again on your Trove's own page."),
        title=_("Not picked"),
        status=503,
    )
