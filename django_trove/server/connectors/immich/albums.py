"""
Albums of Immich.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

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
    Return the albums, sorted by id: an asset in several albums is in the first one of the index.
    """
    albums = {album.id: album for album in map(_parse_album, as_records(value)) if album.id}
    return [albums[album_id] for album_id in sorted(albums)]


def find_albums_of_assets(
    albums: Iterable[Album], list_album: Callable[[Album], list[str]]
) -> dict[str, Album]:
    """
    Return the album of each asset that is in one.

    :param list_album: returns the ids of an album's assets.
    """
    found: dict[str, Album] = {}
    for album in albums:
        for asset_id in list_album(album):
            found.setdefault(asset_id, album)
    return found


def _parse_album(record: dict[str, Any]) -> Album:
    title = as_text(record.get("albumName"))
    keys = ("updatedAt", "assetCount", "lastModifiedAssetTimestamp")
    values = [title, *(as_text(record.get(key)) for key in keys)]
    stamp = hashlib.blake2s("\n".join(values).encode(), digest_size=8).hexdigest()
    return Album(as_text(record.get("id")), title, stamp)
