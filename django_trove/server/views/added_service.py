"""
The response after a service was added: the first sync starts.
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ..accounts.add import add_account
from ..accounts.registry import get_service_titles
from ..accounts.revocation import revoke_unused_token
from ..connectors.authorization import Authorization
from ..connectors.folder import Folder
from ..connectors.http import limit_wait
from ..connectors.picker import Picker
from ..connectors.remote import RemoteConnector
from ..errors import IdentityDeleting
from ..models import Identity
from ..sync.engine import SyncBusy, SyncFailed, sync
from ..sync.ingest import SyncReport
from ..tasks import has_worker, request_sync
from ..translation import translate_message
from .base import render_error, render_page
from .picker import save_next_url

INLINE_SYNC_SECONDS = 3  # after which the sync ends with the current batch
MAX_REQUEST_SECONDS = 10  # of requests to the service

logger = logging.getLogger(__name__)


def add_account_response(
    request: HttpRequest,
    service: RemoteConnector,
    authorization: Authorization,
    next_url: str,
    *,
    reconnected: int | None = None,
) -> HttpResponse:
    """
    Save an account, start its first sync, and redirect.

    :param reconnected: primary key of the account that the user wanted to reconnect.
    """
    try:
        identity, is_new = add_account(request.user, service.name, authorization)
    except IdentityDeleting:
        revoke_unused_token(service, authorization)
        return render_error(
            request,
            _("%(name)s is being removed from your Trove.") % {"name": authorization.name},
            _("Add it again in a few minutes, when the removal is complete."),
            title=_("Removal in progress"),
            status=409,
        )
    if reconnected and identity.pk != reconnected:
        message = _(
            "You authorized another account at %(service)s. The account that you wanted to "
            "reconnect still has to be reconnected."
        )
        messages.warning(request, message % {"service": service.title}, fail_silently=True)
    if authorization.notice:
        notice = translate_message(authorization.notice)
        messages.warning(request, notice, fail_silently=True)
    if isinstance(service, Picker) and is_new:
        if next_url:
            save_next_url(identity, next_url)
        return redirect("trove_server:picker", identity.pk)
    return first_sync_response(request, identity, next_url)


def first_sync_response(request: HttpRequest, identity: Identity, next_url: str) -> HttpResponse:
    """
    Start the first sync of an account, and redirect. A worker completes a sync that takes longer
    than `INLINE_SYNC_SECONDS`. Without workers, a folder is synced completely, and a remote
    account for `INLINE_SYNC_SECONDS`; `trove_sync` completes it. If the first batch takes longer
    than `MAX_REQUEST_SECONDS`, because it follows a listing of all files, the sync is incomplete.
    """
    next_url = next_url or reverse("trove_server:home")
    complete = identity.service == Folder.name and not has_worker()
    try:
        with limit_wait(read=MAX_REQUEST_SECONDS, total=MAX_REQUEST_SECONDS):
            report = sync(identity, seconds=None if complete else INLINE_SYNC_SECONDS)
    except SyncBusy:  # a worker has started it
        report = SyncReport(complete=False)
    except SyncFailed:
        logger.warning("The first sync of identity %s failed.", identity.pk, exc_info=True)
        return render_error(
            request,
            _("%(name)s was added, but its content could not be imported.")
            % {"name": identity.name},
            _("It will be imported with the next sync. You do not need to do anything."),
            title=_("Added without content"),
            status=503,
            next_url=next_url,
        )
    if not report.complete and has_worker():
        request_sync(identity)
    if report.failures and report.complete:
        context = {"identity": identity, "report": report, "next_url": next_url}
        return render_page(request, "service_added.html", context, redirect_url=next_url)
    title = get_service_titles().get(identity.service, identity.service)
    message = _("%(service)s: %(name)s was added.") % {"service": title, "name": identity.name}
    messages.success(request, message, fail_silently=True)
    return HttpResponseRedirect(next_url)


def render_invalid_link(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("This link is invalid or has expired. It can be used once, within one hour."),
        _("Request a new link on the page where you found this one."),
        title=_("Invalid link"),
    )
