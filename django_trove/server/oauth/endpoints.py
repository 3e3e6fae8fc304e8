"""
The endpoints of OAuth 1.0a: authenticate content requests, and issue tokens with oauthlib.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from oauthlib import oauth1
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849.endpoints.base import BaseEndpoint

from django_trove.client.hosts import is_loopback
from django_trove.client.logs import suppress_secret_logging
from django_trove.core.encryption import random_key

from ..accounts.content_types import offered_content_types
from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, RequestToken
from ..models.tokens import find_access_token
from ..ratelimit import hit, mark_authenticated
from .nonces import nonce_digest, record_nonce
from .parameters import (
    Parameters,
    check_required,
    check_timestamp,
    parse_parameters,
    parse_scope,
)
from .signatures import verify_signature
from .validator import ABSENT, AlreadyUsed, TroveValidator

MAX_BODY_BYTES = 10 * 1024 * 1024
REALM = 'OAuth realm="Trove"'
BEARER_REALM = 'Bearer realm="Trove"'
FORM = "application/x-www-form-urlencoded"
HMAC_METHODS = frozenset({"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"})
PLAINTEXT = "PLAINTEXT"
LAST_USED_INTERVAL = timedelta(minutes=10)

logger = logging.getLogger(__name__)


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
        Verify the signature with the application's previous secret, too, if the current one does
        not match. This needs no query and no second nonce check. It applies to unknown keys as
        well, so that the duration does not reveal which application has rotated its secret (timing
        oracle).
        """
        check = super()._check_signature  # type: ignore[misc]  # missing in the stubs
        if check(request, is_token_request):
            return True
        self.request_validator.use_previous_secret = True
        return bool(check(request, is_token_request))


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
    parameters = _parse_request(request, methods, token=False)
    content_types = parse_scope(parameters.get("scope") or "", offered_content_types())
    validator = TroveValidator(methods, content_types)
    endpoint = RequestTokenEndpoint(validator, token_generator=random_key)
    create = endpoint.create_request_token_response
    return _create_token_response(create, request, parameters, validator)


def issue_access_token(request: HttpRequest) -> str:
    """
    Return the form-encoded response to a request for an access token (RFC 5849, section 2.3).
    """
    methods = allowed_token_methods(request)
    parameters = _parse_request(request, methods, token=True)
    validator = TroveValidator(methods)
    endpoint = AccessTokenEndpoint(validator, token_generator=random_key)
    create = endpoint.create_access_token_response
    return _create_token_response(create, request, parameters, validator)


def authenticate_request(
    request: HttpRequest, methods: frozenset[str] = HMAC_METHODS
) -> tuple[AccessToken, Parameters]:
    """
    Verify a content request. Return its access token and its signed parameters.

    :param methods: the signature methods. PLAINTEXT requires a flag of the application.
    """
    parameters = _parse_request(request, methods, token=True)
    oauth = parameters.oauth
    token = find_access_token(oauth["consumer_key"], oauth["token"])
    valid = verify_signature(token, str(request.method), _signed_url(request), parameters)
    if token and oauth["signature_method"] == PLAINTEXT:
        valid = valid and token.application.allow_legacy_oauth2
    if token is None or not valid:
        _log_rejection("signature" if token else "key or token")
        raise unauthorized_error()
    digest = nonce_digest(oauth["consumer_key"], oauth["token"], oauth["timestamp"], oauth["nonce"])
    if not record_nonce(digest):
        _log_rejection("nonce (replay)")
        raise unauthorized_error()
    record_use(request, token)
    return token, parameters


def record_use(request: HttpRequest, token: AccessToken) -> None:
    """
    Enforce the rate limits of an authenticated content request, and store the time.
    """
    mark_authenticated(request)
    enforce_rate_limit("application", token.application_id)
    enforce_rate_limit("token", token.pk)
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_INTERVAL:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def form_error(status: int, code: str, detail: str) -> HttpResponse:
    """
    Return an error in the format of token endpoints (protocol, section 6.1).
    """
    body = urlencode({"error": code, "error_description": detail})
    return HttpResponse(body, status=status, content_type=FORM)


def unauthorized_error() -> APIError:
    """
    Return the same error for each invalid key, token and signature (protocol, section 6.3).
    """
    return APIError(401, "unauthorized", "The key, the token or the signature is invalid.")


def allowed_token_methods(request: HttpRequest) -> frozenset[str]:
    """
    Return the signature methods of token endpoints: PLAINTEXT only over https or on loopback.
    """
    return HMAC_METHODS | {PLAINTEXT} if _is_private(request) else HMAC_METHODS


def check_transport(request: HttpRequest) -> None:
    """
    Accept unencrypted secrets and bearer tokens only over https or on loopback.
    """
    if not _is_private(request):
        raise APIError(403, "insecure_transport", "This endpoint requires https.")


def _is_private(request: HttpRequest) -> bool:
    public = urlsplit(conf.public_origin(request))
    return public.scheme == "https" or is_loopback(public.netloc)


def read_form_body(request: HttpRequest) -> str:
    """
    Return the raw form. A body of another type would not be signed (RFC 5849, section 3.4.1.3.1).
    """
    try:
        body = request.read(MAX_BODY_BYTES + 1)
    except OSError:
        raise APIError(400, "invalid_request", "The body is incomplete.") from None
    if len(body) > MAX_BODY_BYTES:
        raise APIError(413, "too_large", "The body is larger than 10 MB.")
    if body and request.content_type != FORM:
        raise APIError(400, "invalid_request", f"The content type of a body must be {FORM}.")
    return body.decode("latin-1")


def enforce_rate_limit(kind: str, key: Any) -> None:
    seconds = hit(kind, key)
    if seconds:
        detail = f"The rate limit of this {kind} is exceeded."
        raise APIError(429, "too_many_requests", detail, seconds)


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


def _parse_request(request: HttpRequest, methods: frozenset[str], *, token: bool) -> Parameters:
    """
    Parse a request. Check all parameters except the signature and the nonce.
    """
    public = urlsplit(conf.public_origin(request))
    if not conf.accepts_origin(public.scheme, public.netloc):
        raise APIError(403, "insecure_transport", "This endpoint requires https.")
    parameters = parse_parameters(
        request.META.get("QUERY_STRING", ""),
        read_form_body(request),
        request.headers.get("Authorization", ""),
    )
    check_required(parameters, methods, token=token)
    check_timestamp(parameters, conf.timestamp_window)
    return parameters


def _oauthlib_arguments(request: HttpRequest, parameters: Parameters) -> tuple[str, str]:
    """
    Return URL and method for oauthlib. All parameters are in the query string: this results in the
    same signature base string.
    """
    return f"{_signed_url(request)}?{parameters.query}", str(request.method)


def _signed_url(request: HttpRequest) -> str:
    """
    Return the URL of a request without its query string.
    """
    return conf.public_origin(request) + escape_uri_path(request.path)


def _log_failed_checks(validator: TroveValidator) -> None:
    failed = sorted(name for name, valid in validator.checks.items() if not valid)
    _log_rejection(", ".join(failed) or "nonce (replay)")


def _log_rejection(invalid: str) -> None:
    logger.info("Rejected a signed request: invalid %s.", invalid)
