"""
Pages of assets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from ..base import Batch, FoundItem, ItemFailure, KnownStamps
from ..remote import compute_stamp
from ..values import as_text
from .albums import Album
from .records import is_listed, parse_asset


class AssetReader:
    """
    Converts pages of assets to batches.

    :param state: of the sync.
    :param address: of the server.
    :param list_tags: returns the tags of assets whose records contain none, by id.
    """

    def __init__(
        self,
        state: Mapping[str, Any],
        known: KnownStamps,
        *,
        address: str,
        owner: str,
        with_archive: bool,
        list_tags: Callable[[], Mapping[str, list[str]]],
    ) -> None:
        self._state, self._known = state, known
        self._address, self._owner, self._with_archive = address, owner, with_archive
        self._list_tags = list_tags
        self._tags: Mapping[str, list[str]] | None = None
        self.albums: Mapping[str, Album] = {}

    @property
    def query(self) -> dict[str, Any]:
        """
        The parameters of the search. Changes include assets that were archived or deleted.
        """
        query: dict[str, Any] = {"withExif": True, "order": "asc"}
        if not self._state["full"]:
            since = datetime.fromtimestamp(max(self._state["since"], 0), UTC)
            return {**query, "withDeleted": True, "updatedAfter": f"{since:%Y-%m-%dT%H:%M:%S}.000Z"}
        return query if self._with_archive else {**query, "visibility": "timeline"}

    def build_batch(self, assets: list[dict[str, Any]]) -> Batch:
        ids = {as_text(asset.get("id")): asset for asset in assets}
        listed = {
            asset_id
            for asset_id, asset in ids.items()
            if is_listed(asset, with_archive=self._with_archive)
        }
        etags = self._known(list(listed))
        items, failures = [], []
        for asset_id in sorted(listed):
            try:
                item = self._build_item(ids[asset_id], etags.get(asset_id, ""))
            except (ValueError, TypeError, AttributeError, ArithmeticError):
                name = as_text(ids[asset_id].get("originalFileName")) or asset_id
                failures.append(ItemFailure(name=name, reason="The record is invalid."))
            else:
                items += [item] if item.etag != etags.get(asset_id) else []
        is_full = self._state["full"]
        return Batch(
            items=tuple(items),
            seen=tuple(sorted(listed)),
            deleted=() if is_full else tuple(sorted(filter(None, ids.keys() - listed))),
            failures=tuple(failures),
            total=self._state["total"] if is_full else None,
            cursor=dict(self._state),
            full=is_full,
        )

    def _build_item(self, asset: Mapping[str, Any], known_etag: str) -> FoundItem:
        """
        The second part of the etag is the album, which only a full sync knows.
        """
        photo = parse_asset(
            asset,
            self._address,
            tags=() if "tags" in asset else self._get_tags(as_text(asset.get("id"))),
            owner=self._owner,
        )
        stamp = compute_stamp(
            photo, as_text(asset.get("updatedAt")), as_text(asset.get("checksum"))
        )
        if not self._state["full"]:
            _, _, album_stamp = known_etag.partition("/")
            etag = f"{stamp}/{album_stamp}"
            return FoundItem(content=photo, etag=etag, proxied=True, has_album=False)
        album = self.albums.get(photo.id)
        if album:
            photo = structs.replace(photo, album_id=album.id, album_title=album.title)
        etag = f"{stamp}/{_hash_album(album)}"
        return FoundItem(content=photo, etag=etag, proxied=True)

    def _get_tags(self, asset_id: str) -> list[str]:
        if self._tags is None:
            self._tags = self._list_tags()
        return self._tags.get(asset_id, [])


def _hash_album(album: Album | None) -> str:
    if not album:
        return ""
    return hashlib.blake2s(f"{album.id} {album.title}".encode(), digest_size=8).hexdigest()
