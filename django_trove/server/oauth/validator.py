"""
Request validator for oauthlib.

A validator handles one request, and stores the objects that it loads for the endpoint. For known
and unknown keys and tokens, it runs the same queries and decryptions, to avoid a timing oracle.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth1 import RequestValidator

from django_trove.core.database import atomic
from django_trove.core.users import is_active

from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, Application, RequestToken
from ..models.oauth2 import delete_expired_tokens
from ..models.tokens import delete_expired
from . import nonces
from .signatures import DUMMY, decrypt_or_dummy

ABSENT = "?"  # placeholder for a missing callback or verifier; matches none
OAUTH10_TOKEN_SECONDS = 300
MAX_PENDING_TOKENS = 1000  # per application


class AlreadyUsed(Exception):
    """
    The nonce or the request token has already been used.
    """


class TroveValidator(RequestValidator):
    """
    The endpoint has already checked the transport and the format of the parameters.

    :param content_types: those of a request for a request token.
    """

    enforce_ssl = False
    dummy_client = dummy_request_token = DUMMY

    def __init__(
        self,
        methods: frozenset[str],
        content_types: Sequence[str] = (),
        *,
        valid_urls: Sequence[str] = (),
        other_urls: Sequence[str] = (),
    ) -> None:
        """
        :param valid_urls: the URLs for which a signature is valid.
        :param other_urls: URLs for which the request may be signed by mistake.
        """
        super().__init__()
        self.valid_urls = list(valid_urls)
        self.urls = [*valid_urls, *other_urls]
        self.signed_url = ""
        self.methods = methods
        self.content_types = content_types
        self.application: Application | None = None
        self.request_token: RequestToken | None = None
        self.nonce = ""
        self.allow_oauth10 = False
        self.use_previous_secret = False
        self.checks: dict[str, bool] = {}

    @property
    def allowed_signature_methods(self) -> tuple[str, ...]:
        return tuple(self.methods)

    @property
    def timestamp_lifetime(self) -> int:
        return conf.timestamp_window

    def check_client_key(self, client_key: str) -> bool:
        return True

    def check_request_token(self, request_token: str) -> bool:
        return True

    def check_verifier(self, verifier: str) -> bool:
        return True

    def check_nonce(self, nonce: str) -> bool:
        return True

    def check_realms(self, realms: list[str]) -> bool:
        return True

    def get_default_realms(self, client_key: str, request: Request) -> list[str]:
        return list(self.content_types)

    def validate_requested_realms(
        self, client_key: str, realms: list[str], request: Request
    ) -> bool:
        return True

    def validate_realms(self, *args: Any, **kwargs: Any) -> bool:
        """
        The view checks the granted content types: the error is a 403, not a 401.
        """
        return True

    def validate_timestamp_and_nonce(  # noqa: PLR0917  oauthlib's signature
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Request,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        """
        Store the digest of the nonce; `record_nonce` records it later.
        """
        self.checks = request.validator_log
        self.nonce = nonces.nonce_digest(client_key, request_token or "", timestamp, nonce)
        return True

    def validate_client_key(self, client_key: str, request: Request | None) -> bool:
        self.application = Application.objects.active().filter(key=client_key).first()
        return self.application is not None

    def validate_request_token(self, client_key: str, token: str, request: Request) -> bool:
        tokens = RequestToken.objects.exchangeable().select_related("user")
        found = tokens.filter(key=token, application__key=client_key).first()
        self.request_token = found if found and is_active(found.user) else None
        return self.request_token is not None

    def validate_redirect_uri(self, client_key: str, redirect_uri: str, request: Request) -> bool:
        """
        Without a callback (OAuth Core 1.0), the application's default callback applies (protocol,
        section 2.8).
        """
        if redirect_uri != ABSENT:
            return self.application is not None and self.application.allows_callback(redirect_uri)
        self.allow_oauth10 = True
        callback = self.application.default_callback if self.application else ""
        request.redirect_uri = callback or ABSENT
        return bool(callback)

    def validate_verifier(
        self, client_key: str, token: str, verifier: str, request: Request
    ) -> bool:
        if verifier == ABSENT:
            rows = (self.request_token, self.application)
            return all(row is not None and row.allow_oauth10 for row in rows)
        expected = decrypt_or_dummy(self.request_token, "verifier")
        return hmac.compare_digest(expected.encode(), verifier.encode())

    def get_client_secret(self, client_key: str, request: Request) -> str:
        field = "grace_secret" if self.use_previous_secret else "secret"
        return decrypt_or_dummy(self.application, field)

    def get_request_token_secret(self, client_key: str, token: str, request: Request) -> str:
        return decrypt_or_dummy(self.request_token)

    def get_access_token_secret(self, client_key: str, token: str, request: Request) -> str:
        """
        oauthlib calls it if a request for a request token contains a token, which is not allowed.
        """
        return decrypt_or_dummy(None)

    def get_realms(self, token: str, request: Request) -> list[str]:
        return list(self.request_token.content_types) if self.request_token else []

    def save_request_token(self, token: Any, request: Request) -> None:
        self.record_nonce()
        delete_expired(RequestToken.objects)
        pending = RequestToken.objects.alive().filter(application=self.application)
        if pending.count() >= MAX_PENDING_TOKENS:
            raise APIError(429, "too_many_requests", "Too many request tokens are pending.")
        seconds = conf.request_token_seconds
        if self.allow_oauth10:
            seconds = min(seconds, OAUTH10_TOKEN_SECONDS)
        RequestToken.objects.create(
            key=token["oauth_token"],
            secret=token["oauth_token_secret"],
            application=cast(Application, self.application),
            content_types=request.realms,
            callback=str(request.redirect_uri),
            allow_oauth10=self.allow_oauth10,
            expires=timezone.now() + timedelta(seconds=seconds),
        )

    def save_access_token(self, token: Any, request: Request) -> None:
        """
        Exchange the request token. The update that claims it is the first write, so that of two
        concurrent exchanges one fails, on SQLite, too.
        """
        self.record_nonce()
        delete_expired_tokens()
        request_token = self.request_token
        with atomic(RequestToken):
            if request_token is None or not RequestToken.objects.claim(request_token):
                raise AlreadyUsed
            AccessToken.objects.create(
                key=token["oauth_token"],
                secret=token["oauth_token_secret"],
                application_id=request_token.application_id,
                user_id=cast(Any, request_token.user_id),
                content_types=request_token.content_types,
                share_email=request_token.share_email,
            )

    def invalidate_request_token(self, client_key: str, token: str, request: Request) -> None:
        """
        Do nothing: `save_access_token` has claimed the request token.
        """

    def record_nonce(self) -> None:
        if not nonces.record_nonce(self.nonce):
            raise AlreadyUsed
