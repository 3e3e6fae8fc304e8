"""
Connector for Immich, with an API key of the user. Versions 1.13x and 3.x differ in their listings.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..authorization import Authorization
from ..base import Batch, KnownStamps, OriginalPart, Rendition
from ..entered import AccountField, EnteredService
from ..errors import RetryLater, Revoked, ServiceFailed
from ..messages import NO_MESSAGE
from ..messages import Message as _
from ..originals import open_part
from ..remote import is_due
from ..values import as_int, as_records, as_text, dig
from .account import NOT_FOUND, can_download, find_api, read_permissions
from .albums import list_albums
from .api import (
    AssetMissing,
    KeyAuth,
    PermissionMissing,
    check_file,
    describe_missing,
    find_excess_permissions,
    find_missing_permissions,
    get_error,
    get_server_time,
    parse_response,
)
from .assets import AssetReader, format_time
from .records import ORIGINAL, PLAYBACK, PREVIEWS, parse_tags, split_tag

PAGE_SIZE = 1000
MAX_READ_ASSETS = 50  # whose tags are read one by one
OVERLAP = 3600  # seconds of clock skew when changes are listed
MINUTE = 60
VERSION = 2  # increment it to compare all assets again
CHANGED = _("The library changed while it was listed.")
State = dict[str, Any]


class Immich(EnteredService):
    """
    A sync lists assets with 1,000 per request. The first sync and then one per `FULL_SYNC_INTERVAL`
    are full, because deletions are not listed; the others list changed assets and albums.
    """

    name = "immich"
    title = "Immich"
    description = _(
        "Your photos and videos in Immich, except for archived ones. In Immich, create an API key "
        "under Account settings, API keys, with the permissions asset.read, asset.view, "
        "album.read, tag.read, user.read, asset.statistics and apiKey.read. With the permission "
        "asset.download, you can also open the original files of pictures."
    )
    fields = (
        AccountField(
            name="address",
            label=_("Address"),
            help_text=_("For example https://photos.example.com"),
        ),
        AccountField(name="key", label=_("API key"), is_secret=True),
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        **EnteredService.defaults,
        "FULL_SYNC_INTERVAL": 86_400,
        "WITH_ARCHIVE": False,
        "RETENTION_SECONDS": None,
    }

    _tags: dict[str, list[str]] | None = None

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        address = self.normalize_address(values["address"]).removesuffix("/api")
        api, auth = find_api(self.request, address), KeyAuth(values["key"].strip())
        address = api.removesuffix("/api")
        try:
            permissions = read_permissions(self.request, api, auth)
            if missing := find_missing_permissions(permissions):
                raise ServiceFailed(describe_missing(missing))
            user = parse_response(self.request("GET", f"{api}/users/me", auth=auth))
        except PermissionMissing:
            raise
        except Revoked:
            raise ServiceFailed(_("Immich rejected the API key. Copy it again.")) from None
        user_id, email = as_text(dig(user, "id")), as_text(dig(user, "email"))
        if not user_id:
            raise ServiceFailed(NOT_FOUND)
        excess = find_excess_permissions(permissions)
        notice = _(
            "The API key has more permissions than required: %(permissions)s.",
            permissions=", ".join(excess),
        )
        return Authorization(
            token={"key": values["key"].strip()},
            service_id=user_id,
            name=as_text(dig(user, "name")) or email,
            url=address,
            settings={
                "address": address,
                "api": api,
                "owner": as_text(dig(user, "name")),
                "owner_id": user_id,
            },
            notice=notice if excess else NO_MESSAGE,
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = dict(cursor) if cursor.get("phase") else self._start_state(cursor)
        if state["phase"] == "assets":
            yield from self._list_assets(state, known)
        albums = self._get("/albums")
        if not isinstance(albums, list):
            raise RetryLater(_("%(service)s sent an invalid response.", service="Immich"))
        yield from list_albums(state, albums, self._list_ids)
        yield self._build_last_batch(state)

    def fetch_sizes(
        self, service_id: str, urls: Mapping[str, str], size: str
    ) -> Mapping[str, Rendition]:
        preview = PREVIEWS.get(size)
        if not preview:
            return {}
        path = f"/assets/{service_id}/thumbnail?size={preview}"
        response = self.request("GET", self.settings["api"] + path, auth=self._auth)
        if response.status_code in (400, 404):  # 400: another user's or deleted asset
            return {}
        if not response.ok:
            raise get_error(response)
        rendition = self.to_rendition(response)
        return {name: rendition for name, each in PREVIEWS.items() if each == preview}

    def open_original(
        self, service_id: str, urls: Mapping[str, str], etag: str, start: int, end: int | None
    ) -> OriginalPart | None:
        """
        The version is that of the response. The indexed etag is a hash of the record, which has no
        value in common with a response; to compare the checksum, the record would be requested for
        each part. Immich may also replace the file of a video with one that browsers can play.
        """
        kind = PLAYBACK if urls.get("original", "").endswith(PLAYBACK) else ORIGINAL
        url = f"{self.settings['api']}/assets/{service_id}/{kind}"
        try:
            part = open_part(self, url, start, end, check_file, auth=self._auth)
        except AssetMissing:
            return None
        return replace(part, version=part.etag or part.modified or str(part.size))

    def list_tags(self, asset_ids: Collection[str]) -> dict[str, list[str]]:
        """
        Return the tags of assets by id, for listings that do not contain tags. A few assets are
        read one by one, because there may be more tags than assets.
        """
        if len(asset_ids) <= MAX_READ_ASSETS:
            return {asset_id: self._read_tags(asset_id) for asset_id in asset_ids}
        if self._tags is None:
            self._tags = self._list_all_tags()
        return self._tags

    def _read_tags(self, asset_id: str) -> list[str]:
        self.renew_lease()
        response = self.request("GET", f"{self.settings['api']}/assets/{asset_id}", auth=self._auth)
        if response.status_code in (400, 404):  # deleted after it was listed
            return []
        return [*parse_tags(dig(parse_response(response), "tags"))]

    def _list_all_tags(self) -> dict[str, list[str]]:
        tags: dict[str, list[str]] = {}
        for tag in as_records(self._get("/tags")):
            self.start_batch()  # an account may have more tags than the limit of requests
            for asset_id in self._list_ids({"tagIds": [as_text(tag.get("id"))]}):
                names = split_tag(as_text(tag.get("value")) or as_text(tag.get("name")))
                tags.setdefault(asset_id, []).extend(names)
        return tags

    @property
    def _auth(self) -> KeyAuth:
        return KeyAuth(str(self.credentials.token.get("key", "")))

    def _get(self, path: str) -> Any:
        url = self.settings["api"] + path
        return parse_response(self.request("GET", url, auth=self._auth))

    def _search(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        self.renew_lease()
        response = self.request(
            "POST",
            f"{self.settings['api']}/search/metadata",
            auth=self._auth,
            json={"size": PAGE_SIZE, **query},
        )
        page = dig(parse_response(response), "assets")
        if not isinstance(page, Mapping) or not isinstance(page.get("items"), list):
            raise RetryLater(_("%(service)s sent an invalid response.", service="Immich"))
        return page

    def _list_ids(self, query: Mapping[str, Any]) -> Iterator[str]:
        for visibility in self._visibilities:
            position: Mapping[str, Any] = {"page": 1}
            while position:
                page = self._search({**query, "visibility": visibility, "order": "asc", **position})
                yield from (as_text(asset.get("id")) for asset in as_records(page["items"]))
                position = _find_next(page, position)

    @property
    def _visibilities(self) -> list[str]:
        """
        Versions before 3 list only the timeline unless a search specifies something else.
        """
        return ["timeline", "archive"] if self.config["WITH_ARCHIVE"] else ["timeline"]

    def _list_assets(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        assets = AssetReader(
            state,
            known,
            address=self.address,
            owner=self.settings.get("owner", ""),
            owner_id=self.settings.get("owner_id", ""),
            with_archive=bool(self.config["WITH_ARCHIVE"]),
            with_originals=bool(state.get("download")),
            list_tags=self.list_tags,
        )
        while state["listings"]:
            page = self._search(
                {**assets.query, "visibility": state["listings"][0], **state["next"]}
            )
            state["next"] = _find_next(page, state["next"])
            if not state["next"]:
                state.update(listings=state["listings"][1:], next={"page": 1})
            if not state["listings"]:
                state["phase"] = "albums"
            yield assets.build_batch(as_records(page["items"]))

    def _count_assets(self) -> tuple[int, int]:
        """
        Return the number of listed assets, and the server's time.
        """
        visibility = "" if self.config["WITH_ARCHIVE"] else "&visibility=timeline"
        url = f"{self.settings['api']}/assets/statistics?isTrashed=false{visibility}"
        response = self.request("GET", url, auth=self._auth)
        return as_int(dig(parse_response(response), "total")), get_server_time(response)

    def _start_state(self, cursor: Mapping[str, Any]) -> State:
        """
        Fewer assets than at the last sync imply deleted ones, which only a full sync can find.
        """
        now, (total, server_time) = int(time.time()), self._count_assets()
        download = can_download(self.request, self.settings["api"], self._auth)
        is_old = is_due(now, cursor.get("walked", 0), self.config["FULL_SYNC_INTERVAL"])
        is_outdated = cursor.get("version") != VERSION or cursor.get("download") != download
        full = is_old or is_outdated or total < cursor.get("total", 0)
        return {
            "version": VERSION,
            "download": download,
            "phase": "assets",
            "full": full,
            "since": cursor.get("since", 0) - OVERLAP,
            "started": server_time,
            "walked": now if full else cursor["walked"],
            "total": total,
            "albums": cursor.get("albums", {}),
            "moved": cursor.get("moved", False),
            "listings": self._visibilities if full else ["timeline", "archive"],
            "next": {"page": 1},
        }

    def _build_last_batch(self, state: State) -> Batch:
        is_doubtful = state["full"] and self._has_changed(state)
        return Batch(
            doubt=CHANGED if is_doubtful else NO_MESSAGE,
            full=state["full"],
            content_types=self.wanted_types,
            cursor={
                "version": state.get("version"),
                "download": state.get("download"),
                "since": state["started"],
                "walked": state["walked"],
                "total": state["total"],
                "albums": state["stamps"],
                "moved": state["moved"] and not state["full"],
            },
        )

    def _has_changed(self, state: State) -> bool:
        """
        Return whether a deletion may have moved assets from a page that was not yet listed to one
        that was. The number of assets does not show it if others were added.
        """
        total, now = self._count_assets()
        if total != state["total"]:
            return True
        query = {
            "updatedAfter": format_time(state["started"] + 1),
            "updatedBefore": format_time(now + MINUTE),  # dates may be wrong
            "size": 1,
            "page": 1,
        }
        return any(
            self._search({**query, "visibility": visibility})["items"]
            for visibility in self._visibilities
        )


def _find_next(page: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the parameters of the next page; empty after the last one.
    """
    if cursor := as_text(page.get("nextCursor")):
        if cursor == current.get("cursor"):
            raise RetryLater(_("Immich listed the same page again."))
        return {"cursor": cursor}
    number = as_int(page.get("nextPage"))
    return {"page": number} if number > as_int(current.get("page")) else {}
