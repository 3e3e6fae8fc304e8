"""
An OAuth 1.0a provider (RFC 5849) for Flickr and SmugMug. oauthlib verifies the signatures.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from oauthlib.oauth1.rfc5849 import signature

from .base import Request

TIMESTAMP_TOLERANCE = 600  # seconds


class OAuthProblem(Exception):
    """
    A rejected request. `name` is a value of the OAuth Problem Reporting extension.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Token:
    """
    A request token or an access token. `parameters` are those of the authorization request.
    """

    secret: str
    callback: str = ""
    verifier: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


class OAuth1Provider:
    """
    The credentials, tokens and nonces of one service.
    """

    def __init__(self, key: str, secret: str) -> None:
        self.key = key
        self.secret = secret
        self.request_tokens: dict[str, Token] = {}
        self.access_tokens: dict[str, Token] = {}
        self.nonces: set[tuple[str, str]] = set()

    @property
    def credentials(self) -> dict[str, dict[str, Any]]:
        return {"access_tokens": self.access_tokens}

    def create_request_token(self, request: Request) -> dict[str, str]:
        """
        Issue temporary credentials (section 2.1).
        """
        parameters = self._verify(request, "")
        if not parameters.get("oauth_callback"):
            raise OAuthProblem("parameter_absent")
        key, token = _make_key(), Token(secrets.token_hex(8), parameters["oauth_callback"])
        self.request_tokens[key] = token
        return {
            "oauth_callback_confirmed": "true",
            "oauth_token": key,
            "oauth_token_secret": token.secret,
        }

    def authorize(self, key: str, parameters: Mapping[str, str]) -> str:
        """
        Authorize a request token (section 2.2) and return the callback URL.
        """
        token = self.request_tokens[key]
        token.verifier = secrets.token_hex(8)
        token.parameters = dict(parameters)
        query = urlencode({"oauth_token": key, "oauth_verifier": token.verifier})
        separator = "&" if urlsplit(token.callback).query else "?"
        return f"{token.callback}{separator}{query}"

    def create_access_token(self, request: Request) -> dict[str, str]:
        """
        Exchange an authorized request token (section 2.3).
        """
        key = self.get_parameters(request).get("oauth_token", "")
        token = self.request_tokens.get(key)
        if token is None or not token.verifier:
            raise OAuthProblem("token_rejected")
        parameters = self._verify(request, token.secret)
        if not secrets.compare_digest(parameters.get("oauth_verifier", ""), token.verifier):
            raise OAuthProblem("verifier_invalid")
        del self.request_tokens[key]
        key = _make_key()
        self.access_tokens[key] = Token(secrets.token_hex(8), parameters=token.parameters)
        return {"oauth_token": key, "oauth_token_secret": self.access_tokens[key].secret}

    def authenticate(self, request: Request) -> Token | None:
        """
        Verify a signed request (section 3) and return its token, or None without a token.
        """
        key = self.get_parameters(request).get("oauth_token", "")
        token = self.access_tokens.get(key)
        if key and token is None:
            raise OAuthProblem("token_rejected")
        self._verify(request, token.secret if token else "")
        return token

    def get_parameters(self, request: Request) -> dict[str, str]:
        """
        Return the OAuth and request parameters from the header, the query and the body.
        """
        return dict(_collect_parameters(request, with_signature=True))

    def _verify(self, request: Request, token_secret: str) -> dict[str, str]:
        parameters = self.get_parameters(request)
        if parameters.get("oauth_consumer_key") != self.key:
            raise OAuthProblem("consumer_key_unknown")
        if abs(time.time() - int(parameters.get("oauth_timestamp", "0"))) > TIMESTAMP_TOLERANCE:
            raise OAuthProblem("timestamp_refused")
        signed_request = SimpleNamespace(
            uri=request.url,
            http_method=request.method,
            params=_collect_parameters(request, with_signature=False),
            signature=parameters.get("oauth_signature", ""),
        )
        if parameters.get("oauth_signature_method") != "HMAC-SHA1" or (
            not signature.verify_hmac_sha1(signed_request, self.secret, token_secret)
        ):
            raise OAuthProblem("signature_invalid")
        nonce = (parameters["oauth_timestamp"], parameters.get("oauth_nonce", ""))
        if nonce in self.nonces:
            raise OAuthProblem("nonce_used")
        self.nonces.add(nonce)
        return parameters


def _collect_parameters(request: Request, *, with_signature: bool) -> list[tuple[str, str]]:
    authorization = request.headers.get("authorization")
    return signature.collect_parameters(
        uri_query=urlsplit(request.url).query,
        body=list(request.form.items()),
        headers={"Authorization": authorization} if authorization else {},
        exclude_oauth_signature=not with_signature,
    )


def _make_key() -> str:
    return f"7215{secrets.randbelow(10**13):013}-{secrets.token_hex(8)}"
