"""
Sync an account's items from its service to the index.

Unchanged items are skipped and deleted ones removed. The cursor is saved with each batch, so an
interrupted sync resumes there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import Error as AnyDatabaseError

from django_trove.core.outages import DATABASE_ERRORS, close_broken_connections, log_database_error

from .. import signals
from ..accounts.registry import get_connector
from ..connectors.base import Batch, Misconfigured, RetryLater, Revoked, ServiceFailed
from ..index.write import delete_unused_tags
from ..models import Identity, ServicePause
from ..models.identities import display_name
from .ingest import SyncReport, delete_unseen_items, ingest_batch, known_stamps
from .lease import Lease, LeaseLost, acquire_lease

ERROR_MESSAGE = "The response of the service is invalid. The server log has the details."
UNEXPECTED_MESSAGE = "The sync failed unexpectedly. The server log has the details."
DATABASE_MESSAGE = "The database is unavailable. The sync will resume."
MISCONFIGURED_WAIT = 3600  # seconds until the next sync if the application's keys are rejected

logger = logging.getLogger(__name__)


class SyncFailed(Exception):
    """
    The service could not be read completely. Indexed items are kept: items are removed only after a
    complete sync.
    """


class SyncBusy(SyncFailed):
    """
    Another worker is syncing the account, or it cannot be synced any more.
    """


def sync(
    identity: Identity,
    on_batch: Callable[[Batch], Any] | None = None,
    *,
    seconds: float | None = None,
) -> SyncReport:
    """
    Sync an account. Accounts with pushed items are skipped.

    :param on_batch: called with each batch after it is indexed.
    :param seconds: stop after the batch during which this time has passed; the next sync resumes
        there.
    :returns: a report; its `complete` is false if the sync stopped early.
    :raises SyncBusy: if another worker is syncing the account, or it was removed.
    :raises SyncFailed: if the service cannot be read; the message is the reason.
    """
    if identity.is_pushed:
        return SyncReport()
    try:
        _check_not_paused(identity.service)
        with acquire_lease(identity) as lease:
            report = _run(lease, on_batch, seconds)
    except LeaseLost as error:
        raise SyncBusy(str(error)) from None
    except DATABASE_ERRORS as error:
        log_database_error(error)
        close_broken_connections()
        raise SyncFailed(DATABASE_MESSAGE) from None
    if report.complete:
        signals.identity_synced.send_robust(Identity, identity=identity, report=report)
    return report


def _check_not_paused(service: str) -> None:
    pause = ServicePause.objects.active().filter(service=service).first()
    if pause:
        raise SyncFailed(f"{pause.reason} The next sync is after {pause.until:%H:%M} UTC.")


def _run(
    lease: Lease, on_batch: Callable[[Batch], Any] | None, seconds: float | None
) -> SyncReport:
    """
    Sync, and save the reason of a failure on the identity. Any exception is a failure of this
    account only.
    """
    try:
        return _sync_batches(lease, on_batch, seconds)
    except LeaseLost:
        raise
    except ServiceFailed as error:
        reason = error.reason
        _record_service_failure(lease, error)
    except DATABASE_ERRORS as error:
        log_database_error(error)
        close_broken_connections()
        reason = DATABASE_MESSAGE
        with suppress(AnyDatabaseError):
            lease.back_off(reason)
    except Exception:
        logger.exception("The sync of identity %s failed unexpectedly.", lease.identity.pk)
        reason = UNEXPECTED_MESSAGE
        lease.back_off(reason)
    signals.identity_failed.send_robust(Identity, identity=lease.identity, reason=reason)
    raise SyncFailed(reason)


def _record_service_failure(lease: Lease, error: ServiceFailed) -> None:
    if isinstance(error, Revoked):
        lease.revoke(error.reason)
    elif isinstance(error, RetryLater):
        if error.all_accounts:
            ServicePause.objects.begin(lease.identity.service, error.reason, error.seconds)
        lease.back_off(error.reason, error.seconds or 0)
    elif isinstance(error, Misconfigured):
        logger.error("%s rejected the application keys: %s", lease.identity.service, error.reason)
        lease.back_off(error.reason, MISCONFIGURED_WAIT)
    else:
        lease.back_off(error.reason)


def _sync_batches(
    lease: Lease, on_batch: Callable[[Batch], Any] | None, seconds: float | None
) -> SyncReport:
    identity, report = lease.identity, SyncReport()
    deadline = None if seconds is None else time.monotonic() + seconds
    resumed, full = identity.items_seen > 0, False
    owner_name = display_name(identity.user)
    batches = _open_batches(identity)
    while batch := _next_batch(batches):
        ingest_batch(lease, batch, owner_name, report)
        full = batch.full
        if on_batch:
            on_batch(batch)
        if deadline is not None and time.monotonic() >= deadline:
            report.complete = False
            lease.yield_()
            return report
    if full:
        report.removed += delete_unseen_items(lease)
    if report.changed or report.removed or resumed:
        delete_unused_tags(identity.user_id)
    lease.succeed()
    return report


def _open_batches(identity: Identity) -> Any:
    return iter(get_connector(identity).batches(identity.cursor, known_stamps(identity)))


def _next_batch(batches: Any) -> Batch | None:
    """
    Return the next batch. An unexpected exception of a connector is a failure of its service.
    """
    try:
        batch: Batch | None = next(batches, None)
    except (ServiceFailed, *DATABASE_ERRORS):
        raise
    except Exception as error:
        logger.exception("A connector failed to parse a response.")
        raise ServiceFailed(ERROR_MESSAGE) from error
    return batch
