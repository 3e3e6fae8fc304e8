"""
How a Trove is connected and disconnected: values in, values out.

The Trove is asked before the transaction begins, and the world is told after it has ended.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from .. import signals
from ..backends.cache import clear_responses
from ..backends.remote import get_client
from ..client import AccessDenied, CallError, Person, Token, TroveError
from ..conf import conf
from ..core.encryption import fingerprint
from ..core.oauth_state import PendingAuthorization
from ..models import TroveAccount
from .pending import Grant

logger = logging.getLogger(__name__)
GRANT_IN_USE = "Another user of this site has connected this Trove already."


class CallbackRejected(CallError):
    """
    The Trove does not send people back to this site's callback.
    """


class GrantInUse(TroveError):
    """
    Another user of this site has this very grant.
    """


def start(callback_url: str, next: str = "") -> tuple[str, PendingAuthorization]:
    """
    Start a connection.

    :param callback_url: where the Trove sends the person back to.
    :param next: where to go in the end.
    :returns: the address at the Trove to send the person to, and the flow that has to wait.
    :raises CallbackRefused: if the Trove doesn't know that callback.
    :raises TroveError: if the Trove gives out no request token.
    """
    api = get_client()
    try:
        request_token = api.get_request_token(callback=callback_url)
    except CallError as error:
        if error.status is None:  # nothing was sent: the settings make no sense
            raise
        words = f"{error.detail} Register exactly {callback_url} at the Trove."
        raise CallbackRejected(words, status=error.status) from None
    return api.get_authorization_url(request_token), PendingAuthorization(request_token, next)


def complete(user: Any, request_token: Token, verifier: str) -> TroveAccount:
    """
    Trade an authorised request token for an access token, and keep it without asking whose it is.

    :raises GrantTaken: if another user has this very grant; nothing is changed then.
    :raises TroveError: if the Trove gives out no access token.
    """
    return save(user, exchange(user, request_token, verifier))


@sensitive_variables()
def exchange(user: Any, request_token: Token, verifier: str) -> Grant:
    """
    Trade an authorised request token for an access token, and learn whose it is. Nothing is kept.

    :param user: who is to get it.
    :param verifier: what the Trove sent the person back with.
    :raises GrantTaken: if another user has this very grant.
    :raises TroveError: if the Trove gives out no access token.
    """
    token = get_client().get_access_token(request_token, verifier)
    taken = TroveAccount.objects.filter(fingerprint=fingerprint(token.key))
    if taken.exclude(user_id=user.pk).exists():
        raise GrantInUse(GRANT_IN_USE)
    return Grant.from_token(token, _fetch_person(token), conf.app_key)


@sensitive_variables()
def save(user: Any, grant: Grant) -> TroveAccount:
    """
    Keep what was received: in the row that the user has, if there is one.

    :raises GrantTaken: if another user has this very grant; nothing is changed then.
    """
    before = TroveAccount.objects.filter(user_id=user.pk).first()
    with transaction.atomic():
        account, created = _save_account(user, grant)
        signal = signals.connected if created else signals.reconnected
        signals.send_on_commit(signal, account, user)
    if before:
        clear_responses(before)
    logger.info("User %s has connected their Trove.", user.pk, extra={"user_id": user.pk})
    return account


def _fetch_person(access_token: Token) -> Person:
    """
    The name is nice to have: a Trove that doesn't tell it is no reason to lose the connection.
    """
    try:
        return get_client(access_token).get_user_info()
    except TroveError as error:
        logger.log(
            logging.INFO if isinstance(error, AccessDenied) else logging.WARNING,
            "The Trove did not tell the person's name: %s",
            error.detail,
        )
        return Person()


@sensitive_variables()
def _save_account(user: Any, grant: Grant) -> tuple[TroveAccount, bool]:
    token = grant.token
    try:
        with transaction.atomic():
            return TroveAccount.objects.update_or_create(
                user=user,
                defaults={
                    "key": token.key,
                    "secret": token.secret,
                    "fingerprint": fingerprint(token.key),
                    "app_key": grant.app_key,
                    "content_types": list(conf.content_types),
                    "name": grant.name,
                    "identities": grant.identities,
                    "connected_at": timezone.now(),
                    "state": TroveAccount.State.ACTIVE,
                    "trouble": "",
                    "last_error": "",
                },
            )
    except IntegrityError:
        raise GrantInUse(GRANT_IN_USE) from None
