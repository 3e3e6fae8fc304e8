"""
SmugMug: OAuth 1.0a, and version 2 of its interface.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests_oauthlib import OAuth1Session

from ..base import (
    Batch,
    FoundItem,
    ItemFailure,
    KnownStamps,
    Misconfigured,
    Rendition,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..oauth1 import OAuth1Service
from ..remote import Authorization, Credentials, compute_stamp
from ..values import as_datetime, as_int, as_list, as_number, as_text, dig
from .records import get_expansion, is_public_album, parse_photo

PAGE_SIZE = 100  # larger ones take so long that their nonces end
ALBUMS = 100
OVERLAP = 3600  # seconds that clocks may differ, when changes are looked for
MAX_ATTEMPTS = 3
EXPANSIONS = "ImageSizeDetails,ImageMetadata,LargestVideo"
State = dict[str, Any]


class ResourceNotFound(ServiceFailed):
    """
    What is asked for isn't there any more.
    """


class SmugMug(OAuth1Service):
    """
    A look goes from album to album. The first one, and later one a day, is at all of them; the
    others are at those that changed.
    """

    name = "smugmug"
    title = "SmugMug"
    description = (
        "Everything that you have there comes, private galleries too, with keywords and places. "
        "On SmugMug's page leave the access at Full: later only your account settings there "
        "change it."
    )
    authorize_params = {"Access": "Full", "Permissions": "Read"}
    defaults = {
        "REQUEST_TOKEN_URL": "https://api.smugmug.com/services/oauth/1.0a/getRequestToken",
        "AUTHORIZE_URL": "https://api.smugmug.com/services/oauth/1.0a/authorize",
        "ACCESS_TOKEN_URL": "https://api.smugmug.com/services/oauth/1.0a/getAccessToken",
        "API_URL": "https://api.smugmug.com",
        "MEDIA_HOSTS": (".smugmug.com",),
        "FULL_SYNC_INTERVAL": 86_400,
        "RETENTION_SECONDS": None,
    }

    def get_authorization(self, answer: Mapping[str, str]) -> Authorization:
        token = {"key": answer["oauth_token"], "secret": answer["oauth_token_secret"]}
        self.credentials = Credentials(self.credentials.config, token)
        user = dig(self._ask("/api/v2!authuser"), "Response", "User")
        nick = as_text(dig(user, "NickName"))
        if not nick:
            raise RetryLater("SmugMug didn't say whose account it is.")
        return Authorization(
            token=token,
            service_id=nick,
            name=as_text(dig(user, "Name")) or nick,
            url=as_text(dig(user, "WebUri")),
            settings={"nick": nick, "name": as_text(dig(user, "Name")) or nick},
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        albums = {as_text(album.get("AlbumKey")): album for album in self._albums()}
        state = dict(cursor) if cursor.get("phase") else _start_state(cursor, albums, self.config)
        for key in sorted(filter(None, albums)):
            if key < state.get("album", "") or not _is_due(albums[key], state):
                continue
            if key != state.get("album"):
                state.update(album=key, start=1)
            try:
                yield from self._images(albums[key], state, known)
            except ResourceNotFound:  # the album went away meanwhile
                continue
        done = {name: state[name] for name in ("full", "images")} | {"since": state["started"]}
        yield Batch(cursor=done, full=state["whole"], total=state["total"])

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        SmugMug sends what isn't public to its owner's token alone, and nothing to all others.
        """
        if size not in urls:
            return None
        answer = self.fetch(self._session, urls[size])
        if answer.status_code in (404, 410) or not answer.content:
            return None
        return self.to_rendition(answer)

    def _albums(self) -> Iterator[Mapping[str, Any]]:
        uri: str | None = f"/api/v2/user/{self.settings['nick']}!albums?count={ALBUMS}&_expand=Node"
        while uri:
            said = self._ask(uri)
            for album in as_list(said["Response"].get("Album")):
                if isinstance(album, dict):
                    yield {**album, "Node": get_expansion(album, said.get("Expansions"), "Node")}
            uri = as_text(dig(said, "Response", "Pages", "NextPage")) or None

    def _images(
        self, album: Mapping[str, Any], state: State, known: KnownStamps
    ) -> Iterator[Batch]:
        """
        The start is 0 once there is no further page.
        """
        key = state["album"]
        while state["start"]:
            uri = f"/api/v2/album/{key}!images?start={state['start']}&count={PAGE_SIZE}&_expand={EXPANSIONS}"
            said = self._ask(uri)
            images = as_list(dig(said, "Response", "AlbumImage"))
            further = dig(said, "Response", "Pages", "NextPage") and images
            state["start"] = state["start"] + len(images) if further else 0
            yield self._page(album, [i for i in images if isinstance(i, dict)], said, known, state)

    def _page(
        self,
        album: Mapping[str, Any],
        images: list[dict[str, Any]],
        said: Mapping[str, Any],
        known: KnownStamps,
        state: State,
    ) -> Batch:
        found, failures = [], []
        owner, public = self.settings.get("name", ""), is_public_album(album)
        for image in images:
            if image.get("Processing") is True:  # it comes when it is ready
                continue
            try:
                photo = parse_photo(image, said.get("Expansions"), owner, public=public)
            except (ValueError, TypeError, AttributeError):
                named = as_text(image.get("FileName")) or as_text(image.get("ImageKey"))
                failures.append(ItemFailure(name=named, reason="It can't be read."))
            else:
                # an image that is in two albums has a page in each
                stamp = compute_stamp(replace(photo, original_web_url=""))
                found.append(
                    FoundItem(photo=photo, etag=stamp, proxied=not photo.public, has_album=False)
                )
        stamps = known([one.photo.id for one in found])
        ids = tuple(filter(None, (as_text(image.get("ImageKey")) for image in images)))
        return Batch(
            items=tuple(one for one in found if stamps.get(one.photo.id) != one.etag),
            seen=ids,
            albums={state["album"]: ids},
            failures=tuple(failures),
            total=state["total"],
            cursor=dict(state),
            full=state["whole"],
        )

    @cached_property
    def _session(self) -> OAuth1Session:
        return self.session()

    def _ask(self, uri: str) -> dict[str, Any]:
        """
        Ask for an object or a list.

        :raises ServiceFailed: if there is none.
        """
        url, failure = urljoin(self.config["API_URL"], uri), None
        for _ in range(MAX_ATTEMPTS):
            answer = self.call(self._session, "GET", url, headers={"Accept": "application/json"})
            if answer.is_redirect:  # to be signed anew, for its new address
                url = self._moved(url, answer)
                continue
            if answer.status_code == 429:
                raise RetryLater("SmugMug was asked too often.", self._wait(answer))
            said = self.parse_json(answer)
            code = as_int(said.get("Code"), answer.status_code)
            if code == 200 and isinstance(said.get("Response"), dict):
                return said
            failure = _error_for(code, as_text(said.get("Message")))
            if not isinstance(failure, NonceRejected):
                raise failure
        raise failure or RetryLater("SmugMug sends us round in a circle.")

    def _wait(self, answer: requests.Response) -> float | None:
        """
        Return when SmugMug may be asked again; its own header tells when its count begins anew.
        """
        reset = as_number(answer.headers.get("X-RateLimit-Reset"))
        later = None if reset is None else max(0.0, reset - time.time())
        asked = self.retry_after(answer)
        return later if asked is None else asked

    def _moved(self, url: str, answer: requests.Response) -> str:
        moved = urljoin(url, answer.headers["location"])
        if urlsplit(moved).netloc != urlsplit(url).netloc:
            raise RetryLater("SmugMug sent us elsewhere.")
        return moved


