"""
Sync before a query with `force-update` (protocol, section 4.10).
"""

from __future__ import annotations

import logging
import time
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


def refresh(user: Any, query: Query) -> bool:
    """
    Sync the accounts of a query, within `FORCE_UPDATE_SECONDS`, and return whether all syncs are
    complete. Workers sync them if there are any, and continue after the timeout. Otherwise they are
    synced here.
    """
    start, deadline = timezone.now(), time.monotonic() + conf.force_update_seconds
    identities = _identities_to_sync(user, query)
    # In a transaction, workers would not see the task before the end of the request.
    if not has_worker() or get_connection(Identity).in_atomic_block:
        complete = [_sync_until(identity, start, deadline) for identity in identities]
        return all(complete)
    paused = set(ServicePause.objects.active().values_list("service", flat=True))
    active = [identity for identity in identities if identity.service not in paused]
    for identity in active:
        request_sync(identity)
    return _wait_for(active, start, deadline) and len(active) == len(identities)


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
        return _wait_for([identity], start, deadline)
    except SyncFailed as error:
        logger.warning("The sync of identity %s failed: %s", identity.pk, error)
        return False
    if not complete and has_worker():
        request_sync(identity)
    return complete


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
