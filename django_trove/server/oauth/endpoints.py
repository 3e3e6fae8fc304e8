"""
Authentication of signed requests (protocol, sections 1.4 and 2).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from django_trove.client.hosts import is_loopback

from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, Application
from ..models.tokens import find_access_token
from ..origins import get_request_origin, list_origins, list_other_origins
from ..ratelimit import hit, mark_authenticated
from .nonces import nonce_digest, record_nonce
from .parameters import Parameters, check_required, check_timestamp, parse_parameters
from .signatures import verify_signature

MAX_BODY_BYTES = 10 * 1024 * 1024
REALM = 'OAuth realm="Trove"'
BEARER_REALM = 'Bearer realm="Trove"'
FORM = "application/x-www-form-urlencoded"
HMAC_METHODS = frozenset({"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"})
PLAINTEXT = "PLAINTEXT"
FORM_BODY = "_trove_form_body"
LAST_USED_INTERVAL = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def authenticate_request(
    request: HttpRequest, methods: frozenset[str] = HMAC_METHODS
) -> tuple[AccessToken, Parameters]:
    """
    Verify a content request. Return its access token and its signed parameters.

    :param methods: the signature methods. PLAINTEXT requires a flag of the application.
    """
    parameters = parse_request(request, methods, token=True)
    oauth = parameters.oauth
    token = find_access_token(oauth["consumer_key"], oauth["token"])
    if not verify_signature(token, str(request.method), list_valid_urls(request), parameters):
        _reject(request, token, parameters)
    if token is None or not _allows_method(token, oauth["signature_method"]):
        raise unauthorized_error()
    digest = nonce_digest(oauth["consumer_key"], oauth["token"], oauth["timestamp"], oauth["nonce"])
    if not record_nonce(digest):
        log_rejection("nonce (replay)")
        raise unauthorized_error()
    record_use(request, token)
    return token, parameters


def _reject(request: HttpRequest, token: AccessToken | None, parameters: Parameters) -> NoReturn:
    if verify_signature(token, str(request.method), list_other_urls(request), parameters) and token:
        raise_wrong_host(request, token.application)
    log_rejection("signature" if token else "key or token")
    raise unauthorized_error()


def _allows_method(token: AccessToken, signature_method: str) -> bool:
    return signature_method != PLAINTEXT or token.application.allow_legacy_oauth2


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
    public = urlsplit(get_request_origin(request))
    return public.scheme == "https" or is_loopback(public.netloc)


def read_form_body(request: HttpRequest) -> str:
    """
    Return the raw form. A body of another type would not be signed (RFC 5849, section 3.4.1.3.1).
    """
    if FORM_BODY not in vars(request):
        vars(request)[FORM_BODY] = _read_form_body(request)
    return str(vars(request)[FORM_BODY])


def _read_form_body(request: HttpRequest) -> str:
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


def parse_request(request: HttpRequest, methods: frozenset[str], *, token: bool) -> Parameters:
    """
    Parse a request. Check all parameters except the signature and the nonce.
    """
    public = urlsplit(get_request_origin(request))
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


def list_valid_urls(request: HttpRequest) -> list[str]:
    """
    Return the URLs of a request, without its query string, for which its signature may be valid.
    """
    return [origin + escape_uri_path(request.path) for origin in list_origins(request)]


def list_other_urls(request: HttpRequest) -> list[str]:
    """
    Return the other URLs for which a request may be signed by mistake.
    """
    return [origin + escape_uri_path(request.path) for origin in list_other_origins(request)]


def raise_wrong_host(request: HttpRequest, application: Application) -> NoReturn:
    """
    The signature is valid for another URL, so the sender knows the secrets.
    """
    mark_authenticated(request)
    enforce_rate_limit("application", application.pk)
    log_rejection("host")
    detail = "The request is signed for another scheme or host than the URL of this Trove."
    raise APIError(401, "wrong_host", detail)


def log_rejection(invalid: str) -> None:
    logger.info("Rejected a signed request: invalid %s.", invalid)
