"""
The home page of a user's Trove.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from django_trove.client.query import Query

from ..accounts.registry import addable_services, get_attributions, get_service_titles
from ..search.engine import search_content
from .applications import get_authorized_applications
from .base import login_required_page, render_page
from .identities import describe_totals, list_identities

LATEST_PHOTOS = 12


@require_safe
@login_required_page
def home(request: HttpRequest) -> HttpResponse:
    titles, addable = get_service_titles(), addable_services()
    identities = list_identities(request.user)
    latest = Query(count=LATEST_PHOTOS, videos=True, total=False)
    context = {
        "section": "home",
        "identities": identities,
        "totals": describe_totals(identities),
        "latest": search_content(request.user, "photos", latest, ""),
        "attributions": get_attributions(dict.fromkeys(one.service for one in identities)),
        "applications": get_authorized_applications(request.user),
        "available_services": {name: title for name, title in titles.items() if name in addable},
    }
    return render_page(request, "home.html", context)
