"""
The provider's side of OAuth 2 (RFC 6749) with PKCE (RFC 7636), by oauthlib.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import RequestValidator, WebApplicationServer

from .web import Answer, Request

__all__ = ["Grant", "Provider"]


@dataclass
class Grant:
    """
    What a person allowed.

    :param ends: when the access token does, in seconds since 1970.
    """

    scopes: list[str]
    ends: float = 0
    refresh: str = ""


@dataclass
class Code:
    """
    A code under way.
    """

    scopes: list[str]
    redirect_uri: str
    challenge: str | None = None
    method: str | None = None


class Validator(RequestValidator):
    """
    oauthlib's questions, answered by what the provider has.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = _Client(client_id)
        return client_id == self.provider.client_id

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = _Client(request.client_id)
        known = (self.provider.client_id, self.provider.client_secret)
        return (request.client_id, request.client_secret) == known

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, *a: Any, **k: Any) -> bool:
        return redirect_uri.startswith(("http://", "https://"))

    def validate_response_type(self, client_id: str, response_type: str, *a: Any, **k: Any) -> bool:
        return response_type == "code"

    def validate_scopes(self, *args: Any, **kwargs: Any) -> bool:
        return True

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return self.provider.pkce

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        return self.provider.codes[code].challenge

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return self.provider.codes[code].method

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *a: Any) -> None:
        self.provider.codes[code["code"]] = Code(
            list(request.scopes),
            request.redirect_uri,
            request.code_challenge,
            request.code_challenge_method,
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *a: Any) -> bool:
        found = self.provider.codes.get(code)
        request.scopes = found.scopes if found else []
        request.user = "person"
        return found is not None

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, *a: Any) -> bool:
        return self.provider.codes[code].redirect_uri == redirect_uri

    def invalidate_authorization_code(self, client_id: str, code: str, *a: Any) -> None:
        del self.provider.codes[code]

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any) -> bool:
        return grant_type in ("authorization_code", "refresh_token")

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any) -> None:
        self.provider.keep(token, list(request.scopes))

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *a: Any
    ) -> bool:
        request.user = "person"
        return refresh_token in self.provider.refreshes

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any) -> list[str]:
        return self.provider.refreshes[refresh_token]

    def rotate_refresh_token(self, request: Any) -> bool:
        return False

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        found = self.provider.grants.get(token)
        request.scopes = found.scopes if found else []
        return found is not None and found.ends > self.provider.now()


@dataclass
class _Client:
    client_id: str = ""


@dataclass
class Provider:
    """
    Keys, codes and tokens of one stand-in.

    :param now: the clock, which tests may move.
    """

    client_id: str
    client_secret: str
    pkce: bool = True
    seconds: int = 3599
    now: Callable[[], float] = time.time
    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    refreshes: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = WebApplicationServer(
            Validator(self), token_expires_in=self.seconds, token_generator=_token
        )

    def allow(self, request: Request, scopes: list[str]) -> str:
        """
        A person says yes to some scopes; return where to send them.
        """
        headers, _, _ = self.server.create_authorization_response(
            f"{request.url.partition('?')[0]}?{urlencode(request.fields)}", "GET", scopes=scopes
        )
        return headers["Location"]

    def deny(self, request: Request) -> str:
        """
        A person says no; return where to send them.
        """
        said = request.fields
        back = {"error": "access_denied", "error_reason": "user_denied", "state": said["state"]}
        return f"{said['redirect_uri']}?{urlencode(back)}"

    def token(self, request: Request) -> Answer:
        """
        Give out a token for a code or a refresh token.
        """
        _, body, status = self.server.create_token_response(
            request.url, "POST", urlencode(request.fields), dict(request.headers)
        )
        return Answer(status=status, body=body, type="application/json")

    def grant_of(self, request: Request) -> Grant | None:
        """
        Return what a call's token allows; None if it isn't taken.
        """
        headers = {"Authorization": request.headers.get("authorization", "")}
        good, _ = self.server.verify_request(request.url, request.method, "", headers, [])
        token = headers["Authorization"].removeprefix("Bearer ")
        return self.grants.get(token) if good else None

    def keep(self, token: dict[str, Any], scopes: list[str]) -> None:
        """
        Remember a token that was given out.
        """
        refresh = token.get("refresh_token", "")
        ends = self.now() + self.seconds
        self.grants[token["access_token"]] = Grant(scopes, ends, refresh)
        if refresh:
            self.refreshes[refresh] = scopes

    def revoke_everything(self) -> None:
        """
        The person takes back what they allowed.
        """
        self.grants.clear()
        self.refreshes.clear()


def _token(request: Any, refresh_token: bool = False) -> str:
    return secrets.token_urlsafe(24)
