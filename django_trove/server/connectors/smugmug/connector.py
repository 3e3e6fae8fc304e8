"""
Connector for SmugMug: OAuth 1.0a and version 2 of the API.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from msgspec import structs
from requests_oauthlib import OAuth1Session

from django_trove.client.responses import parse_retry_after

from ..authorization import Authorization, Credentials
from ..base import Batch, FoundItem, ItemFailure, KnownStamps, Rendition
from ..errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from ..etags import compute_etag
from ..messages import Message
from ..messages import Message as _
from ..oauth1 import OAuth1Service
from ..remote import is_due
from ..values import as_datetime, as_int, as_list, as_number, as_text, dig
from .records import get_expansion, is_public_album, parse_photo

PAGE_SIZE = 100  # larger responses take longer than the nonce is valid
ALBUMS = 100
OVERLAP = 3600  # seconds of clock skew when changes are listed
MAX_ATTEMPTS = 3
EXPANSIONS = "ImageSizeDetails,ImageMetadata,LargestVideo"
State = dict[str, Any]


class ResourceNotFound(ServiceFailed):
    """
    The requested object does not exist any more.
    """


class SmugMug(OAuth1Service):
    """
    A sync lists the images of one album after another. The first sync and then one per
    `FULL_SYNC_INTERVAL` are full; the others list changed albums.
    """

    name = "smugmug"
    title = "SmugMug"
    description = _(
        "All of your photos, including private galleries, with keywords and places. Select Full "
        "access on SmugMug's page: later it can only be changed in your account settings there."
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

    def get_authorization(self, response: Mapping[str, str]) -> Authorization:
        token = {"key": response["oauth_token"], "secret": response["oauth_token_secret"]}
        self.credentials = Credentials(self.credentials.config, token)
        user = dig(self._request("/api/v2!authuser"), "Response", "User")
        nickname = as_text(dig(user, "NickName"))
        if not nickname:
            raise RetryLater(_("SmugMug did not send the account's name."))
        return Authorization(
            token=token,
            service_id=nickname,
            name=as_text(dig(user, "Name")) or nickname,
            url=as_text(dig(user, "WebUri")),
            settings={"nick": nickname, "name": as_text(dig(user, "Name")) or nickname},
        )

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        albums = {as_text(album.get("AlbumKey")): album for album in self._albums()}
        state = dict(cursor) if cursor.get("phase") else _start_state(cursor, albums, self.config)
        for key in sorted(filter(None, albums)):
            if key < state.get("album", "") or not _is_due(albums[key], state):
                continue
            if key != state.get("album"):
                state.update(album=key, start=1, last="")
            try:
                yield from self._album_batches(albums[key], state, known)
            except ResourceNotFound:  # the album was deleted in the meantime
                continue
        final_cursor = {name: state[name] for name in ("full", "images")} | {
            "since": state["started"]
        }
        yield Batch(cursor=final_cursor, full=state["whole"], total=state["total"])

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        Images that are not public require a request signed with the owner's token; other requests
        get an empty response.
        """
        if size not in urls:
            return None
        response = self.fetch(self._session, urls[size])
        if response.status_code in (404, 410) or not response.content:
            return None
        return self.to_rendition(response)

    def _albums(self) -> Iterator[Mapping[str, Any]]:
        uri: str | None = f"/api/v2/user/{self.settings['nick']}!albums?count={ALBUMS}&_expand=Node"
        while uri:
            data = self._request(uri)
            for album in as_list(data["Response"].get("Album")):
                if isinstance(album, dict):
                    yield {**album, "Node": get_expansion(album, data.get("Expansions"), "Node")}
            uri = as_text(dig(data, "Response", "Pages", "NextPage")) or None

    def _album_batches(
        self, album: Mapping[str, Any], state: State, known: KnownStamps
    ) -> Iterator[Batch]:
        """
        Each page begins with the last image of the previous one: if it is another image, the order
        has changed, and images may be missing. `state["start"]` is 0 after the last page.
        """
        key = state["album"]
        while state["start"]:
            query = f"start={state['start']}&count={PAGE_SIZE}&_expand={EXPANSIONS}"
            data = self._request(f"/api/v2/album/{key}!images?{query}")
            images = [
                i for i in as_list(dig(data, "Response", "AlbumImage")) if isinstance(i, dict)
            ]
            keys = [as_text(image.get("ImageKey")) for image in images]
            is_changed = state["last"] and keys[:1] != [state["last"]]
            has_next = dig(data, "Response", "Pages", "NextPage") and len(images) > 1
            state["start"] = state["start"] + len(images) - 1 if has_next else 0
            state["last"] = keys[-1] if has_next else ""
            batch = self._build_batch(album, images, data, known, state)
            yield replace(batch, doubt=ORDER_CHANGED) if is_changed else batch

    def _build_batch(
        self,
        album: Mapping[str, Any],
        images: list[dict[str, Any]],
        data: Mapping[str, Any],
        known: KnownStamps,
        state: State,
    ) -> Batch:
        items, failures = [], []
        owner, public = self.settings.get("name", ""), is_public_album(album)
        for image in images:
            if image.get("Processing") is True:  # included in a later sync
                continue
            try:
                photo = parse_photo(image, data.get("Expansions"), owner, public=public)
            except (ValueError, TypeError, AttributeError):
                name = as_text(image.get("FileName")) or as_text(image.get("ImageKey"))
                failures.append(ItemFailure(name=name, reason=_("The record is invalid.")))
            else:
                # an image in two albums has two web pages
                etag = compute_etag(structs.replace(photo, original_web_url=""))
                items.append(
                    FoundItem(content=photo, etag=etag, proxied=not photo.public, has_album=False)
                )
        etags = known([item.service_id for item in items])
        ids = tuple(filter(None, (as_text(image.get("ImageKey")) for image in images)))
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=ids,
            albums={state["album"]: ids},
            album_titles={
                state["album"]: as_text(album.get("Name")) or as_text(album.get("Title"))
            },
            failures=tuple(failures),
            total=state["total"],
            cursor=dict(state),
            full=state["whole"],
        )

    @cached_property
    def _session(self) -> OAuth1Session:
        return self.session()

    def _request(self, uri: str) -> dict[str, Any]:
        url, failure = urljoin(self.config["API_URL"], uri), None
        for __ in range(MAX_ATTEMPTS):
            response = self.call(self._session, "GET", url, headers={"Accept": "application/json"})
            if response.is_redirect:  # the signature covers the URL
                url = self._redirect_url(url, response)
                continue
            if response.status_code == 429:
                raise RetryLater(
                    _("The rate limit of %(service)s is exceeded.", service="SmugMug"),
                    self._parse_wait(response),
                )
            data = self.parse_json(response)
            code = as_int(data.get("Code"), response.status_code)
            if code == 200 and isinstance(data.get("Response"), dict):
                return data
            failure = _error_for(code, as_text(data.get("Message")))
            if not isinstance(failure, NonceRejected):
                raise failure
        raise failure or RetryLater(_("SmugMug sends too many redirects."))

    def _parse_wait(self, response: requests.Response) -> float | None:
        """
        Return the delay of `Retry-After`, or of SmugMug's own header with the end of its rate limit
        window.
        """
        reset = as_number(response.headers.get("X-RateLimit-Reset"))
        until_reset = None if reset is None else max(0.0, reset - time.time())
        retry_after = parse_retry_after(response.headers)
        return until_reset if retry_after is None else retry_after

    def _redirect_url(self, url: str, response: requests.Response) -> str:
        target = urljoin(url, response.headers["location"])
        if urlsplit(target).netloc != urlsplit(url).netloc:
            raise RetryLater(_("SmugMug redirected to another host."))
        return target


