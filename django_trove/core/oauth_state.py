"""
Pending OAuth authorizations, each stored in a cookie of its own between the redirect and the
callback. The site stores its connections to a Trove here, and the Trove server its connections to
services.

A session is saved as a whole, so that of two tabs that start or complete at the same instant, one
would lose its entry. Cookies are independent of each other. They are encrypted, and bound to the
browser, the user and the request token (or `state`, in OAuth 2), whose hash is part of the name. A
used entry remains without its secret, so that a repeated callback can be distinguished from a
forged one.
"""

from __future__ import annotations

import base64
import json
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from ..client.token import Token
from .cache import SafeCache
from .encryption import DecryptionError, decrypt, encrypt, fingerprint

STATE_SECONDS = 600
MAX_STATE_SECONDS = 3600
MAX_COOKIE_LENGTH = 2000
MAX_TOTAL_LENGTH = 3500  # of all stores: web servers reject headers above 8 KB, for example
COOKIE_NAME = re.compile("trove_[a-z]+_[0-9a-f]{32}")
CHANGES = "django_trove.oauth_state"

Response = TypeVar("Response", bound=HttpResponseBase)


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
    The authorization was not started in this browser.
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
    :param seconds: how long it can be completed, at most `MAX_STATE_SECONDS`.
    """

    request_token: Token
    next: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    seconds: int = STATE_SECONDS


class OAuthStateStore:
    """
    The pending authorizations of one user in one browser. `set_state_cookies` stores changes.

    :param cache: decides which of two concurrent callbacks succeeds. If it is unavailable, both
        continue, and the server that issued the request token accepts it once.
    :param name: the prefix of the cookies: "trove_" and the purpose.
    """

    def __init__(self, request: HttpRequest, *, cache: SafeCache, name: str) -> None:
        self._cookies = request.COOKIES
        self._changes: dict[str, str] = request.META.setdefault(CHANGES, {})
        self._user = str(request.user.pk)
        self._cache = cache
        self._name = name

    def add(self, pending: PendingAuthorization) -> None:
        """
        Store an authorization. The oldest ones are discarded if the cookies become too long.
        """
        token = pending.request_token
        entry = {
            "user": self._user,
            "secret": token.secret,
            "next": pending.next,
            "extra": dict(pending.extra),
            "started": time.time(),
            "seconds": pending.seconds,
            "used": False,
        }
        self._write(self._cookie(token.key), entry)
        self._discard_oldest()

    def pop(self, key: str) -> PendingAuthorization:
        """
        Return the authorization of a request token, once.

        :raises StateError: a subclass that gives the reason.
        """
        cookie = self._cookie(key)
        entry = self._find(cookie)
        if not self._cache.add(cookie, True, MAX_STATE_SECONDS):
            raise StateUsed(entry["next"])
        self._write(cookie, entry | {"secret": "", "extra": {}, "used": True})
        return _to_pending(entry, key)

    def peek(self, key: str) -> PendingAuthorization:
        """
        Return the authorization of a request token, without using it.

        :raises StateError: a subclass that gives the reason.
        """
        return _to_pending(self._find(self._cookie(key)), key)

    def _cookie(self, key: str) -> str:
        return f"{self._name}_{fingerprint(key)[:32]}"

    def _find(self, cookie: str) -> dict[str, Any]:
        entry = self._read(cookie)
        if entry is None:
            raise StateNotFound
        if entry["user"] != self._user:
            raise StateOfOtherUser  # without `next`: it belongs to the other user
        if entry["used"]:
            raise StateUsed(entry["next"])
        if time.time() - entry["started"] > entry["seconds"]:
            raise StateExpired(entry["next"])
        return entry

    def _read(self, cookie: str) -> dict[str, Any] | None:
        try:
            packed = decrypt(self._cookies.get(cookie, ""), cookie)
        except DecryptionError:
            return None
        entry: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
        return entry

    def _write(self, cookie: str, entry: dict[str, Any]) -> None:
        value = _encode(entry, cookie)
        if len(value) > MAX_COOKIE_LENGTH:
            value = _encode(entry | {"next": ""}, cookie)
        self._set(cookie, value)

    def _discard_oldest(self) -> None:
        """
        Discard used entries first. Cookies that cannot be decrypted may belong to another project
        on this host.
        """
        cookies = sorted(filter(COOKIE_NAME.fullmatch, self._cookies), key=self._rank, reverse=True)
        lengths = (len(cookie) + len(self._cookies[cookie]) for cookie in cookies)
        for cookie, length in list(zip(cookies, accumulate(lengths), strict=True))[1:]:
            if length > MAX_TOTAL_LENGTH:
                self._set(cookie, "")

    def _rank(self, cookie: str) -> tuple[bool, float]:
        entry = self._read(cookie)
        return (not entry["used"], entry["started"]) if entry else (False, 0.0)

    def _set(self, cookie: str, value: str) -> None:
        """
        Set a cookie for this request and its response. An empty value deletes it.
        """
        self._cookies[cookie] = self._changes[cookie] = value


def set_state_cookies(request: HttpRequest, response: Response) -> Response:
    """
    Add the cookies of changed authorizations to a response.
    """
    options: dict[str, Any] = {
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "samesite": "Lax",
    }
    secure = settings.SESSION_COOKIE_SECURE or request.is_secure()
    for cookie, value in request.META.pop(CHANGES, {}).items():
        if value:
            response.set_cookie(
                cookie, value, max_age=MAX_STATE_SECONDS, secure=secure, httponly=True, **options
            )
        else:
            response.delete_cookie(cookie, **options)
    return response


def _encode(entry: dict[str, Any], cookie: str) -> str:
    packed = base64.b64encode(zlib.compress(json.dumps(entry).encode()))
    return encrypt(packed.decode(), cookie)


def _to_pending(entry: dict[str, Any], key: str) -> PendingAuthorization:
    token = Token(key=key, secret=entry["secret"])
    return PendingAuthorization(token, entry["next"], entry["extra"])
