"""
Base class for services with OAuth 2 (RFC 6749), and with PKCE (RFC 7636) if the service supports
it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from oauthlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidClientIdError,
    OAuth2Error,
    UnauthorizedClientError,
)
from requests_oauthlib import OAuth2Session

from django_trove.client.logs import suppress_secret_logging

from .authorization import Authorization
from .errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from .http import get_timeout
from .messages import Message as _
from .oauth import AuthorizationDenied, AuthorizationRequest, OAuthService

REFRESH_MARGIN = 120  # seconds before the expiry at which a token is refreshed
CONFIGURATION_ERRORS = (InvalidClientError, InvalidClientIdError, UnauthorizedClientError)


class OAuth2Service(OAuthService):
    """
    Subclasses set `AUTHORIZE_URL`, `TOKEN_URL` and `SCOPES` in `defaults`. A token is a dict with
    "access_token" and optionally "refresh_token", "expires_at" (seconds since 1970) and "scope".
    """

    keys = ("CLIENT_ID", "CLIENT_SECRET")

    pkce: ClassVar[str | None] = "S256"

    _cached_session: OAuth2Session | None = None

    authorize_params: ClassVar[Mapping[str, str]] = {}
    """Further query parameters of the authorize URL."""

    def start_authorization(self, callback: str) -> AuthorizationRequest:
        session = self._session(redirect_uri=callback, scope=self.config["SCOPES"], pkce=self.pkce)
        url, state = session.authorization_url(
            self.config["AUTHORIZE_URL"], **self.authorize_params
        )
        return AuthorizationRequest(url, state, getattr(session, "_code_verifier", None) or "")

    def finish_authorization(
        self, secret: str, callback_params: Mapping[str, str], callback: str
    ) -> Authorization:
        if callback_params.get("error") == "access_denied":
            raise AuthorizationDenied
        if not callback_params.get("code"):
            raise ServiceFailed(
                _("%(service)s did not send a code. Try again.", service=self.title)
            )
        session = self._session(redirect_uri=callback, scope=self.config["SCOPES"])
        token = self._fetch_token(
            session.fetch_token,
            code=callback_params["code"],
            client_secret=self.key("CLIENT_SECRET"),
            include_client_id=True,
            **({"code_verifier": secret} if secret else {}),
        )
        return self.get_authorization(token)

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        """
        Return the authorization of a token response.
        """
        raise NotImplementedError

    def session(self) -> OAuth2Session:
        """
        Return a session with the account's token, which is refreshed before it expires. The session
        is reused while the token is the same, to keep its connections open.

        :raises Revoked: if there is no token, or if it has expired and cannot be refreshed.
        """
        if not self.credentials.token:
            raise Revoked(_("No token for %(service)s is stored.", service=self.title))
        expires_at = self.credentials.token.get("expires_at")
        if expires_at and expires_at - REFRESH_MARGIN < time.time():
            self.refresh()
        token = {"access_token": self.credentials.token["access_token"], "token_type": "Bearer"}
        if self._cached_session is None or self._cached_session.token != token:
            self._cached_session = self._session(token=token)
        return self._cached_session

    def refresh(self) -> None:
        """
        Refresh the access token.

        :raises Revoked: if the refresh token is missing or rejected.
        """
        self.credentials.refresh(self._exchange_refresh_token)

    def _exchange_refresh_token(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        if not token.get("refresh_token"):
            raise Revoked(
                _(
                    "The authorization of %(service)s has expired. Reconnect the account.",
                    service=self.title,
                )
            )
        new_token = self._fetch_token(
            self._session(token=dict(token)).refresh_token,
            refresh_token=token["refresh_token"],
            client_id=self.key("CLIENT_ID"),
            client_secret=self.key("CLIENT_SECRET"),
        )
        return {**token, **new_token, "scope": new_token["scope"] or token.get("scope", [])}

    def _session(self, **options: Any) -> OAuth2Session:
        session = OAuth2Session(self.key("CLIENT_ID"), **options)
        session.trust_env = False
        return session

    def _fetch_token(self, exchange: Any, **options: Any) -> dict[str, Any]:
        try:
            with suppress_secret_logging():
                response = exchange(self.config["TOKEN_URL"], timeout=get_timeout(), **options)
        except Warning as warning:  # oauthlib: the granted scopes differ from the requested ones
            response = getattr(warning, "token", None) or {}
        except CONFIGURATION_ERRORS:
            raise Misconfigured(
                _("%(service)s rejected the keys of this Trove.", service=self.title)
            ) from None
        except OAuth2Error as error:
            raise self._error_for(error) from None
        except (requests.RequestException, ValueError):
            raise RetryLater(
                _("%(service)s does not issue tokens now.", service=self.title)
            ) from None
        if not response.get("access_token"):
            raise RetryLater(_("%(service)s did not send a token.", service=self.title))
        names = ("access_token", "refresh_token", "expires_at")
        token = {name: response[name] for name in names if response.get(name)}
        return {**token, "scope": _split_scope(response.get("scope"))}

    def _error_for(self, error: OAuth2Error) -> ServiceFailed:
        if error.error == "invalid_grant":
            return Revoked(
                _(
                    "%(service)s revoked the authorization. Reconnect the account.",
                    service=self.title,
                )
            )
        if (error.status_code or 0) >= 500 or error.error == "temporarily_unavailable":
            return RetryLater(_("%(service)s does not issue tokens now.", service=self.title))
        return ServiceFailed(
            _("%(service)s rejected the authorization. Try again.", service=self.title)
        )


def _split_scope(scope: Any) -> list[str]:
    return scope.replace(",", " ").split() if isinstance(scope, str) else list(scope or ())
