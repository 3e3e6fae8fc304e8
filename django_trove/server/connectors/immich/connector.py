"""
Connector for Immich, with an API key of the user. Versions 1.13x and 3.x differ in their listings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ..base import (
    Batch,
    KnownStamps,
    Rendition,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..entered import AccountField, EnteredService
from ..remote import Authorization
from ..values import as_int, as_records, as_text, dig
from .account import NOT_FOUND, find_api, read_permissions
from .albums import Album, find_albums_of_assets, parse_albums
from .api import (
    PermissionMissing,
    describe_missing,
    find_excess_permissions,
    find_missing_permissions,
    get_error,
    parse_response,
)
from .assets import AssetReader
from .records import PREVIEWS, split_tag

PAGE_SIZE = 1000
OVERLAP = 3600  # seconds of clock skew when changes are listed
CHANGED = "The library changed while it was listed."
State = dict[str, Any]


class Immich(EnteredService):
    """
    A sync lists assets with 1,000 per request. The first sync and then one per `FULL_SYNC_INTERVAL`
    are full, because deletions are not listed; the others list changed assets and albums.
    """

    name = "immich"
    title = "Immich"
    description = (
        "Your photos and videos in Immich, except for archived ones. In Immich, create an API key "
        "under Account settings, API keys, with the permissions asset.read, asset.view, "
        "album.read, tag.read, user.read, asset.statistics and apiKey.read."
    )
    fields = (
        AccountField(
            name="address",
            label="Address",
            help_text="Such as https://photos.example.com",
        ),
        AccountField(name="key", label="API key", is_secret=True),
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        **EnteredService.defaults,
        "FULL_SYNC_INTERVAL": 86_400,
        "WITH_ARCHIVE": False,
        "RETENTION_SECONDS": None,
    }

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        address = self.normalize_address(values["address"]).removesuffix("/api")
        api, headers = find_api(self.request, address), {"x-api-key": values["key"].strip()}
        address = api.removesuffix("/api")
        try:
            permissions = read_permissions(self.request, api, headers)
            if missing := find_missing_permissions(permissions):
                raise ServiceFailed(describe_missing(missing))
            user = parse_response(self.request("GET", f"{api}/users/me", headers=headers))
        except PermissionMissing:
            raise
        except Revoked:
            raise ServiceFailed("Immich does not accept the API key. Copy it again.") from None
        user_id, email = as_text(dig(user, "id")), as_text(dig(user, "email"))
        if not user_id:
            raise ServiceFailed(NOT_FOUND)
        excess = find_excess_permissions(permissions)
        notice = f"The API key has more permissions than required: {', '.join(excess)}."
        return Authorization(
            token={"key": values["key"].strip()},
            service_id=user_id,
            name=as_text(dig(user, "name")) or email,
            url=address,
            settings={"address": address, "api": api, "owner": as_text(dig(user, "name"))},
            notice=notice if excess else "",
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        albums = parse_albums(self._get("/albums"))
        state = dict(cursor) if cursor.get("phase") else self._start_state(cursor)
        assets = AssetReader(
            state,
            known,
            address=self.address,
            owner=self.settings.get("owner", ""),
            with_archive=bool(self.config["WITH_ARCHIVE"]),
            list_tags=self.list_tags,
        )
        if state["full"]:
            assets.albums = find_albums_of_assets(albums, self._list_album)
        while state["next"]:
            page = self._search({**assets.query, **state["next"]})
            state["next"] = _find_next(page, state["next"])
            yield assets.build_batch(as_records(page.get("items")))
        if not state["full"]:
            yield from self._list_changed_albums(albums, state)
        yield self._build_last_batch(albums, state)

    def fetch_sizes(
        self, service_id: str, urls: Mapping[str, str], size: str
    ) -> Mapping[str, Rendition]:
        preview = PREVIEWS.get(size)
        if not preview:
            return {}
        path = f"/assets/{service_id}/thumbnail?size={preview}"
        response = self.request("GET", self.settings["api"] + path, headers=self._headers)
        if response.status_code in (400, 404):  # 400: another user's or deleted asset
            return {}
        if not response.ok:
            raise get_error(response)
        rendition = self.to_rendition(response)
        return {name: rendition for name, each in PREVIEWS.items() if each == preview}

    def list_tags(self) -> dict[str, list[str]]:
        """
        Return the tags of assets by id, for versions whose listings do not contain tags.
        """
        tags: dict[str, list[str]] = {}
        for tag in as_records(self._get("/tags")):
            for asset in self._list_all({"tagIds": [as_text(tag.get("id"))]}):
                names = split_tag(as_text(tag.get("value")) or as_text(tag.get("name")))
                tags.setdefault(as_text(asset.get("id")), []).extend(names)
        return tags

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-api-key": str(self.credentials.token.get("key", "")), "Accept": "*/*"}

    def _get(self, path: str) -> Any:
        url = self.settings["api"] + path
        return parse_response(self.request("GET", url, headers=self._headers))

    def _search(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        response = self.request(
            "POST",
            f"{self.settings['api']}/search/metadata",
            headers=self._headers,
            json={"size": PAGE_SIZE, **query},
        )
        page = dig(parse_response(response), "assets")
        if not isinstance(page, Mapping) or not isinstance(page.get("items"), list):
            raise RetryLater("Immich sent an invalid response.")
        return page

    def _list_all(self, query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        position: Mapping[str, Any] = {"page": 1}
        while position:
            page = self._search({**query, **position})
            yield from as_records(page["items"])
            position = _find_next(page, position)

    def _list_album(self, album: Album) -> list[str]:
        assets = self._list_all({"albumIds": [album.id], "order": "asc"})
        return [as_text(asset.get("id")) for asset in assets]

    def _list_changed_albums(self, albums: list[Album], state: State) -> Iterator[Batch]:
        for album in albums:
            if state["albums"].get(album.id) != album.stamp:
                yield Batch(
                    albums={album.id: tuple(self._list_album(album))},
                    album_titles={album.id: album.title},
                    cursor=dict(state),
                    full=False,
                )

    def _count_assets(self) -> int | None:
        """
        Return the number of assets, or None if the key does not permit it.
        """
        try:
            return as_int(dig(self._get("/assets/statistics?isTrashed=false"), "total"))
        except PermissionMissing:
            return None

    def _start_state(self, cursor: Mapping[str, Any]) -> State:
        """
        Fewer assets than at the last sync imply deleted ones, which only a full sync can find.
        """
        now, total = int(time.time()), self._count_assets()
        is_due = now - cursor.get("walked", 0) >= self.config["FULL_SYNC_INTERVAL"]
        full = is_due or (total or 0) < (cursor.get("total") or 0)
        return {
            "phase": "assets",
            "full": full,
            "since": cursor.get("since", 0) - OVERLAP,
            "started": now,
            "walked": now if full else cursor["walked"],
            "total": total,
            "albums": cursor.get("albums", {}),
            "next": {"page": 1},
        }

    def _build_last_batch(self, albums: list[Album], state: State) -> Batch:
        is_changed = state["full"] and self._count_assets() != state["total"]
        return Batch(
            doubt=CHANGED if is_changed else "",
            full=state["full"],
            content_types=self.wanted_types,
            cursor={
                "since": state["started"],
                "walked": state["walked"],
                "total": state["total"],
                "albums": {album.id: album.stamp for album in albums},
            },
        )


def _find_next(page: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the parameters of the next page; empty after the last one.
    """
    if cursor := as_text(page.get("nextCursor")):
        return {"cursor": cursor}
    number = as_int(page.get("nextPage"))
    return {"page": number} if number > as_int(current.get("page")) else {}
