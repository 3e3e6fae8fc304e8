from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction

from .. import signals
from ..client import CallError, NotFound, TokenRejected, TroveError
from ..connect.flows import logger
from ..core.crypto import DecryptionError
from ..health import failure_for
from ..models import TroveAccount
from .cache import clear_responses
from .client import check_credentials


def disconnect(account: TroveAccount) -> None:
    """
    Give up an account: its token, and every answer that was kept.
    """
    user = account.user
    with transaction.atomic():
        gone, _ = TroveAccount.objects.filter(pk=account.pk).delete()
        account.pk = None
        if gone:
            signals.send_on_commit(signals.disconnected, account, user)
    logger.info("User %s has disconnected their Trove.", user.pk, extra={"user_id": user.pk})


def clear_responses_on_delete(instance: TroveAccount, **kwargs: Any) -> None:
    """
    Drop the answers kept for an account that is deleted, by whatever way.
    """
    transaction.on_commit(partial(clear_responses, instance))


@contextmanager
def record_outcome(account: TroveAccount) -> Iterator[None]:
    """
    Write down how a call with an account's token went. A token that is no longer taken is said
    once to the signal, and isn't tried again until the user has connected anew.

    :raises TokenRejected: also where the token can't be opened any more.
    """
    try:
        yield
    except TokenRejected as error:
        # A Trove doesn't say which secret was wrong (protocol, "Errors"), and a bad deploy must not
        # cost every user their connection.
        if fault := check_credentials(account.app_key):
            account.record_failure(fault.detail, failure_for(fault))
            raise fault from None
        _record_revoked(account, error.detail)
        raise
    except DecryptionError:  # nothing is written down: it heals when the key is back
        raise TokenRejected("The token can't be opened: connect again.") from None
    except (CallError, NotFound):
        raise  # about the question, and not about the account
    except TroveError as error:
        account.record_failure(error.detail, failure_for(error))
        raise
    account.record_success()


def _record_revoked(account: TroveAccount, reason: str) -> None:
    if account.record_revoked(reason):
        words = "The Trove of user %s has to be connected again."
        logger.warning(words, account.user_id, extra={"user_id": account.user_id})
        signals.send_on_commit(signals.needs_reconnect, account, account.user)
    clear_responses(account)
