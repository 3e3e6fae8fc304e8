"""
Adding a service, by a one-time link: a folder here, or an account on the web (`connecting`).
"""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ..accounts.add import add_folder, available_folders
from ..accounts.registry import addable_services, get_remote_connector, get_service_titles
from ..connectors.folder import Folder
from ..models import AddLink, Identity
from ..sync.engine import SyncFailed, sync
from ..tasks import has_worker, request_sync
from .base import login_required_page, render_error, render_page
from .service_oauth import start_authorization

INLINE_SYNC_SECONDS = 3  # seconds that somebody waits gladly, to find their photos there

logger = logging.getLogger(__name__)


@require_POST
@login_required_page
def choose_service(request: HttpRequest) -> HttpResponse:
    """
    Begin to add a service, for oneself and not for an application.
    """
    service = request.POST.get("service", Folder.name)
    if service not in addable_services():
        return render_link_expired(request)
    token = AddLink.objects.issue(user=request.user, service=service)
    return redirect("trove_server:add_link", token)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def add_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    Say what is added, and do it, or send the person to the service that is asked for leave.
    """
    link = AddLink.objects.open(token).select_related("application").first()
    if link is None or link.service not in addable_services():
        return render_link_expired(request)
    if link.user_id is None:
        link = link.bound_to(request.user)
    if link.user_id != request.user.pk:
        return _render_wrong_user(request)
    service = get_remote_connector(link.service)
    if service is None:
        return _add_folder(request, link)
    return start_authorization(request, service, link.redirect_url, {"link": link.pk}, link=link)


def _add_folder(request: HttpRequest, link: AddLink) -> HttpResponse:
    """
    Offer the folders that can be added, and add the one that is picked.
    """
    folders = available_folders(request.user)
    picked = request.POST.get("folder") if request.method == "POST" else None
    if picked not in folders:
        words = {"link": link, "folders": list(folders), "missed": request.method == "POST"}
        return render_page(request, "add.html", words, leads_to=link.redirect_url)
    if not link.use():
        return render_link_expired(request)
    identity, _new = add_folder(request.user, folders[picked])
    return first_sync_response(request, identity, link.redirect_url)


def first_sync_response(request: HttpRequest, identity: Identity, back: str) -> HttpResponse:
    """
    Take in what an account holds, and go where the person wanted to. A worker goes on with what
    takes longer than a moment; without one, a folder is read whole, and what is on the web as far
    as it comes.

    :param back: "" is the Trove's own page.
    """
    back = back or reverse("trove_server:home")
    whole = identity.service == Folder.name and not has_worker()
    try:
        report = sync(identity, seconds=None if whole else INLINE_SYNC_SECONDS)
    except SyncFailed:
        logger.warning("Identity %s was added and could not be read.", identity.pk, exc_info=True)
        return render_error(
            request,
            _("%(name)s was added, but it could not be read just now.") % {"name": identity.name},
            _("Its photos will come with the next look at it. There is nothing else to do."),
            title=_("Added, and empty for now"),
            status=503,
        )
    if not report.complete and has_worker():
        request_sync(identity)
    if report.failures and report.complete:
        words = {"identity": identity, "report": report, "back": back}
        return render_page(request, "added.html", words, leads_to=back)
    words = {
        "name": identity.name,
        "service": get_service_titles().get(identity.service, identity.service),
    }
    messages.success(request, _("%(service)s: %(name)s is added.") % words, fail_silently=True)
    return HttpResponseRedirect(back)


def render_link_expired(request: HttpRequest) -> HttpResponse:
    """
    Say that a link is used up.
    """
    return render_error(
        request,
        _("This link is not good any more: each one works once, and for an hour."),
        _("Go back to where you found it and ask for a new one."),
        title=_("Nothing to add"),
    )


def _render_wrong_user(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("This link was made for somebody else, and you are signed in as %(name)s.")
        % {"name": request.user.get_username()},
        _("Sign out, sign in as the person who asked for it, and open the link again."),
        title=_("Somebody else's link"),
        status=403,
    )
