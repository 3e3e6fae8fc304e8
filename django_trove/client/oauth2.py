"""
A client for version 2 of the protocol: OAuth 2 with PKCE (RFC 6749, RFC 7636; protocol, section 9).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from requests import PreparedRequest
from requests.auth import AuthBase

from .api import TroveAPI
from .calls.authorization import require_verifier
from .codec import decode_json
from .errors import CallError, InvalidResponse, TokenRejected, UnsafeResponse
from .responses import Response, is_local_path
from .token import Token
from .transport import Transport

DEFAULT_LIFETIME = 3600.0  # seconds, if the response contains none
MAX_LIFETIME = 10 * 365 * 86_400.0


class BearerAuth(AuthBase):
    """
    Adds the access token to a request (RFC 6750, section 2.1).
    """

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.key}"
        return request


class BearerTransport(Transport):
    def _signature(self, token: Token | None, **oauth: Any) -> AuthBase | None:
        return BearerAuth(token) if token else None


class OAuth2API(TroveAPI):
    """
    The same methods as `TroveAPI`. A request token contains the `state` and the code verifier. An
    access token contains its expiry and the refresh token; `refresh` replaces it.
    """

    transport_class: ClassVar[type[Transport]] = BearerTransport
    content_path = "/v2/content/{}/"
    user_path = "/v2/user/"
    push_path = "/v2/content/{}/"

    def get_request_token(self, callback: str | None = None) -> Token:
        """
        Return a random state and code verifier. No request is sent.
        """
        return Token(secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    def get_authorization_url(self, request_token: Token) -> str:
        parameters = {
            "client_id": self._keys.key,
            "response_type": "code",
            "redirect_uri": self.callback,
            **self._build_parameters(request_token),
        }
        return f"{self.web_url}/oauth2/authenticate/?{urlencode(parameters)}"

    def get_url_for_new_trove(self, service: str, request_token: Token) -> str:
        form = {
            "client_id": self._keys.key,
            "client_secret": self._keys.secret,
            "redirect_url": self.callback,
            **self._build_parameters(request_token),
        }
        url = f"{self.api_url}/v2/services/{quote(service, safe='')}/login_and_auth/"
        return self._parse_link(self._transport.call("POST", url, form=form, idempotent=False))

    def _build_parameters(self, request_token: Token) -> dict[str, str]:
        digest = hashlib.sha256(request_token.secret.encode()).digest()
        return {
            "scope": " ".join(self.content_types),
            "state": request_token.key,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }

    def get_access_token(self, request_token: Token, verifier: str = "") -> Token:
        """
        Exchange an authorization code (RFC 6749, section 4.1.3).

        :param verifier: the code.
        :raises TokenRejected: if the code is unknown, expired or used.
        """
        require_verifier(verifier)
        self.access_token = self._request_token(
            {
                "grant_type": "authorization_code",
                "code": verifier,
                "redirect_uri": self.callback,
                "code_verifier": request_token.secret,
            }
        )
        return self.access_token

    def refresh(self) -> Token:
        """
        Replace the access token and the refresh token (RFC 6749, section 6).

        :raises TokenRejected: if the refresh token is unknown, expired, revoked or used. The user
            must authorize the application again.
        """
        if self.access_token is None:
            raise CallError("There is no access token to refresh.")
        form = {"grant_type": "refresh_token", "refresh_token": self.access_token.secret}
        self.access_token = self._request_token(form)
        return self.access_token

    def check_keys(self, callback: str | None = None) -> None:
        """
        Send an invalid refresh token. The server verifies the key and the secret first.
        """
        try:
            self._request_token({"grant_type": "refresh_token", "refresh_token": "invalid"})
        except TokenRejected:
            return

    def get_services(self) -> dict[str, str]:
        response = self._request("GET", "/v2/services/")
        records = decode_json(response.body)
        if not isinstance(records, list):
            raise InvalidResponse("The response is not a list of services.")
        slugs = [record.get("slug") for record in records if isinstance(record, dict)]
        return {
            slug: f"/v2/services/{quote(slug, safe='')}/bounceback/"
            for slug in slugs
            if isinstance(slug, str)
        }

    def _parse_link(self, response: Response) -> str:
        url = response.body.decode(errors="replace").strip()
        if is_local_path(url):  # of an endpoint of version 1
            return self.web_url + url
        if not url.startswith(f"{self.web_url}/"):
            raise UnsafeResponse("The response is not a URL of the Trove.")
        return url

    def _request_token(self, form: Mapping[str, str]) -> Token:
        keys = {"client_id": self._keys.key, "client_secret": self._keys.secret}
        url = f"{self.web_url}/oauth2/access_token/"
        try:
            response = self._transport.call("POST", url, form={**keys, **form}, idempotent=False)
        except CallError as error:
            if error.code == "invalid_grant":
                message = "The code or the refresh token is unknown, expired, revoked or used."
                raise TokenRejected(message, status=error.status) from None
            raise
        return parse_bearer_token(response)


def parse_bearer_token(response: Response) -> Token:
    """
    Return the tokens of a token endpoint (RFC 6749, section 5.1).

    :raises InvalidResponse: if the response contains no token.
    :raises UnsafeResponse: if the token has another type.
    """
    data = decode_json(response.body)
    fields = data if isinstance(data, dict) else {}
    key, secret = fields.get("access_token"), fields.get("refresh_token") or ""
    if not (_is_token(key) and key and _is_token(secret)):
        del data, fields, key, secret  # debug pages display local variables
        raise InvalidResponse(f"The response of {response.path} contains no token.")
    if str(fields.get("token_type", "bearer")).lower() != "bearer":
        del data, fields, key, secret
        raise UnsafeResponse("The token is not a bearer token.")
    return Token(key, secret, time.time() + _parse_lifetime(fields.get("expires_in")))


def _is_token(value: Any) -> bool:
    """
    Return whether a value has only printable ASCII characters (RFC 6749, appendix A).
    """
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _parse_lifetime(seconds: Any) -> float:
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not (is_number and seconds > 0):  # NaN, too
        return DEFAULT_LIFETIME
    return float(min(seconds, MAX_LIFETIME))
