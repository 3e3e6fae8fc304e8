"""
A Trove that came back and isn't kept yet: its person says first whether it is theirs.

It waits in the session as a flow does: sealed, bound to the user, ten minutes, once. Its access
token is inside what is sealed; what its page is known by is a random word that opens nothing.
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
from ..core.oauth_state import OAuthStateStore, PendingAuthorization
from ..models import MAX_TEXT_LENGTH, TroveAccount

SESSION_KEY = "django_trove.pending_grants"
MAX_IDENTITIES = 50  # that are remembered; a session may be a cookie


@dataclass(frozen=True, slots=True)
class Grant:
    """
    An access token, and whose it is.

    :param app_key: the site's key that the token was given to.
    :param name: the person's name at the Trove; "" where that doesn't tell it.
    :param identities: their accounts there, each as [service, id].
    """

    token: Token
    app_key: str = ""
    name: str = ""
    identities: list[list[str]] = field(default_factory=list)

    @classmethod
    def from_token(cls, token: Token, person: Person, app_key: str) -> Grant:
        """
        Make one of what the Trove tells.
        """
        identities = sorted([each.service, each.id] for each in person.identities)
        return cls(token, app_key, person.name[:MAX_TEXT_LENGTH], identities[:MAX_IDENTITIES])

    @property
    def services(self) -> list[str]:
        """
        The services that the person has accounts on, each once.
        """
        return sorted({service for service, _ in self.identities})

    def belongs_to(self, account: TroveAccount | None) -> bool:
        """
        Whether it is the same person's as an account: the same name, and every identity that was
        there before. Who has added a service since is still the same.
        """
        if account is None or not self.name or self.name != account.name:
            return False
        before = {tuple(each) for each in account.identities}
        now = {tuple(each) for each in self.identities}
        return before <= now and bool(before) == bool(now)


@dataclass(frozen=True, slots=True)
class PendingGrant:
    """
    An arrival with what its page needs.

    :param next: where to go when it is kept.
    """

    grant: Grant
    next: str


class PendingGrantStore:
    """
    The arrivals of one session and one user.
    """

    def __init__(self, flows: OAuthStateStore) -> None:
        self._flows = flows

    @sensitive_variables()
    def add(self, grant: Grant, next: str) -> str:
        """
        Let an arrival wait.

        :returns: what it is known by.
        """
        name = secrets.token_urlsafe(16)
        token = grant.token
        held = [token.key, token.secret, grant.app_key, grant.name, grant.identities]
        self._flows.add(PendingAuthorization(Token(name, json.dumps(held)), next))
        return name

    def peek(self, name: str) -> PendingGrant:
        """
        Return an arrival, and let it wait on.

        :raises FlowWrong: if there is none; its type says why.
        """
        return _decode_pending_grant(self._flows.peek(name))

    def pop(self, name: str) -> PendingGrant:
        """
        Take an arrival out, once.

        :raises FlowWrong: if there is none to take; its type says why.
        """
        return _decode_pending_grant(self._flows.pop(name))


def get_pending_grants(request: HttpRequest) -> PendingGrantStore:
    """
    Return where a visitor's arrivals wait.
    """
    store = OAuthStateStore(request.session, request.user, cache=conf.cache, name=SESSION_KEY)
    return PendingGrantStore(store)


@sensitive_variables()
def _decode_pending_grant(flow: PendingAuthorization) -> PendingGrant:
    held: list[Any] = json.loads(flow.request_token.secret)
    key, secret, *known = held
    return PendingGrant(Grant(Token(key, secret), *known), flow.next)


def get_oauth_states(request: HttpRequest) -> OAuthStateStore:
    """
    Return the visitor's flows under way.
    """
    return OAuthStateStore(request.session, request.user, cache=conf.cache)
