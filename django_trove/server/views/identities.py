"""
The user's accounts at services: sync status, sync on request, removal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..accounts.content_types import join_names
from ..accounts.registry import get_connector_class, get_remote_connector
from ..connectors.picker import Picker
from ..connectors.remote import RemoteConnector
from ..models import Identity, Kind
from ..models.index import KINDS
from ..tasks import request_identity_deletion, request_sync
from .base import login_required_page, render_page

COUNT_LABELS = {
    Kind.PHOTO: ngettext_lazy("%d photo", "%d photos"),
    Kind.VIDEO: ngettext_lazy("%d video", "%d videos"),
    Kind.STATUS: ngettext_lazy("%d status update", "%d status updates"),
    Kind.CHECKIN: ngettext_lazy("%d check-in", "%d check-ins"),
    Kind.FRIEND: ngettext_lazy("%d friend", "%d friends"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def remove_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Ask for confirmation, then remove an account and its items.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    if request.method != "POST":
        context = {"identity": identity, "items": identity.items.count()}
        return render_page(request, "remove_identity.html", context)
    request_identity_deletion(identity)
    return redirect("trove_server:home")


@require_POST
@login_required_page
def sync_now(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Sync an account immediately, regardless of the back-off after failures.
    """
    active = Identity.objects.of(request.user).filter(state=Identity.State.ACTIVE)
    identity = get_object_or_404(active, pk=pk)
    active.filter(pk=pk).request_sync()
    request_sync(identity)
    message = _("The sync of %(name)s has started.") % {"name": identity.name}
    messages.success(request, message, fail_silently=True)
    return redirect("trove_server:home")


@require_safe
@login_required_page
def sync_progress(request: HttpRequest) -> HttpResponse:
    """
    Render the sync status of all accounts, for the script of the home page.
    """
    context = {"identities": list_identities(request.user)}
    return render_page(request, "sync_progress.html", context)


def list_identities(user: Any) -> list[Any]:
    """
    Return a user's accounts with the additional attributes that the templates use: `counts`,
    `title`, `web_url`, `sync_status`, `can_sync`, `is_due`, `can_reconnect`, `has_picker` and
    `missing_types`.
    """
    identities: list[Any] = list(Identity.objects.of(user).prefetch_related("tallies"))
    for identity in identities:
        connector = get_connector_class(identity)
        is_active = identity.state == Identity.State.ACTIVE
        identity.title = connector.title if connector else identity.service
        identity.sync_status = _sync_status(identity)
        identity.web_url = identity.url if identity.url.startswith("https://") else ""
        identity.can_sync = is_active and connector is not None
        identity.is_due = identity.next_sync_at <= timezone.now()
        identity.can_reconnect = _can_reconnect(identity)
        identity.counts = _describe_counts(identity)
        identity.missing_types = join_names(identity.unpermitted_types) if is_active else ""
        identity.has_picker = is_active and connector is not None and issubclass(connector, Picker)
    return identities


def _can_reconnect(identity: Identity) -> bool:
    """
    Return whether the account is on the web, and its service has keys in the settings.
    """
    connector = get_connector_class(identity)
    is_remote = connector is not None and issubclass(connector, RemoteConnector)
    return is_remote and get_remote_connector(identity.service) is not None


def describe_totals(identities: list[Any]) -> list[tuple[str, str]]:
    """
    Return each content type of a user's items with the number of items, such as "2 photos".
    """
    totals = _count_items(identities)
    names = {kind: name for name, kind in KINDS.items()}
    return [(names[kind], label) for kind, label in _label_counts(totals)]


def _describe_counts(identity: Identity) -> list[str]:
    return [label for __, label in _label_counts(_count_items([identity]) or {Kind.PHOTO: 0})]


def _count_items(identities: list[Any]) -> Counter[int]:
    """
    Return the number of items of each kind.
    """
    counts: Counter[int] = Counter()
    for identity in identities:
        counts.update({tally.kind: tally.items for tally in identity.tallies.all() if tally.items})
    return counts


def _label_counts(counts: Mapping[int, int]) -> list[tuple[Kind, str]]:
    return [(kind, label % counts[kind]) for kind, label in COUNT_LABELS.items() if kind in counts]


def _sync_status(identity: Identity) -> str:
    """
    Return "deleting", "reconnect", "syncing", "error", "queued" or "".
    """
    if identity.state == Identity.State.DELETING:
        return "deleting"
    if identity.state == Identity.State.NEEDS_RECONNECT:
        return "reconnect"
    if identity.lease_expires_at and identity.lease_expires_at > timezone.now():
        return "syncing"
    requested = identity.is_sync_requested
    if identity.last_error and (identity.failures or not requested):
        return "error"
    incomplete = identity.sync_in_progress or not identity.last_synced_at or requested
    return "queued" if incomplete and not identity.is_pushed else ""