class NonceRejected(RetryLater):
    """
    SmugMug says so, too, of requests that took very long: the next one may do.
    """


ACCESS_DENIED = "SmugMug doesn't let this Trove in any more."
BAD_KEYS = "SmugMug doesn't take this Trove's keys."
INSUFFICIENT_PERMISSION = (
    "SmugMug lets this Trove see too little. Open the account settings at SmugMug, give it full "
    "access under Authorized Services or take its leave back there, and come again."
)
ERRORS_BY_CODE: Mapping[str, tuple[type[ServiceFailed], str]] = {
    "nonce_used": (NonceRejected, "SmugMug didn't take our requests."),
    "token_rejected": (Revoked, ACCESS_DENIED),
    "token_expired": (Revoked, ACCESS_DENIED),
    "token_revoked": (Revoked, ACCESS_DENIED),
    "granted the required permissions": (Revoked, INSUFFICIENT_PERMISSION),
    "oauth_problem": (Misconfigured, BAD_KEYS),
    "lacks v2 access": (Misconfigured, BAD_KEYS),
}
"""What is in SmugMug's messages, and what it means; the more special first."""


def _start_state(
    cursor: Mapping[str, Any], albums: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]
) -> State:
    """
    Where there are fewer images than at the last look, or other ones and no album says so,
    something was removed, and only a look at everything finds out what.
    """
    now = int(time.time())
    images = sum(as_int(album.get("ImageCount")) for album in albums.values())
    since = cursor.get("since", 0) - OVERLAP
    changes = {"whole": False, "since": since}
    due = sum(
        as_int(album.get("ImageCount")) for album in albums.values() if _is_due(album, changes)
    )
    missing = images < cursor.get("images", 0) or (images != cursor.get("images") and not due)
    whole_look = missing or now - cursor.get("full", 0) >= config["FULL_SYNC_INTERVAL"]
    return {
        "phase": "images",
        "whole": whole_look,
        "since": since,
        "started": now,
        "full": now if whole_look else cursor["full"],
        "images": images,
        "total": images if whole_look else due,
    }


def _is_due(album: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    if state["whole"]:
        return True
    times = (as_datetime(album.get(name)) for name in ("ImagesLastUpdated", "LastUpdated"))
    told = [when.timestamp() for when in times if when]
    return not told or max(told) >= state["since"]


def _error_for(code: int, message: str) -> ServiceFailed:
    for words, (kind, reason) in ERRORS_BY_CODE.items():
        if words in message:
            return kind(reason)
    if code in (404, 410):
        return ResourceNotFound("SmugMug doesn't have it any more.")
    if code in (401, 403):
        return Revoked(ACCESS_DENIED)
    return RetryLater("SmugMug is out of order.")
