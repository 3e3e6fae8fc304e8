"""
Writing and deletion of items, including their tags and the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F
from msgspec import to_builtins

from django_trove.client.codec.values import drop_extreme_year
from django_trove.client.content import Size, Video
from django_trove.core.database import atomic, get_connection

from ..connectors.base import FoundItem
from ..models import Identity, Item, Kind, Library, Tag, Tally, latitude_band_of
from ..models.index import to_epoch_seconds, to_local_seconds
from .tags import remove_identity_tags, remove_tags, update_tags
from .words import join_words


def write_items(identity: Identity, rows: Sequence[Item]) -> list[Item]:
    """
    Insert or update items in one transaction.

    :param rows: unsaved items of this account (`build_item`), one per `service_id`.
    :returns: the saved items.
    """
    with atomic(Item):
        Library.objects.touch(identity.user_id)
        ids = [row.service_id for row in rows]
        previous_kinds = identity.items.filter(service_id__in=ids).values_list("kind", flat=True)
        changes = Counter(row.kind for row in rows)
        changes.subtract(previous_kinds)
        items = _upsert_items(identity, rows)
        update_tags(identity.user_id, items)
        _update_tallies(identity, changes)
    return items


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
        changes: Counter[int] = Counter()
        changes.subtract(existing.values_list("kind", flat=True))
        remove_tags(ids)
        existing.delete()
        _update_tallies(identity, changes)


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


def _update_tallies(identity: Identity, changes: Counter[int]) -> None:
    kinds = sorted(kind for kind, difference in changes.items() if difference)
    columns = {"identity": identity, "owner_id": identity.user_id, "service": identity.service}
    Tally.objects.bulk_create(
        [Tally(**columns, kind=kind) for kind in kinds], ignore_conflicts=True
    )
    for kind in kinds:
        tallies = Tally.objects.filter(identity=identity, kind=kind)
        tallies.update(items=F("items") + changes[kind])


MAX_DIMENSION = 2**31 - 1
# Columns that a sync overwrites.
CONTENT_FIELDS = (
    "kind",
    "etag",
    "sync_number",
    "taken_at_seconds",
    "local_seconds",
    "utc_offset",
    "uploaded_at_seconds",
    "title",
    "description",
    "words",
    "owner_name",
    "urls",
    "files",
    "tags",
    "album_id",
    "album_title",
    "license",
    "width",
    "height",
    "duration",
    "media_type",
    "sizes",
    "camera",
    "public",
    "web_url",
    "latitude",
    "longitude",
    "latitude_band",
)


def build_item(
    identity: Identity, item: FoundItem, files: Mapping[str, Any], owner_name: str
) -> Item:
    """
    Return an unsaved item.

    :param files: see `Item.files`.
    :param owner_name: default for photos without an owner.
    """
    photo = item.photo
    latitude, longitude = photo.location or (None, None)
    return Item(
        owner_id=identity.user_id,
        identity=identity,
        service=identity.service,
        service_id=photo.id,
        kind=Kind.VIDEO if isinstance(photo, Video) else Kind.PHOTO,
        etag=item.etag,
        sync_number=identity.sync_number,
        taken_at_seconds=to_epoch_seconds(photo.date),
        local_seconds=to_local_seconds(photo.date, photo.utc_offset),
        utc_offset=photo.utc_offset,
        uploaded_at_seconds=to_epoch_seconds(drop_extreme_year(photo.upload_date)),
        title=photo.title,
        description=photo.description,
        words=join_words(photo.title, photo.description),
        owner_name=photo.owner or owner_name,
        urls=dict(photo.urls),
        files=dict(files),
        tags=[tag for tag in photo.tags if str(tag).strip()],
        album_id=photo.album_id,
        album_title=photo.album_title,
        license=photo.license,
        width=min(photo.width, MAX_DIMENSION),
        height=min(photo.height, MAX_DIMENSION),
        duration=getattr(photo, "duration", 0),
        media_type=photo.media_type or item.type,
        sizes={name: list(size) for name, size in _find_sizes(item).items()},
        camera=to_builtins(photo.camera),
        public=photo.public,
        web_url=photo.original_web_url,
        latitude=latitude,
        longitude=longitude,
        latitude_band=latitude_band_of(latitude),
    )


def _find_sizes(item: FoundItem) -> dict[str, Size]:
    rendered = {name: (r.width, r.height) for name, r in item.renditions.items() if r.width}
    return {**item.photo.sizes, **rendered}
