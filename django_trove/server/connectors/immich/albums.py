"""
Albums of Immich.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..base import Batch
from ..values import as_records, as_text


@dataclass(frozen=True, slots=True)
class Album:
    """
    :param stamp: changes whenever the album or its list of assets changes.
    """

    id: str
    title: str
    stamp: str


def parse_albums(value: Any) -> list[Album]:
    """
    Return the albums, sorted by id: an asset in several albums is in the last one in the index.
    """
    albums = {album.id: album for album in map(_parse_album, as_records(value)) if album.id}
    return [albums[album_id] for album_id in sorted(albums)]


def list_albums(
    state: dict[str, Any], data: Any, list_ids: Callable[[dict[str, Any]], Iterable[str]]
) -> Iterator[Batch]:
    """
    List the assets of new and changed albums. A full sync lists all albums and the assets without
    one, if an asset may have been removed from an album since the last full sync.

    :param state: of the sync.
    :param data: the list of albums.
    :param list_ids: returns the ids of the assets that a search finds.
    """
    albums, old = parse_albums(data), state["albums"]
    stamps = {album.id: album.stamp for album in albums}
    state.setdefault("stamps", stamps)  # a resumed sync must list later changes in the next one
    state["moved"] |= any(stamps.get(album_id) != stamp for album_id, stamp in old.items())
    is_complete = state["full"] and state["moved"]
    for album in albums:
        is_listed = is_complete or old.get(album.id) != album.stamp
        if is_listed and album.id > state.get("album", ""):
            ids = tuple(list_ids({"albumIds": [album.id]}))
            state["album"] = album.id
            yield _build_batch(state, album.id, ids, album.title)
    if is_complete:
        yield _build_batch(state, "", tuple(list_ids({"isNotInAlbum": True})))


def _build_batch(
    state: dict[str, Any], album_id: str, ids: tuple[str, ...], title: str = ""
) -> Batch:
    return Batch(
        albums={album_id: ids},
        album_titles={album_id: title},
        cursor=dict(state),
        full=state["full"],
    )


def _parse_album(record: dict[str, Any]) -> Album:
    title = as_text(record.get("albumName"))
    keys = ("updatedAt", "assetCount", "lastModifiedAssetTimestamp")
    values = [title, *(as_text(record.get(key)) for key in keys)]
    stamp = hashlib.blake2s("\n".join(values).encode(), digest_size=8).hexdigest()
    return Album(as_text(record.get("id")), title, stamp)
