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

from django_trove.client.quiet import secrets_out_of_logs

from ..conf import conf, is_loopback
from ..keys import new_key
from ..models import AccessToken, RequestToken
from ..throttling import demand_rate
from .endpoints import AccessTokenEndpoint, RequestTokenEndpoint, ResourceEndpoint
from .parameters import Parameters, Refusal, collect, demand_fresh, demand_signed
from .validator import AlreadyUsed, TroveValidator

__all__ = [
    "MOST_BYTES",
    "PLAINTEXT",
    "REALM",
    "demand",
    "exchange",
    "form_body",
    "form_error",
    "issue_request_token",
    "origin_of",
    "signed_token",
    "token_methods",
    "unauthorized",
]

MOST_BYTES = 10 * 1024 * 1024
REALM = 'OAuth realm="Trove"'
FORM = "application/x-www-form-urlencoded"
SIGNED = frozenset({"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"})
PLAINTEXT = frozenset({"PLAINTEXT"})
COARSE = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def origin_of(request: HttpRequest) -> str:
    """
    Return the scheme and host by which the world knows this Trove.
    """
    if not conf.url:
        return f"{request.scheme}://{request.get_host()}"
    public = urlsplit(conf.url)
    return f"{public.scheme}://{public.netloc}"


def issue_request_token(request: HttpRequest) -> str:
    """
    Answer the first step (RFC 5849, section 2.1).

    :returns: the form-encoded body.
    :raises Refusal: if there is none to be had.
    """
    methods = token_methods(request)
    sent = _read(request, methods, token=False)
    validator = TroveValidator(methods, sent.one("scope") or "")
    endpoint = RequestTokenEndpoint(validator, token_generator=new_key)
    return _answer(endpoint.create_request_token_response, request, sent, validator)


def exchange(request: HttpRequest) -> str:
    """
    Answer the third step (RFC 5849, section 2.3).

    :returns: the form-encoded body.
    :raises Refusal: if the request token was not allowed, or not to this application.
    """
    methods = token_methods(request)
    sent = _read(request, methods, token=True)
    validator = TroveValidator(methods)
    endpoint = AccessTokenEndpoint(validator, token_generator=new_key)
    return _answer(endpoint.create_access_token_response, request, sent, validator)


def signed_token(request: HttpRequest) -> tuple[AccessToken, Parameters]:
    """
    Check a signed call for content.

    :returns: the token that signed, and the parameters that were signed.
    :raises Refusal: if it isn't signed by a token that opens something.
    """
    sent = _read(request, SIGNED, token=True)
    validator = TroveValidator(SIGNED)
    check = ResourceEndpoint(validator).validate_protected_resource_request
    with secrets_out_of_logs():
        valid, _ = check(*_call(request, sent))
    if not valid or validator.access_token is None:
        _log(validator)
        raise unauthorized()
    try:
        validator.spend()
    except AlreadyUsed:
        raise unauthorized() from None
    demand("application", validator.access_token.application_id)
    demand("token", validator.access_token.pk)
    _note_use(validator.access_token)
    return validator.access_token, sent


def form_error(status: int, code: str, detail: str) -> HttpResponse:
    """
    Write an error as the token endpoints do.
    """
    body = urlencode({"error": code, "error_description": detail})
    return HttpResponse(body, status=status, content_type=FORM)


def _answer(create: Any, request: HttpRequest, sent: Parameters, validator: TroveValidator) -> str:
    try:
        with secrets_out_of_logs():
            _, body, status = create(*_call(request, sent))
    except AlreadyUsed:
        raise unauthorized() from None
    if status == 200:
        return str(body)
    _log(validator)
    _judge(validator, sent)
    raise unauthorized()


def unauthorized() -> Refusal:
    """
    Return the one answer to every key, token and signature that doesn't hold.
    """
    return Refusal(401, "unauthorized", "The signature, the keys or the token do not hold.")


def _judge(validator: TroveValidator, sent: Parameters) -> None:
    """
    Act on a failure where the application has shown that it knows its secrets.
    """
    failed = [name for name, held in validator.checks.items() if not held]
    if failed == ["callback"] and not sent.oauth.get("callback"):
        raise Refusal(400, "invalid_request", "oauth_callback is missing: OAuth 1.0 is not enough.")
    if failed == ["callback"]:
        raise Refusal(400, "callback_not_allowed", "oauth_callback is not a registered callback.")
    if failed == ["verifier"] and validator.request_token:
        RequestToken.objects.count_wrong_verifier(validator.request_token)
        if not sent.oauth.get("verifier"):
            words = "oauth_verifier is missing: OAuth 1.0 is not enough."
            raise Refusal(401, "unauthorized", words)


def _read(request: HttpRequest, methods: frozenset[str], *, token: bool) -> Parameters:
    """
    Read a request and refuse what no signature can make good.
    """
    public = urlsplit(origin_of(request))
    if not conf.takes(public.scheme, public.netloc):
        raise Refusal(403, "insecure_transport", "Requests are taken by https only.")
    parameters = collect(
        request.META.get("QUERY_STRING", ""),
        form_body(request),
        request.headers.get("Authorization", ""),
    )
    demand_signed(parameters, methods, token=token)
    demand_fresh(parameters, conf.timestamp_window)
    return parameters


def token_methods(request: HttpRequest) -> frozenset[str]:
    """
    Return what token endpoints take: PLAINTEXT too, where nobody can listen.
    """
    public = urlsplit(origin_of(request))
    private = public.scheme == "https" or is_loopback(public.netloc)
    return SIGNED | PLAINTEXT if private else SIGNED


def form_body(request: HttpRequest) -> str:
    """
    Return the raw form. Any other body would go unsigned (RFC 5849, section 3.4.1.3.1).
    """
    try:
        body = request.read(MOST_BYTES + 1)
    except OSError:
        raise Refusal(400, "invalid_request", "The body did not arrive whole.") from None
    if len(body) > MOST_BYTES:
        raise Refusal(413, "too_large", "The body is larger than 10 MB.")
    if body and request.content_type != FORM:
        raise Refusal(400, "invalid_request", f"A body is sent as {FORM}: nothing else is signed.")
    return body.decode("latin-1")


def _call(request: HttpRequest, sent: Parameters) -> tuple[str, str, str, dict[str, str]]:
    """
    Return what oauthlib takes. It reads the protocol's parameters from a header and the others
    from the query string, which is one and the same for a signature.
    """
    address = origin_of(request) + escape_uri_path(request.path)
    uri = f"{address}?{sent.query}" if sent.others else address
    return uri, str(request.method), "", {"Authorization": sent.header}


def demand(kind: str, who: Any) -> None:
    """
    Count a request that holds.

    :param kind: "application" or "token".
    :raises Refusal: 429 if there were too many.
    """
    seconds = demand_rate(kind, who)
    if seconds:
        raise Refusal(429, "too_many_requests", f"Too many requests by one {kind}.", seconds)


def _note_use(token: AccessToken) -> None:
    """
    Remember when a token was last used, not more often than anybody wants to know.
    """
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > COARSE:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _log(validator: TroveValidator) -> None:
    """
    Tell the log which check failed, without any value.
    """
    failed = sorted(name for name, held in validator.checks.items() if not held)
    logger.info("A signed request was refused: %s.", ", ".join(failed) or "it was sent before")
