"""
What services want us to forget: items of an account that wasn't looked at for as long as its
service lets us keep them (`RETENTION_SECONDS`), because its leave was taken back or it can't be read.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ..accounts.registry import get_connector_classes
from ..accounts.removal import clear_items
from ..conf import conf
from ..connectors.remote import RemoteConnector
from ..models import Identity


def retention_periods() -> dict[str, float]:
    """
    Return the services that let us keep what they said for so many seconds.
    """
    every = {
        name: conf.services.get(name, {}).get(
            "RETENTION_SECONDS", connector.defaults.get("RETENTION_SECONDS")
        )
        for name, connector in get_connector_classes().items()
        if issubclass(connector, RemoteConnector)
    }
    return {name: float(seconds) for name, seconds in every.items() if seconds is not None}


def delete_expired_items() -> int:
    """
    Take those items out of the index. The next look at the account is one at everything. A look
    that takes long, and goes well, is left at it.

    :returns: of how many accounts.
    """
    now = timezone.now()
    old = Q(pk__in=[])
    for name, seconds in retention_periods().items():
        then = now - timedelta(seconds=seconds)
        never = Q(last_synced_at=None, sync_started_at__lt=then)
        old |= Q(service=name) & (Q(last_synced_at__lt=then) | never)
    going_well = Q(state=Identity.State.ACTIVE, sync_in_progress=True, failures=0)
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)
    stale = Identity.objects.filter(old, free, ~going_well)
    accounts = stale.filter(tallies__items__gt=0).distinct()
    for identity in accounts:
        Identity.objects.filter(pk=identity.pk).update(cursor={}, sync_in_progress=False)
        clear_items(identity)
    return len(accounts)
