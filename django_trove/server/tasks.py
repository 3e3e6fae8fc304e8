"""
Work that nobody waits for, by Django's tasks framework. Without a worker of its own, a project does
it at once, in the request.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from . import signals
from .accounts.removal import delete_identity_data, delete_user_data
from .conf import conf
from .models import AddLink, Identity, RequestToken
from .sync.engine import SyncFailed, sync

try:
    from django.tasks import task  # type: ignore[import-not-found,unused-ignore]
    from django.tasks.backends.immediate import (  # type: ignore[import-not-found,unused-ignore]
        ImmediateBackend,
    )
except ImportError:  # before Django 6.0
    from django_tasks import task  # type: ignore[no-redef,unused-ignore]
    from django_tasks.backends.immediate import (  # type: ignore[no-redef,assignment,unused-ignore]
        ImmediateBackend,
    )


logger = logging.getLogger(__name__)


@task()
def sync_identity(identity_id: int) -> None:
    """
    Look at an account's service for a while; the rest is a task of its own, so that a worker that
    is stopped is never in the middle of much, and nobody's large library keeps others waiting.
    """
    identity = Identity.objects.select_related("user").filter(pk=identity_id).first()
    if identity is None:
        return
    try:
        report = sync(identity, seconds=conf.sync_slice_seconds if has_worker() else None)
    except SyncFailed as failed:  # the account's row says so, too, and when it is tried again
        logger.warning("Identity %s was not looked at: %s", identity_id, failed)
        return
    if (
        not report.complete
        or Identity.objects.with_pending_request().filter(pk=identity_id).exists()
    ):
        sync_identity.enqueue(identity_id)


@task()
def delete_identity(identity_id: int) -> None:
    """
    Take away an account that is leaving.
    """
    identity = Identity.objects.being_deleted().filter(pk=identity_id).first()
    if identity:
        delete_identity_data(identity)


@task()
def delete_trove(user_id: str) -> None:
    """
    Take away everything that a person has here.

    :param user_id: as text: not every key is a number.
    """
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    if user:
        delete_user_data(user)


def has_worker() -> bool:
    """
    Return whether tasks are done by somebody else, and not at once.
    """
    return not isinstance(sync_identity.get_backend(), ImmediateBackend)


def request_sync(identity: Identity) -> None:
    """
    Have an account's service looked at soon, once the transaction is over.
    """
    _enqueue_on_commit(sync_identity, identity.pk)


def enqueue_deletion(identity: Identity) -> None:
    """
    Have an account that is leaving taken away soon, once the transaction is over.
    """
    _enqueue_on_commit(delete_identity, identity.pk)


def _enqueue_on_commit(work: Any, *args: Any) -> None:
    transaction.on_commit(partial(work.enqueue, *args))


def request_identity_deletion(identity: Identity) -> None:
    """
    Remove an account and everything that came from it. It is leaving from now on: nobody looks at
    its service any more, and a look on its way ends. Its items go in the background.
    """
    Identity.objects.filter(pk=identity.pk).mark_for_deletion()
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
        Identity.objects.of(user).mark_for_deletion()
        transaction.on_commit(partial(delete_trove.enqueue, str(user.pk)))
        transaction.on_commit(partial(signals.trove_deleted.send, type(user), user=user))
