"""
Base class for services with OAuth 1.0a (RFC 5849).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenMissing, TokenRequestDenied

from django_trove.client.logs import suppress_secret_logging

from .authorization import Authorization
from .errors import Misconfigured, RetryLater, ServiceFailed
from .http import get_timeout
from .messages import Message as _
from .oauth import AuthorizationDenied, AuthorizationRequest, OAuthService


class OAuth1Service(OAuthService):
    """
    Subclasses set `REQUEST_TOKEN_URL`, `AUTHORIZE_URL` and `ACCESS_TOKEN_URL` in `defaults`.
    """

    keys = ("KEY", "SECRET")

    authorize_params: ClassVar[Mapping[str, str]]
    """Further query parameters of the authorize URL."""

    def start_authorization(self, callback: str) -> AuthorizationRequest:
        session = self.session(callback_uri=callback)
        response = self._fetch_token(session.fetch_request_token, self.config["REQUEST_TOKEN_URL"])
        url = session.authorization_url(self.config["AUTHORIZE_URL"], **self.authorize_params)
        return AuthorizationRequest(url, response["oauth_token"], response["oauth_token_secret"])

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
        response = self._fetch_token(session.fetch_access_token, self.config["ACCESS_TOKEN_URL"])
        return self.get_authorization(response)

    def get_authorization(self, response: Mapping[str, str]) -> Authorization:
        """
        Return the authorization of an access token response.
        """
        raise NotImplementedError

    def session(self, **options: Any) -> OAuth1Session:
        """
        Return a session that signs requests with the account's token, or with the given options of
        OAuth1Session.
        """
        token = self.credentials.token
        if not options and token:
            options = {
                "resource_owner_key": token["key"],
                "resource_owner_secret": token["secret"],
            }
        session = OAuth1Session(self.key("KEY"), client_secret=self.key("SECRET"), **options)
        session.trust_env = False
        return session

    def _fetch_token(self, fetch: Any, url: str) -> dict[str, str]:
        try:
            with suppress_secret_logging():
                response: dict[str, str] = fetch(url, timeout=get_timeout())
        except TokenRequestDenied as error:
            raise self._error_for(error.status_code, error.response.text) from None
        except requests.RequestException:
            raise RetryLater(_("%(service)s did not respond.", service=self.title)) from None
        except (TokenMissing, ValueError):
            raise RetryLater(_("%(service)s did not send a token.", service=self.title)) from None
        return response

    def _error_for(self, status: int, text: str) -> ServiceFailed:
        """
        Map an error response to an exception. The text is not included in it, since it may contain
        signed parameters.
        """
        if "consumer_key" in text or "signature_invalid" in text or "parameter_absent" in text:
            return Misconfigured(
                _("%(service)s rejected the keys of this Trove.", service=self.title)
            )
        if status == 429 or status >= 500:
            return RetryLater(_("%(service)s is unavailable.", service=self.title))
        return ServiceFailed(
            _("%(service)s rejected the authorization. Try again.", service=self.title)
        )
