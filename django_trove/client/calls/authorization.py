"""
The calls of the OAuth flow (protocol, section 2).
"""

from __future__ import annotations

from urllib.parse import urlencode

from ..errors import (
    CallError,
    KeysRejected,
    NotFound,
    TokenRejected,
    UnsafeResponse,
    WrongHost,
)
from ..responses import WRONG_HOST, Response, parse_token
from ..token import Token
from .base import BaseAPI


class AuthorizationCalls(BaseAPI):
    def get_request_token(self, callback: str | None = None) -> Token:
        """
        Get a request token (RFC 5849, section 2.1).

        :param callback: the callback URL. Default: the client's.
        :raises KeysRejected: if the application key or secret is wrong.
        :raises UnsafeResponse: if the Trove supports only OAuth Core 1.0, which is vulnerable to
            session fixation.
        """
        token, confirmed = parse_token(self._request_request_token(self.web_url, callback))
        if not confirmed:
            raise UnsafeResponse("The Trove did not confirm the callback (OAuth 1.0 downgrade).")
        return token

    def _request_request_token(self, base_url: str, callback: str | None) -> Response:
        return self._transport.call(
            "GET",
            f"{base_url}/v1/oauth/request_token/",
            params={"scope": ",".join(self.content_types)},
            callback_uri=callback or self.callback,
        )

    def get_authorization_url(self, request_token: Token) -> str:
        """
        Return the URL of the consent page (RFC 5849, section 2.2).
        """
        parameters = urlencode({"oauth_token": request_token.key})
        return f"{self.web_url}/v1/oauth/authorize/?{parameters}"

    def get_access_token(self, request_token: Token, verifier: str = "") -> Token:
        """
        Exchange an authorized request token for an access token (RFC 5849, section 2.3). The client
        uses the access token for all further calls.

        :param verifier: the parameter of the callback, or the code that the user entered.
        :raises TokenRejected: if the request token is unknown, expired or used, or the verifier
            is wrong.
        :raises CallError: if there is no verifier.
        """
        require_verifier(verifier)
        try:
            response = self._transport.call(
                "POST",
                f"{self.web_url}/v1/oauth/access_token/",
                token=request_token,
                verifier=verifier,
                idempotent=False,
            )
        except TokenRejected:
            message = "The verifier is wrong, or the request token is unknown, expired or used."
            raise TokenRejected(message, status=401) from None
        self.access_token, _ = parse_token(response)
        return self.access_token

    def check_keys(self, callback: str | None = None) -> None:
        """
        Check the application key and secret, at each of the base URLs.

        :param callback: a callback URL to check, too (version 1).
        :raises KeysRejected: if the key or the secret is wrong.
        :raises WrongHost: if the Trove accepts them at only one of the base URLs.
        :raises CallError: if the callback is not registered.
        """
        self.get_request_token(callback)
        if self.api_url == self.web_url:
            return
        try:
            self._request_request_token(self.api_url, callback)
        except KeysRejected as error:
            raise WrongHost(WRONG_HOST.format(self.api_url), status=error.status) from None
        except NotFound:  # a Trove whose token endpoints are only at the other base URL
            return


def require_verifier(verifier: str) -> None:
    if not verifier:
        raise CallError(
            "verifier is required: the parameter oauth_verifier of the callback (version 2: code),"
            " or the code that the Trove displays if the callback is oob."
        )
