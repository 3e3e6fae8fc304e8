"""
`force-update`: the person's services are asked before a query is answered (protocol, "Query").
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

from django.utils import timezone

from django_trove.client.query import Query

from .conf import conf
from .ids import ids_of
from .models import Identity
from .sync import SyncBusy, SyncFailed, sync
from .tasks import has_worker, request_sync

__all__ = ["update"]

POLL = 0.2  # seconds between two looks at what another worker does

logger = logging.getLogger(__name__)


def update(person: Any, query: Query) -> bool:
    """
    Read the person's services anew, for `UPDATE_SECONDS` altogether; a worker goes on with what is
    not done by then. A service that doesn't answer leaves the index as it was.

    :returns: whether all of them were read to the end.
    """
    end = time.monotonic() + conf.update_seconds
    identities = Identity.objects.of(person).filter(state=Identity.State.ACTIVE)
    if query.services:
        identities = identities.filter(service__in=query.services)
    if query.identities_by_id:
        identities = identities.filter(pk__in=ids_of(query.identities_by_id))
    new = [_is_new(identity, end) for identity in identities]  # each, whatever became of others
    return all(new)


def _is_new(identity: Identity, end: float) -> bool:
    """
    Read one service until `end`.
    """
    began, left = timezone.now(), end - time.monotonic()
    try:
        complete = left > 0 and sync(identity, seconds=left).complete
    except SyncBusy:
        return _other_is_done(identity, began, end)
    except SyncFailed as failed:
        logger.warning("Identity %s was not read anew: %s", identity.pk, failed)
        return False
    if not complete and has_worker():
        request_sync(identity)
    return complete


def _other_is_done(identity: Identity, began: datetime, end: float) -> bool:
    """
    Wait for the worker that reads the service now.
    """
    done = Identity.objects.filter(pk=identity.pk, last_synced__gte=began)
    while not done.exists():
        if time.monotonic() >= end:
            return False
        time.sleep(POLL)
    return True
