"""
Removal of the items that a complete sync did not find.

A listing can be wrong without an error: a disk is not mounted, or a service omits items. If there
is a reason to doubt a listing, its items are kept until a later sync finds them, or until an
operator confirms their removal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from django_trove.core.database import atomic

from ..connectors.base import Batch
from ..connectors.messages import NO_MESSAGE, Message, join_messages
from ..connectors.messages import Message as _
from ..index.batches import BATCH
from ..index.write import delete_items
from ..models import Identity, Item, Kind
from ..models.index import KINDS
from .lease import Lease

GROUPS = ((Kind.PHOTO, Kind.VIDEO), (Kind.STATUS,), (Kind.CHECKIN,), (Kind.FRIEND,))
"""Kinds that services list together. Each listing can be incomplete."""


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
    reason: Message = NO_MESSAGE


def remove_unseen_items(lease: Lease, batch: Batch) -> Removal:
    """
    :param batch: the last batch of a full sync.
    """
    identity = lease.identity
    removed = _remove_other_types(lease, batch)
    unseen = _count_by_kind(_unseen_items(identity))
    if not unseen:
        return Removal(removed, kept=0)
    identity.refresh_from_db(fields=["doubt", "unreadable_count", "confirmed_removals"])
    found = _count_by_kind(identity.items.filter(sync_number=identity.sync_number))
    doubts = {
        kinds: reason
        for kinds in GROUPS
        if not unseen.keys().isdisjoint(kinds)
        and (reason := _find_doubt(identity, kinds, found, batch.expected))
    }
    kept_kinds = [kind for kinds in doubts for kind in kinds]
    kept = sum(unseen[kind] for kind in kept_kinds)
    if kept <= identity.confirmed_removals:
        return Removal(removed + _delete_items(lease, _unseen_items(identity)), kept=0)
    removed += _delete_items(lease, _unseen_items(identity).exclude(kind__in=kept_kinds))
    return Removal(removed, kept=kept, reason=join_messages(*dict.fromkeys(doubts.values())))


def _remove_other_types(lease: Lease, batch: Batch) -> int:
    """
    Delete the items of types that are not imported any more, even if they were listed: the user or
    the operator does not want them here.
    """
    if batch.content_types is None:
        return 0
    listed = [KINDS[name] for name in batch.content_types]
    return _delete_items(lease, lease.identity.items.exclude(kind__in=listed))


def _find_doubt(
    identity: Identity, kinds: Collection[int], found: Counter[int], expected: int | None
) -> Message:
    """
    Return the reason for which the listing of these kinds may be incomplete, or "".
    """
    doubt: Message = identity.doubt
    if doubt:
        return doubt
    is_media = Kind.PHOTO in kinds
    count = sum(found[kind] for kind in kinds) + (identity.unreadable_count if is_media else 0)
    if expected is None or not is_media:
        return NO_MESSAGE if count else _("No items were found.")
    if count < expected:
        return _(
            "The service listed only %(count)s of %(expected)s items.",
            expected=expected,
            count=count,
        )
    return NO_MESSAGE


def _unseen_items(identity: Identity) -> QuerySet[Item]:
    return identity.items.exclude(sync_number=identity.sync_number)


def _count_by_kind(items: QuerySet[Item]) -> Counter[int]:
    rows = items.order_by().values_list("kind").annotate(count=Count("pk"))
    return Counter(dict(rows))


def _delete_items(lease: Lease, items: QuerySet[Item]) -> int:
    removed = 0
    while batch := list(items.only("pk")[:BATCH]):
        with atomic(Item):
            lease.renew()
            delete_items(lease.identity, batch)
        removed += len(batch)
    return removed
