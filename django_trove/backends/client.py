"""
The client, made as the settings say.
"""

from __future__ import annotations

from functools import cache

import requests

from ..client import CallError, Token, TroveAPI, TroveError, pooled_session
from ..conf import conf
from ..signals import send_call_made


def get_client(access_token: Token | None = None, app_key: str = "") -> TroveAPI:
    """
    Return a client of the Trove in the settings. All of them share one pool of connections,
    unless the settings have a session of their own.

    :param access_token: whose photos to ask for; None for the dance itself.
    :param app_key: the key that the token was given to; "" for the one that new ones are.
    :raises CallError: if the settings make no sense.
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
    Ask for a request token, which the keys alone sign. It is forgotten, and ends by itself.

    :param app_key: one of the site's; "" for the one that new tokens are given to.
    :param callback: the site's, to see whether the Trove takes that as well.
    :returns: what is wrong with the site, or with asking; None if the keys hold. A Trove that minds
        the callback knows them: that is a fault only where one was given.
    """
    try:
        get_client(app_key=app_key).get_request_token(callback)
    except CallError as error:
        return None if error.status and not callback else error
    except TroveError as fault:
        return fault
    return None


@cache
def _shared_session(trust_env: bool) -> requests.Session:
    return pooled_session(trust_env=trust_env)