ORDER_CHANGED = _("SmugMug changed the order of an album while it was listed.")


class NonceRejected(RetryLater):
    """
    SmugMug also rejects nonces of very slow requests, so a request is repeated.
    """


ACCESS_DENIED = _(
    "%(service)s revoked the authorization. Reconnect the account.", service="SmugMug"
)
BAD_KEYS = _("%(service)s rejected the keys of this Trove.", service="SmugMug")
INSUFFICIENT_PERMISSION = _(
    "The permissions at SmugMug are insufficient. Under Authorized Services in your account "
    "settings at SmugMug, select full access or revoke the authorization. Then reconnect."
)
ERRORS_BY_TEXT: Mapping[str, tuple[type[ServiceFailed], Message]] = {
    "nonce_used": (NonceRejected, _("SmugMug rejected the nonce of the request.")),
    "token_rejected": (Revoked, ACCESS_DENIED),
    "token_expired": (Revoked, ACCESS_DENIED),
    "token_revoked": (Revoked, ACCESS_DENIED),
    "granted the required permissions": (Revoked, INSUFFICIENT_PERMISSION),
    "oauth_problem": (Misconfigured, BAD_KEYS),
    "lacks v2 access": (Misconfigured, BAD_KEYS),
}


def _start_state(
    cursor: Mapping[str, Any], albums: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]
) -> State:
    """
    Fewer images than at the last sync, or another number without a changed album, imply deleted
    images, which only a full sync can find.
    """
    now = int(time.time())
    images = sum(as_int(album.get("ImageCount")) for album in albums.values())
    since = cursor.get("since", 0) - OVERLAP
    changes = {"whole": False, "since": since}
    due = sum(
        as_int(album.get("ImageCount")) for album in albums.values() if _is_due(album, changes)
    )
    missing = images < cursor.get("images", 0) or (images != cursor.get("images") and not due)
    full = missing or is_due(now, cursor.get("full", 0), config["FULL_SYNC_INTERVAL"])
    return {
        "phase": "images",
        "whole": full,
        "since": since,
        "started": now,
        "full": now if full else cursor["full"],
        "images": images,
        "total": images if full else due,
    }


def _is_due(album: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    if state["whole"]:
        return True
    times = (as_datetime(album.get(name)) for name in ("ImagesLastUpdated", "LastUpdated"))
    timestamps = [time_.timestamp() for time_ in times if time_]
    return not timestamps or max(timestamps) >= state["since"]


def _error_for(code: int, message: str) -> ServiceFailed:
    for text, (cls, reason) in ERRORS_BY_TEXT.items():
        if text in message:
            return cls(reason)
    if code in (404, 410):
        return ResourceNotFound(_("SmugMug no longer has the object."))
    if code in (401, 403):
        return Revoked(ACCESS_DENIED)
    return RetryLater(_("%(service)s is unavailable.", service="SmugMug"))
