"""
Removing one of my accounts.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..accounts.registry import get_connector_class
from ..connectors.remote import Picker
from ..models import Identity, Kind
from ..tasks import request_identity_deletion, request_sync
from .base import login_required_page, render_page


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def remove_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Say what goes with an account, and remove it when that was confirmed.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    if request.method != "POST":
        return render_page(
            request, "remove.html", {"identity": identity, "photos": identity.items.count()}
        )
    request_identity_deletion(identity)
    return redirect("trove_server:home")


COUNT_LABELS = {"photos": Kind.PHOTO, "videos": Kind.VIDEO}


def list_identities(user: Any) -> list[Any]:
    """
    Return a person's accounts, each with `photos` and `videos` (how many), `title`, `page` at its
    service, and `doing`: "leaving", "reconnect", "looking", "waiting" after a failure, "queued"
    or "".
    """
    counts = {name: _count_items(kind) for name, kind in COUNT_LABELS.items()}
    accounts: list[Any] = list(Identity.objects.of(user).annotate(**counts))
    for account in accounts:
        kind = get_connector_class(account)
        account.title = kind.title if kind else account.service
        account.doing = _sync_status(account)
        account.page = account.url if account.url.startswith("https://") else ""
        active = account.state == Identity.State.ACTIVE
        account.can_look = active and kind is not None
        account.can_pick = active and kind is not None and issubclass(kind, Picker)
    return accounts


@require_safe
@login_required_page
def sync_progress(request: HttpRequest) -> HttpResponse:
    """
    Say anew how far everything is: the page's script puts it in place of what it said before.
    """
    return render_page(request, "progress.html", {"identities": list_identities(request.user)})


@require_POST
@login_required_page
def sync_now(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Have one of my accounts looked at now, whatever it failed by before.
    """
    mine = Identity.objects.of(request.user).filter(state=Identity.State.ACTIVE)
    identity = get_object_or_404(mine, pk=pk)
    mine.filter(pk=pk).request_sync()
    request_sync(identity)
    words = _("%(name)s is looked at again.") % {"name": identity.name}
    messages.success(request, words, fail_silently=True)
    return redirect("trove_server:home")


def _count_items(kind: Kind) -> Sum:
    return Sum("tallies__items", filter=Q(tallies__kind=kind))


def _sync_status(account: Identity) -> str:
    now = timezone.now()
    if account.state == Identity.State.DELETING:
        return "leaving"
    if account.state == Identity.State.NEEDS_RECONNECT:
        return "reconnect"
    if account.lease_expires_at and account.lease_expires_at > now:
        return "looking"
    if account.last_error and (account.failures or not account.is_sync_requested):
        return "waiting"
    left_open = account.sync_in_progress or not account.last_synced_at or account.is_sync_requested
    return "queued" if left_open and not account.is_pushed else ""
