"""
Adding a service, by a one-time link.
"""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ..connectors.folder import Folder
from ..models import AddLink, Identity
from ..services import add_folder, addable, folders_of
from ..sync import SyncFailed, sync
from ..tasks import has_worker, request_sync
from .policy import personal, show, trouble

__all__ = ["add", "start"]

AT_ONCE = 3  # seconds that somebody waits gladly, to find their photos there

logger = logging.getLogger(__name__)


@require_POST
@personal
def start(request: HttpRequest) -> HttpResponse:
    """
    Begin to add a folder, for oneself and not for an application.
    """
    if Folder.name not in addable():
        return _late(request)
    token = AddLink.objects.issue(user=request.user, service=Folder.name)
    return redirect("trove_server:add_link", token)


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def add(request: HttpRequest, token: str) -> HttpResponse:
    """
    Offer the folders that can be added, and add the one that is picked.
    """
    link = AddLink.objects.open(token).select_related("application").first()
    if link is None or link.service not in addable():
        return _late(request)
    if link.user_id is None:
        link = link.bound_to(request.user)
    if link.user_id != request.user.pk:
        return _not_yours(request)
    folders = folders_of(request.user)
    picked = request.POST.get("folder") if request.method == "POST" else None
    if picked not in folders:
        words = {"link": link, "folders": list(folders), "missed": request.method == "POST"}
        return show(request, "add.html", words, leads_to=link.redirect_url)
    if not link.use():
        return _late(request)
    identity, _new = add_folder(request.user, folders[picked])
    return _taken_in(request, link, identity)


def _taken_in(request: HttpRequest, link: AddLink, identity: Identity) -> HttpResponse:
    """
    Take in what the folder holds, and go where the link leads. A worker goes on with what takes
    longer than a moment.
    """
    back = link.redirect_url or reverse("trove_server:home")
    try:
        report = sync(identity, seconds=AT_ONCE if has_worker() else None)
    except SyncFailed:
        logger.warning("Identity %s was added and could not be read.", identity.pk, exc_info=True)
        return trouble(
            request,
            _("The folder was added, but it could not be read just now."),
            _("Its photos will come with the next look at it. There is nothing else to do."),
            title=_("Added, and empty for now"),
            status=503,
        )
    if not report.complete:
        request_sync(identity)
    if report.failures:
        words = {"identity": identity, "report": report, "back": back}
        return show(request, "added.html", words, leads_to=back)
    return HttpResponseRedirect(back)


def _late(request: HttpRequest) -> HttpResponse:
    return trouble(
        request,
        _("This link is not good any more: each one works once, and for an hour."),
        _("Go back to where you found it and ask for a new one."),
        title=_("Nothing to add"),
    )


def _not_yours(request: HttpRequest) -> HttpResponse:
    return trouble(
        request,
        _("This link was made for somebody else, and you are signed in as %(name)s.")
        % {"name": request.user.get_username()},
        _("Sign out, sign in as the person who asked for it, and open the link again."),
        title=_("Somebody else's link"),
        status=403,
    )
