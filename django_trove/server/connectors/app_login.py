"""
Services with a login that the user approves in the browser, without a redirect back: the Trove
polls for the result.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from .authorization import Authorization
from .entered import EnteredService

LOGIN_SECONDS = 1200  # for the user to approve a login


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """
    A started login.

    :param address: the normalized address.
    :param url: the page on which the user approves it.
    :param endpoint: the URL to poll.
    :param token: identifies the login at the endpoint.
    """

    address: str
    url: str
    endpoint: str
    token: str = field(repr=False)


class AppLogin(EnteredService):
    """
    An account whose password for this Trove is created by a login.
    """

    shares_tokens = False

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        raise NotImplementedError("The account is known after the login.")

    @abstractmethod
    def start_login(self, values: Mapping[str, str], application: str) -> LoginRequest:
        """
        Start a login with the values of the form.

        :param application: name of this Trove, which the service shows to the user.
        :raises ServiceFailed: the form shows its reason.
        """

    @abstractmethod
    def poll_login(self, login: LoginRequest) -> Authorization | None:
        """
        Return the account if the user has approved the login; the service sends it once.

        :raises ServiceFailed: if the login has failed, or the service is unavailable.
        """
