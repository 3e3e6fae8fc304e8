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

from .conf import conf
from .models import Identity
from .sync import SyncFailed, sync
from .taking_away import delete_identity_data, delete_user_data

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

__all__ = [
    "delete_identity",
    "delete_trove",
    "enqueue_deletion",
    "has_worker",
    "request_sync",
    "sync_identity",
]

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
        report = sync(identity, seconds=conf.slice_seconds if has_worker() else None)
    except SyncFailed as failed:  # the account's row says so, too, and when it is tried again
        logger.warning("Identity %s was not looked at: %s", identity_id, failed)
        return
    if not report.complete or Identity.objects.asked_since().filter(pk=identity_id).exists():
        sync_identity.enqueue(identity_id)


@task()
def delete_identity(identity_id: int) -> None:
    """
    Take away an account that is leaving.
    """
    identity = Identity.objects.leaving().filter(pk=identity_id).first()
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
