"""
From a service's pages to the index. What didn't change isn't written, and what is gone goes. Where
the look is, is kept with each page: whoever goes on with it, goes on there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from .. import signals
from ..accounts.registry import get_connector
from ..connectors.base import Batch, Misconfigured, RetryLater, Revoked, ServiceFailed
from ..index.write import delete_unused_tags
from ..models import Identity, ServicePause
from ..models.identities import display_name
from .ingest import SyncReport, delete_unseen_items, ingest_batch, known_stamps
from .lease import Lease, LeaseLost, acquire_lease

ERROR_MESSAGE = "Its answer can't be read. The operator of this Trove finds the details in the log."
LOCKED_MESSAGE = "The database was away. The look goes on where it was."
MISCONFIGURED_WAIT = 3600  # seconds until a service that this Trove can't ask is asked again

logger = logging.getLogger(__name__)


class SyncFailed(Exception):
    """
    The service couldn't be read to its end. What was taken in stays, and so does what the index
    had: nothing goes until the service was seen whole.
    """


class SyncBusy(SyncFailed):
    """
    Another worker is looking at the service, or the account can't be looked at any more.
    """


def sync(
    identity: Identity,
    on_batch: Callable[[Batch], Any] | None = None,
    *,
    seconds: float | None = None,
) -> SyncReport:
    """
    Read an account's service, and make the index show what it shows. For what an application pushes
    there is nothing to do.

    :param on_batch: is called with each page once it is in the index.
    :param seconds: when to stop, after the page that is at hand; the next sync goes on there.
    :raises SyncBusy: if another worker does so now, or the account is no more.
    :raises SyncFailed: if the service can't be read; the message says why.
    """
    if identity.is_pushed:
        return SyncReport()
    try:
        _check_not_paused(identity.service)
        with acquire_lease(identity) as lease:
            report = _run(lease, on_batch, seconds)
    except LeaseLost as lost:
        raise SyncBusy(str(lost)) from None
    except (OperationalError, InterfaceError):
        logger.warning("A look at identity %s broke off.", identity.pk, exc_info=True)
        close_old_connections()  # else one that broke would be used for ever
        raise SyncFailed(LOCKED_MESSAGE) from None
    if report.complete:
        signals.identity_synced.send(Identity, identity=identity, report=report)
    return report


def _check_not_paused(service: str) -> None:
    pause = ServicePause.objects.active().filter(service=service).first()
    if pause:
        raise SyncFailed(f"{pause.reason} It is asked again from {pause.until:%H:%M} UTC on.")


def _run(
    lease: Lease, on_batch: Callable[[Batch], Any] | None, seconds: float | None
) -> SyncReport:
    """
    Look, and note in the row why that failed, if it does.
    """
    try:
        return _sync_batches(lease, on_batch, seconds)
    except Revoked as revoked:
        lease.revoke(revoked.reason)
        reason = revoked.reason
    except RetryLater as later:
        if later.all_accounts:
            ServicePause.objects.begin(lease.identity.service, later.reason, later.seconds)
        lease.back_off(later.reason, later.seconds or 0)
        reason = later.reason
    except Misconfigured as wrong:
        logger.error("%s can't be asked: %s", lease.identity.service, wrong.reason)
        lease.back_off(wrong.reason, MISCONFIGURED_WAIT)
        reason = wrong.reason
    except ServiceFailed as failed:
        lease.back_off(failed.reason)
        reason = failed.reason
    signals.identity_failed.send_robust(Identity, identity=lease.identity, reason=reason)
    raise SyncFailed(reason)


def _sync_batches(
    lease: Lease, on_batch: Callable[[Batch], Any] | None, seconds: float | None
) -> SyncReport:
    identity, report = lease.identity, SyncReport()
    end = None if seconds is None else time.monotonic() + seconds
    went_on, whole = identity.items_seen > 0, False
    owner_name = display_name(identity.user)
    pages = _open_batches(identity)
    while page := _next_batch(pages):
        ingest_batch(lease, page, owner_name, report)
        whole = page.full
        if on_batch:
            on_batch(page)
        if end is not None and time.monotonic() >= end:
            report.complete = False
            lease.yield_()
            return report
    if whole:
        report.removed += delete_unseen_items(lease)
    if report.changed or report.removed or went_on:
        delete_unused_tags(identity.user_id)
    lease.succeed()
    return report


def _open_batches(identity: Identity) -> Any:
    return iter(get_connector(identity).batches(identity.cursor, known_stamps(identity)))


def _next_batch(pages: Any) -> Batch | None:
    """
    Return the next page. Whatever a connector stumbles over is a failure of its service.
    """
    try:
        page: Batch | None = next(pages, None)
    except (ServiceFailed, OperationalError, InterfaceError):
        raise
    except Exception as fault:
        logger.exception("A connector stumbled over what its service said.")
        raise ServiceFailed(ERROR_MESSAGE) from fault
    return page
