"""
Services that people let us into by OAuth 1.0a (RFC 5849).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenMissing, TokenRequestDenied

from django_trove.client.logs import suppress_secret_logging

from .base import Misconfigured, RetryLater, ServiceFailed
from .http import TIMEOUT
from .remote import Authorization, AuthorizationDenied, AuthorizationRequest, RemoteConnector


class OAuth1Service(RemoteConnector):
    """
    Its defaults have `REQUEST_TOKEN_URL`, `AUTHORIZE_URL` and `ACCESS_TOKEN_URL`.
    """

    keys = ("KEY", "SECRET")

    authorize_params: ClassVar[Mapping[str, str]]
    """What is added to the address where people say yes."""

    def start_authorization(self, callback: str) -> AuthorizationRequest:
        session = self.session(callback_uri=callback)
        answer = self._token(session.fetch_request_token, self.config["REQUEST_TOKEN_URL"])
        url = session.authorization_url(self.config["AUTHORIZE_URL"], **self.authorize_params)
        return AuthorizationRequest(url, answer["oauth_token"], answer["oauth_token_secret"])

    def finish_authorization(
        self, secret: str, callback_params: Mapping[str, str], callback: str
    ) -> Authorization:
        verifier = callback_params.get("oauth_verifier")
        if not verifier:
            raise AuthorizationDenied
        session = self.session(
            resource_owner_key=callback_params.get("oauth_token", ""),
            resource_owner_secret=secret,
            verifier=verifier,
        )
        answer = self._token(session.fetch_access_token, self.config["ACCESS_TOKEN_URL"])
        return self.get_authorization(answer)

    def get_authorization(self, answer: Mapping[str, str]) -> Authorization:
        """
        Return the leave that an access token's answer tells of.
        """
        raise NotImplementedError

    def session(self, **more: Any) -> OAuth1Session:
        """
        Return a session that signs.

        :param more: as OAuth1Session takes it; without it, the account's own token signs.
        """
        token = self.credentials.token
        if not more and token:
            more = {
                "resource_owner_key": token["key"],
                "resource_owner_secret": token["secret"],
            }
        session = OAuth1Session(self.key("KEY"), client_secret=self.key("SECRET"), **more)
        session.trust_env = False
        return session

    def _token(self, fetch: Any, url: str) -> dict[str, str]:
        try:
            with suppress_secret_logging():
                answer: dict[str, str] = fetch(url, timeout=TIMEOUT)
        except TokenRequestDenied as denied:
            raise self._refusal(denied.status_code, denied.response.text) from None
        except requests.RequestException:
            raise RetryLater(f"{self.title} doesn't answer.") from None
        except (TokenMissing, ValueError):
            raise RetryLater(f"{self.title} gave no token.") from None
        return answer

    def _refusal(self, status: int, text: str) -> ServiceFailed:
        """
        Tell apart who has to do something about it. The text may hold what was signed.
        """
        if "consumer_key" in text or "signature_invalid" in text or "parameter_absent" in text:
            return Misconfigured(f"{self.title} doesn't take this Trove's keys.")
        if status == 429 or status >= 500:
            return RetryLater(f"{self.title} can't be asked just now.")
        return ServiceFailed(f"{self.title} gave nothing for it: start again.")
