"""
Clients with the settings of this site, and calls through the circuit breaker.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

import requests

from ..client import CallError, TimedOut, Token, TroveAPI, TroveError, pooled_session
from ..client.oauth2 import OAuth2API
from ..conf import conf
from ..models import TroveAccount
from .cache import get_breaker
from .page_calls import CallPending, check_capacity, observe_call, remaining_seconds, run_call

T = TypeVar("T")


def client_of(account: TroveAccount) -> TroveAPI:
    return get_client(account.token, account.app_key)


def get_client(
    access_token: Token | None = None,
    app_key: str = "",
    callback: str = "",
    protocol: int | None = None,
) -> TroveAPI:
    """
    Return a client. All clients share one connection pool, unless `TROVE["SESSION"]` is set.

    :param access_token: None for the OAuth flow itself.
    :param app_key: the application key that the token belongs to; "" for the current one.
    :param protocol: the version of the protocol. Default: that of the token, or of the settings.
    :raises CallError: if the settings are invalid.
    """
    app_key = app_key or conf.app_key
    if access_token:
        protocol = 1 if access_token.expires_at is None else 2
    client_class = OAuth2API if (protocol or conf.protocol) == 2 else TroveAPI
    return client_class(
        app_key,
        conf.get_secret(app_key),
        conf.content_types,
        access_token,
        callback=callback or "oob",
        web_url=conf.web_url,
        api_url=conf.api_url,
        timeout=conf.timeout,
        deadline=remaining_seconds(),
        retries=conf.retries,
        session=conf.session or _shared_session(conf.trust_env),
        signature_method=conf.signature_method,
        allow_http=conf.allow_http,
        trust_env=conf.trust_env,
        observe=observe_call,
    )


def send(call: Callable[[], T], app_key: str = "") -> T:
    """
    Return the result of a call whose response is not cached.

    :param call: as for `run_call`.
    :raises TimedOut: if it takes longer than a page can wait.
    """
    breaker, account = get_breaker(app_key), secrets.token_hex(8)
    check_capacity(account)
    with breaker.guard(account):
        try:
            watch = partial(breaker.watch, account)
            return run_call(call, account=account, should_stop=watch)
        except CallPending as pending:
            raise TimedOut(pending.detail) from None


def check_credentials(
    app_key: str = "", callback: str | None = None, protocol: int | None = None
) -> TroveError | None:
    """
    Check the application key and secret with requests that need no access token.

    :param app_key: "" for the current one.
    :param callback: the site's callback, to check that the Trove accepts it.
    :param protocol: the version of the protocol. Default: that of the settings.
    :returns: the error, or None if the credentials are valid. An error about the callback proves
        that they are, so it is returned only if `callback` is given.
    """
    try:
        client = get_client(app_key=app_key, protocol=protocol)
        run_call(lambda: client.check_keys(callback))
    except CallError as error:
        return None if error.status and not callback else error
    except TroveError as error:
        return error
    return None


@cache
def _shared_session(trust_env: bool) -> requests.Session:
    return pooled_session(trust_env=trust_env)
