"""
An OAuth 2.0 provider (RFC 6749) with PKCE (RFC 7636), based on oauthlib.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import RequestValidator, WebApplicationServer

from .base import Request, Response


@dataclass
class Grant:
    """
    The scopes of an access token. `expires_at` is a Unix timestamp.
    """

    scopes: list[str]
    expires_at: float = 0
    refresh_token: str = ""


@dataclass
class AuthorizationCode:
    scopes: list[str]
    redirect_uri: str
    challenge: str | None = None
    method: str | None = None


class Validator(RequestValidator):
    def __init__(self, provider: OAuth2Provider) -> None:
        self.provider = provider

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = Client(client_id)
        return client_id == self.provider.client_id

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = Client(request.client_id)
        credentials = (self.provider.client_id, self.provider.client_secret)
        return (request.client_id, request.client_secret) == credentials

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, *a: Any, **k: Any) -> bool:
        return redirect_uri.startswith(("http://", "https://"))

    def validate_response_type(self, client_id: str, response_type: str, *a: Any, **k: Any) -> bool:
        return response_type == "code"

    def validate_scopes(self, *args: Any, **kwargs: Any) -> bool:
        return True

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return self.provider.requires_pkce

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        return self.provider.codes[code].challenge

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return self.provider.codes[code].method

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *a: Any) -> None:
        self.provider.codes[code["code"]] = AuthorizationCode(
            list(request.scopes),
            request.redirect_uri,
            request.code_challenge,
            request.code_challenge_method,
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *a: Any) -> bool:
        authorization_code = self.provider.codes.get(code)
        request.scopes = authorization_code.scopes if authorization_code else []
        request.user = "user"
        return authorization_code is not None

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, *a: Any) -> bool:
        return self.provider.codes[code].redirect_uri == redirect_uri

    def invalidate_authorization_code(self, client_id: str, code: str, *a: Any) -> None:
        del self.provider.codes[code]

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any) -> bool:
        return grant_type in ("authorization_code", "refresh_token")

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any) -> None:
        self.provider.save_token(token, list(request.scopes))

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *a: Any
    ) -> bool:
        request.user = "user"
        return refresh_token in self.provider.refresh_tokens

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any) -> list[str]:
        return self.provider.refresh_tokens[refresh_token]

    def rotate_refresh_token(self, request: Any) -> bool:
        return False

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        grant = self.provider.grants.get(token)
        request.scopes = grant.scopes if grant else []
        return grant is not None and grant.expires_at > self.provider.now()


@dataclass
class Client:
    client_id: str = ""


@dataclass
class OAuth2Provider:
    """
    The credentials, codes and tokens of one service. Tests can replace the clock `now`.
    """

    client_id: str
    client_secret: str
    requires_pkce: bool = True
    expires_in: int = 3599
    now: Callable[[], float] = time.time
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = WebApplicationServer(
            Validator(self), token_expires_in=self.expires_in, token_generator=_make_token
        )

    @property
    def credentials(self) -> dict[str, dict[str, Any]]:
        return {"grants": self.grants, "refresh_tokens": self.refresh_tokens}

    def authorize(self, request: Request, scopes: list[str]) -> str:
        """
        Grant scopes and return the redirect URL with the authorization code.
        """
        headers, _, _ = self.server.create_authorization_response(
            f"{request.url.partition('?')[0]}?{urlencode(request.fields)}", "GET", scopes=scopes
        )
        return headers["Location"]

    def deny(self, request: Request) -> str:
        """
        Return the redirect URL with the error.
        """
        fields = request.fields
        query = {"error": "access_denied", "error_reason": "user_denied", "state": fields["state"]}
        return f"{fields['redirect_uri']}?{urlencode(query)}"

    def create_token_response(self, request: Request) -> Response:
        """
        Exchange an authorization code or a refresh token.
        """
        _, body, status = self.server.create_token_response(
            request.url, "POST", urlencode(request.fields), dict(request.headers)
        )
        return Response(status=status, body=body, type="application/json")

    def authenticate(self, request: Request) -> Grant | None:
        """
        Return the grant of the bearer token, or None if the token is invalid.
        """
        headers = {"Authorization": request.headers.get("authorization", "")}
        valid, _ = self.server.verify_request(request.url, request.method, "", headers, [])
        token = headers["Authorization"].removeprefix("Bearer ")
        return self.grants.get(token) if valid else None

    def save_token(self, token: dict[str, Any], scopes: list[str]) -> None:
        refresh_token = token.get("refresh_token", "")
        expires_at = self.now() + self.expires_in
        self.grants[token["access_token"]] = Grant(scopes, expires_at, refresh_token)
        if refresh_token:
            self.refresh_tokens[refresh_token] = scopes

    def revoke_all(self) -> None:
        self.grants.clear()
        self.refresh_tokens.clear()


def _make_token(request: Any, refresh_token: bool = False) -> str:
    return secrets.token_urlsafe(24)
