"""
Background tasks with Django's tasks framework. By default they run immediately, in the request.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django_trove.core.database import atomic, on_commit
from django_trove.core.mail import run_in_background
from django_trove.core.users import users_in_primary

from . import signals
from .accounts.password_reset import send_password_reset
from .accounts.removal import delete_identity_data, delete_user_data, record_error
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
    Sync an account for `SYNC_SLICE_SECONDS` after its first batch, and enqueue another task for the
    rest. Short tasks are cheap to interrupt, and prevent large accounts from blocking others.
    """
    Identity.objects.filter(pk=identity_id).leave_queue()
    identity = Identity.objects.select_related("user").filter(pk=identity_id).first()
    if identity is None:
        return
    try:
        seconds = conf.sync_slice_seconds if has_worker() else None
        report = sync(identity, seconds=seconds, from_first_batch=True)
    except SyncFailed as error:  # also saved on the identity, with the time of the retry
        logger.warning("Sync of identity %s failed: %s", identity_id, error)
        return
    if (
        not report.complete
        or Identity.objects.with_pending_request().filter(pk=identity_id).exists()
    ):
        request_sync(identity)


@task()
def delete_identity(identity_id: int) -> None:
    """
    Delete an account in the state `DELETING`.
    """
    identity = Identity.objects.being_deleted().filter(pk=identity_id).first()
    if identity:
        with record_error(identity):
            delete_identity_data(identity)


@task()
def delete_trove(user_id: str) -> None:
    """
    Delete all data of a user.

    :param user_id: as a string, since task arguments must be JSON and the primary key may be a
        UUID.
    """
    user = users_in_primary().filter(pk=user_id).first()
    if user:
        delete_user_data(user)


@task()
def email_password_reset(address: str, origin: str, language: str) -> None:
    """
    Send a link to set a new password. The token is created in the task, so that the queue does not
    store it.
    """
    send_password_reset(address, origin, language)


def has_worker() -> bool:
    """
    Return whether tasks run in a worker, and not immediately.
    """
    return not isinstance(sync_identity.get_backend(), ImmediateBackend)


def request_sync(identity: Identity) -> bool:
    """
    Enqueue a sync of an account on commit, unless one is queued.

    :returns: whether this call enqueued it.
    """
    entered = Identity.objects.filter(pk=identity.pk).enter_queue()
    if entered:
        on_commit(partial(_enqueue_sync, identity.pk), Identity)
    return bool(entered)


def _enqueue_sync(identity_id: int) -> None:
    if not _enqueue(sync_identity, identity_id):
        Identity.objects.filter(pk=identity_id).leave_queue()


def enqueue_deletion(identity: Identity) -> None:
    """
    Enqueue the deletion of an account on commit.
    """
    on_commit(partial(_enqueue, delete_identity, identity.pk), Identity)


def _enqueue(task_: Any, *args: Any) -> bool:
    """
    Enqueue a task. If the queue is unavailable, `trove_sync` does the task's work.
    """
    try:
        task_.enqueue(*args)
    except Exception:  # each backend raises exceptions of its own
        logger.exception("A task could not be enqueued.")
        return False
    return True


def request_password_reset(address: str, origin: str, language: str) -> None:
    """
    Email a link to the users with an address, in a worker or a thread: the duration of the request
    must not depend on whether there are any.
    """
    if has_worker():
        _enqueue(email_password_reset, address, origin, language)
    else:
        run_in_background(partial(send_password_reset, address, origin, language), seconds=0)


def request_identity_deletion(identity: Identity) -> None:
    """
    Mark an account for deletion, which stops its syncs, and enqueue the deletion.
    """
    Identity.objects.filter(pk=identity.pk).mark_for_deletion()
    enqueue_deletion(identity)


def request_trove_deletion(user: Any) -> None:
    """
    Revoke all permissions of a user at once, and enqueue the deletion of all data. The user and
    their registered applications are kept.
    """
    with atomic(Identity):
        RequestToken.objects.filter(user=user).delete()
        user.trove_access_tokens.revoke()
        AddLink.objects.filter(user=user).delete()
        Identity.objects.of(user).mark_for_deletion()
        on_commit(partial(_enqueue, delete_trove, str(user.pk)), Identity)
        on_commit(partial(signals.trove_deleted.send, type(user), user=user), Identity)
