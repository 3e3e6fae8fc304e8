"""
Connector for Flickr: OAuth 1.0a and the REST API.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from django_trove.client.codec import CONTENT_CLASSES
from django_trove.client.content import Content, Friend, Photo

from ..authorization import Authorization
from ..base import DEFAULT_CONTENT_TYPES, Batch, FoundItem, ItemFailure, KnownStamps, to_service_id
from ..errors import ServiceFailed, concerns_account
from ..etags import compute_etag
from ..messages import Message as _
from ..remote import is_due
from ..values import as_int, as_list, as_records, as_text, dig
from .methods import PAGE_SIZE, FlickrService, RequestRejected
from .records import parse_contact, parse_photo

MAX_CONTACT_PAGES = 100
FRIEND_PREFIX = to_service_id("friend", "")
OVERLAP = 3600  # seconds of clock skew when changes are listed
PHASES = ("photos", "albums", "without_album", "contacts")
State = dict[str, Any]


class Flickr(FlickrService):
    """
    A sync lists photos and videos first, and then the members of albums, which are not part of the
    records, and contacts. The first sync and then one per `FULL_SYNC_INTERVAL` are full; the others
    list changes, and all contacts.
    """

    name = "flickr"
    title = "Flickr"
    description = _("All of your photos, including private ones, with tags, albums and places.")
    attribution = (
        "This product uses the Flickr API but is not endorsed or certified by SmugMug, Inc."
    )
    content_types = ("photos", "videos", "friends")
    authorize_params = {"perms": "read"}
    defaults = {
        "REQUEST_TOKEN_URL": "https://www.flickr.com/services/oauth/request_token",
        "AUTHORIZE_URL": "https://www.flickr.com/services/oauth/authorize",
        "ACCESS_TOKEN_URL": "https://www.flickr.com/services/oauth/access_token",
        "API_URL": "https://api.flickr.com/services/rest/",
        "PAGE_URL": "https://www.flickr.com/photos/",
        "PROFILE_URL": "https://www.flickr.com/people/",
        "ICON_URL": "https://farm{farm}.staticflickr.com/{server}/buddyicons/{nsid}.jpg",
        "CONTENT_TYPES": DEFAULT_CONTENT_TYPES,
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
        readers = (
            self._photo_batches,
            self._album_batches,
            self._batches_without_album,
            self._contact_batches,
        )
        for phase, get_batches in zip(PHASES, readers, strict=True):
            if state["phase"] == phase:
                if phase == "contacts" or self._wants_media:
                    yield from get_batches(state, known)
                state.update(phase=_next_phase(phase), page=1)
        yield self._last_batch(state)

    @property
    def _wants_media(self) -> bool:
        return not {"photos", "videos"}.isdisjoint(self.wanted_types)

    def _last_batch(self, state: State) -> Batch:
        """
        The total of the service is that of photos and videos.
        """
        total = state.get("total")
        is_total_expected = {"photos", "videos"} <= set(self.wanted_types)
        return Batch(
            cursor={"since": state["started"], "full": state["full"]},
            full=state["whole"],
            total=total,
            expected=total if is_total_expected else None,
            content_types=self.wanted_types,
        )

    def _start_state(self, cursor: Mapping[str, Any]) -> State:
        now = int(time.time())
        full = is_due(now, cursor.get("full", 0), self.config["FULL_SYNC_INTERVAL"])
        return {
            "phase": PHASES[0],
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
            listing = self.list_photos(state["page"], _get_since(state), state.get("until"))
            records = as_records(listing.get("photo"))
            state.setdefault("total", as_int(listing.get("total")))
            last = state["page"] >= as_int(listing.get("pages")) or not records
            _advance(state, records)
            if last:
                state.update(phase="albums", page=1)
            yield self._build_batch(records, known, state)
            if last:
                return

    def _build_batch(
        self, records: list[dict[str, Any]], known: KnownStamps, state: State
    ) -> Batch:
        items, failures = self._parse_records(records, self._parse_photo, "id")
        etags = known([item.service_id for item in items])
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=tuple(filter(None, (as_text(record.get("id")) for record in records))),
            failures=tuple(failures),
            total=state["total"],
            cursor=dict(state),
            full=state["whole"],
        )

    def _parse_photo(self, record: Mapping[str, Any]) -> Photo:
        return parse_photo(record, self.config["PAGE_URL"])

    def _parse_friend(self, record: Mapping[str, Any]) -> Friend:
        return parse_contact(record, self.config["PROFILE_URL"], self.config["ICON_URL"])

    def _parse_records(
        self,
        records: list[dict[str, Any]],
        parse: Callable[[Mapping[str, Any]], Content],
        id_key: str,
    ) -> tuple[list[FoundItem], list[ItemFailure]]:
        """
        Convert the records of wanted types.
        """
        wanted = {CONTENT_CLASSES[name] for name in self.wanted_types}
        items, failures = [], []
        for record in records:
            try:
                content = parse(record)
            except (ValueError, TypeError, AttributeError):
                name = as_text(record.get(id_key))
                failures.append(ItemFailure(name=name, reason=_("The record is invalid.")))
            else:
                if type(content) in wanted:
                    etag = compute_etag(content)
                    items.append(FoundItem(content=content, etag=etag, has_album=False))
        return items, failures

    def _contact_batches(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        An error that concerns only the contacts does not stop the sync: the friends are kept.
        """
        if "friends" not in self.wanted_types:
            return
        try:
            while state["page"]:
                yield self._read_contacts(state, known)
        except ServiceFailed as error:
            if concerns_account(error):
                raise
            failure = ItemFailure(name="contacts", reason=error.reason)
            yield Batch(
                unlisted=(FRIEND_PREFIX,),
                skipped=(failure,),
                total=state.get("total"),
                full=state["whole"],
            )

    def _read_contacts(self, state: State, known: KnownStamps) -> Batch:
        """
        `state["page"]` is 0 after the last page. Unreadable records are not failures, which are
        counted as photos.
        """
        listing = self.list_contacts(state["page"])
        records = as_records(listing.get("contact"))
        last_page = min(as_int(listing.get("pages"), 1), MAX_CONTACT_PAGES)
        has_next = bool(records) and state["page"] < last_page
        state["page"] = state["page"] + 1 if has_next else 0
        items, failures = self._parse_records(records, self._parse_friend, "nsid")
        etags = known([item.service_id for item in items])
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=tuple(item.service_id for item in items),
            skipped=tuple(failures),
            total=state.get("total"),
            cursor=dict(state),
            full=state["whole"],
        )

    def _album_batches(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        Albums are sorted by id, so that a sync can be resumed.
        """
        for album, title in sorted(self.iter_albums(_get_since(state))):
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
        state.update(phase="without_album", page=1)

    def _batches_without_album(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        if state["whole"]:
            yield from self._member_batches(state, "", "flickr.photos.getNotInSet", {})

    def _member_batches(
        self, state: State, album: str, method: str, params: Mapping[str, Any]
    ) -> Iterator[Batch]:
        """
        `state["page"]` is 0 after the last page.
        """
        while state["page"]:
            key = "photoset" if album else "photos"
            listing = self.call_method(
                key, method, per_page=PAGE_SIZE, page=state["page"], **params
            )
            ids = tuple(as_text(dig(record, "id")) for record in as_list(listing.get("photo")))
            has_next = state["page"] < as_int(listing.get("pages"), 1)
            state["page"] = state["page"] + 1 if has_next else 0
            yield Batch(
                albums={album: tuple(filter(None, ids))},
                total=state["total"],
                cursor=dict(state),
                full=state["whole"],
            )


def _get_since(state: State) -> int | None:
    """
    Return the time since which changes are listed, or None for a full sync.
    """
    return None if state["whole"] else state["since"]


def _next_phase(phase: str) -> str:
    return dict(pairwise(PHASES)).get(phase, "")


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
