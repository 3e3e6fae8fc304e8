"""
What a person takes away: one account with its items, or their whole Trove.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from . import signals
from .models import AddLink, Identity, RequestToken
from .tasks import delete_trove, enqueue_deletion

__all__ = ["request_identity_deletion", "request_trove_deletion"]


def request_identity_deletion(identity: Identity) -> None:
    """
    Remove an account and everything that came from it. It is leaving from now on: nobody looks at
    its service any more, and a look on its way ends. Its items go in the background.
    """
    Identity.objects.filter(pk=identity.pk).leave()
    enqueue_deletion(identity)


def request_trove_deletion(user: Any) -> None:
    """
    Remove everything that a person has here: accounts, items and tags, and every permission that
    they gave, which ends at once. The user stays, and so do applications that they registered.
    """
    with transaction.atomic():
        RequestToken.objects.filter(user=user).delete()
        user.trove_access_tokens.revoke()
        AddLink.objects.filter(user=user).delete()
        Identity.objects.of(user).leave()
        transaction.on_commit(partial(delete_trove.enqueue, str(user.pk)))
        transaction.on_commit(partial(signals.trove_deleted.send, type(user), user=user))
