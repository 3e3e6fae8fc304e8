"""
`force-update`: the person's services are asked before a query is answered (protocol, "Query").
"""

from __future__ import annotations

import logging
from typing import Any

from django_trove.client.query import Query

from .ids import ids_of
from .models import Identity
from .sync import SyncFailed, sync

__all__ = ["update"]

logger = logging.getLogger(__name__)


def update(person: Any, query: Query) -> bool:
    """
    Read the person's services anew. One that doesn't answer leaves the index as it was.

    :returns: whether all of them were read to the end.
    """
    identities = Identity.objects.of(person)
    if query.services:
        identities = identities.filter(service__in=query.services)
    if query.identities_by_id:
        identities = identities.filter(pk__in=ids_of(query.identities_by_id))
    complete = True
    for identity in identities:
        try:
            sync(identity)
        except SyncFailed as failed:
            complete = False
            logger.warning("Identity %s was not read anew: %s", identity.pk, failed)
    return complete
