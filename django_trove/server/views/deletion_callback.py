"""
Data deletion requests that services send, such as Facebook's data deletion callback.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from django_trove.core.outages import respond_to_outages

from ..accounts.registry import get_remote_connector
from ..models import Identity
from ..origins import absolute_url, get_web_origin
from ..tasks import request_identity_deletion
from .base import html_page, render_error

SALT = "trove_server.deletion"


def _render_outage() -> HttpResponse:
    return JsonResponse({"error": "This Trove is temporarily unavailable."})


@csrf_exempt
@require_POST
@login_not_required
@respond_to_outages(_render_outage)
@sensitive_variables()
def deletion_callback(request: HttpRequest, service: str) -> HttpResponse:
    """
    Start the deletion of an account, and return the URL of its status page to the service.
    """
    connector = get_remote_connector(service)
    if connector is None:
        raise Http404
    try:
        service_id = connector.parse_deletion_request(request.POST.get("signed_request", ""))
    except ValueError:
        return JsonResponse({"error": "The request is not signed by the service."}, status=400)
    identities = list(Identity.objects.filter(service=service, service_id=service_id))
    for identity in identities:
        request_identity_deletion(identity)
    code = _get_signer().sign("-".join(str(identity.pk) for identity in identities) or "0")
    url = absolute_url(get_web_origin(request), "deletion_status", code)
    return JsonResponse({"url": url, "confirmation_code": code})


@require_safe
@login_not_required
@html_page
def deletion_status(request: HttpRequest, code: str) -> HttpResponse:
    try:
        ids = _get_signer().unsign(code).split("-")
    except BadSignature:
        raise Http404 from None
    if Identity.objects.filter(pk__in=map(int, ids)).exists():
        message = _("The data of this account is being deleted from this Trove.")
    else:
        message = _("The data of this account has been deleted from this Trove.")
    return render_error(request, message, "", title=_("Data deletion"), status=200)


def _get_signer() -> Signer:
    return Signer(salt=SALT)
