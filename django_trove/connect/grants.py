"""
Access grants that wait for the user to confirm that the account is theirs.

They are stored like pending authorizations: encrypted in a cookie, bound to the user, for ten
minutes, for one use. The access token is part of the encrypted value. The confirmation page is
addressed by a random id that grants no access.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ..client import Person, Token
from ..conf import conf
from ..core.cache import SafeCache
from ..core.oauth_state import OAuthStateStore, PendingAuthorization
from ..models import MAX_TEXT_LENGTH, TroveAccount

STATES, PENDING_GRANTS = "trove_connection", "trove_grant"
MAX_IDENTITIES_LENGTH = 1200  # in JSON; they are stored in a cookie


@dataclass(frozen=True, slots=True)
class Grant:
    """
    An access token and the account that it belongs to.

    :param app_key: the application key that the token was issued to.
    :param name: the user's name at the Trove, or "" if the Trove does not return it.
    :param identities: the user's accounts on services, each as [service, id].
    """

    token: Token
    app_key: str = ""
    name: str = ""
    identities: list[list[str]] = field(default_factory=list)

    @classmethod
    def from_token(cls, token: Token, person: Person, app_key: str) -> Grant:
        identities = sorted([identity.service, identity.id] for identity in person.identities)
        while len(json.dumps(identities)) > MAX_IDENTITIES_LENGTH:
            identities.pop()
        return cls(token, app_key, person.name[:MAX_TEXT_LENGTH], identities)

    @property
    def services(self) -> list[str]:
        return sorted({service for service, _ in self.identities})

    def belongs_to(self, account: TroveAccount | None) -> bool:
        """
        Return whether the grant is for the same Trove account: the name is equal, and the grant
        contains every earlier identity. The user may have added services since.
        """
        if account is None or not self.name or self.name != account.name:
            return False
        before = {tuple(identity) for identity in account.identities}
        now = {tuple(identity) for identity in self.identities}
        return before <= now and bool(before) == bool(now)


@dataclass(frozen=True, slots=True)
class PendingGrant:
    """
    :param next: the URL to redirect to after the confirmation.
    """

    grant: Grant
    next: str


class PendingGrantStore:
    """
    The pending grants of one user in one browser.
    """

    def __init__(self, states: OAuthStateStore) -> None:
        self._states = states

    @sensitive_variables()
    def add(self, grant: Grant, next: str) -> str:
        """
        :returns: the id of the confirmation page.
        """
        pending_id = secrets.token_urlsafe(16)
        token = grant.token
        data = [
            token.key,
            token.secret,
            token.expires_at,
            grant.app_key,
            grant.name,
            grant.identities,
        ]
        self._states.add(PendingAuthorization(Token(pending_id, json.dumps(data)), next))
        return pending_id

    def peek(self, pending_id: str) -> PendingGrant:
        """
        :raises StateError: a subclass that gives the reason.
        """
        return _decode_pending_grant(self._states.peek(pending_id))

    def pop(self, pending_id: str) -> PendingGrant:
        """
        :raises StateError: a subclass that gives the reason.
        """
        return _decode_pending_grant(self._states.pop(pending_id))


def get_oauth_states(request: HttpRequest, name: str = STATES) -> OAuthStateStore:
    return OAuthStateStore(request, cache=SafeCache(conf.cache), name=name)


def get_pending_grants(request: HttpRequest) -> PendingGrantStore:
    return PendingGrantStore(get_oauth_states(request, PENDING_GRANTS))


@sensitive_variables()
def _decode_pending_grant(pending: PendingAuthorization) -> PendingGrant:
    data: list[Any] = json.loads(pending.request_token.secret)
    key, secret, expires_at, *rest = data
    return PendingGrant(Grant(Token(key, secret, expires_at), *rest), pending.next)
