"""
Connections under way: what waits in the session between the start and the callback.

A flow is known by the hash of its request token, so the session holds no token in the clear, and
its secret is sealed to the user and the token. Two tabs both finish. A spent flow stays a while
without its secret, so that a repeated callback can be told from a foreign one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from secrets import compare_digest
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from .client.token import Token
from .conf import conf
from .keeping import Keeper
from .models import fingerprint
from .sealed import SealBroken, seal, unseal

__all__ = [
    "FlowLate",
    "FlowOfOther",
    "FlowSpent",
    "FlowStore",
    "FlowUnknown",
    "FlowWrong",
    "Pending",
]

SESSION_KEY = "django_trove.flows"
MOST = 10
SECONDS = 600


class FlowWrong(Exception):
    """
    A callback that may not be followed.

    :param next: where its user wanted to go; "" where that isn't known.
    """

    def __init__(self, next: str = "") -> None:
        super().__init__(type(self).__name__)
        self.next = next


class FlowUnknown(FlowWrong):
    """
    It wasn't started in this session.
    """


class FlowSpent(FlowWrong):
    """
    It was brought already.
    """


class FlowLate(FlowWrong):
    """
    It took too long.
    """


class FlowOfOther(FlowWrong):
    """
    Another user started it.
    """


@dataclass(frozen=True, slots=True)
class Pending:
    """
    A flow that may go on.

    :param request_token: what the Trove gave out at the start.
    :param next: where to go when it is done.
    """

    request_token: Token
    next: str = ""


class FlowStore:
    """
    The flows of one session and one user.

    :param session: the visitor's session.
    :param user: who is signed in.
    """

    def __init__(self, session: SessionBase, user: Any) -> None:
        self._session = session
        self._user = str(user.pk)

    def put(self, flow: Pending) -> None:
        """
        Let a flow wait. Beyond ten the oldest is given up.
        """
        token = flow.request_token
        flows = self._read() | {
            fingerprint(token.key): {
                "user": self._user,
                "secret": seal(token.secret, self._belongs_to(token.key)),
                "next": flow.next,
                "started": int(time.time()),
            }
        }
        self._write(dict(sorted(flows.items(), key=_age)[:MOST]))

    def take(self, key: str) -> Pending:
        """
        Take the flow of a request token out, once.

        :param key: the request token, as it came back.
        :raises FlowWrong: if there is none to take; its type says why.
        """
        flows = self._read()
        name = next((known for known in flows if compare_digest(known, fingerprint(key))), None)
        if name is None:
            raise FlowUnknown
        flow = flows[name]
        self._demand_takeable(flow)
        if not Keeper(conf.cache).claim(f"{SESSION_KEY}:{name}", SECONDS):
            raise FlowSpent(flow["next"])
        self._write(flows | {name: flow | {"secret": ""}})
        self._session.save()  # before the Trove is asked: a second callback finds it spent
        self._session.modified = False  # saved again later, it would undo what others do meanwhile
        try:
            secret = unseal(flow["secret"], self._belongs_to(key))
        except SealBroken:
            raise FlowUnknown(flow["next"]) from None
        return Pending(Token(key=key, secret=secret), flow["next"])

    def _demand_takeable(self, flow: dict[str, Any]) -> None:
        if flow["user"] != self._user:
            raise FlowOfOther  # and its `next` is nobody else's business
        if not flow["secret"]:
            raise FlowSpent(flow["next"])
        if time.time() - flow["started"] > SECONDS:
            raise FlowLate(flow["next"])

    def _belongs_to(self, key: str) -> str:
        return f"{SESSION_KEY}:{self._user}:{key}"

    def _read(self) -> dict[str, dict[str, Any]]:
        """
        Read the store itself too: another tab may have written since this request began.
        """
        store = type(self._session)(self._session.session_key)
        return {**(self._session.get(SESSION_KEY) or {}), **(store.get(SESSION_KEY) or {})}

    def _write(self, flows: dict[str, dict[str, Any]]) -> None:
        self._session[SESSION_KEY] = flows


def _age(item: tuple[str, dict[str, Any]]) -> float:
    return -float(item[1]["started"])
