"""
Signing in and out, my Trove, and the applications that I allowed.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ..accounts.registry import addable_services, get_service_titles
from .applications import _authorized_applications
from .base import login_required_page, render_page
from .identities import list_identities


@require_safe
@login_required_page
def home(request: HttpRequest) -> HttpResponse:
    """
    My Trove: my accounts on services, and the applications that I allowed.
    """
    return render_page(
        request,
        "home.html",
        {
            "here": "home",
            "identities": list_identities(request.user),
            "applications": _authorized_applications(request.user),
            "can_add": {
                name: title
                for name, title in get_service_titles().items()
                if name in addable_services()
            },
        },
    )
