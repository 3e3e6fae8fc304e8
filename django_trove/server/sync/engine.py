"""
Sync an account's items from its service to the index.

Unchanged items are skipped and deleted ones removed. The cursor is saved with each batch, so an
interrupted sync resumes there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from django.db import Error as AnyDatabaseError

from django_trove.core.outages import DATABASE_ERRORS, close_broken_connections, log_database_error

from .. import signals
from ..accounts.registry import get_connector
from ..conf import conf
from ..connectors.base import Batch, Connector
from ..connectors.errors import (
    IncompleteResponse,
    Misconfigured,
    NoResponse,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..connectors.http import is_page_over
from ..connectors.messages import Message
from ..connectors.messages import Message as _
from ..connectors.picture.memory import limit_memory
from ..index.write import delete_unused_tags
from ..models import Identity, ServicePause
from ..models.identities import display_name
from .ingest import SyncReport, ingest_batch, known_stamps
from .lease import Lease, LeaseLost, acquire_lease
from .removal import Removal, remove_unseen_items

ERROR_MESSAGE = _("The response of the service is invalid. The server log has the details.")
UNEXPECTED_MESSAGE = _("The sync failed unexpectedly. The server log has the details.")
DATABASE_MESSAGE = _("The database is unavailable. The sync will resume.")
MISCONFIGURED_WAIT = 3600  # seconds until the next sync if the application's keys are rejected

MAX_RUN_SECONDS = 21_600.0  # a longer sync is resumed
MAX_IDLE_BATCHES = 200  # successive batches with nothing new

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
    from_first_batch: bool = False,
) -> SyncReport:
    """
    Sync an account. Accounts with pushed items are skipped.

    :param on_batch: called with each batch after it is indexed.
    :param seconds: stop after the batch during which this time has passed; the next sync resumes
        there.
    :param from_first_batch: whether `seconds` begin with the first batch, before which a connector
        may have to list all files. Otherwise each of several short syncs would list them for one
        batch.
    :returns: a report; its `complete` is false if the sync stopped early.
    :raises SyncBusy: if another worker is syncing the account, or it was removed.
    :raises SyncFailed: if the service cannot be read; the message is the reason.
    """
    if identity.is_pushed:
        return SyncReport()
    try:
        _check_not_paused(identity.service)
        with acquire_lease(identity) as lease:
            report = _run(lease, on_batch, TimeLimit(seconds, from_first_batch=from_first_batch))
    except LeaseLost as error:
        raise SyncBusy(str(error)) from None
    except DATABASE_ERRORS as error:
        log_database_error(error)
        close_broken_connections()
        raise SyncFailed(DATABASE_MESSAGE) from None
    except SyncFailed:
        raise
    except Exception:
        logger.exception("The failure of identity %s could not be recorded.", identity.pk)
        close_broken_connections()
        raise SyncFailed(UNEXPECTED_MESSAGE) from None
    if report.complete:
        signals.identity_synced.send_robust(Identity, identity=identity, report=report)
    return report


def _check_not_paused(service: str) -> None:
    pause = ServicePause.objects.active().filter(service=service).first()
    if pause:
        raise SyncFailed(f"{pause.reason} The next sync is after {pause.until:%H:%M} UTC.")


class TimeLimit:
    """
    :param seconds: `MAX_RUN_SECONDS` if it is None.
    """

    def __init__(self, seconds: float | None, *, from_first_batch: bool) -> None:
        self._seconds = MAX_RUN_SECONDS if seconds is None else seconds
        self._started = None if from_first_batch else time.monotonic()

    def has_passed(self) -> bool:
        """
        Return whether the sync must stop after a batch. The first call starts the time if the
        limit applies from the first batch.
        """
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        return now >= self._started + self._seconds


def _run(lease: Lease, on_batch: Callable[[Batch], Any] | None, limit: TimeLimit) -> SyncReport:
    """
    Sync, and save the reason of a failure on the identity. Any exception is a failure of this
    account only. A sync that a page has started ends at the time limit of the page; this is not a
    failure.
    """
    report = SyncReport()
    try:
        _sync_batches(lease, report, on_batch, limit)
        return report
    except LeaseLost:
        raise
    except ServiceFailed as error:
        if isinstance(error, (NoResponse, IncompleteResponse)) and is_page_over():
            report.complete = False
            lease.yield_()
            return report
        reason = error.reason
        _record_service_failure(lease, error, reason)
    except DATABASE_ERRORS as error:
        log_database_error(error)
        close_broken_connections()
        reason = DATABASE_MESSAGE
        with suppress(AnyDatabaseError):
            lease.back_off(reason)
    except Exception:
        logger.exception("The sync of identity %s failed unexpectedly.", lease.identity.pk)
        close_broken_connections()
        reason = UNEXPECTED_MESSAGE
        lease.back_off(reason)
    signals.identity_failed.send_robust(Identity, identity=lease.identity, reason=reason)
    raise SyncFailed(reason)


def _record_service_failure(lease: Lease, error: ServiceFailed, reason: Message) -> None:
    if isinstance(error, Revoked):
        lease.revoke(reason)
    elif isinstance(error, RetryLater):
        if error.all_accounts:
            ServicePause.objects.begin(lease.identity.service, reason, error.seconds)
        lease.back_off(reason, error.seconds or 0)
    elif isinstance(error, Misconfigured):
        logger.error("The service %s is misconfigured: %s", lease.identity.service, reason)
        lease.back_off(reason, MISCONFIGURED_WAIT)
    else:
        lease.back_off(reason)


def _sync_batches(
    lease: Lease,
    report: SyncReport,
    on_batch: Callable[[Batch], Any] | None,
    limit: TimeLimit,
) -> None:
    identity = lease.identity
    resumed, last = identity.items_seen > 0, Batch(full=False)
    owner_name = display_name(identity.user)
    connector, progress = get_connector(identity), ProgressCheck()
    connector.on_progress = lease.renew_if_due
    batches = iter(connector.batches(identity.cursor, known_stamps(identity)))
    while batch := _next_batch(connector, batches):
        ingest_batch(lease, batch, owner_name, report)
        if progress.has_stopped(batch, report):
            raise RetryLater(
                _("%(service)s listed the same items repeatedly.", service=connector.title)
            )
        last = batch
        if on_batch:
            on_batch(batch)
        if limit.has_passed():
            report.complete = False
            lease.yield_()
            return
    removal = remove_unseen_items(lease, last) if last.full else Removal()
    report.removed += removal.removed
    report.kept, report.kept_reason = removal.kept or 0, removal.reason
    report.unpermitted = last.unpermitted
    if report.changed or report.removed or resumed:
        delete_unused_tags(identity.user_id)
    lease.succeed(removal.kept, removal.reason, last.unpermitted)


class ProgressCheck:
    """
    Detects a listing without an end.
    """

    def __init__(self) -> None:
        self._count = self._idle_batches = 0
        self._album_pages: set[int] = set()

    def has_stopped(self, batch: Batch, report: SyncReport) -> bool:
        """
        Return whether too many successive batches contained nothing new.
        """
        page = hash(tuple(batch.albums.items()))
        is_new_page = bool(batch.albums) and page not in self._album_pages
        self._album_pages.add(page)
        has_progress = is_new_page or report.count > self._count
        self._idle_batches = 0 if has_progress else self._idle_batches + 1
        self._count = report.count
        return self._idle_batches > MAX_IDLE_BATCHES


def _next_batch(connector: Connector, batches: Iterator[Batch]) -> Batch | None:
    """
    Return the next batch. An unexpected exception of a connector is a failure of its service.
    """
    connector.start_batch()
    try:
        with limit_memory(conf.image_memory):
            batch: Batch | None = next(batches, None)
    except (ServiceFailed, LeaseLost, *DATABASE_ERRORS):
        raise
    except Exception as error:
        logger.exception("A connector failed to parse a response.")
        raise ServiceFailed(ERROR_MESSAGE) from error
    return batch
