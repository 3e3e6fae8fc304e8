"""
Albums, and the numbers of their items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from ..models import UNDATED, Album, Identity, Item, Kind
from .memberships import Membership

ALBUM_COUNTS = {
    (Kind.PHOTO, False): ("photos",),
    (Kind.PHOTO, True): ("photos", "public_photos"),
    (Kind.VIDEO, False): ("videos",),
    (Kind.VIDEO, True): ("videos", "public_videos"),
}
"""The counts of an album that include an item, by kind and `public`."""
COUNTS = ALBUM_COUNTS[Kind.PHOTO, True] + ALBUM_COUNTS[Kind.VIDEO, True]


def update_albums(
    identity: Identity,
    before: Sequence[Membership],
    after: Sequence[Membership],
    titles: Mapping[str, str],
) -> None:
    ids = {each.album_id for each in (*before, *after)} - {""}
    if not ids:
        return
    changes = Counter(_iter_album_counts(after))
    changes.subtract(_iter_album_counts(before))
    albums = {
        album.service_id: album
        for album in Album.objects.filter(identity=identity, service_id__in=ids)
    }
    for album_id in sorted(ids):
        album = albums.setdefault(
            album_id,
            Album(owner_id=identity.user_id, identity=identity, service_id=album_id),
        )
        album.title = titles.get(album_id) or album.title
        for column in COUNTS:
            setattr(album, column, getattr(album, column) + changes[album_id, column])
    _save_albums(albums.values())


def _iter_album_counts(memberships: Iterable[Membership]) -> Iterable[tuple[str, str]]:
    for each in memberships:
        if each.album_id:
            for column in ALBUM_COUNTS.get((Kind(each.kind), each.public), ()):
                yield each.album_id, column


def _save_albums(albums: Iterable[Album]) -> None:
    filled = [album for album in albums if album.photos or album.videos]
    empty = [album.pk for album in albums if album.pk and not (album.photos or album.videos)]
    Album.objects.filter(pk__in=empty).delete()
    Album.objects.bulk_update([a for a in filled if a.pk], ["title", *COUNTS])
    Album.objects.bulk_create(a for a in filled if not a.pk)
    changed = Album.objects.filter(
        identity__in={album.identity_id for album in filled},
        service_id__in=[album.service_id for album in filled],
    )
    changed.update(
        newest_seconds=_newest_seconds(), newest_public_seconds=_newest_seconds(public=True)
    )


def _newest_seconds(**filters: Any) -> Greatest:
    newest = (newest_item(kind, **filters) for kind in (Kind.PHOTO, Kind.VIDEO))
    seconds = (Subquery(items.values("taken_at_seconds")) for items in newest)
    return Greatest(*(Coalesce(each, UNDATED) for each in seconds))


def newest_item(kind: Kind, **filters: Any) -> Any:
    """
    Return a queryset of the newest item of an album, for a subquery.
    """
    album = {name: OuterRef(name) for name in ("owner", "identity")}
    items = Item.objects.filter(kind=kind, album_id=OuterRef("service_id"), **album, **filters)
    return items.order_by("-taken_at_seconds", "-id")[:1]
