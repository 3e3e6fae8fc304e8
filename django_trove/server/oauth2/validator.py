"""
Request validator for oauthlib's OAuth 2 endpoints (RFC 6749, 7009 and 7636).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from oauthlib.oauth2 import InvalidGrantError, RequestValidator
from oauthlib.oauth2.rfc6749.errors import InvalidScopeError

from django_trove.client.codec import CONTENT_CLASSES
from django_trove.core.database import atomic
from django_trove.core.users import is_active

from ..accounts.content_types import limit_to_offered
from ..conf import conf
from ..models import AccessToken, Application, AuthorizationCode, RefreshToken
from ..models.oauth2 import (
    delete_expired_tokens,
    find_by_token,
    issue_token,
    revoke_reused_code,
    split_token,
)
from ..models.tokens import delete_expired
from ..oauth.signatures import matches_secret

# Clients of 2011 send no scope.
LEGACY_CONTENT_TYPES = ("photos", "status", "checkins")


class OAuth2Validator(RequestValidator):
    """
    A validator handles one request, and stores the rows that it loads in attributes of it.

    :param accept: receives the application when it is authenticated.
    """

    def __init__(self, accept: Callable[[Application], None] | None = None) -> None:
        self._accept = accept

    # Authorization request

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kw: Any) -> bool:
        request.client = Application.objects.active().filter(key=client_id).first()
        return request.client is not None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kw: Any
    ) -> bool:
        return bool(request.client.allows_callback(redirect_uri))

    def get_default_redirect_uri(self, client_id: str, request: Any, *args: Any, **kw: Any) -> Any:
        callbacks = request.client.callbacks
        return str(callbacks[0]) if len(callbacks) == 1 else None

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kw: Any) -> list[str]:
        is_legacy = request.client.allow_legacy_oauth2
        return limit_to_offered(LEGACY_CONTENT_TYPES) if is_legacy else ["photos"]

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *a: Any, **kw: Any
    ) -> bool:
        """
        Types that are not offered are left out, if another one is requested (protocol, section
        2.6).
        """
        if not scopes or not set(scopes) <= CONTENT_CLASSES.keys():
            return False
        request.scopes = limit_to_offered(scopes)
        if not request.scopes:
            description = f"This Trove does not offer {', '.join(scopes)}."
            raise InvalidScopeError(description=description, request=request)
        return True

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *a: Any, **kw: Any
    ) -> bool:
        return response_type == "code"

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return not request.client.allow_legacy_oauth2

    @sensitive_variables()
    def save_authorization_code(
        self, client_id: str, code: Any, request: Any, *args: Any, **kw: Any
    ) -> None:
        """
        Replace the code of oauthlib, which has no secret part.
        """
        code["code"] = issue_token()
        delete_expired(AuthorizationCode.objects, age=timedelta(days=1))
        AuthorizationCode.from_token(
            code["code"],
            application=request.client,
            user=request.user,
            content_types=request.scopes,
            share_email=request.share_email,
            redirect_uri=request.redirect_uri if not request.using_default_redirect_uri else "",
            code_challenge=request.code_challenge or "",
            expires=_from_now(conf.authorization_code_seconds),
        )

    # Authentication of the application

    def client_authentication_required(self, request: Any, *args: Any, **kw: Any) -> bool:
        return True

    @sensitive_variables()
    def authenticate_client(self, request: Any, *args: Any, **kw: Any) -> bool:
        """
        Accept the secret in a Basic header or in the form, but not in both (RFC 6749, section 2.3).
        """
        basic = parse_basic(request.headers.get("Authorization", ""))
        in_form = (request.client_id or "", request.client_secret or "")
        if basic and request.client_secret:
            return False
        key, secret = basic or in_form
        request.client = Application.objects.active().filter(key=key).first()
        is_valid = matches_secret(request.client, secret)
        if not is_valid or (basic and in_form[0] not in ("", key)):
            return False
        request.client.client_id = key  # oauthlib reads it
        if self._accept:
            self._accept(request.client)
        return True

    # Access token request

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *a: Any, **kw: Any
    ) -> bool:
        return grant_type in {"authorization_code", "refresh_token"}

    @sensitive_variables()
    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *a: Any, **kw: Any
    ) -> bool:
        """
        Claim the code, also if the rest of the request is invalid. If it was used before, revoke
        the token that was issued for it (RFC 6749, section 4.1.2).
        """
        row = AuthorizationCode.objects.select_related("user").find(code)
        if row is None or row.application_id != client.pk:
            return False
        if not AuthorizationCode.objects.claim(row):
            revoke_reused_code(row)
            return False
        if row.redirect_uri and row.redirect_uri != request.redirect_uri:
            return False
        request.authorization_code = row
        request.user, request.scopes = row.user, list(row.content_types)
        return is_active(row.user)

    @sensitive_variables()
    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str | None,
        client: Any,
        request: Any,
        *args: Any,
        **kw: Any,
    ) -> bool:
        """
        `validate_code` has compared the URI with that of the authorization request.
        """
        return not redirect_uri or client.allows_callback(redirect_uri)

    def get_code_challenge(self, code: str, request: Any) -> Any:
        return request.authorization_code.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        return "S256"

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kw: Any
    ) -> None:
        """
        Do nothing: `validate_code` has claimed the code.
        """

    @sensitive_variables()
    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kw: Any
    ) -> bool:
        row = RefreshToken.objects.select_related("access_token__user").find(refresh_token)
        if row is None or row.access_token.application_id != client.pk:
            return False
        token = row.access_token
        if token.revoked_at or not is_active(token.user):
            return False
        if request.scope and set(request.scope.split()) != set(token.content_types):
            raise InvalidScopeError(request=request)
        if not RefreshToken.objects.claim(row):
            row.refresh_from_db(fields=["used_at"])
            if row.used_at:
                AccessToken.objects.filter(pk=token.pk).revoke()
            return False
        request.access_token_row, request.user = token, token.user
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Any, *args: Any, **kw: Any
    ) -> list[str]:
        return list(request.access_token_row.content_types)

    @sensitive_variables()
    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kw: Any) -> None:
        key, secret = split_token(token["access_token"])
        expires = _from_now(conf.access_token_seconds)
        with atomic(AccessToken):
            row = getattr(request, "access_token_row", None)
            if row is None:
                row = self._create_access_token(key, secret, expires, request)
            else:
                row.secret, row.expires = secret, expires
                row.save(update_fields=["secret", "expires"])
            delete_expired_tokens()
            RefreshToken.from_token(
                token["refresh_token"],
                access_token=row,
                expires=_from_now(conf.refresh_token_seconds),
            )

    @sensitive_variables()
    def _create_access_token(
        self, key: str, secret: str, expires: datetime, request: Any
    ) -> AccessToken:
        """
        The first update locks the code. It changes no row if the code was deleted meanwhile.
        """
        code = request.authorization_code
        codes = AuthorizationCode.objects.filter(pk=code.pk)
        if not codes.update(used_at=timezone.now()):
            raise InvalidGrantError("The code was used again or revoked.", request=request)
        row = AccessToken.objects.create(
            key=key,
            secret=secret,
            version=2,
            expires=expires,
            application=code.application,
            user=code.user,
            content_types=code.content_types,
            share_email=code.share_email,
        )
        codes.update(access_token=row)
        return row

    # Revocation

    @sensitive_variables()
    def revoke_token(
        self, token: str, token_type_hint: str, request: Any, *args: Any, **kw: Any
    ) -> None:
        """
        Revoke the authorization that an access token or a refresh token belongs to (RFC 7009).
        """
        refresh_token = RefreshToken.objects.select_related("access_token").find(token)
        access_token = refresh_token.access_token if refresh_token else find_bearer_token(token)
        if access_token and access_token.application_id == request.client.pk:
            AccessToken.objects.filter(pk=access_token.pk).revoke()


def generate_access_token(request: Any, refresh_token: bool = False) -> str:
    row = getattr(request, "access_token_row", None)
    return issue_token(row.key if row else "")


def generate_refresh_token(request: Any, refresh_token: bool = False) -> str:
    return issue_token()


@sensitive_variables()
def find_bearer_token(token: str) -> AccessToken | None:
    """
    Return a token of version 2 that is not revoked, also if it is expired.
    """
    tokens = AccessToken.objects.valid().filter(version=2).select_related("user", "application")
    row: AccessToken | None = find_by_token(tokens, token)
    return row if row and is_active(row.user) else None


def _from_now(seconds: int) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


@sensitive_variables()
def parse_basic(header: str) -> tuple[str, str] | None:
    """
    Return the key and secret of a Basic header, which are form-encoded (RFC 6749, section 2.3.1).
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return ("", "")
    key, secret = unquote_plus(key), unquote_plus(secret)
    return (key, secret) if "\0" not in key else ("", "")
