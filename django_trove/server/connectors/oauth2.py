"""
Services that people let us into by OAuth 2 (RFC 6749), with PKCE (RFC 7636) where it is taken.
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

from .base import Misconfigured, RetryLater, Revoked, ServiceFailed
from .http import TIMEOUT
from .remote import Authorization, AuthorizationDenied, AuthorizationRequest, RemoteConnector

REFRESH_MARGIN = 120  # seconds before a token's end in which it is renewed
CONFIGURATION_ERRORS = (InvalidClientError, InvalidClientIdError, UnauthorizedClientError)


class OAuth2Service(RemoteConnector):
    """
    Its defaults have `AUTHORIZE_URL`, `TOKEN_URL` and `SCOPES`. A token is a dict with
    "access_token", and "refresh_token", "expires_at" (seconds since 1970) and "scope" where the
    service tells.
    """

    keys = ("CLIENT_ID", "CLIENT_SECRET")

    pkce: ClassVar[str | None] = "S256"

    _open: OAuth2Session | None = None

    authorize_params: ClassVar[Mapping[str, str]] = {}
    """What is added to the address where people say yes."""

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
            raise ServiceFailed(f"{self.title} sent no code: start again.")
        session = self._session(redirect_uri=callback, scope=self.config["SCOPES"])
        token = self._traded(
            session.fetch_token,
            code=callback_params["code"],
            client_secret=self.key("CLIENT_SECRET"),
            include_client_id=True,
            **({"code_verifier": secret} if secret else {}),
        )
        return self.get_authorization(token)

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        """
        Return the leave that a token's answer tells of.
        """
        raise NotImplementedError

    def session(self) -> OAuth2Session:
        """
        Return a session with the account's token, renewed where its end is near. While the token
        is the same, so is the session: its connections stay open.

        :raises Revoked: if the token has ended, and there is no other for it.
        """
        ends = self.credentials.token.get("expires_at")
        if ends and ends - REFRESH_MARGIN < time.time():
            self.refresh()
        token = {"access_token": self.credentials.token["access_token"], "token_type": "Bearer"}
        if self._open is None or self._open.token != token:
            self._open = self._session(token=token)
        return self._open

    def refresh(self) -> None:
        """
        Trade the refresh token for another access token.

        :raises Revoked: if it isn't taken, or there is none.
        """
        self.credentials.refresh(self._refreshed)

    def _refreshed(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        if not token.get("refresh_token"):
            raise Revoked(f"{self.title} lets us in for a while only, and that is over.")
        fresh = self._traded(
            self._session(token=dict(token)).refresh_token,
            refresh_token=token["refresh_token"],
            client_id=self.key("CLIENT_ID"),
            client_secret=self.key("CLIENT_SECRET"),
        )
        return {**token, **fresh, "scope": fresh["scope"] or token.get("scope", [])}

    def _session(self, **options: Any) -> OAuth2Session:
        session = OAuth2Session(self.key("CLIENT_ID"), **options)
        session.trust_env = False
        return session

    def _traded(self, exchange: Any, **options: Any) -> dict[str, Any]:
        """
        Get a token, and keep of it what is needed.
        """
        try:
            with suppress_secret_logging():
                answer = exchange(self.config["TOKEN_URL"], timeout=TIMEOUT, **options)
        except Warning as widened:  # oauthlib's word for scopes other than those asked for
            answer = getattr(widened, "token", None) or {}
        except CONFIGURATION_ERRORS:
            raise Misconfigured(f"{self.title} doesn't take this Trove's keys.") from None
        except OAuth2Error as refused:
            raise self._refusal(refused) from None
        except (requests.RequestException, ValueError):
            raise RetryLater(f"{self.title} gives out no token just now.") from None
        if not answer.get("access_token"):
            raise RetryLater(f"{self.title} gave no token.")
        kept = ("access_token", "refresh_token", "expires_at")
        token = {name: answer[name] for name in kept if answer.get(name)}
        return {**token, "scope": _split_scope(answer.get("scope"))}

    def _refusal(self, refused: OAuth2Error) -> ServiceFailed:
        if refused.error == "invalid_grant":
            return Revoked(f"{self.title} was told to let this Trove in no more.")
        if (refused.status_code or 0) >= 500 or refused.error == "temporarily_unavailable":
            return RetryLater(f"{self.title} gives out no token just now.")
        return ServiceFailed(f"{self.title} gave nothing for it: start again.")


def _split_scope(scope: Any) -> list[str]:
    """
    Scopes come as one text, or as a list that was made of it.
    """
    return scope.replace(",", " ").split() if isinstance(scope, str) else list(scope or ())
