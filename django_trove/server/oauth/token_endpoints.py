"""
The token endpoints of OAuth 1.0a, with oauthlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from oauthlib import oauth1
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849.endpoints.base import BaseEndpoint

from django_trove.client.logs import suppress_secret_logging
from django_trove.core.encryption import random_key

from ..accounts.content_types import offered_content_types
from ..errors import APIError
from ..models import RequestToken
from ..ratelimit import mark_authenticated
from .endpoints import (
    allowed_token_methods,
    enforce_rate_limit,
    list_other_urls,
    list_valid_urls,
    log_rejection,
    parse_request,
    raise_wrong_host,
    unauthorized_error,
)
from .parameters import Parameters, parse_scope
from .validator import ABSENT, AlreadyUsed, TroveValidator


class EndpointMixin(BaseEndpoint):
    request_validator: TroveValidator

    def _create_request(self, *args: Any) -> Any:
        """
        Remove `oauth_version`, of which oauthlib accepts only "1.0". It remains signed.
        """
        request: Any = super()._create_request(*args)  # type: ignore[misc]
        request.oauth_params.pop("oauth_version", None)
        return request

    def _check_signature(self, request: Request, is_token_request: bool = False) -> bool:
        """
        Verify the signature for each URL of this Trove, and with the application's previous secret,
        too, if the current one does not match. This needs no query and no second nonce check. It
        applies to unknown keys as well, so that the duration does not reveal which application has
        rotated its secret (timing oracle).
        """
        check = super()._check_signature  # type: ignore[misc]  # missing in the stubs
        validator = self.request_validator
        for url, use_previous_secret in product(validator.urls, (False, True)):
            request.uri, validator.use_previous_secret = url, use_previous_secret
            if check(request, is_token_request):
                validator.signed_url = url
                break
        return validator.signed_url in validator.valid_urls


class RequestTokenEndpoint(EndpointMixin, oauth1.RequestTokenEndpoint):
    def validate_request_token_request(self, request: Any) -> Any:
        # oauthlib rejects a missing callback. The validator decides (protocol, section 2.8).
        request.redirect_uri = request.redirect_uri or ABSENT
        validate: Any = super().validate_request_token_request
        return validate(request)


class AccessTokenEndpoint(EndpointMixin, oauth1.AccessTokenEndpoint):
    def validate_access_token_request(self, request: Any) -> Any:
        request.verifier = request.verifier or ABSENT
        validate: Any = super().validate_access_token_request
        return validate(request)

    def create_access_token(self, request: Any, credentials: Any) -> str:
        """
        Omit the parameter `oauth_authorized_realms` of oauthlib, which Net::OAuth does not accept.
        """
        token = {name: self.token_generator() for name in ("oauth_token", "oauth_token_secret")}
        self.request_validator.save_access_token(token, request)
        return urlencode(token)


def issue_request_token(request: HttpRequest) -> str:
    """
    Return the form-encoded response to a request for a request token (RFC 5849, section 2.1).
    """
    methods = allowed_token_methods(request)
    parameters = parse_request(request, methods, token=False)
    content_types = parse_scope(parameters.get("scope") or "", offered_content_types())
    validator = _build_validator(request, methods, content_types)
    endpoint = RequestTokenEndpoint(validator, token_generator=random_key)
    create = endpoint.create_request_token_response
    return _create_token_response(create, request, parameters, validator)


def issue_access_token(request: HttpRequest) -> str:
    """
    Return the form-encoded response to a request for an access token (RFC 5849, section 2.3).
    """
    methods = allowed_token_methods(request)
    parameters = parse_request(request, methods, token=True)
    validator = _build_validator(request, methods)
    endpoint = AccessTokenEndpoint(validator, token_generator=random_key)
    create = endpoint.create_access_token_response
    return _create_token_response(create, request, parameters, validator)


def _build_validator(
    request: HttpRequest, methods: frozenset[str], content_types: Sequence[str] = ()
) -> TroveValidator:
    urls, others = list_valid_urls(request), list_other_urls(request)
    return TroveValidator(methods, content_types, valid_urls=urls, other_urls=others)


def _create_token_response(
    create: Any, request: HttpRequest, parameters: Parameters, validator: TroveValidator
) -> str:
    try:
        with suppress_secret_logging():
            _, body, status = create(*_oauthlib_arguments(request, parameters))
    except AlreadyUsed:
        raise unauthorized_error() from None
    if status == 200:
        return str(body)
    _log_failed_checks(validator)
    if validator.signed_url not in ("", *validator.valid_urls) and validator.application:
        raise_wrong_host(request, validator.application)
    failed = [name for name, valid in validator.checks.items() if not valid]
    if failed in (["callback"], ["verifier"]) and validator.application:
        mark_authenticated(request)
        enforce_rate_limit("application", validator.application.pk)
        _raise_specific_error(failed, validator, parameters)
    raise unauthorized_error()


def _raise_specific_error(
    failed: list[str], validator: TroveValidator, parameters: Parameters
) -> None:
    """
    Raise a specific error if only the callback or the verifier is invalid. The signature is valid
    then, so the error reveals nothing to third parties.
    """
    if failed == ["callback"] and not parameters.oauth.get("callback"):
        detail = "oauth_callback is missing: OAuth Core 1.0 is not supported."
        raise APIError(400, "invalid_request", detail)
    if failed == ["callback"]:
        raise APIError(400, "callback_not_allowed", "oauth_callback is not a registered callback.")
    if failed == ["verifier"] and validator.request_token:
        RequestToken.objects.count_wrong_verifier(validator.request_token)
        if not parameters.oauth.get("verifier"):
            detail = "oauth_verifier is missing: OAuth Core 1.0 is not supported."
            raise APIError(401, "unauthorized", detail)


def _oauthlib_arguments(request: HttpRequest, parameters: Parameters) -> tuple[str, str]:
    """
    Return URL and method for oauthlib. All parameters are in the query string: this results in the
    same signature base string.
    """
    return f"{list_valid_urls(request)[0]}?{parameters.query}", str(request.method)


def _log_failed_checks(validator: TroveValidator) -> None:
    failed = sorted(name for name, valid in validator.checks.items() if not valid)
    log_rejection(", ".join(failed) or "nonce (replay)")
