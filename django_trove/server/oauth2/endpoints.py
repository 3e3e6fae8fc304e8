"""
The endpoints of OAuth 2, and the authentication of content requests by bearer tokens.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views.decorators.debug import sensitive_variables
from oauthlib.oauth2 import OAuth2Error, WebApplicationServer

from django_trove.client.logs import suppress_secret_logging

from ..accounts.content_types import offered_content_types
from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, Application
from ..oauth.endpoints import (
    FORM,
    check_transport,
    enforce_rate_limit,
    read_form_body,
    record_use,
    unauthorized_error,
)
from ..oauth.parameters import Parameters, parse_parameters
from ..oauth.signatures import matches_secret
from ..origins import absolute_url, get_request_origin
from ..ratelimit import count_rejection, mark_authenticated
from .validator import (
    OAuth2Validator,
    find_bearer_token,
    generate_access_token,
    generate_refresh_token,
    parse_basic,
)


def build_server(validator: OAuth2Validator | None = None) -> WebApplicationServer:
    return WebApplicationServer(
        validator or OAuth2Validator(),
        token_generator=generate_access_token,
        refresh_token_generator=generate_refresh_token,
        token_expires_in=conf.access_token_seconds,
    )


def respond_to_token_request(request: HttpRequest) -> HttpResponse:
    """
    Issue an access token and a refresh token (RFC 6749, sections 4.1.3 and 6).
    """
    return _respond("create_token_response", request)


def respond_to_revocation(request: HttpRequest) -> HttpResponse:
    """
    Revoke a token (RFC 7009).
    """
    return _respond("create_revocation_response", request)


@sensitive_variables()
def authenticate_bearer(request: HttpRequest) -> tuple[AccessToken, Parameters]:
    """
    Return the access token of a content request and its other parameters (RFC 6750).
    """
    check_transport(request)
    query = request.META.get("QUERY_STRING", "")
    parameters = parse_parameters(query, read_form_body(request), "")
    text, in_query = _parse_bearer_token(request, parameters)
    token = find_bearer_token(text)
    if token is None or (in_query and not token.application.allow_legacy_oauth2):
        raise unauthorized_error()
    record_use(request, token)
    if token.expires and token.expires <= timezone.now():
        raise APIError(401, "invalid_token", "The access token has expired.")
    return token, parameters


@sensitive_variables()
def _parse_bearer_token(request: HttpRequest, parameters: Parameters) -> tuple[str, bool]:
    """
    :returns: the token, and whether it is in the query string, which servers log.
    """
    scheme, _, header = request.headers.get("Authorization", "").partition(" ")
    in_query = parse_parameters(request.META.get("QUERY_STRING", ""), "", "").get("access_token")
    values = [header.strip() if scheme.lower() == "bearer" else "", parameters.get("access_token")]
    tokens = [value for value in values if value]
    if len(tokens) > 1:
        raise APIError(400, "invalid_request", "The request has more than one access token.")
    if not tokens:
        raise APIError(401, "unauthorized", "The request has no access token.")
    return tokens[0], bool(in_query)


@sensitive_variables()
def authenticate_client(request: HttpRequest) -> tuple[Application, Parameters]:
    """
    Return the application of a request with `client_id` and `client_secret`, in the form or in a
    Basic header, and the parameters. Clients of 2011 send only `client_id`, in the query string.
    """
    check_transport(request)
    query, header = request.META.get("QUERY_STRING", ""), request.headers.get("Authorization", "")
    parameters = parse_parameters(query, read_form_body(request), "")
    check_unique(parameters)
    key, secret = parse_basic(header) or (
        parameters.get("client_id") or "",
        parameters.get("client_secret") or "",
    )
    application = Application.objects.active().filter(key=key).first()
    if matches_secret(application, secret) and application is not None:
        _accept_application(request, application)
    elif application is None or secret or not application.allow_legacy_oauth2:
        raise unauthorized_error()
    else:
        count_rejection(request)  # anyone can send the request
    if query and not application.allow_legacy_oauth2:
        raise APIError(400, "invalid_request", "Parameters must be in the form, not in the URL.")
    if parameters.get("client_id") != key:
        raise APIError(400, "invalid_request", "client_id must be the key of the application.")
    return application, parameters


@sensitive_variables()
def _respond(method: str, request: HttpRequest) -> HttpResponse:
    """
    :param method: the name of a method of oauthlib's server.
    """
    check_transport(request)
    body, query = read_form_body(request), request.META.get("QUERY_STRING", "")
    if query and _allows_credentials_in_url(query):
        body, query = f"{body}&{query}" if body else query, ""
    elif request.method != "POST":
        raise APIError(405, "method_not_allowed", "Allowed method: POST.")
    if query:
        raise APIError(400, "invalid_request", "Parameters must be in the form, not in the URL.")
    check_unique(parse_parameters("", body, ""))
    uri = f"{get_request_origin(request)}{escape_uri_path(request.path)}"
    headers = {
        "Authorization": request.headers.get("Authorization", ""),
        "Content-Type": FORM,
    }
    server = build_server(OAuth2Validator(partial(_accept_application, request)))
    try:
        with suppress_secret_logging():
            headers, text, status = getattr(server, method)(uri, "POST", body, headers)
    except OAuth2Error as error:
        raise APIError(error.status_code, str(error.error), error.description or "") from None
    return HttpResponse(text or "", status=status, headers=headers or {})


def _accept_application(request: HttpRequest, application: Application) -> None:
    mark_authenticated(request)
    enforce_rate_limit("application", application.pk)


def check_unique(parameters: Parameters) -> None:
    """
    Reject repeated parameters (RFC 6749, section 3.2): oauthlib checks only some of them.
    """
    for name in {pair.name for pair in parameters.others}:
        parameters.get(name)


def _allows_credentials_in_url(query: str) -> bool:
    client_id = parse_parameters(query, "", "").get("client_id")
    applications = Application.objects.active().filter(key=client_id, allow_legacy_oauth2=True)
    return bool(client_id) and applications.exists()


def describe_server(issuer: str) -> dict[str, Any]:
    """
    Return the metadata of the authorization server (RFC 8414).
    """
    return {
        "issuer": issuer,
        "authorization_endpoint": absolute_url(issuer, "authenticate"),
        "token_endpoint": absolute_url(issuer, "oauth2_access_token"),
        "revocation_endpoint": absolute_url(issuer, "oauth2_revoke"),
        "scopes_supported": offered_content_types(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
