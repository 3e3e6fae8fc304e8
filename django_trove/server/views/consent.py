"""
Yes or no to an application (RFC 5849, section 2.2).
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import signals
from ..models import Application, RequestToken
from ..redirect_uris import OUT_OF_BAND
from .base import login_required_page, render_error, render_page

CONTENT_TYPE_LABELS = {
    "photos": _("Your photos: titles, dates, places, tags, and the pictures themselves"),
    "videos": _("Your videos: titles, dates, places and tags"),
    "status": _("What you wrote on your services, and when"),
    "checkins": _("Where you checked in, and when"),
    "friends": _("The names of your friends on your services"),
}
"""What is asked for, in plain words, by content type."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def authorize(request: HttpRequest) -> HttpResponse:
    """
    Ask a person, and act on what they say. Asking changes nothing.
    """
    sent = request.POST if request.method == "POST" else request.GET
    token = _get_undecided_token(str(sent.get("oauth_token", "")))
    if token is None:
        return _render_invalid_token(request)
    decision = sent.get("decision") if request.method == "POST" else None
    if decision == "allow":
        return _allow(request, token)
    if decision == "deny":
        return _deny(request, token)
    return _render_consent(request, token)


def _get_undecided_token(key: str) -> RequestToken | None:
    if not (key.isascii() and key.isalnum()):
        return None
    tokens = RequestToken.objects.undecided().select_related("application")
    return tokens.filter(key=key).first()


def _render_consent(
    request: HttpRequest, token: RequestToken, *, missed: bool = False
) -> HttpResponse:
    """
    :param missed: whether nothing was ticked.
    """
    out_of_band = token.callback == OUT_OF_BAND
    return render_page(
        request,
        "consent.html",
        {
            "token": token,
            "application": token.application,
            "host": "" if out_of_band else urlsplit(token.callback).netloc,
            "asks_for": [
                (name, CONTENT_TYPE_LABELS[name])
                for name in token.content_types
                if name in CONTENT_TYPE_LABELS
            ],
            "missed": missed,
            "email": getattr(request.user, "email", ""),
        },
        leads_to="" if out_of_band else token.callback,
    )


def _allow(request: HttpRequest, token: RequestToken) -> HttpResponse:
    share_email = request.POST.get("share_email") == "on"
    ticked = request.POST.getlist("content_types")
    granted = [name for name in token.content_types if name in ticked]
    if not granted:
        return _render_consent(request, token, missed=True)
    with transaction.atomic():
        verifier = RequestToken.objects.approve(
            token, request.user, granted, share_email=share_email
        )
        if verifier is None:
            return _render_invalid_token(request)
        send = partial(
            signals.application_allowed.send,
            Application,
            user=request.user,
            application=token.application,
            content_types=granted,
        )
        transaction.on_commit(send)
    if token.callback == OUT_OF_BAND:
        words = {"application": token.application, "verifier": verifier}
        return render_page(request, "out_of_band.html", words)
    proof = {} if token.allow_oauth10 else {"oauth_verifier": verifier}
    return _redirect_to_application(token, oauth_token=token.key, **proof)


def _deny(request: HttpRequest, token: RequestToken) -> HttpResponse:
    """
    Say no: nobody else can say yes to this token any more.
    """
    RequestToken.objects.undecided().filter(pk=token.pk).delete()
    if token.callback == OUT_OF_BAND:
        return render_page(request, "out_of_band.html", {"application": token.application})
    return _redirect_to_application(token, oauth_problem="user_refused", oauth_token=token.key)


def _redirect_to_application(token: RequestToken, **parameters: Any) -> HttpResponse:
    joint = "&" if "?" in token.callback else "?"
    return HttpResponseRedirect(token.callback + joint + urlencode(parameters))


def _render_invalid_token(request: HttpRequest) -> HttpResponse:
    """
    A token that is unknown, late or decided leads nowhere, least of all back to an address.
    """
    return render_error(
        request,
        gettext("This request is not good any more: it was answered already, or it is too old."),
        gettext("Go back to the application that sent you here, and start again there."),
        title=gettext("Nothing to allow"),
    )
