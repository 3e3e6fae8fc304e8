"""
The protocol client, configured from the settings.
"""

from __future__ import annotations

from functools import cache

import requests

from ..client import CallError, Token, TroveAPI, TroveError, pooled_session
from ..conf import conf
from ..signals import send_call_made


def get_client(access_token: Token | None = None, app_key: str = "") -> TroveAPI:
    """
    Return a client. All clients share one connection pool, unless `TROVE["SESSION"]` is set.

    :param access_token: None for the OAuth flow itself.
    :param app_key: the application key that the token belongs to; "" for the current one.
    :raises CallError: if the settings are invalid.
    """
    app_key = app_key or conf.app_key
    return TroveAPI(
        app_key,
        conf.get_secret(app_key),
        conf.content_types,
        access_token,
        web_url=conf.web_url,
        api_url=conf.api_url,
        timeout=conf.timeout,
        deadline=conf.deadline,
        retries=conf.retries,
        session=conf.session or _shared_session(conf.trust_env),
        signature_method=conf.signature_method,
        allow_http=conf.allow_http,
        trust_env=conf.trust_env,
        observe=send_call_made,
    )


def check_credentials(app_key: str = "", callback: str | None = None) -> TroveError | None:
    """
    Request a request token, which only the key and the secret sign, and discard it.

    :param app_key: "" for the current one.
    :param callback: the site's callback, to check that the Trove accepts it.
    :returns: the error, or None if the credentials are valid. An error about the callback proves
        that they are, so it is returned only if `callback` is given.
    """
    try:
        get_client(app_key=app_key).get_request_token(callback)
    except CallError as error:
        return None if error.status and not callback else error
    except TroveError as error:
        return error
    return None


@cache
def _shared_session(trust_env: bool) -> requests.Session:
    return pooled_session(trust_env=trust_env)
