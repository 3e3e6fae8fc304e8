"""
Export and deletion of the user's data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from django_trove.client import codec

from ..accounts.profile import build_profile
from ..models import AccessToken
from ..models.oauth2 import usable_tokens
from ..origins import get_api_origin
from ..search.content import row_to_record
from ..search.engine import iterate_batches
from ..tasks import request_trove_deletion
from .base import login_required_page, render_page


@require_safe
@login_required_page
def download_data(request: HttpRequest) -> StreamingHttpResponse:
    """
    Stream all data of the user as one JSON file.
    """
    response = StreamingHttpResponse(
        _iter_document(request.user, get_api_origin(request)), content_type="application/json"
    )
    name = f"trove-{datetime.now(timezone.get_current_timezone()):%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def delete_trove(request: HttpRequest) -> HttpResponse:
    """
    Delete the user's Trove. The form requires the username as confirmation.
    """
    user: Any = request.user
    name = request.POST.get("name", "") if request.method == "POST" else ""
    if name.strip() != user.get_username():
        return render_page(request, "delete_trove.html", {"invalid": request.method == "POST"})
    request_trove_deletion(user)
    message = _("Your Trove was deleted. Apps no longer have access to it.")
    messages.success(request, message, fail_silently=True)
    return redirect("trove_server:home")


def _iter_document(user: Any, origin: str) -> Iterator[str | bytes]:
    profile = codec.encode_json(build_profile(user, with_email=True)).decode()
    applications = _get_applications(user)
    yield f'{{"person": {profile},\n"applications": {json.dumps(applications)},\n'
    yield '"items": ['
    separator = b"\n"
    for batch in iterate_batches(user, origin, row_to_record):
        yield separator + codec.encode_items(batch)[1:-1]
        separator = b",\n"
    yield "\n]}\n"


def _get_applications(user: Any) -> list[dict[str, Any]]:
    tokens = AccessToken.objects.filter(usable_tokens(), user=user).select_related("application")
    return [
        {
            "name": token.application.label,
            "content_types": token.content_types,
            "since": token.created.isoformat(),
        }
        for token in tokens
    ]
