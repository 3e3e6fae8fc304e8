"""
Delete items whose provider retention limit (`RETENTION_SECONDS`) passed without a successful sync.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ..accounts.removal import clear_items, record_error
from ..conf import conf
from ..connectors.registry import get_connector_classes
from ..connectors.remote import RemoteConnector
from ..models import Identity


def retention_periods() -> dict[str, float]:
    """
    Return the retention limit in seconds of each service that has one.
    """
    periods = {
        name: conf.services.get(name, {}).get(
            "RETENTION_SECONDS", connector.defaults.get("RETENTION_SECONDS")
        )
        for name, connector in get_connector_classes().items()
        if issubclass(connector, RemoteConnector)
    }
    return {name: float(seconds) for name, seconds in periods.items() if seconds is not None}


def delete_expired_items() -> int:
    """
    Delete the expired items, and reset the cursor so that the next sync is a full one. Accounts
    with a sync in progress that has not failed are skipped.

    :returns: the number of affected accounts.
    """
    now = timezone.now()
    expired = Q(pk__in=[])
    for name, seconds in retention_periods().items():
        cutoff = now - timedelta(seconds=seconds)
        never_synced = Q(last_synced_at=None, sync_started_at__lt=cutoff)
        expired |= Q(service=name) & (Q(last_synced_at__lt=cutoff) | never_synced)
    in_progress = Q(state=Identity.State.ACTIVE, sync_in_progress=True, failures=0)
    accounts = Identity.objects.unleased().filter(expired, ~in_progress)
    accounts = accounts.filter(tallies__items__gt=0).distinct()
    for identity in accounts:
        with record_error(identity):
            Identity.objects.filter(pk=identity.pk).update(cursor={}, sync_in_progress=False)
            clear_items(identity)
    return len(accounts)
