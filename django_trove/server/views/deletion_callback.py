"""
A service says that a person wants everything of their account deleted, as Facebook does.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from ..accounts.registry import get_remote_connector
from ..http import public_origin
from ..models import Identity
from ..tasks import request_identity_deletion
from .base import html_page, render_error

SALT = "trove_server.deletion"


@csrf_exempt
@require_POST
@login_not_required
@sensitive_variables()
def request_deletion(request: HttpRequest, service: str) -> HttpResponse:
    """
    Remove a person's accounts there, and tell the service where the person sees that it is done.
    """
    asked = get_remote_connector(service)
    if asked is None:
        raise Http404
    try:
        service_id = asked.parse_deletion_request(request.POST.get("signed_request", ""))
    except ValueError:
        return JsonResponse({"error": "The request is not signed by the service."}, status=400)
    accounts = list(Identity.objects.filter(service=service, service_id=service_id))
    for account in accounts:
        request_identity_deletion(account)
    code = _get_signer().sign("-".join(str(account.pk) for account in accounts) or "0")
    url = public_origin(request) + reverse("trove_server:deletion_status", args=(code,))
    return JsonResponse({"url": url, "confirmation_code": code})


@require_safe
@login_not_required
@html_page
def deletion_status(request: HttpRequest, code: str) -> HttpResponse:
    """
    Say whether what was asked for is done.
    """
    try:
        numbers = _get_signer().unsign(code).split("-")
    except BadSignature:
        raise Http404 from None
    if Identity.objects.filter(pk__in=map(int, numbers)).exists():
        what = _("What this Trove had of the account is being deleted.")
    else:
        what = _("Nothing of the account is in this Trove any more.")
    return render_error(request, what, "", title=_("Deletion"), status=200)


def _get_signer() -> Signer:
    return Signer(salt=SALT)
