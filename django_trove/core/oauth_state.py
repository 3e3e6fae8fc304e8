"""
Connections under way: what waits in the session between the start and the callback. The site
connects Troves with it, and a Trove connects services.

A flow is known by the hash of its request token (or state, in OAuth 2), so the session holds no
token in the clear, and its secret is sealed to the user and the token. Two tabs both finish. A
spent flow stays a while without its secret, so that a repeated callback can be told from a foreign
one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import compare_digest
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from ..client.token import Token
from .cache import SafeCache
from .encryption import DecryptionError, decrypt, encrypt, fingerprint

SESSION_KEY = "django_trove.oauth_state"
MAX_STATES = 10
STATE_SECONDS = 600


class StateError(Exception):
    """
    A callback that may not be followed.

    :param next: where its user wanted to go; "" where that isn't known.
    """

    def __init__(self, next: str = "") -> None:
        super().__init__(type(self).__name__)
        self.next = next


class StateNotFound(StateError):
    """
    It wasn't started in this session.
    """


class StateUsed(StateError):
    """
    It was brought already.
    """


class StateExpired(StateError):
    """
    It took too long.
    """


class StateOfOtherUser(StateError):
    """
    Another user started it.
    """


@dataclass(frozen=True, slots=True)
class PendingAuthorization:
    """
    A flow that may go on.

    :param request_token: what was given out at the start; in OAuth 2, the state, and the code
        verifier as its secret.
    :param next: where to go when it is done.
    :param extra: what else has to be known then, as JSON can hold it.
    """

    request_token: Token
    next: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class OAuthStateStore:
    """
    The flows of one session and one user.

    :param session: the visitor's session.
    :param user: who is signed in.
    :param cache: the alias of the cache in which a flow is claimed, so that of two callbacks at
        once one gets it.
    :param name: under which the session keeps them.
    """

    def __init__(
        self, session: SessionBase, user: Any, *, cache: str, name: str = SESSION_KEY
    ) -> None:
        self._session = session
        self._user = str(user.pk)
        self._cache = cache
        self._name = name

    def add(self, flow: PendingAuthorization) -> None:
        """
        Let a flow wait. Beyond ten the oldest is given up.
        """
        token = flow.request_token
        flows = self._read() | {
            fingerprint(token.key): {
                "user": self._user,
                "secret": encrypt(token.secret, self._belongs_to(token.key)),
                "next": flow.next,
                "about": dict(flow.extra),
                "started": int(time.time()),
            }
        }
        self._write(dict(sorted(flows.items(), key=_created_at)[:MAX_STATES]))

    def pop(self, key: str) -> PendingAuthorization:
        """
        Take the flow of a request token out, once.

        :param key: the request token, as it came back.
        :raises FlowWrong: if there is none to take; its type says why.
        """
        flows = self._read()
        name = self._find_pending(flows, key)
        flow = flows[name]
        if not SafeCache(self._cache).add_once(f"{self._name}:{name}", STATE_SECONDS):
            raise StateUsed(flow["next"])
        self._write(flows | {name: flow | {"secret": ""}})
        self._session.save()  # before the Trove is asked: a second callback finds it spent
        self._session.modified = False  # saved again later, it would undo what others do meanwhile
        return self._opened(flow, key)

    def peek(self, key: str) -> PendingAuthorization:
        """
        Return a flow, and let it wait on.

        :param key: the request token.
        :raises FlowWrong: if it couldn't be taken; its type says why.
        """
        flows = self._read()
        return self._opened(flows[self._find_pending(flows, key)], key)

    def _opened(self, flow: dict[str, Any], key: str) -> PendingAuthorization:
        try:
            secret = decrypt(flow["secret"], self._belongs_to(key))
        except DecryptionError:
            raise StateNotFound(flow["next"]) from None
        about = flow.get("about", {})  # flows of an earlier release have none
        return PendingAuthorization(Token(key=key, secret=secret), flow["next"], about)

    def _find_pending(self, flows: dict[str, dict[str, Any]], key: str) -> str:
        """
        Return the name of a flow that may be taken.
        """
        wanted = fingerprint(key)
        name = next((known for known in flows if compare_digest(known, wanted)), None)
        if name is None:
            raise StateNotFound
        flow = flows[name]
        if flow["user"] != self._user:
            raise StateOfOtherUser  # and its `next` is nobody else's business
        if not flow["secret"]:
            raise StateUsed(flow["next"])
        if time.time() - flow["started"] > STATE_SECONDS:
            raise StateExpired(flow["next"])
        return name

    def _belongs_to(self, key: str) -> str:
        return f"{self._name}:{self._user}:{key}"

    def _read(self) -> dict[str, dict[str, Any]]:
        """
        Read the store itself too: another tab may have written since this request began.
        """
        store = type(self._session)(self._session.session_key)
        return {**(self._session.get(self._name) or {}), **(store.get(self._name) or {})}

    def _write(self, flows: dict[str, dict[str, Any]]) -> None:
        self._session[self._name] = flows


def _created_at(item: tuple[str, dict[str, Any]]) -> float:
    return -float(item[1]["started"])
