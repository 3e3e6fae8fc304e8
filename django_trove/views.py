"""
The account page, and adding a service.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from .client import NotConnected, TroveError
from .connect.errors import NOT_OFFERED, ErrorPage, error_page_for, render_error, render_exception
from .connect.forms import AddServiceForm, ConnectForm
from .connect.redirects import (
    absolute_url,
    callback_host_mismatch,
    login_required,
    require_trove_url,
    safe_next_url,
)
from .services import Trove


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """
    Show the account's status and the services that can be added.
    """
    trove = Trove(request.user)
    error_page: ErrorPage | None = None
    services: list[str] = []
    try:
        services = sorted(trove.services())
    except NotConnected:
        pass
    except TroveError as error:
        error_page = error_page_for(error)
    context = {
        "account": trove.account,
        "home_url": trove.backend.home_url if trove.connected else "",
        "services": services,
        "error": error_page,
        "callback_host": callback_host_mismatch(request),
        **_get_connect_values(request),
    }
    return render(request, "django_trove/account.html", context)


def _get_connect_values(request: HttpRequest) -> dict[str, str]:
    """
    Return the values for the connect button of a user who had to sign in again.
    """
    form = ConnectForm(request.GET)
    form.is_valid()  # invalid fields are missing from cleaned_data
    return {
        "next": safe_next_url(request, form.cleaned_data.get("next", "")),
        "service": form.cleaned_data.get("service", ""),
    }


@require_POST
@never_cache
@csrf_protect
@login_required
def add_service(request: HttpRequest) -> HttpResponse:
    """
    Redirect to the page of the Trove at which the user adds a service.
    """
    form = AddServiceForm(request.POST)
    service = form.cleaned_data["service"] if form.is_valid() else ""
    trove, back = Trove(request.user), absolute_url(request, "account")
    try:
        if service not in trove.services():
            return render_error(request, NOT_OFFERED, "")
        return HttpResponseRedirect(require_trove_url(trove.add_service_url(service, back)))
    except TroveError as error:
        return render_exception(request, error, reverse("django_trove:account"))
