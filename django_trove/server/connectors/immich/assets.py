"""
Pages of assets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from ..base import Batch, FoundItem, ItemFailure, KnownStamps
from ..etags import compute_etag
from ..messages import Message as _
from ..values import as_text
from .records import get_served_type, is_id, is_listed, parse_asset


class AssetReader:
    """
    Converts pages of assets to batches.

    :param state: of the sync.
    :param address: of the server.
    :param owner_id: assets of others, such as partners, are not imported.
    :param with_originals: whether the key permits downloading originals.
    :param list_tags: returns the tags of assets whose records contain none, by id.
    """

    def __init__(
        self,
        state: Mapping[str, Any],
        known: KnownStamps,
        *,
        address: str,
        owner: str,
        owner_id: str,
        with_archive: bool,
        with_originals: bool,
        list_tags: Callable[[Collection[str]], Mapping[str, list[str]]],
    ) -> None:
        self._state, self._known = state, known
        self._address, self._owner, self._with_archive = address, owner, with_archive
        self._owner_id, self._list_tags = owner_id, list_tags
        self._with_originals = with_originals

    @property
    def query(self) -> dict[str, Any]:
        """
        The parameters of the search. Changes include deleted assets.
        """
        query: dict[str, Any] = {"withExif": True, "order": "asc"}
        if self._state["full"]:
            return query
        return {**query, "withDeleted": True, "updatedAfter": format_time(self._state["since"])}

    def build_batch(self, assets: list[dict[str, Any]]) -> Batch:
        ids = {as_text(asset.get("id")): asset for asset in assets}
        listed = {asset_id for asset_id, asset in ids.items() if self._is_listed(asset)}
        untagged = [
            asset_id for asset_id in listed if is_id(asset_id) and "tags" not in ids[asset_id]
        ]
        tags = self._list_tags(sorted(untagged)) if untagged else {}
        etags = self._known(list(listed))
        items, failures = [], []
        for asset_id in sorted(listed):
            try:
                item = self._build_item(ids[asset_id], tags.get(asset_id, []))
            except (ValueError, TypeError, AttributeError, ArithmeticError):
                name = as_text(ids[asset_id].get("originalFileName")) or asset_id
                failures.append(ItemFailure(name=name, reason=_("The record is invalid.")))
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

    def _is_listed(self, asset: Mapping[str, Any]) -> bool:
        owner_id = as_text(asset.get("ownerId"))
        is_own = not owner_id or not self._owner_id or owner_id == self._owner_id
        return is_own and is_listed(asset, with_archive=self._with_archive)

    def _build_item(self, asset: Mapping[str, Any], tags: list[str]) -> FoundItem:
        photo = parse_asset(
            asset,
            self._address,
            tags=tags,
            owner=self._owner,
            with_originals=self._with_originals,
        )
        etag = compute_etag(photo, as_text(asset.get("updatedAt")), as_text(asset.get("checksum")))
        media_type = get_served_type(photo) if "original" in photo.urls else ""
        return FoundItem(content=photo, etag=etag, type=media_type, proxied=True, has_album=False)


def format_time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(max(seconds, 0), UTC):%Y-%m-%dT%H:%M:%S}.000Z"
