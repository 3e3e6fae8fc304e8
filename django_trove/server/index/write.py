"""
Writing and deletion of items, including their tags and the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from django_trove.core.database import atomic, get_connection

from ..models import Identity, Item, Library, Tag, Tally
from .batches import split_into_batches
from .counts import update_counts
from .items import CONTENT_FIELDS
from .memberships import Membership, get_membership, read_memberships
from .tags import remove_identity_tags, remove_tags, update_tags


def write_items(identity: Identity, rows: Sequence[Item]) -> list[Item]:
    """
    Insert or update items in one transaction.

    :param rows: unsaved items of this account (`build_item`), one per `service_id`.
    :returns: the saved items.
    """
    with atomic(Item):
        Library.objects.touch(identity.user_id)
        ids = [row.service_id for row in rows]
        before = read_memberships(identity.items.filter(service_id__in=ids))
        items = _upsert_items(identity, rows)
        update_tags(identity.user_id, items)
        after = [get_membership(row) for row in rows]
        _update_tallies(identity, before, after)
        update_counts(identity, before, after, {row.album_id: row.album_title for row in rows})
    return items


def assign_album(
    identity: Identity, album_id: str, album_title: str, service_ids: Sequence[str]
) -> None:
    """
    Move items of an account to an album.
    """
    columns = {"album_id": album_id, "album_title": album_title}
    for batch in split_into_batches(service_ids):
        items = identity.items.filter(service_id__in=batch).exclude(**columns)
        with atomic(Item):
            before = read_memberships(items)
            if before:
                Library.objects.touch(identity.user_id)
                items.update(**columns)
                after = [each._replace(album_id=album_id) for each in before]
                update_counts(identity, before, after, {album_id: album_title})


def _upsert_items(identity: Identity, rows: Sequence[Item]) -> list[Item]:
    """
    MySQL supports neither a conflict target nor returned ids, and MariaDB only the latter.
    """
    features = get_connection(Item).features
    supports_target = features.supports_update_conflicts_with_target
    items = Item.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identity", "service_id"] if supports_target else None,
        update_fields=CONTENT_FIELDS,
    )
    if not features.can_return_rows_from_bulk_insert:
        existing = identity.items.filter(service_id__in=[item.service_id for item in items])
        pks = dict(existing.values_list("service_id", "pk"))
        for item in items:
            item.pk = pks[item.service_id]
    return items


def delete_items(identity: Identity, items: Iterable[Item]) -> None:
    """
    Delete items of an account in one transaction. Their files are deleted by a signal
    (`media.storage.delete_item_files`).
    """
    with atomic(Item):
        Library.objects.touch(identity.user_id)
        ids = [item.pk for item in items]
        existing = identity.items.filter(pk__in=ids)
        before = read_memberships(existing)
        remove_tags(ids)
        existing.delete()
        _update_tallies(identity, before, [])
        update_counts(identity, before, [], {})


def delete_unused_tags(owner_id: Any) -> None:
    with atomic(Item):
        Library.objects.touch(owner_id)  # lock out writers that could start to use such a tag
        Tag.objects.filter(owner=owner_id, items=0).delete()


def uncount_identity(instance: Identity, **kwargs: Any) -> None:
    """
    Receiver of `pre_delete`: update the counts before an account's items are deleted by cascade. It
    does not create a library, since the user may be being deleted, too.
    """
    Library.objects.filter(user=instance.user_id).update(version=F("version") + 1)
    remove_identity_tags(instance)


def _update_tallies(
    identity: Identity, before: Sequence[Membership], after: Sequence[Membership]
) -> None:
    changes = Counter(each.kind for each in after)
    changes.subtract(each.kind for each in before)
    kinds = sorted(kind for kind, difference in changes.items() if difference)
    columns = {"identity": identity, "owner_id": identity.user_id, "service": identity.service}
    Tally.objects.bulk_create(
        [Tally(**columns, kind=kind) for kind in kinds], ignore_conflicts=True
    )
    for kind in kinds:
        tallies = Tally.objects.filter(identity=identity, kind=kind)
        tallies.update(items=F("items") + changes[kind])
