"""
Add a service with a one-time link (protocol, sections 3.6 and 3.7): a folder on this server, or an
account at a remote service.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ..accounts.add import add_folder, available_folders, granted_folders
from ..accounts.registry import addable_services, get_remote_connector
from ..connectors.entered import EnteredService
from ..connectors.folder import Folder
from ..connectors.oauth import OAuthService
from ..models import AddLink
from .added_service import first_sync_response, render_invalid_link
from .base import login_required_page, render_error, render_page
from .entered_account import enter_account
from .service_oauth import start_authorization


@require_POST
@login_required_page
def create_add_link(request: HttpRequest) -> HttpResponse:
    """
    Create a link for the signed-in user, without an application, and redirect to it.
    """
    service = request.POST.get("service", Folder.name)
    if service not in addable_services():
        return render_invalid_link(request)
    token = AddLink.objects.issue(user=request.user, service=service)
    return redirect("trove_server:use_add_link", token)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def use_add_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    Add the service of a link: a folder directly, an account after authorization at the service. A
    link of section 3.7 then redirects to the consent page, until the user decides there.
    """
    link = AddLink.objects.open(token).select_related("application").first()
    if link is None or link.service not in addable_services():
        return render_invalid_link(request)
    if link.user_id is None:
        link = link.bind(request.user)
    if link.user_id != request.user.pk:
        return _render_wrong_user(request)
    if link.consent_path and request.method == "POST" and "skip" in request.POST:
        link.use()
        return HttpResponseRedirect(link.consent_path)
    if link.used_at:
        return HttpResponseRedirect(link.consent_path)
    return _add_service(request, link)


def _add_service(request: HttpRequest, link: AddLink) -> HttpResponse:
    next_url = request.path if link.consent_path else link.redirect_url
    service = get_remote_connector(link.service)
    if isinstance(service, EnteredService):
        return enter_account(request, service, next_url, link=link)
    if isinstance(service, OAuthService):
        return start_authorization(request, service, next_url, {"link": link.pk}, link=link)
    return _add_folder(request, link, next_url)


def _add_folder(request: HttpRequest, link: AddLink, next_url: str) -> HttpResponse:
    folders = available_folders(request.user)
    selected = request.POST.get("folder") if request.method == "POST" else None
    if selected not in folders:
        context = {
            "link": link,
            "folders": list(folders),
            "has_folders": bool(granted_folders(request.user)),
            "invalid": request.method == "POST",
        }
        return render_page(request, "add_folder.html", context, redirect_url=next_url)
    if not link.use():
        return render_invalid_link(request)
    identity, _new = add_folder(request.user, folders[selected])
    return first_sync_response(request, identity, next_url)


def _render_wrong_user(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("This link belongs to another user. You are signed in as %(name)s.")
        % {"name": request.user.get_username()},
        _("Sign out, sign in as the user who requested the link, and open it again."),
        title=_("Link of another user"),
        status=403,
    )
