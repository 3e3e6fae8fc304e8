"""
Refreshing of access tokens that expire (version 2 of the protocol).
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from datetime import timedelta
from functools import partial

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ..client import TimedOut, Token, TroveError
from ..client.oauth2 import OAuth2API
from ..conf import conf
from ..core.database import run_despite_rollback
from ..core.encryption import encrypted_fields
from ..models import TroveAccount, to_moment
from .breaker import LOCK_GRACE
from .cache import get_breaker
from .clients import client_of
from .page_calls import CallPending, pause, remaining_seconds, run_call

TOKEN_FIELDS = ("key", "secret", "expires_at")
EXPIRY_MARGIN = timedelta(seconds=30)
POLL_SECONDS = 0.1


def refresh_expired_token(account: TroveAccount) -> None:
    """
    Replace the token of an account if it is about to expire. One process refreshes it, since a
    refresh token can be used once; the others wait for the new token.

    :raises TokenRejected: if the user must reconnect.
    :raises TimedOut: if the refresh takes longer than a page can wait. The new token is stored when
        it arrives.
    """
    give_up_at = time.monotonic() + remaining_seconds()
    while account.expires_at and account.expires_at <= timezone.now() + EXPIRY_MARGIN:
        if _claim_refresh(account):
            _refresh(account)
            return
        if time.monotonic() > give_up_at:
            raise TimedOut("Another process is still refreshing the token.")
        pause(POLL_SECONDS)
        account.refresh_from_db(fields=TOKEN_FIELDS)


def _claim_refresh(account: TroveAccount) -> bool:
    """
    Return whether this process, and no other, refreshes the token.
    """
    now = timezone.now()
    free = Q(refreshing_until=None) | Q(refreshing_until__lt=now)
    rows = TroveAccount.objects.same_grant(account).filter(free, expires_at=account.expires_at)
    until = now + timedelta(seconds=conf.deadline + LOCK_GRACE)
    return bool(rows.update(refreshing_until=until))


@sensitive_variables()
def _refresh(account: TroveAccount) -> None:
    client, key = client_of(account), account.fingerprint
    if not isinstance(client, OAuth2API):
        return
    try:
        with get_breaker(account.app_key).guard(key):
            try:
                token = run_call(client.refresh, account=key)
            except CallPending as pending:
                pending.when_done(partial(_store_late_token, account))
                raise TimedOut(pending.detail) from None
    except TimedOut:
        raise  # the claim remains until the response arrives or the claim expires
    except TroveError:
        _store_token(account, account.token)
        raise
    _store_token(account, token)


@sensitive_variables()
def _store_late_token(account: TroveAccount, result: Future[Token]) -> None:
    token = account.token if result.exception() else result.result()
    _store_token(account, token)


@sensitive_variables()
def _store_token(account: TroveAccount, token: Token) -> None:
    """
    Store the token, and release the claim.
    """
    account.key, account.secret = token.key, token.secret
    account.expires_at = to_moment(token.expires_at)
    run_despite_rollback(partial(_save, account), TroveAccount)


def _save(account: TroveAccount) -> None:
    """
    Save the token in one statement, unless the user has disconnected or reconnected meanwhile.
    """
    secrets = {field.attname: field.ciphertext(account) for field in encrypted_fields(TroveAccount)}
    TroveAccount.objects.same_grant(account).update(
        **secrets, expires_at=account.expires_at, refreshing_until=None
    )
