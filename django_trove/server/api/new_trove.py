"""
Links for users without a Trove: they sign up, add a service, and authorize the application
(protocol, sections 3.7 and 9.4).
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from oauthlib.oauth2 import OAuth2Error

from django_trove.client.errors import QueryError

from ..accounts.content_types import offered_content_types
from ..conf import conf
from ..errors import APIError
from ..models import Application, RequestToken
from ..models.links import LINK_SECONDS
from ..oauth.client_secret import authenticate_application
from ..oauth.parameters import Parameters, parse_scope
from ..oauth2.authorization import build_authorization_uri, validate_authorization
from ..oauth2.endpoints import authenticate_client
from ..origins import absolute_url, get_web_origin
from ..redirect_uris import OUT_OF_BAND
from .decorators import api_view, version2_view
from .views import add_link_response

AUTHORIZATION_PARAMETERS = ("scope", "state", "code_challenge", "code_challenge_method")


@api_view
@sensitive_variables()
def new_trove(request: HttpRequest, service: str) -> HttpResponse:
    """
    Return the path of a link. The user authorizes the application's request token.
    """
    application, parameters = authenticate_application(request)
    _require_sign_up()
    redirect_url = parameters.get("redirect_url") or ""
    if application.allow_oauth10 and not parameters.oauth.get("token"):
        return add_link_response(application, service, redirect_url)
    token = _find_request_token(application, parameters)
    if redirect_url not in ("", token.callback):
        raise QueryError("redirect_url is not the callback of oauth_token.", field="redirect_url")
    scope = parameters.get("scope")
    content_types = parse_scope(scope, offered_content_types()) if scope else token.content_types
    back = "" if token.callback == OUT_OF_BAND else token.callback
    response = add_link_response(application, service, back, consent_path=token.consent_path)
    _update_token(token, content_types)
    return response


@version2_view
@sensitive_variables()
def login_and_auth(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Return the URL of a link. The parameters are those of an authorization request.
    """
    application, parameters = authenticate_client(request)
    _require_sign_up()
    path = build_authorization_uri(
        reverse("trove_server:authenticate"), _list_authorization_parameters(parameters)
    )
    try:
        _, credentials = validate_authorization(get_web_origin(request) + path)
    except OAuth2Error as error:
        raise APIError(400, str(error.error), error.description or "") from None
    return add_link_response(
        application,
        slug,
        credentials["redirect_uri"],
        base=absolute_url(get_web_origin(request), "home"),
        consent_path=path,
    )


def _require_sign_up() -> None:
    if conf.sign_up != "open":
        raise APIError(403, "sign_up_closed", "This Trove does not accept new users.")


def _find_request_token(application: Application, parameters: Parameters) -> RequestToken:
    """
    Return the undecided request token of the field `oauth_token`. A token of OAuth Core 1.0 is not
    accepted: without a verifier, the sender of the link could exchange it (session fixation).
    """
    tokens = RequestToken.objects.undecided().filter(application=application, allow_oauth10=False)
    token = tokens.filter(key=parameters.oauth.get("token", "")).first()
    if token is None:
        detail = "oauth_token must be a request token of the application."
        raise QueryError(detail, field="oauth_token")
    return token


def _update_token(token: RequestToken, content_types: list[str]) -> None:
    """
    Extend the lifetime of a token to that of the link, and set its content types.
    """
    expires = timezone.now() + timedelta(seconds=LINK_SECONDS)
    rows = RequestToken.objects.undecided().filter(pk=token.pk)
    RequestToken.objects.filter(pk__in=rows).update(expires=expires, content_types=content_types)


def _list_authorization_parameters(parameters: Parameters) -> list[tuple[str, str]]:
    values = {
        "client_id": parameters.get("client_id"),
        "response_type": "code",
        "redirect_uri": parameters.get("redirect_url"),
        **{name: parameters.get(name) for name in AUTHORIZATION_PARAMETERS},
    }
    return [(name, value) for name, value in values.items() if value]
