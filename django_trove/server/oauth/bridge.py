"""
From a Django request to oauthlib and back: the only file that knows both.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from django_trove.client.tracing import suppress_secret_logging
from django_trove.client.urls import is_loopback

from ...core.encryption import random_key
from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, RequestToken
from ..ratelimit import hit
from .endpoints import AccessTokenEndpoint, RequestTokenEndpoint, ResourceEndpoint
from .parameters import Parameters, check_required, check_timestamp, parse_parameters
from .validator import AlreadyUsed, TroveValidator

MAX_BODY_BYTES = 10 * 1024 * 1024
REALM = 'OAuth realm="Trove"'
FORM = "application/x-www-form-urlencoded"
SIGNED = frozenset({"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"})
PLAINTEXT = frozenset({"PLAINTEXT"})
LAST_USED_INTERVAL = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def issue_request_token(request: HttpRequest) -> str:
    """
    Answer the first step (RFC 5849, section 2.1).

    :returns: the form-encoded body.
    :raises Refusal: if there is none to be had.
    """
    methods = allowed_token_methods(request)
    sent = _parse_request(request, methods, token=False)
    validator = TroveValidator(methods, sent.one("scope") or "")
    endpoint = RequestTokenEndpoint(validator, token_generator=random_key)
    return _create_token_response(endpoint.create_request_token_response, request, sent, validator)


def issue_access_token(request: HttpRequest) -> str:
    """
    Answer the third step (RFC 5849, section 2.3).

    :returns: the form-encoded body.
    :raises Refusal: if the request token was not allowed, or not to this application.
    """
    methods = allowed_token_methods(request)
    sent = _parse_request(request, methods, token=True)
    validator = TroveValidator(methods)
    endpoint = AccessTokenEndpoint(validator, token_generator=random_key)
    return _create_token_response(endpoint.create_access_token_response, request, sent, validator)


def authenticate_request(request: HttpRequest) -> tuple[AccessToken, Parameters]:
    """
    Check a signed call for content.

    :returns: the token that signed, and the parameters that were signed.
    :raises Refusal: if it isn't signed by a token that opens something.
    """
    sent = _parse_request(request, SIGNED, token=True)
    validator = TroveValidator(SIGNED)
    check = ResourceEndpoint(validator).validate_protected_resource_request
    with suppress_secret_logging():
        valid, _ = check(*_oauthlib_arguments(request, sent))
    if not valid or validator.access_token is None:
        _log_failed_check(validator)
        raise unauthorized()
    try:
        validator.spend()
    except AlreadyUsed:
        raise unauthorized() from None
    enforce_rate_limit("application", validator.access_token.application_id)
    enforce_rate_limit("token", validator.access_token.pk)
    _record_use(validator.access_token)
    return validator.access_token, sent


def form_error(status: int, code: str, detail: str) -> HttpResponse:
    """
    Write an error as the token endpoints do.
    """
    body = urlencode({"error": code, "error_description": detail})
    return HttpResponse(body, status=status, content_type=FORM)


def _create_token_response(
    create: Any, request: HttpRequest, sent: Parameters, validator: TroveValidator
) -> str:
    try:
        with suppress_secret_logging():
            _, body, status = create(*_oauthlib_arguments(request, sent))
    except AlreadyUsed:
        raise unauthorized() from None
    if status == 200:
        return str(body)
    _log_failed_check(validator)
    _raise_specific_error(validator, sent)
    raise unauthorized()


def unauthorized() -> APIError:
    """
    Return the one answer to every key, token and signature that doesn't hold.
    """
    return APIError(401, "unauthorized", "The signature, the keys or the token do not hold.")


def _raise_specific_error(validator: TroveValidator, sent: Parameters) -> None:
    """
    Act on a failure where the application has shown that it knows its secrets.
    """
    failed = [name for name, held in validator.checks.items() if not held]
    if failed == ["callback"] and not sent.oauth.get("callback"):
        raise APIError(
            400, "invalid_request", "oauth_callback is missing: OAuth 1.0 is not enough."
        )
    if failed == ["callback"]:
        raise APIError(400, "callback_not_allowed", "oauth_callback is not a registered callback.")
    if failed == ["verifier"] and validator.request_token:
        RequestToken.objects.count_wrong_verifier(validator.request_token)
        if not sent.oauth.get("verifier"):
            words = "oauth_verifier is missing: OAuth 1.0 is not enough."
            raise APIError(401, "unauthorized", words)


def _parse_request(request: HttpRequest, methods: frozenset[str], *, token: bool) -> Parameters:
    """
    Read a request and refuse what no signature can make good.
    """
    public = urlsplit(conf.public_origin(request))
    if not conf.accepts_origin(public.scheme, public.netloc):
        raise APIError(403, "insecure_transport", "Requests are taken by https only.")
    parameters = parse_parameters(
        request.META.get("QUERY_STRING", ""),
        read_form_body(request),
        request.headers.get("Authorization", ""),
    )
    check_required(parameters, methods, token=token)
    check_timestamp(parameters, conf.timestamp_window)
    return parameters


def allowed_token_methods(request: HttpRequest) -> frozenset[str]:
    """
    Return what token endpoints take: PLAINTEXT too, where nobody can listen.
    """
    public = urlsplit(conf.public_origin(request))
    private = public.scheme == "https" or is_loopback(public.netloc)
    return SIGNED | PLAINTEXT if private else SIGNED


def read_form_body(request: HttpRequest) -> str:
    """
    Return the raw form. Any other body would go unsigned (RFC 5849, section 3.4.1.3.1).
    """
    try:
        body = request.read(MAX_BODY_BYTES + 1)
    except OSError:
        raise APIError(400, "invalid_request", "The body did not arrive whole.") from None
    if len(body) > MAX_BODY_BYTES:
        raise APIError(413, "too_large", "The body is larger than 10 MB.")
    if body and request.content_type != FORM:
        raise APIError(400, "invalid_request", f"A body is sent as {FORM}: nothing else is signed.")
    return body.decode("latin-1")


def _oauthlib_arguments(
    request: HttpRequest, sent: Parameters
) -> tuple[str, str, str, dict[str, str]]:
    """
    Return what oauthlib takes. It reads the protocol's parameters from a header and the others
    from the query string, which is one and the same for a signature.
    """
    address = conf.public_origin(request) + escape_uri_path(request.path)
    uri = f"{address}?{sent.query}" if sent.others else address
    return uri, str(request.method), "", {"Authorization": sent.header}


def enforce_rate_limit(kind: str, who: Any) -> None:
    """
    Count a request that holds.

    :param kind: "application" or "token".
    :raises Refusal: 429 if there were too many.
    """
    seconds = hit(kind, who)
    if seconds:
        raise APIError(429, "too_many_requests", f"Too many requests by one {kind}.", seconds)


def _record_use(token: AccessToken) -> None:
    """
    Remember when a token was last used, not more often than anybody wants to know.
    """
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_INTERVAL:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _log_failed_check(validator: TroveValidator) -> None:
    """
    Tell the log which check failed, without any value.
    """
    failed = sorted(name for name, held in validator.checks.items() if not held)
    logger.info("A signed request was refused: %s.", ", ".join(failed) or "it was sent before")
