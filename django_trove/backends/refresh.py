"""
Refreshing of access tokens that expire (version 2 of the protocol).
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ..client import TimedOut
from ..client.oauth2 import OAuth2API
from ..conf import conf
from ..core.database import run_despite_rollback
from ..models import TroveAccount, to_moment
from .breaker import LOCK_GRACE
from .clients import client_of, send

TOKEN_FIELDS = ("key", "secret", "expires_at")
EXPIRY_MARGIN = timedelta(seconds=30)
POLL_SECONDS = 0.1


def refresh_expired_token(account: TroveAccount) -> None:
    """
    Replace the token of an account if it is about to expire. One process refreshes it, since a
    refresh token can be used once; the others wait for the new token.

    :raises TokenRejected: if the user must reconnect.
    :raises TimedOut: if the other process does not finish in time.
    """
    give_up_at = time.monotonic() + conf.deadline
    while account.expires_at and account.expires_at <= timezone.now() + EXPIRY_MARGIN:
        if _claim_refresh(account):
            _refresh(account)
            return
        if time.monotonic() > give_up_at:
            raise TimedOut("Another process is still refreshing the token.")
        time.sleep(POLL_SECONDS)
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
    client = client_of(account)
    account.refreshing_until = None
    try:
        if isinstance(client, OAuth2API):
            token = send(client.refresh, account.app_key)
            account.key, account.secret = token.key, token.secret
            account.expires_at = to_moment(token.expires_at)
    finally:
        run_despite_rollback(partial(_save_token, account), TroveAccount)


def _save_token(account: TroveAccount) -> None:
    if account.is_current:
        account.save(update_fields=[*TOKEN_FIELDS, "refreshing_until"])
