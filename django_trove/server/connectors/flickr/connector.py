"""
Flickr: OAuth 1.0a, and a REST interface that answers JSON.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from requests_oauthlib import OAuth1Session

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

PAGE_SIZE = 500  # the most that Flickr gives
OVERLAP = 3600  # seconds that clocks may differ, when changes are asked for
REVOKED_CODES = frozenset({5, 98, 99})  # user deleted, token not taken, too little permission
BAD_KEY_CODES = frozenset({100})
UNAVAILABLE_CODES = frozenset({0, 105, 201})
State = dict[str, Any]


class RequestRejected(ServiceFailed):
    """
    Flickr answers with an error that is the question's own.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"Flickr answered with its error {code}.")
        self.code = code


class Flickr(OAuth1Service):
    """
    A look lists photos and videos first, and then who is in which album, since records don't tell.
    The first look, and later one a day, is at everything; the others are at what changed.
    """

    name = "flickr"
    title = "Flickr"
    description = (
        "Everything that you have there comes, private photos too, with tags, albums and places."
    )
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
        "RETENTION_SECONDS": 86_400,  # its developer guide lets one cache for up to 24 hours
    }

    def get_authorization(self, answer: Mapping[str, str]) -> Authorization:
        nsid = answer["user_nsid"]
        return Authorization(
            token={"key": answer["oauth_token"], "secret": answer["oauth_token_secret"]},
            service_id=nsid,
            name=answer.get("fullname") or answer.get("username") or nsid,
            url=f"{self.config['PAGE_URL']}{nsid}/",
            settings={"nsid": nsid},
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = dict(cursor) if cursor.get("phase") else self._begun(cursor)
        phases = {"photos": self._photos, "albums": self._albums, "loose": self._loose}
        for phase, pages in phases.items():
            if state["phase"] == phase:
                yield from pages(state, known)
                state["phase"] = _next_phase(phase)
        done = {"since": state["started"], "full": state["full"]}
        yield Batch(cursor=done, full=state["whole"], total=state.get("total"))

    def _begun(self, cursor: Mapping[str, Any]) -> State:
        now = int(time.time())
        whole_look = now - cursor.get("full", 0) >= self.config["FULL_SYNC_INTERVAL"]
        return {
            "phase": "photos",
            "whole": whole_look,
            "since": cursor.get("since", 0) - OVERLAP,
            "started": now,
            "full": now if whole_look else cursor["full"],
            "page": 1,
        }

    def _photos(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        A look at everything goes from the newest upload back by dates, and not by numbers of pages:
        these shift when something is deleted, end at some number, and give their last one again.
        """
        while True:
            listing = self._listing(state)
            records = [found for found in as_list(listing.get("photo")) if isinstance(found, dict)]
            state.setdefault("total", as_int(listing.get("total")))
            last = state["page"] >= as_int(listing.get("pages")) or not records
            _advance(state, records)
            if last:
                state.update(phase="albums", page=1)
            yield self._page(records, known, state)
            if last:
                return

    def _listing(self, state: State) -> Mapping[str, Any]:
        said = {"extras": EXTRAS, "per_page": PAGE_SIZE, "page": state["page"]}
        if not state["whole"]:
            said["min_date"] = max(1, state["since"])
            return self._ask("photos", "flickr.photos.recentlyUpdated", **said)
        if "until" in state:
            said["max_upload_date"] = state["until"]
        everything = {"user_id": "me", "safe_search": 3, "content_type": 7}
        return self._ask("photos", "flickr.people.getPhotos", **everything, **said)

    def _page(self, records: list[dict[str, Any]], known: KnownStamps, state: State) -> Batch:
        found, failures = [], []
        for record in records:
            try:
                photo = parse_photo(record, self.config["PAGE_URL"])
            except (ValueError, TypeError, AttributeError):
                failures.append(
                    ItemFailure(name=as_text(record.get("id")), reason="It can't be read.")
                )
            else:
                found.append(FoundItem(photo=photo, etag=compute_stamp(photo), has_album=False))
        stamps = known([one.photo.id for one in found])
        return Batch(
            items=tuple(one for one in found if stamps.get(one.photo.id) != one.etag),
            seen=tuple(filter(None, (as_text(record.get("id")) for record in records))),
            failures=tuple(failures),
            total=state["total"],
            cursor=dict(state),
            full=state["whole"],
        )

    def _albums(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        Album by album, in the order of their ids, so that one can go on in the middle.
        """
        for album in sorted(self._changed_albums(state)):
            if album < state.get("album", ""):
                continue
            if album != state.get("album"):
                state.update(album=album, page=1)
            said = {"photoset_id": album, "user_id": self.settings.get("nsid", "me")}
            try:
                yield from self._members(state, album, "flickr.photosets.getPhotos", said)
            except RequestRejected:  # the album went away meanwhile
                continue
        state.update(phase="loose", page=1)

    def _loose(self, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        What is in no album, or not any more.
        """
        if state["whole"]:
            yield from self._members(state, "", "flickr.photos.getNotInSet", {})

    def _changed_albums(self, state: State) -> Iterator[str]:
        page, last = 1, 1
        while page <= last:
            said = self._ask("photosets", "flickr.photosets.getList", per_page=PAGE_SIZE, page=page)
            for album in as_list(said.get("photoset")):
                new = as_int(dig(album, "date_update")) >= state["since"]
                if as_text(dig(album, "id")) and (state["whole"] or new):
                    yield as_text(album["id"])
            last = as_int(said.get("pages"), 1)
            page += 1

    def _members(
        self, state: State, album: str, method: str, said: Mapping[str, Any]
    ) -> Iterator[Batch]:
        """
        The page is 0 once there is no further one.
        """
        while state["page"]:
            key = "photoset" if album else "photos"
            listing = self._ask(key, method, per_page=PAGE_SIZE, page=state["page"], **said)
            ids = tuple(as_text(dig(one, "id")) for one in as_list(listing.get("photo")))
            further = state["page"] < as_int(listing.get("pages"), 1)
            state["page"] = state["page"] + 1 if further else 0
            yield Batch(
                albums={album: tuple(filter(None, ids))},
                total=state["total"],
                cursor=dict(state),
                full=state["whole"],
            )

    @cached_property
    def _session(self) -> OAuth1Session:
        return self.session()

    def _ask(self, key: str, method: str, **said: Any) -> Mapping[str, Any]:
        """
        Call a method, and return what its answer holds under `key`.

        :raises ServiceFailed: what `stat` says counts, and not the HTTP status.
        """
        fields = {"method": method, "format": "json", "nojsoncallback": "1", **said}
        answer = self.call(self._session, "GET", self.config["API_URL"], params=fields)
        if answer.status_code == 429:
            raise RetryLater(
                "Flickr was asked too often.", self.retry_after(answer), all_accounts=True
            )
        if answer.status_code >= 500:
            raise RetryLater("Flickr is out of order.", self.retry_after(answer))
        if answer.text.startswith("oauth_problem="):
            raise _oauth_problem(answer.text)
        found = self.parse_json(answer)
        if found.get("stat") != "ok":
            raise _error_for(as_int(found.get("code"), -1))
        listing = found.get(key)
        if not isinstance(listing, dict):
            raise RetryLater("Flickr sent something else than was asked for.")
        return listing


def _next_phase(phase: str) -> str:
    return {"photos": "albums", "albums": "loose"}.get(phase, "")


def _advance(state: State, records: list[dict[str, Any]]) -> None:
    """
    Where many were uploaded in one second, or the order isn't what it is known to be, pages of one
    window follow each other.
    """
    uploaded = [as_int(record.get("dateupload")) for record in records]
    ordered = all(uploaded) and uploaded == sorted(uploaded, reverse=True)
    if state["whole"] and ordered and uploaded and uploaded[-1] != state.get("until"):
        state.update(until=uploaded[-1], page=1)
    else:
        state["page"] += 1


def _error_for(code: int) -> ServiceFailed:
    if code in REVOKED_CODES:
        return Revoked("Flickr doesn't let this Trove in any more.")
    if code in BAD_KEY_CODES:
        return Misconfigured("Flickr doesn't take this Trove's key.")
    if code in UNAVAILABLE_CODES:
        return RetryLater("Flickr is out of order.")
    return RequestRejected(code)


def _oauth_problem(text_: str) -> ServiceFailed:
    """
    The text goes on with what was signed, so no word of it is told.
    """
    if "token_rejected" in text_ or "token_revoked" in text_:
        return Revoked("Flickr doesn't let this Trove in any more.")
    if "nonce_used" in text_ or "timestamp_refused" in text_:
        return RetryLater("Flickr didn't take the request's time.")
    return Misconfigured("Flickr doesn't take this Trove's keys.")
