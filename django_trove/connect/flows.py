"""
The OAuth 1.0a flow: start a connection, exchange the request token, save the account.

Network calls happen outside the transaction. Signals are sent on commit.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from .. import signals
from ..backends.cache import clear_responses
from ..backends.clients import get_client, send
from ..client import AccessDenied, CallError, Person, Token, TroveError
from ..conf import conf
from ..core.cache import SafeCache
from ..core.database import atomic
from ..core.encryption import fingerprint
from ..core.oauth_state import MAX_STATE_SECONDS, STATE_SECONDS, PendingAuthorization
from ..models import TroveAccount, to_moment
from .grants import Grant

logger = logging.getLogger(__name__)

MAX_STARTS = 20
"""The number of connections that a user can start while a pending authorization is valid. The
Trove limits the pending request tokens of a site, so one user must not request all of them."""

GRANT_IN_USE = "Another user of this site is connected with this access token."


class CallbackRejected(CallError):
    """
    The callback is not registered at the Trove.
    """


class GrantInUse(TroveError):
    """
    Another user of this site is connected with the same access token.
    """


def can_start(user: Any) -> bool:
    """
    Count a start of a connection, and return whether it is within the limit.
    """
    key = fingerprint(f"{conf.app_key} {user.pk}")
    count = SafeCache(conf.cache).increment(f"django_trove:starts:{key}", 1, STATE_SECONDS)
    return count <= MAX_STARTS


def start(callback_url: str, next: str = "", service: str = "") -> tuple[str, PendingAuthorization]:
    """
    Get a request token.

    :param service: the service to add first, for a user without a Trove.
    :returns: the authorization URL, and the data to store until the callback.
    :raises CallbackRejected: if the callback is not registered at the Trove.
    :raises SignUpClosed: if a service is given, and the Trove does not accept new users.
    :raises NotFound: if the Trove does not offer the service.
    :raises TroveError: if the Trove issues no request token.
    """
    client = get_client(callback=callback_url)
    try:
        request_token = send(client.get_request_token)
    except CallError as error:
        if error.status is None:  # the settings are invalid; no request was sent
            raise
        message = f"{error.detail} Register exactly {callback_url} at the Trove."
        raise CallbackRejected(message, status=error.status) from None
    if service:
        url = send(lambda: client.get_url_for_new_trove(service, request_token))
    else:
        url = client.get_authorization_url(request_token)
    seconds = MAX_STATE_SECONDS if service else STATE_SECONDS
    return url, PendingAuthorization(request_token, next, seconds=seconds)


def complete(
    user: Any, request_token: Token, verifier: str, callback_url: str = ""
) -> TroveAccount:
    """
    Exchange the request token and save the account, without a confirmation.
    """
    return save(user, exchange(user, request_token, verifier, callback_url))


@sensitive_variables()
def exchange(user: Any, request_token: Token, verifier: str, callback_url: str = "") -> Grant:
    """
    Exchange an authorized request token for an access token. Nothing is saved.

    :param callback_url: as for `start`; version 2 of the protocol requires it.
    :raises GrantInUse: if another user is connected with the same access token.
    :raises TroveError: if the Trove issues no access token.
    """
    client = get_client(callback=callback_url)
    token = send(lambda: client.get_access_token(request_token, verifier))
    same_token = TroveAccount.objects.filter(fingerprint=fingerprint(token.key))
    if same_token.exclude(user_id=user.pk).exists():
        raise GrantInUse(GRANT_IN_USE)
    return Grant.from_token(token, _fetch_person(token), conf.app_key)


@sensitive_variables()
def save(user: Any, grant: Grant) -> TroveAccount:
    """
    Create or update the user's account.

    :raises GrantInUse: if another user is connected with the same access token.
    """
    before = TroveAccount.objects.filter(user_id=user.pk).first()
    with atomic(TroveAccount):
        account, created = _save_account(user, grant)
        signal = signals.connected if created else signals.reconnected
        signals.send_on_commit(signal, account, user)
    if before:
        clear_responses(before)
    logger.info("User %s connected their Trove.", user.pk, extra={"user_id": user.pk})
    return account


def _fetch_person(access_token: Token) -> Person:
    """
    The name is optional: the connection succeeds without it.
    """
    try:
        return send(get_client(access_token).get_user_info)
    except TroveError as error:
        level = logging.INFO if isinstance(error, AccessDenied) else logging.WARNING
        logger.log(level, "The Trove did not return the user's name: %s", error.detail)
        return Person()


@sensitive_variables()
def _save_account(user: Any, grant: Grant) -> tuple[TroveAccount, bool]:
    token = grant.token
    try:
        with atomic(TroveAccount):
            return TroveAccount.objects.update_or_create(
                user=user,
                defaults={
                    "key": token.key,
                    "secret": token.secret,
                    "expires_at": to_moment(token.expires_at),
                    "refreshing_until": None,
                    "fingerprint": fingerprint(token.key),
                    "app_key": grant.app_key,
                    "content_types": list(conf.content_types),
                    "name": grant.name,
                    "identities": grant.identities,
                    "connected_at": timezone.now(),
                    "state": TroveAccount.State.ACTIVE,
                    "failure": "",
                    "last_error": "",
                },
            )
    except IntegrityError:
        raise GrantInUse(GRANT_IN_USE) from None
