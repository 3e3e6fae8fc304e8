"""
Sync before a query with `force-update` (protocol, section 4.10).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from django_trove.client.query import Query
from django_trove.core.database import get_connection

from ..conf import conf
from ..index.values import parse_ids
from ..models import Identity, ServicePause
from ..sync.engine import SyncBusy, SyncFailed, sync
from ..tasks import has_worker, request_sync

POLL_INTERVAL = 0.2  # seconds

logger = logging.getLogger(__name__)


class WaitSlots:
    """
    Limits the number of threads of this process that wait for syncs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = 0

    @contextmanager
    def acquire(self) -> Iterator[bool]:
        """
        Acquire a slot without waiting.

        :returns: whether a slot was free.
        """
        with self._lock:
            acquired = self._used < conf.force_update_waits
            self._used += acquired
        try:
            yield acquired
        finally:
            with self._lock:
                self._used -= acquired


wait_slots = WaitSlots()


def refresh(user: Any, query: Query) -> bool:
    """
    Sync the accounts of a query, within `FORCE_UPDATE_SECONDS`, and return whether all syncs are
    complete. Workers sync them if there are any, and continue after the timeout. Otherwise they are
    synced here.
    """
    start, deadline = timezone.now(), time.monotonic() + conf.force_update_seconds
    identities = _identities_to_sync(user, query)
    with wait_slots.acquire() as acquired:
        # In a transaction, workers would not see the task before the end of the request.
        if not has_worker() or get_connection(Identity).in_atomic_block:
            complete = [acquired and _sync_until(one, start, deadline) for one in identities]
            return all(complete)
        paused = set(ServicePause.objects.active().values_list("service", flat=True))
        active = [identity for identity in identities if identity.service not in paused]
        may_wait = _enqueue_all(active) and acquired
        return may_wait and _wait_for(active, start, deadline) and len(active) == len(identities)


def _enqueue_all(identities: list[Identity]) -> bool:
    """
    Enqueue a sync of each account, and return whether to wait for the syncs. Only the call that
    enqueued them waits, and only if the queue is short: workers may have been stopped.
    """
    enqueued = [request_sync(identity) for identity in identities]
    return all(enqueued) and Identity.objects.queued().count() <= max(
        conf.force_update_waits, len(identities)
    )


def _identities_to_sync(user: Any, query: Query) -> list[Identity]:
    identities = Identity.objects.of(user).filter(state=Identity.State.ACTIVE)
    if query.services:
        identities = identities.filter(service__in=query.services)
    if query.identities_by_id:
        identities = identities.filter(pk__in=parse_ids(query.identities_by_id))
    return [identity for identity in identities if not identity.is_pushed]


def _sync_until(identity: Identity, start: datetime, deadline: float) -> bool:
    seconds = deadline - time.monotonic()
    try:
        complete = seconds > 0 and sync(identity, seconds=seconds).complete
    except SyncBusy:
        return _wait_for_other_sync(identity, start, deadline)
    except SyncFailed as error:
        logger.warning("The sync of identity %s failed: %s", identity.pk, error)
        return False
    if not complete and has_worker():
        request_sync(identity)
    return complete


def _wait_for_other_sync(identity: Identity, start: datetime, deadline: float) -> bool:
    """
    Wait for the sync of another process. Only one process waits at a time.
    """
    row = Identity.objects.filter(pk=identity.pk)
    if not row.enter_queue():
        return False
    try:
        return _wait_for([identity], start, deadline)
    finally:
        row.leave_queue()


def _wait_for(identities: list[Identity], start: datetime, deadline: float) -> bool:
    """
    Wait for workers until all accounts are synced, or none of the remaining syncs can succeed.
    """
    failures = {identity.pk: identity.failures for identity in identities}
    pending = Identity.objects.filter(pk__in=failures).exclude(last_synced_at__gte=start)
    while rows := list(pending.all()):
        active = (row for row in rows if row.state == Identity.State.ACTIVE)
        running = [row for row in active if row.failures <= failures[row.pk]]
        if not running or time.monotonic() >= deadline:
            return False
        time.sleep(POLL_INTERVAL)
    return True
