"""
The home page of a user's Trove.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ..accounts.registry import addable_services, get_service_titles
from .applications import get_authorized_applications
from .base import login_required_page, render_page
from .identities import list_identities


@require_safe
@login_required_page
def home(request: HttpRequest) -> HttpResponse:
    titles, addable = get_service_titles(), addable_services()
    context = {
        "section": "home",
        "identities": list_identities(request.user),
        "applications": get_authorized_applications(request.user),
        "available_services": {name: title for name, title in titles.items() if name in addable},
    }
    return render_page(request, "home.html", context)
