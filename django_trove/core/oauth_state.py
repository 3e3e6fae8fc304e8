"""
Pending OAuth authorizations, stored in the session between the redirect and the callback. The site
stores its connections to a Trove here, and the Trove server its connections to services.

An entry is identified by the hash of its request token (or of `state`, in OAuth 2), so the session
contains no token in plain text. Its secret is encrypted with the user and the token as context.
Several tabs can complete. A used entry remains without its secret, so that a repeated callback can
be distinguished from a forged one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import compare_digest
from typing import Any

from django.contrib.sessions.backends.base import SessionBase, UpdateError

from ..client.token import Token
from .cache import SafeCache
from .encryption import DecryptionError, decrypt, encrypt, fingerprint

SESSION_KEY = "django_trove.oauth_state"
MAX_STATES = 10
STATE_SECONDS = 600


class StateError(Exception):
    """
    The callback matches no pending authorization.

    :param next: the URL that the user wanted to visit, or "" if it is unknown.
    """

    def __init__(self, next: str = "") -> None:
        super().__init__(type(self).__name__)
        self.next = next


class StateNotFound(StateError):
    """
    The authorization was not started in this session.
    """


class StateUsed(StateError):
    """
    The authorization has been completed already.
    """


class StateExpired(StateError):
    """
    The authorization took too long.
    """


class StateOfOtherUser(StateError):
    """
    Another user started the authorization.
    """


@dataclass(frozen=True, slots=True)
class PendingAuthorization:
    """
    :param request_token: in OAuth 2, the `state` with the code verifier as its secret.
    :param next: the URL to redirect to after completion.
    :param extra: further JSON-serializable data for the callback.
    """

    request_token: Token
    next: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class OAuthStateStore:
    """
    The pending authorizations of one user in one session.

    :param cache: decides which of two concurrent callbacks succeeds. If it is unavailable, both
        continue, and the server that issued the request token accepts it once.
    :param name: the session key.
    """

    def __init__(
        self, session: SessionBase, user: Any, *, cache: SafeCache, name: str = SESSION_KEY
    ) -> None:
        self._session = session
        self._user = str(user.pk)
        self._cache = cache
        self._name = name

    def add(self, pending: PendingAuthorization) -> None:
        """
        Store an authorization. If there are more than ten, the oldest is discarded.
        """
        token = pending.request_token
        entries = self._read() | {
            fingerprint(token.key): {
                "user": self._user,
                "secret": encrypt(token.secret, self._context(token.key)),
                "next": pending.next,
                "extra": dict(pending.extra),
                "started": int(time.time()),
            }
        }
        self._write(dict(sorted(entries.items(), key=_newest_first)[:MAX_STATES]))

    def pop(self, key: str) -> PendingAuthorization:
        """
        Return the authorization of a request token, once.

        :raises StateError: a subclass that gives the reason.
        """
        entries = self._read()
        name = self._find(entries, key)
        entry = entries[name]
        if not self._cache.add(f"{self._name}:{name}", True, STATE_SECONDS):
            raise StateUsed(entry["next"])
        self._save(entries | {name: entry | {"secret": ""}})
        return self._decode(entry, key)

    def peek(self, key: str) -> PendingAuthorization:
        """
        Return the authorization of a request token, without using it.

        :raises StateError: a subclass that gives the reason.
        """
        entries = self._read()
        return self._decode(entries[self._find(entries, key)], key)

    def _decode(self, entry: dict[str, Any], key: str) -> PendingAuthorization:
        try:
            secret = decrypt(entry["secret"], self._context(key))
        except DecryptionError:
            raise StateNotFound(entry["next"]) from None
        return PendingAuthorization(Token(key=key, secret=secret), entry["next"], entry["extra"])

    def _find(self, entries: dict[str, dict[str, Any]], key: str) -> str:
        wanted = fingerprint(key)
        name = next((name for name in entries if compare_digest(name, wanted)), None)
        if name is None:
            raise StateNotFound
        entry = entries[name]
        if entry["user"] != self._user:
            raise StateOfOtherUser  # without `next`: it belongs to the other user
        if not entry["secret"]:
            raise StateUsed(entry["next"])
        if time.time() - entry["started"] > STATE_SECONDS:
            raise StateExpired(entry["next"])
        return name

    def _context(self, key: str) -> str:
        return f"{self._name}:{self._user}:{key}"

    def _read(self) -> dict[str, dict[str, Any]]:
        """
        Read the session store as well: another tab may have saved since this request started.
        """
        stored = type(self._session)(self._session.session_key)
        return {**(self._session.get(self._name) or {}), **(stored.get(self._name) or {})}

    def _save(self, entries: dict[str, dict[str, Any]]) -> None:
        """
        Save the session before the token request, so that a second callback finds the entry used.
        The middleware does not save it again, which would undo concurrent changes, unless the
        response must set the cookie: the session was changed before in this request (Django
        replaces its key after a change of SECRET_KEY), or the cookie contains the data.
        """
        session, cookie = self._session, self._session.session_key
        was_modified = session.modified
        self._write(entries)
        try:
            session.save()
        except UpdateError:  # deleted concurrently, since the user signed out
            raise StateNotFound from None
        session.modified = was_modified or session.session_key != cookie

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        self._session[self._name] = entries


def _newest_first(item: tuple[str, dict[str, Any]]) -> float:
    return -float(item[1]["started"])
