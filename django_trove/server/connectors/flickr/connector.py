"""
Connector for Flickr: OAuth 1.0a and the REST API.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from requests_oauthlib import OAuth1Session

from django_trove.client.responses import parse_retry_after

from ..base import (
    Batch,
    FoundItem,
    ItemFailure,
    KnownStamps,
    Misconfigured,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..oauth1 import OAuth1Service
from ..remote import Authorization, compute_stamp
from ..values import as_int, as_list, as_text, dig
from .records import EXTRAS, parse_photo

PAGE_SIZE = 500  # Flickr's maximum
OVERLAP = 3600  # seconds of clock skew when changes are listed
REVOKED_CODES = frozenset({5, 98, 99})  # user deleted, invalid token, insufficient permission
BAD_KEY_CODES = frozenset({100})
UNAVAILABLE_CODES = frozenset({0, 105, 201})
State = dict[str, Any]


class RequestRejected(ServiceFailed):
    """
    Flickr's error concerns this request only.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"Flickr returned error {code}.")
        self.code = code


class Flickr(OAuth1Service):
    """
    A sync lists photos and videos first, and then the members of albums, which are not part of the
    records. The first sync and then one per `FULL_SYNC_INTERVAL` are full; the others list changes.
    """

    name = "flickr"
    title = "Flickr"
    description = "All of your photos, including private ones, with tags, albums and places."
    attribution = (
        "This product uses the Flickr API but is not endorsed or certified by SmugMug, Inc."
    )
    authorize_params = {"perms": "read"}
    defaults = {
        "REQUEST_TOKEN_URL": "https://www.flickr.com/services/oauth/request_token",
        "AUTHORIZE_URL": "https://www.flickr.com/services/oauth/authorize",
        "ACCESS_TOKEN_URL": "https://www.flickr.com/services/oauth/access_token",
        "API_URL": "https://api.flickr.com/services/rest/",
        "PAGE_URL": "https://www.flickr.com/photos/",
        "MEDIA_HOSTS": (".staticflickr.com",),
        "FULL_SYNC_INTERVAL": 86_400,
        "RETENTION_SECONDS": 86_400,  # limit of Flickr's developer guide
    }

    def get_authorization(self, response: Mapping[str, str]) -> Authorization:
        nsid = response["user_nsid"]
        return Authorization(
            token={"key": response["oauth_token"], "secret": response["oauth_token_secret"]},
            service_id=nsid,
            name=response.get("fullname") or response.get("username") or nsid,
            url=f"{self.config['PAGE_URL']}{nsid}/",
            settings={"nsid": nsid},
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = dict(cursor) if cursor.get("phase") else self._start_state(cursor)
        phases = {
            "photos": self._photo_batches,
            "albums": self._album_batches,
            "loose": self._batches_without_album,
        }
        for phase, get_batches in phases.items():
            if state["phase"] == phase:
                yield from get_batches(state, known)
                state["phase"] = _next_phase(phase)
        final_cursor = {"since": state["started"], "full": state["full"]}
        total = state.get("total")
        yield Batch(cursor=final_cursor, full=state["whole"], total=total, expected=total)

    def _start_state(self, cursor: Mapping[str, Any]) -> State:
        now = int(time.time())
        full = now - cursor.get("full", 0) >= self.config["FULL_SYNC_INTERVAL"]
        return {
            "phase": "photos",
            "whole": full,
            "since": cursor.get("since", 0) - OVERLAP,
            "started": now,
            "full": now if full else cursor["full"],
            "page": 1,
        }

    def _photo_batches(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        A full sync pages by upload date from the newest one, not by page number: page numbers shift
        when photos are deleted, are limited, and repeat the last page beyond the limit.
        """
        while True:
            listing = self._list_photos(state)
            records = [
                record for record in as_list(listing.get("photo")) if isinstance(record, dict)
            ]
            state.setdefault("total", as_int(listing.get("total")))
            last = state["page"] >= as_int(listing.get("pages")) or not records
            _advance(state, records)
            if last:
                state.update(phase="albums", page=1)
            yield self._build_batch(records, known, state)
            if last:
                return

    def _list_photos(self, state: State) -> Mapping[str, Any]:
        params = {"extras": EXTRAS, "per_page": PAGE_SIZE, "page": state["page"]}
        if not state["whole"]:
            params["min_date"] = max(1, state["since"])
            return self._request("photos", "flickr.photos.recentlyUpdated", **params)
        if "until" in state:
            params["max_upload_date"] = state["until"]
        filters = {"user_id": "me", "safe_search": 3, "content_type": 7}
        return self._request("photos", "flickr.people.getPhotos", **filters, **params)

    def _build_batch(
        self, records: list[dict[str, Any]], known: KnownStamps, state: State
    ) -> Batch:
        items, failures = [], []
        for record in records:
            try:
                photo = parse_photo(record, self.config["PAGE_URL"])
            except (ValueError, TypeError, AttributeError):
                failures.append(
                    ItemFailure(name=as_text(record.get("id")), reason="The record is invalid.")
                )
            else:
                items.append(FoundItem(content=photo, etag=compute_stamp(photo), has_album=False))
        etags = known([item.service_id for item in items])
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=tuple(filter(None, (as_text(record.get("id")) for record in records))),
            failures=tuple(failures),
            total=state["total"],
            cursor=dict(state),
            full=state["whole"],
        )

    def _album_batches(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        Albums are sorted by id, so that a sync can be resumed.
        """
        for album, title in sorted(self._changed_albums(state)):
            if album < state.get("album", ""):
                continue
            if album != state.get("album"):
                state.update(album=album, page=1)
            params = {"photoset_id": album, "user_id": self.settings.get("nsid", "me")}
            try:
                for batch in self._member_batches(
                    state, album, "flickr.photosets.getPhotos", params
                ):
                    yield replace(batch, album_titles={album: title})
            except RequestRejected:  # the album was deleted in the meantime
                continue
        state.update(phase="loose", page=1)

    def _batches_without_album(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        if state["whole"]:
            yield from self._member_batches(state, "", "flickr.photos.getNotInSet", {})

    def _changed_albums(self, state: State) -> Iterator[tuple[str, str]]:
        """
        Yield the id and the title of each album.
        """
        page, last_page = 1, 1
        while page <= last_page:
            listing = self._request(
                "photosets", "flickr.photosets.getList", per_page=PAGE_SIZE, page=page
            )
            for album in as_list(listing.get("photoset")):
                changed = as_int(dig(album, "date_update")) >= state["since"]
                if as_text(dig(album, "id")) and (state["whole"] or changed):
                    yield as_text(album["id"]), as_text(dig(album, "title", "_content"))
            last_page = as_int(listing.get("pages"), 1)
            page += 1

    def _member_batches(
        self, state: State, album: str, method: str, params: Mapping[str, Any]
    ) -> Iterator[Batch]:
        """
        `state["page"]` is 0 after the last page.
        """
        while state["page"]:
            key = "photoset" if album else "photos"
            listing = self._request(key, method, per_page=PAGE_SIZE, page=state["page"], **params)
            ids = tuple(as_text(dig(record, "id")) for record in as_list(listing.get("photo")))
            has_next = state["page"] < as_int(listing.get("pages"), 1)
            state["page"] = state["page"] + 1 if has_next else 0
            yield Batch(
                albums={album: tuple(filter(None, ids))},
                total=state["total"],
                cursor=dict(state),
                full=state["whole"],
            )

    @cached_property
    def _session(self) -> OAuth1Session:
        return self.session()

    def _request(self, key: str, method: str, **params: Any) -> Mapping[str, Any]:
        """
        Call a method, and return the value of `key` in its response. Errors are in `stat`, not in
        the HTTP status.
        """
        fields = {"method": method, "format": "json", "nojsoncallback": "1", **params}
        response = self.call(self._session, "GET", self.config["API_URL"], params=fields)
        if response.status_code == 429:
            raise RetryLater(
                "The rate limit of Flickr is exceeded.",
                parse_retry_after(response.headers),
                all_accounts=True,
            )
        if response.status_code >= 500:
            raise RetryLater("Flickr is unavailable.", parse_retry_after(response.headers))
        if response.text.startswith("oauth_problem="):
            raise _oauth_problem(response.text)
        data = self.parse_json(response)
        if data.get("stat") != "ok":
            raise _error_for(as_int(data.get("code"), -1))
        listing = data.get(key)
        if not isinstance(listing, dict):
            raise RetryLater("Flickr sent an invalid response.")
        return listing


def _next_phase(phase: str) -> str:
    return {"photos": "albums", "albums": "loose"}.get(phase, "")


def _advance(state: State, records: list[dict[str, Any]]) -> None:
    """
    Page within the date window if more photos than a page have one upload date, or if the order is
    unexpected.
    """
    uploaded = [as_int(record.get("dateupload")) for record in records]
    ordered = all(uploaded) and uploaded == sorted(uploaded, reverse=True)
    if state["whole"] and ordered and uploaded and uploaded[-1] != state.get("until"):
        state.update(until=uploaded[-1], page=1)
    else:
        state["page"] += 1


def _error_for(code: int) -> ServiceFailed:
    if code in REVOKED_CODES:
        return Revoked("Flickr revoked the authorization. Reconnect the account.")
    if code in BAD_KEY_CODES:
        return Misconfigured("Flickr rejected the key of this Trove.")
    if code in UNAVAILABLE_CODES:
        return RetryLater("Flickr is unavailable.")
    return RequestRejected(code)


def _oauth_problem(text: str) -> ServiceFailed:
    """
    The text contains signed parameters, so it is not included in the exception.
    """
    if "token_rejected" in text or "token_revoked" in text:
        return Revoked("Flickr revoked the authorization. Reconnect the account.")
    if "nonce_used" in text or "timestamp_refused" in text:
        return RetryLater("Flickr rejected the timestamp of the request.")
    return Misconfigured("Flickr rejected the keys of this Trove.")
