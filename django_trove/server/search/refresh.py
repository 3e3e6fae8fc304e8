"""
`force-update`: the person's services are asked before a query is answered (protocol, "Query").
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from django_trove.client.query import Query

from ..conf import conf
from ..index.values import parse_ids
from ..models import Identity, ServicePause
from ..sync.engine import SyncBusy, SyncFailed, sync
from ..tasks import has_worker, request_sync

POLL_INTERVAL = 0.2  # seconds between two looks at what a worker does

logger = logging.getLogger(__name__)


def refresh(person: Any, query: Query) -> bool:
    """
    Read the person's services anew, for `FORCE_UPDATE_SECONDS` altogether. Workers do it, where
    there are any, and go on with what is not done by then; else it is done here, to the end of the
    page that is at hand. A service that doesn't answer leaves the index as it was.

    :returns: whether all of them were read to the end.
    """
    began, end = timezone.now(), time.monotonic() + conf.force_update_seconds
    identities = _identities_to_sync(person, query)
    # What is enqueued in a transaction isn't seen before that ends, however long it is waited for.
    if not has_worker() or connection.in_atomic_block:
        new = [_sync_until(identity, began, end) for identity in identities]
        return all(new)  # each was tried, whatever became of others
    paused = set(ServicePause.objects.active().values_list("service", flat=True))
    now = [identity for identity in identities if identity.service not in paused]
    for identity in now:
        request_sync(identity)
    return _wait_for(now, began, end) and len(now) == len(identities)


def _identities_to_sync(person: Any, query: Query) -> list[Identity]:
    identities = Identity.objects.of(person).filter(state=Identity.State.ACTIVE)
    if query.services:
        identities = identities.filter(service__in=query.services)
    if query.identities_by_id:
        identities = identities.filter(pk__in=parse_ids(query.identities_by_id))
    return [identity for identity in identities if not identity.is_pushed]


def _sync_until(identity: Identity, began: datetime, end: float) -> bool:
    """
    Read one service here, until `end`.
    """
    left = end - time.monotonic()
    try:
        complete = left > 0 and sync(identity, seconds=left).complete
    except SyncBusy:
        return _wait_for([identity], began, end)
    except SyncFailed as failed:
        logger.warning("Identity %s was not read anew: %s", identity.pk, failed)
        return False
    if not complete and has_worker():
        request_sync(identity)
    return complete


def _wait_for(identities: list[Identity], began: datetime, end: float) -> bool:
    """
    Wait for the workers that read these services, as long as there is one that may come to its end.
    """
    failures = {identity.pk: identity.failures for identity in identities}
    undone = Identity.objects.filter(pk__in=failures).exclude(last_synced_at__gte=began)
    while left := list(undone.all()):
        active = (row for row in left if row.state == Identity.State.ACTIVE)
        hopeful = [row for row in active if row.failures <= failures[row.pk]]
        if not hopeful or time.monotonic() >= end:
            return False
        time.sleep(POLL_INTERVAL)
    return True
