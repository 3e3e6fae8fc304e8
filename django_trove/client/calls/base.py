"""
The arguments of a client, and its requests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests

from ..errors import CallError, NotConnected
from ..hosts import is_loopback
from ..logs import Call
from ..responses import Response
from ..token import Token
from ..transport import MAX_BYTES, Transport, pooled_session

SIGNATURE_METHODS = ("HMAC-SHA256", "HMAC-SHA512", "HMAC-SHA1")


class BaseAPI:
    """
    A client for one application and one user. It is thread-safe once it has an access token.

    :param app_key: the application key (consumer key).
    :param app_secret: the application secret (consumer secret).
    :param content_types: the content types to request, such as ["photos"].
    :param access_token: the token of an earlier `get_access_token`, or the text of its `to_string`.
    :param callback: the callback URL; "oob" displays the verifier to the user instead.
    :param url: the base URL of the Trove; `web_url` and `api_url` if pages and content differ.
        Default: the environment variable `TROVE_URL`.
    :param timeout: seconds to connect and to read: a pair, or one number for both.
    :param deadline: the maximum duration of a call in seconds, including retries.
    :param retries: the maximum number of retries after a temporary error of an idempotent call.
    :param session: a shared session from `pooled_session`, or your own `requests.Session`. With
        your own, the deadline is checked only between two reads.
    :param signature_method: "HMAC-SHA256", "HMAC-SHA512" or "HMAC-SHA1".
    :param allow_http: allow plain HTTP for hosts other than the local machine.
    :param trust_env: use proxies and certificates from environment variables.
    :param max_bytes: the maximum size of a response after decompression.
    :param observe: a function that is called after each attempt. Its exceptions abort the call.
    :raises CallError: if an argument is invalid. The message contains its name.
    """

    transport_class: ClassVar[type[Transport]] = Transport

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        content_types: Sequence[str] = ("photos",),
        access_token: Token | str | None = None,
        *,
        callback: str = "oob",
        url: str | None = None,
        web_url: str | None = None,
        api_url: str | None = None,
        timeout: float | tuple[float, float] = (3.05, 10.0),
        deadline: float = 20.0,
        retries: int = 2,
        session: requests.Session | None = None,
        signature_method: str = "HMAC-SHA256",
        allow_http: bool = False,
        trust_env: bool = False,
        max_bytes: int = MAX_BYTES,
        observe: Callable[[Call], object] | None = None,
    ) -> None:
        keys = Token(app_key, app_secret)
        del app_secret  # debug pages display local variables
        self.content_types = tuple(content_types)
        self.access_token = _parse_access_token(access_token)
        del access_token
        self.callback = callback
        url = url or os.environ.get("TROVE_URL", "")
        self.web_url, self.api_url = web_url or url, api_url or url
        _check_arguments(keys, content_types, timeout, deadline, signature_method)
        self._keys = keys
        names = ("web_url" if web_url else "url", "api_url" if api_url else "url")
        self.web_url = validate_base_url(names[0], self.web_url, allow_http=allow_http)
        self.api_url = validate_base_url(names[1], self.api_url, allow_http=allow_http)
        self._transport = self.transport_class(
            keys,
            session or pooled_session(trust_env=trust_env),
            timeout=timeout if isinstance(timeout, tuple) else (timeout, timeout),
            deadline=deadline,
            retries=retries,
            signature_method=signature_method,
            max_bytes=max_bytes,
            observe=observe,
        )

    def __repr__(self) -> str:
        state = "connected" if self.access_token else "not connected"
        return f"<{type(self).__name__} {self.web_url} {','.join(self.content_types)} {state}>"

    def _request(self, method: str, path: str, **options: Any) -> Response:
        if self.access_token is None:
            raise NotConnected("There is no access token. Authorize the application first.")
        return self._transport.call(method, self.api_url + path, token=self.access_token, **options)


def _parse_access_token(token: Token | str | None) -> Token | None:
    if not isinstance(token, str):
        return token
    try:
        return Token.from_string(token)
    except ValueError:
        raise CallError("access_token must be a Token, or the text of Token.to_string().") from None


def _check_arguments(
    keys: Token,
    content_types: Sequence[str],
    timeout: float | tuple[float, float],
    deadline: float,
    signature_method: str,
) -> None:
    if not keys.key or not keys.secret:
        raise CallError(
            "app_key and app_secret are required. Register an application at the Trove."
        )
    if isinstance(content_types, str) or not content_types:
        raise CallError("content_types must be a list, such as ['photos'].")
    limits = (*timeout, deadline) if isinstance(timeout, tuple) else (timeout, deadline)
    if not all(limits):
        raise CallError(
            "timeout and deadline are required. Calls without a timeout may never return."
        )
    if signature_method not in SIGNATURE_METHODS:
        raise CallError(f"signature_method must be one of {', '.join(SIGNATURE_METHODS)}.")


def validate_base_url(name: str, url: str, *, allow_http: bool = False) -> str:
    """
    Return a base URL without the trailing slash.

    :param name: the name of the argument or setting, for the error message.
    :param allow_http: allow plain HTTP for hosts other than the local machine.
    :raises CallError: if the URL is missing or invalid, or would send tokens without encryption.
    """
    if not url:
        source = ", or the environment variable TROVE_URL" if name == "url" else ""
        raise CallError(
            f"{name} is required{source}: the URL of a Trove, such as https://trove.example.org."
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or parts.username or parts.query or parts.fragment:
        raise CallError(f"{name} must be the URL of a Trove, such as https://trove.example.org.")
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.netloc)):
        raise CallError(
            f"{name} must be an https:// URL. Plain HTTP is allowed for the local machine only."
        )
    return url.rstrip("/")
