"""
The authorization endpoint of OAuth 2 (RFC 6749, section 4.1.1; protocol, section 9.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from oauthlib.oauth2 import FatalClientError, OAuth2Error
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError

from django_trove.client.logs import suppress_secret_logging
from django_trove.core.database import atomic

from ..errors import APIError
from ..models import AddLink, AuthorizationCode
from ..oauth.parameters import parse_parameters
from ..oauth2.authorization import build_authorization_uri, validate_authorization
from ..oauth2.endpoints import build_server, check_unique
from ..origins import get_request_origin
from .base import login_required_page, render_error
from .consent import get_granted, render_consent, send_allowed_on_commit, shares_email


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
@sensitive_variables()
def authenticate(request: HttpRequest) -> HttpResponse:
    """
    Show the consent page, or process its form. The parameters of the authorization request are in
    the query string in both cases, and are validated each time.
    """
    uri = _build_uri(request)
    try:
        scopes, credentials = validate_authorization(uri)
    except FatalClientError as error:
        return _render_invalid_request(request, error)
    except OAuth2Error as error:
        return _redirect(error.in_uri(error.redirect_uri or ""), request)
    decision = request.POST.get("decision") if request.method == "POST" else None
    if decision == "deny":
        AddLink.objects.close(request.user, request.get_full_path())
        denied = AccessDeniedError(state=credentials["state"])
        return _redirect(denied.in_uri(credentials["redirect_uri"]), request)
    granted = get_granted(request, scopes)
    if decision == "allow" and granted:
        return _authorize(request, uri, granted, credentials)
    return _render_consent(request, scopes, credentials, invalid=decision == "allow")


def _build_uri(request: HttpRequest) -> str:
    url = f"{get_request_origin(request)}{request.path}"
    try:
        parameters = parse_parameters(request.META.get("QUERY_STRING", ""), "", "")
        check_unique(parameters)
    except APIError:
        return url
    return build_authorization_uri(url, parameters.others)


def _render_consent(
    request: HttpRequest, scopes: Sequence[str], credentials: dict[str, Any], *, invalid: bool
) -> HttpResponse:
    application = credentials["request"].client
    return render_consent(
        request,
        application,
        credentials["redirect_uri"],
        scopes,
        invalid=invalid,
        action=request.get_full_path(),
        is_legacy=application.allow_legacy_oauth2,
    )


@sensitive_variables()
def _authorize(
    request: HttpRequest, uri: str, granted: list[str], credentials: dict[str, Any]
) -> HttpResponse:
    oauth_request = credentials.pop("request")
    fields = {"user": request.user, "share_email": shares_email(request)}
    with atomic(AuthorizationCode), suppress_secret_logging():
        headers, _, _ = build_server().create_authorization_response(
            uri, "GET", scopes=granted, credentials={**credentials, **fields}
        )
        AddLink.objects.close(request.user, request.get_full_path())
        send_allowed_on_commit(request, oauth_request.client, granted)
    return _redirect(headers["Location"], request)


def _redirect(uri: str, request: HttpRequest) -> HttpResponse:
    """
    Add the issuer, so that an application of several Troves can detect a response of another one
    (RFC 9207).
    """
    separator = "&" if "?" in uri else "?"
    return HttpResponseRedirect(uri + separator + urlencode({"iss": get_request_origin(request)}))


def _render_invalid_request(request: HttpRequest, error: FatalClientError) -> HttpResponse:
    """
    Render an error page: an invalid redirect URI would be an open redirect.
    """
    return render_error(
        request,
        gettext("The app sent an invalid request: %(reason)s") % {"reason": error.description},
        gettext("Go back to the app and start again."),
        title=gettext("Invalid request"),
    )
