"""
Removing one of my accounts.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from ..models import Identity
from ..removing import request_identity_deletion
from .policy import login_required_page, render_page

__all__ = ["remove_identity"]


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
