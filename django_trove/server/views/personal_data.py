"""
What is mine: all of it to take along, or to delete.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from django_trove.client import codec

from ..accounts.profile import build_profile
from ..http import public_origin
from ..models import AccessToken, Item
from ..search.engine import item_to_content
from ..tasks import request_trove_deletion
from .base import login_required_page, render_page

BATCH = 500


@require_safe
@login_required_page
def download_data(request: HttpRequest) -> StreamingHttpResponse:
    """
    Send everything that is here of a person as one JSON file, part by part: any library fits.
    """
    user = request.user
    response = StreamingHttpResponse(
        _iter_document(user, public_origin(request)), content_type="application/json"
    )
    name = f"trove-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def delete_data(request: HttpRequest) -> HttpResponse:
    """
    Say what goes, and delete it when the person's name was typed.
    """
    user: Any = request.user
    typed = request.POST.get("name", "") if request.method == "POST" else ""
    if typed.strip() != user.get_username():
        return render_page(request, "delete.html", {"missed": request.method == "POST"})
    request_trove_deletion(user)
    words = _("Your Trove is deleted. No application sees anything of it any more.")
    messages.success(request, words, fail_silently=True)
    return redirect("trove_server:home")


def _iter_document(user: Any, base_url: str) -> Iterator[str]:
    """
    Yield the parts of one JSON object.
    """
    person = codec.person_to_wire(build_profile(user, with_email=True))
    yield f'{{"person": {json.dumps(person)},\n"applications": {json.dumps(_authorized_applications(user))},\n'
    yield '"items": ['
    joint = "\n"
    for item in _iter_items(user):
        yield joint + json.dumps(codec.content_to_wire(item_to_content(item, base_url)))
        joint = ",\n"
    yield "\n]}\n"


def _authorized_applications(user: Any) -> list[dict[str, Any]]:
    tokens = AccessToken.objects.filter(user=user, revoked_at=None).select_related("application")
    return [
        {
            "name": token.application.label,
            "content_types": token.content_types,
            "since": token.created.isoformat(),
        }
        for token in tokens
    ]


def _iter_items(user: Any) -> Iterator[Item]:
    """
    Yield a person's items, from batch to batch by the last one's id.
    """
    last = 0
    mine = Item.objects.owned_by(user).order_by("pk")
    while batch := list(mine.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk
