"""
Resource owner authorization (RFC 5849, section 2.2; protocol, section 2.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from django_trove.core.database import atomic, on_commit
from django_trove.core.users import get_email

from .. import signals
from ..accounts.content_types import join_names
from ..models import AddLink, Application, RequestToken
from ..redirect_uris import OUT_OF_BAND
from .base import login_required_page, render_error, render_page

CONTENT_TYPE_LABELS = {
    "photos": _("Photos: images, titles, descriptions, dates, locations, tags and albums"),
    "videos": _("Videos: videos, titles, descriptions, dates, locations, tags and albums"),
    "status": _("Status updates: texts, links, dates and places"),
    "checkins": _("Check-ins: places, texts and dates"),
    "friends": _("Friends: names, profile pages and pictures of your contacts"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def authorize(request: HttpRequest) -> HttpResponse:
    """
    Show the consent page, or process its form. GET changes no state (protocol, section 2.4).
    """
    data = request.POST if request.method == "POST" else request.GET
    token = _get_undecided_token(str(data.get("oauth_token", "")))
    if token is None:
        return _render_invalid_token(request)
    callback = str(data.get("oauth_callback", ""))
    if token.allow_oauth10 and callback:
        if not token.application.allows_callback(callback):
            return _render_invalid_callback(request, token.application)
        token.callback = callback
    decision = data.get("decision") if request.method == "POST" else None
    if decision == "allow":
        return _authorize(request, token)
    if decision == "deny":
        return _deny(request, token)
    return _render_consent(request, token)


def _get_undecided_token(key: str) -> RequestToken | None:
    if not (key.isascii() and key.isalnum()):
        return None
    tokens = RequestToken.objects.undecided().select_related("application")
    return tokens.filter(key=key).first()


def _render_consent(
    request: HttpRequest, token: RequestToken, *, invalid: bool = False
) -> HttpResponse:
    return render_consent(
        request,
        token.application,
        token.callback,
        token.content_types,
        invalid=invalid,
        action=reverse("trove_server:authorize"),
        request_token=token,
    )


def render_consent(
    request: HttpRequest,
    application: Application,
    callback: str,
    content_types: Iterable[str],
    *,
    invalid: bool,
    action: str,
    **context: Any,
) -> HttpResponse:
    """
    :param invalid: whether no content type was selected.
    :param action: the URL of the form.
    """
    out_of_band = callback == OUT_OF_BAND
    requested = [name for name in content_types if name in CONTENT_TYPE_LABELS]
    return render_page(
        request,
        "consent.html",
        {
            "application": application,
            "callback_host": "" if out_of_band else urlsplit(callback).netloc,
            "content_types": [(name, CONTENT_TYPE_LABELS[name]) for name in requested],
            "content_type_names": join_names(requested),
            "invalid": invalid,
            "email": get_email(request.user),
            "action": action,
            **context,
        },
        redirect_url="" if out_of_band else callback,
    )


def get_granted(request: HttpRequest, requested: Iterable[str]) -> list[str]:
    """
    Return the requested content types that the user selected.
    """
    selected = request.POST.getlist("content_types")
    return [name for name in requested if name in selected]


def shares_email(request: HttpRequest) -> bool:
    return request.POST.get("share_email") == "on"


def send_allowed_on_commit(
    request: HttpRequest, application: Application, content_types: list[str]
) -> None:
    send = partial(
        signals.application_allowed.send,
        Application,
        user=request.user,
        application=application,
        content_types=content_types,
    )
    on_commit(send, Application)


def _authorize(request: HttpRequest, token: RequestToken) -> HttpResponse:
    granted = get_granted(request, token.content_types)
    if not granted:
        return _render_consent(request, token, invalid=True)
    with atomic(RequestToken):
        verifier = RequestToken.objects.approve(
            token, request.user, granted, share_email=shares_email(request)
        )
        if verifier is None:
            return _render_invalid_token(request)
        AddLink.objects.close(request.user, token.consent_path)
        send_allowed_on_commit(request, token.application, granted)
    if token.callback == OUT_OF_BAND:
        context = {
            "application": token.application,
            "is_authorized": True,
            "verifier": "" if token.allow_oauth10 else verifier,
        }
        return render_page(request, "out_of_band.html", context)
    parameters = {} if token.allow_oauth10 else {"oauth_verifier": verifier}
    return _redirect_to_application(token, oauth_token=token.key, **parameters)


def _deny(request: HttpRequest, token: RequestToken) -> HttpResponse:
    if not RequestToken.objects.deny(token):
        return _render_invalid_token(request)
    AddLink.objects.close(request.user, token.consent_path)
    if token.callback == OUT_OF_BAND:
        return render_page(request, "out_of_band.html", {"application": token.application})
    return _redirect_to_application(token, oauth_problem="user_refused", oauth_token=token.key)


def _redirect_to_application(token: RequestToken, **parameters: Any) -> HttpResponse:
    separator = "&" if "?" in token.callback else "?"
    return HttpResponseRedirect(token.callback + separator + urlencode(parameters))


def _render_invalid_callback(request: HttpRequest, application: Application) -> HttpResponse:
    return render_error(
        request,
        gettext("The callback is not registered for %(name)s.") % {"name": application.label},
        gettext("The operator of this Trove can add it."),
        title=gettext("Invalid request"),
    )


def _render_invalid_token(request: HttpRequest) -> HttpResponse:
    """
    Render an error page. A redirect would be an open redirect (protocol, section 2.4).
    """
    return render_error(
        request,
        gettext("This request has expired, or it was already authorized or denied."),
        gettext("Go back to the app and start again."),
        title=gettext("Invalid request"),
    )
