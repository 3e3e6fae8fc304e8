"""
The result of an authorization, and the credentials of an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .messages import NO_MESSAGE, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """
    A completed authorization.

    :param token: the credentials, as JSON.
    :param service_id: the account's id at the service.
    :param name: the account's display name.
    :param url: the account's web page.
    :param settings: further values for `Identity.settings`; not secret.
    :param notice: a sentence for the user, such as a recommendation.
    """

    token: Mapping[str, Any] = field(repr=False)
    service_id: str
    name: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    notice: Message = NO_MESSAGE


@dataclass(slots=True)
class Credentials:
    """
    Credentials for one account.

    :param config: the settings of the service: keys, URLs and options.
    :param token: the account's token; empty before the authorization.
    """

    config: Mapping[str, Any] = field(repr=False)
    token: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def refresh(self, exchange: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """
        Exchange the token for a new one. Subclasses make this safe for concurrent workers.

        :param exchange: receives the token, and returns the new one.
        :raises ServiceFailed: if `exchange` does.
        """
        self.token = exchange(self.token)
