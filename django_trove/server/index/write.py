"""
What changes the index: items with their tags, and the counts that are kept of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, router, transaction
from django.db.models import F

from django_trove.client.content import Video

from ..connectors.base import FoundItem
from ..models import Identity, Item, Kind, Library, Tag, Tally, latitude_band_of
from ..models.index import to_epoch_seconds
from .tags import remove_identity_tags, remove_tags, update_tags


def write_items(identity: Identity, rows: Sequence[Item]) -> list[Item]:
    """
    Make new items, and bring those that are there up to date, in one transaction.

    :param rows: unsaved ones of this account (`rows.item_row`), each `service_id` once.
    :returns: the items, saved.
    """
    with transaction.atomic():
        Library.objects.touch(identity.user_id)
        ids = [row.service_id for row in rows]
        before = identity.items.filter(service_id__in=ids).values_list("kind", flat=True)
        gained = Counter(row.kind for row in rows)
        gained.subtract(before)
        items = _upsert_items(identity, rows)
        update_tags(identity.user_id, items)
        _update_tallies(identity, gained)
    return items


def _upsert_items(identity: Identity, rows: Sequence[Item]) -> list[Item]:
    """
    Save rows over those that are there. MySQL can't be told by which key, and has no other; nor
    does it say what the rows are called, as MariaDB does.
    """
    features = connections[router.db_for_write(Item)].features
    named = features.supports_update_conflicts_with_target
    items = Item.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identity", "service_id"] if named else None,
        update_fields=CONTENT_BY_TYPE,
    )
    if not features.can_return_rows_from_bulk_insert:
        there = identity.items.filter(service_id__in=[item.service_id for item in items])
        keys = dict(there.values_list("service_id", "pk"))
        for item in items:
            item.pk = keys[item.service_id]
    return items


def delete_items(identity: Identity, items: Iterable[Item]) -> None:
    """
    Take items of this account out of the index, in one transaction. Their files follow
    (`storage.discard_of`).
    """
    with transaction.atomic():
        Library.objects.touch(identity.user_id)
        ids = [item.pk for item in items]
        there = identity.items.filter(pk__in=ids)
        gained: Counter[int] = Counter()
        gained.subtract(there.values_list("kind", flat=True))
        remove_tags(ids)
        there.delete()
        _update_tallies(identity, gained)


def delete_unused_tags(owner_id: Any) -> None:
    """
    Forget a person's tags that no item has any more.
    """
    with transaction.atomic():
        Library.objects.touch(owner_id)  # so that nobody begins to use one meanwhile
        Tag.objects.filter(owner=owner_id, items=0).delete()


def uncount_identity(instance: Identity, **kwargs: Any) -> None:
    """
    Keep the counts right before an account is deleted, in whatever way: its items go with it.
    No library is made here: its person may be about to go, too.
    """
    Library.objects.filter(user=instance.user_id).update(version=F("version") + 1)
    remove_identity_tags(instance)


def _update_tallies(identity: Identity, gained: Counter[int]) -> None:
    kinds = sorted(kind for kind, difference in gained.items() if difference)
    Tally.objects.bulk_create(
        [Tally(identity=identity, kind=kind) for kind in kinds], ignore_conflicts=True
    )
    for kind in kinds:
        mine = Tally.objects.filter(identity=identity, kind=kind)
        mine.update(items=F("items") + gained[kind])


MAX_DIMENSION = 2**31 - 1
CONTENT_BY_TYPE = (
    "kind",
    "etag",
    "sync_number",
    "taken_at_seconds",
    "title",
    "description",
    "owner_name",
    "urls",
    "files",
    "tags",
    "album_id",
    "license",
    "width",
    "height",
    "duration",
    "public",
    "web_url",
    "latitude",
    "longitude",
    "latitude_band",
)
"""The columns that an item's service decides on."""


def build_item(
    identity: Identity, found: FoundItem, files: Mapping[str, Any], owner_name: str
) -> Item:
    """
    Return an unsaved row.

    :param files: as `Item.files`.
    :param owner_name: for a photo whose service doesn't tell.
    """
    photo = found.photo
    latitude, longitude = photo.location or (None, None)
    return Item(
        owner_id=identity.user_id,
        identity=identity,
        service=identity.service,
        service_id=photo.id,
        kind=Kind.VIDEO if isinstance(photo, Video) else Kind.PHOTO,
        etag=found.etag,
        sync_number=identity.sync_number,
        taken_at_seconds=to_epoch_seconds(photo.date),
        title=photo.title,
        description=photo.description,
        owner_name=photo.owner or owner_name,
        urls=dict(photo.urls),
        files=dict(files),
        tags=[tag for tag in photo.tags if str(tag).strip()],
        album_id=photo.album_id,
        license=photo.license,
        width=min(photo.width, MAX_DIMENSION),
        height=min(photo.height, MAX_DIMENSION),
        duration=getattr(photo, "duration", 0),
        public=photo.public,
        web_url=photo.original_web_url,
        latitude=latitude,
        longitude=longitude,
        latitude_band=latitude_band_of(latitude),
    )
