"""
Removal of the items that a complete sync did not find.

A listing can be wrong without an error: a disk is not mounted, or a service omits items. If there
is a reason to doubt a listing, the items are kept until a later sync finds them, or until an
operator confirms their removal.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from django_trove.core.database import atomic

from ..index.batches import BATCH
from ..index.write import delete_items
from ..models import Identity, Item
from .lease import Lease


@dataclass(frozen=True, slots=True)
class Removal:
    """
    :param removed: number of removed items.
    :param kept: number of items that were kept although a full sync did not find them; None if the
        sync was not full.
    :param reason: why they were kept.
    """

    removed: int = 0
    kept: int | None = None
    reason: str = ""


def remove_unseen_items(lease: Lease, expected: int | None) -> Removal:
    """
    :param expected: number of items according to the service, or None.
    """
    identity = lease.identity
    unseen = _unseen_items(identity).count()
    if not unseen:
        return Removal(kept=0)
    identity.refresh_from_db(fields=["doubt", "unreadable_count", "confirmed_removals"])
    reason = _find_doubt(identity, expected)
    if reason and unseen > identity.confirmed_removals:
        return Removal(kept=unseen, reason=reason)
    return Removal(removed=_delete_unseen_items(lease), kept=0)


def _find_doubt(identity: Identity, expected: int | None) -> str:
    """
    Return the reason for which the listing may be incomplete, or "".
    """
    if identity.doubt:
        return identity.doubt
    found = identity.items.filter(sync_number=identity.sync_number).count()
    found += identity.unreadable_count
    if expected is None:
        return "" if found else "No items were found."
    if found < expected:
        return f"The service has {expected} items, but listed only {found}."
    return ""


def _unseen_items(identity: Identity) -> QuerySet[Item]:
    return identity.items.exclude(sync_number=identity.sync_number)


def _delete_unseen_items(lease: Lease) -> int:
    removed = 0
    while items := list(_unseen_items(lease.identity).only("pk")[:BATCH]):
        with atomic(Item):
            lease.renew()
            delete_items(lease.identity, items)
        removed += len(items)
    return removed
