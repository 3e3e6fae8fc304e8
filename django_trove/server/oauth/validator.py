"""
The answers to oauthlib's questions.

A validator serves one request and keeps what it found for the bridge. Whether a client or a token
is known or not, it makes the same queries and the same effort, so that an answer's time tells
nothing.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth1 import RequestValidator

from ..conf import conf
from ..errors import APIError
from ..models import AccessToken, Application, RequestToken
from ..models.expired import delete_expired
from . import nonces
from .scopes import parse_scope
from .secrets import DUMMY_ROW, decrypt_or_dummy

ABSENT = "?"
"""Stands for a callback or a verifier that wasn't sent; none looks so."""

OAUTH10_TOKEN_SECONDS = 300  # what was asked for without a callback lives no longer
REVOKED = timedelta(days=30)  # so long the admin shows what was taken back
MAX_PENDING_TOKENS = 1000
"""Request tokens of one application that still lead somewhere."""


class AlreadyUsed(Exception):
    """
    Somebody else was quicker with this nonce or this request token.
    """


class TroveValidator(RequestValidator):
    """
    What oauthlib asks while it checks one request. The form of keys, nonces and time-stamps was
    checked before (`parameters`), and so was the transport (`http`).

    :param methods: the signature methods that the endpoint takes.
    :param scope: the content types that are asked for, at the request token.
    """

    enforce_ssl = False
    dummy_client = DUMMY_ROW
    dummy_request_token = DUMMY_ROW
    dummy_access_token = DUMMY_ROW

    def __init__(self, methods: frozenset[str], scope: str = "") -> None:
        super().__init__()
        self.methods = methods
        self.scope = scope
        self.application: Application | None = None
        self.request_token: RequestToken | None = None
        self.access_token: AccessToken | None = None
        self.nonce = ""
        self.by_token = False
        self.allow_oauth10 = False
        self.previous = False
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

    def check_access_token(self, request_token: str) -> bool:
        return True

    def check_verifier(self, verifier: str) -> bool:
        return True

    def check_nonce(self, nonce: str) -> bool:
        return True

    def check_realms(self, realms: list[str]) -> bool:
        return True

    def get_default_realms(self, client_key: str, request: Request) -> list[str]:
        return parse_scope(self.scope)

    def validate_requested_realms(
        self, client_key: str, realms: list[str], request: Request
    ) -> bool:
        return True

    def validate_realms(self, *args: Any, **kwargs: Any) -> bool:
        """
        Always true: a content type that was not granted is a 403 of the view, not a 401.
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
        Remember it only: the bridge spends it, once all else holds (`nonces`). A call for content
        has its token and application fetched here, in one query whoever is known.
        """
        self.checks = request.validator_log
        token = request_token or access_token or ""
        self.nonce = nonces.nonce_digest(client_key, token, timestamp, nonce)
        if access_token:
            self.by_token = True
            self.access_token = AccessToken.objects.opening(client_key, access_token)
            self.application = self.access_token.application if self.access_token else None
        return True

    def validate_client_key(self, client_key: str, request: Request | None) -> bool:
        if self.by_token:
            return self.application is not None
        self.application = Application.objects.active().filter(key=client_key).first()
        return self.application is not None

    def validate_request_token(self, client_key: str, token: str, request: Request) -> bool:
        tokens = RequestToken.objects.exchangeable().select_related("user")
        self.request_token = tokens.filter(key=token, application__key=client_key).first()
        return self.request_token is not None

    def validate_access_token(self, client_key: str, token: str, request: Request) -> bool:
        return self.access_token is not None

    def validate_redirect_uri(self, client_key: str, redirect_uri: str, request: Request) -> bool:
        """
        An application that may come as in OAuth Core 1.0 names none: its own first one holds then,
        whatever it says later.
        """
        if redirect_uri != ABSENT:
            return self.application is not None and self.application.allows_callback(redirect_uri)
        self.allow_oauth10 = True
        known = self.application.default_callback if self.application else ""
        request.redirect_uri = known or ABSENT
        return bool(known)

    def validate_verifier(
        self, client_key: str, token: str, verifier: str, request: Request
    ) -> bool:
        """
        Without one (`ABSENT`), the request token has to be one of OAuth Core 1.0.
        """
        if verifier == ABSENT:
            core = self.request_token is not None and self.request_token.allow_oauth10
            return core and self.application is not None and self.application.allow_oauth10
        known = decrypt_or_dummy(self.request_token, "verifier")
        return hmac.compare_digest(known.encode(), verifier.encode())

    def get_client_secret(self, client_key: str, request: Request) -> str:
        return decrypt_or_dummy(self.application, "grace_secret" if self.previous else "secret")

    def try_previous_secret(self) -> None:
        """
        Hand out the application's previous secret from now on, if that still holds.
        """
        self.previous = True

    def get_request_token_secret(self, client_key: str, token: str, request: Request) -> str:
        return decrypt_or_dummy(self.request_token)

    def get_access_token_secret(self, client_key: str, token: str, request: Request) -> str:
        return decrypt_or_dummy(self.access_token)

    def get_realms(self, token: str, request: Request) -> list[str]:
        return list(self.request_token.content_types) if self.request_token else []

    def save_request_token(self, token: Any, request: Request) -> None:
        """
        Issue a request token, bound to the callback and to nobody.

        :raises AlreadyUsed: if the request was answered before.
        :raises Refusal: 429 if the application has too many.
        """
        self.spend()
        delete_expired(RequestToken.objects.all())
        longest = OAUTH10_TOKEN_SECONDS if self.allow_oauth10 else conf.request_token_seconds
        seconds = min(longest, conf.request_token_seconds)
        if (
            RequestToken.objects.alive().filter(application=self.application).count()
            >= MAX_PENDING_TOKENS
        ):
            raise APIError(429, "too_many_requests", "Too many people are being asked at once.")
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
        Exchange the request token. The update that claims it comes first, so that two exchanges
        at once make one token, on SQLite too.

        :raises AlreadyUsed: if somebody was quicker.
        """
        self.spend()
        delete_expired(AccessToken.objects.all(), "revoked_at", REVOKED)
        asked = self.request_token
        with transaction.atomic():
            if asked is None or not RequestToken.objects.claim(asked):
                raise AlreadyUsed
            self.access_token = AccessToken.objects.create(
                key=token["oauth_token"],
                secret=token["oauth_token_secret"],
                application_id=asked.application_id,
                user_id=cast(Any, asked.user_id),
                content_types=asked.content_types,
                share_email=asked.share_email,
            )

    def invalidate_request_token(self, client_key: str, token: str, request: Request) -> None:
        """
        `save_access_token` has done it, in the same transaction.
        """

    def spend(self) -> None:
        """
        Spend the nonce, now that everything else holds.

        :raises AlreadyUsed: if somebody was quicker.
        """
        if not nonces.record_nonce(self.nonce):
            raise AlreadyUsed
