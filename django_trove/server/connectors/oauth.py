"""
The interface of services with OAuth: the user authorizes this Trove at the service.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from .authorization import Authorization
from .remote import RemoteConnector


class AuthorizationDenied(Exception):
    """
    The user denied the authorization.
    """


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """
    A started authorization.

    :param url: the service's authorization page.
    :param key: request token or state, which the callback returns.
    :param secret: stored until the callback: the token secret or the PKCE verifier.
    """

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


class OAuthService(RemoteConnector):
    """
    An account at a service with OAuth.
    """

    @abstractmethod
    def start_authorization(self, callback: str) -> AuthorizationRequest:
        """
        Start an authorization.

        :param callback: the redirect URI.
        :raises ServiceFailed: if the service is unavailable.
        """

    @abstractmethod
    def finish_authorization(
        self, secret: str, callback_params: Mapping[str, str], callback: str
    ) -> Authorization:
        """
        Complete an authorization.

        :param secret: `AuthorizationRequest.secret`.
        :param callback_params: the query parameters of the callback.
        :param callback: the redirect URI of the start.
        :raises AuthorizationDenied: if the user denied it.
        :raises ServiceFailed: if the service does not issue a token.
        """
