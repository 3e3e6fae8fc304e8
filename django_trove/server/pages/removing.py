"""
Removing one of my accounts.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from ..models import Identity
from ..removing import remove_identity
from .policy import personal, show

__all__ = ["remove"]


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Say what goes with an account, and remove it when that was confirmed.
    """
    identity = get_object_or_404(Identity.objects.of(request.user), pk=pk)
    if request.method != "POST":
        return show(
            request, "remove.html", {"identity": identity, "photos": identity.items.count()}
        )
    remove_identity(identity)
    return redirect("trove_server:home")
