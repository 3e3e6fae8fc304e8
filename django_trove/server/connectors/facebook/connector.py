"""
Connector for Facebook: OAuth 2 and the Graph API.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from msgspec import structs

from django_trove.client.content import Photo, Urls
from django_trove.client.responses import parse_retry_after

from ..base import (
    Batch,
    FoundItem,
    ItemFailure,
    KnownStamps,
    Rendition,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..oauth2 import OAuth2Service
from ..remote import Authorization, compute_stamp
from ..values import as_int, as_list, as_text, dig
from .errors import PAUSE, RequestRejected, TooMuchData, error_for
from .records import (
    PHOTO_FIELDS,
    VIDEO_FIELDS,
    parse_deletion_request,
    parse_expiry,
    parse_photo,
    parse_urls,
    parse_video,
)

LIMIT, MIN_LIMIT = 100, 5  # records per page
DAY = 86_400
PAGE_PARAMETERS = ("after", "until", "offset", "__paging_token")
USAGE_LIMIT = 95  # per cent of the app's rate limit
State = dict[str, Any]
EDGES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Photo]]] = {
    "photos": (PHOTO_FIELDS, parse_photo),
    "videos": (VIDEO_FIELDS, parse_video),
}


class Facebook(OAuth2Service):
    """
    A sync lists the photos and then the videos that the user uploaded. The first sync and then one
    per `FULL_SYNC_INTERVAL` are full; the others stop at the first page without changes.
    """

    name = "facebook"
    title = "Facebook"
    description = (
        "The photos and videos that you uploaded, in the largest size of Facebook, which is not "
        "the original file. The authorization expires after about two months; then you have to "
        "reconnect the account."
    )
    pkce = None  # not documented for Facebook's web login
    defaults = {
        "DIALOG_URL": "https://www.facebook.com",
        "GRAPH_URL": "https://graph.facebook.com",
        "AUTHORIZE_URL": "",  # derived from the above by default
        "TOKEN_URL": "",
        "VERSION": "v26.0",
        "SCOPES": ("public_profile", "user_photos", "user_videos"),
        "MEDIA_HOSTS": (".fbcdn.net",),
        "FULL_SYNC_INTERVAL": DAY,
        "RETENTION_SECONDS": 90 * DAY,  # Facebook ends unused data access after 90 days
    }

    @property
    def config(self) -> Mapping[str, Any]:
        data = super().config
        dialog = f"{data['DIALOG_URL']}/{data['VERSION']}/dialog/oauth"
        token = f"{data['GRAPH_URL']}/{data['VERSION']}/oauth/access_token"
        return {
            **data,
            "AUTHORIZE_URL": data["AUTHORIZE_URL"] or dialog,
            "TOKEN_URL": data["TOKEN_URL"] or token,
        }

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        try:
            self.credentials.token = self._exchange_token(token)
        except RetryLater:  # the short-lived token is valid for one to two hours
            self.credentials.token = token
        if "user_photos" not in self._permissions():
            raise ServiceFailed(
                "The permission for photos is missing. Try again, and allow access to photos."
            )
        profile = self._request("me", fields="id,name,link")
        service_id = as_text(profile.get("id"))
        return Authorization(
            token=self.credentials.token,
            service_id=service_id,
            name=as_text(profile.get("name")) or service_id,
            url=as_text(profile.get("link")) or f"https://www.facebook.com/{service_id}",
        )

    def revoke(self) -> None:
        try:
            self._request("me/permissions", "DELETE")
        except (Revoked, RequestRejected):  # already revoked
            return

    def parse_deletion_request(self, signed_request: str) -> str:
        return parse_deletion_request(signed_request, self.key("CLIENT_SECRET"))

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        self._extend_token()
        permissions = self._permissions()
        if "user_photos" not in permissions:  # without it, the list is empty
            raise Revoked(
                "The permission for photos was revoked at Facebook. Reconnect the account."
            )
        state = dict(cursor) if cursor.get("phase") else _start_state(cursor, self.config)
        for edge in EDGES:
            if state["phase"] != edge:
                continue
            if edge == "photos" or "user_videos" in permissions:
                yield from self._edge_batches(edge, state, known)
            state.update(phase="videos" if edge == "photos" else "", page={})
        yield Batch(cursor={"full": state["full"]}, full=state["whole"])

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        The URL contains its expiry; after that, a new URL is requested.
        """
        url = urls.get(size, "")
        expires = parse_expiry(url)
        if not expires or expires > time.time():
            response = self.fetch(_unauthenticated_session(), url) if url else None
            if response is not None and response.status_code not in (403, 404, 410):
                return self.to_rendition(response)
        new_url = self._fetch_urls(service_id).get(size)
        return (
            self.to_rendition(self.fetch(_unauthenticated_session(), new_url)) if new_url else None
        )

    def _edge_batches(self, edge: str, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        A page may be empty although there is a next one; the last page has no `next`.
        """
        fields, parse = EDGES[edge]
        while True:
            try:
                data = self._list_edge(edge, fields, state)
            except RequestRejected:
                if not state["page"] or state.get("restarted") == edge:
                    raise
                state.update(page={}, restarted=edge)  # the cursor has expired
                continue
            next_page = _next_page(data)
            records = [record for record in as_list(data.get("data")) if isinstance(record, dict)]
            batch = self._build_batch(records, parse, known, state)
            unchanged = bool(records) and not batch.items and not batch.failures
            state["page"] = next_page
            done = not next_page or (not state["whole"] and unchanged)
            if done:
                state.update(phase="videos" if edge == "photos" else "done", page={})
            yield replace(batch, cursor=dict(state))
            if done:
                return

    def _list_edge(self, edge: str, fields: str, state: State) -> Mapping[str, Any]:
        while True:
            try:
                listing = {"type": "uploaded", "fields": fields, "limit": state["limit"]}
                return self._request(f"me/{edge}", **listing, **state["page"])
            except TooMuchData:
                if state["limit"] <= MIN_LIMIT:
                    raise
                state["limit"] = max(MIN_LIMIT, state["limit"] // 2)

    def _build_batch(
        self,
        records: list[dict[str, Any]],
        parse: Callable[[Mapping[str, Any]], Photo],
        known: KnownStamps,
        state: State,
    ) -> Batch:
        items, failures = [], []
        for record in records:
            try:
                photo = parse(record)
            except (ValueError, TypeError, AttributeError):
                failures.append(
                    ItemFailure(name=as_text(record.get("id")), reason="The record is invalid.")
                )
            else:
                etag = compute_stamp(
                    structs.replace(photo, urls=Urls(dict.fromkeys(photo.urls, "")))
                )
                items.append(FoundItem(content=photo, etag=etag, proxied=True))
        etags = known([item.service_id for item in items])
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=tuple(filter(None, (as_text(record.get("id")) for record in records))),
            failures=tuple(failures),
            full=state["whole"],
        )

    def _fetch_urls(self, service_id: str) -> dict[str, str]:
        """
        Request new URLs of a photo, or of the still pictures of a video.
        """
        for fields in ("images", "format,picture"):
            try:
                return parse_urls(self._request(service_id, fields=fields))
            except RequestRejected:  # an item of the other type, or a deleted one
                continue
        return {}

    def _permissions(self) -> set[str]:
        rows = as_list(self._request("me/permissions").get("data"))
        return {as_text(dig(r, "permission")) for r in rows if dig(r, "status") == "granted"}

    def _extend_token(self) -> None:
        """
        Exchange a long-lived token for a new one, at most once a day. There are no refresh tokens.
        """
        token, now = self.credentials.token, time.time()
        is_old = token.get("got", 0) < now - DAY
        if is_old and now < token.get("expires_at", 0) < now + 30 * DAY:
            try:
                self.credentials.refresh(self._exchange_token)
            except ServiceFailed:
                return  # the current token is still valid

    def _exchange_token(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        fields = {
            "grant_type": "fb_exchange_token",
            "client_id": self.key("CLIENT_ID"),
            "client_secret": self.key("CLIENT_SECRET"),
            "fb_exchange_token": token["access_token"],
        }
        data = self._parse_response(
            self.call(_unauthenticated_session(), "POST", self.config["TOKEN_URL"], data=fields)
        )
        if not as_text(data.get("access_token")):
            raise RetryLater("Facebook did not send a token.")
        now = int(time.time())
        expiry = {"expires_at": now + as_int(data["expires_in"])} if data.get("expires_in") else {}
        return {**token, **expiry, "access_token": data["access_token"], "got": now}

    def _request(self, path: str, method: str = "GET", **fields: Any) -> dict[str, Any]:
        """
        The token is sent in a header, so that logged URLs do not contain it.
        """
        session = self.session()  # refreshes the token
        secret, token = self.key("CLIENT_SECRET"), self.credentials.token["access_token"]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        url = f"{self.config['GRAPH_URL']}/{self.config['VERSION']}/{path}"
        params = {**fields, "appsecret_proof": proof}
        return self._parse_response(self.call(session, method, url, params=params))

    def _parse_response(self, response: requests.Response) -> dict[str, Any]:
        if response.status_code == 429:
            raise RetryLater(
                "The rate limit of Facebook is exceeded.",
                parse_retry_after(response.headers),
                all_accounts=True,
            )
        data = self.parse_json(response)
        error = data.get("error")
        if isinstance(error, dict):
            raise error_for(error, response.status_code)
        if not response.ok:
            raise RetryLater("Facebook is unavailable.")
        if _is_near_rate_limit(response):
            raise RetryLater(
                "The rate limit of Facebook is almost exceeded.", PAUSE, all_accounts=True
            )
        return data


def _start_state(cursor: Mapping[str, Any], config: Mapping[str, Any]) -> State:
    now = int(time.time())
    full = now - cursor.get("full", 0) >= config["FULL_SYNC_INTERVAL"]
    return {
        "phase": "photos",
        "page": {},
        "limit": LIMIT,
        "whole": full,
        "full": now if full else cursor["full"],
    }


def _next_page(data: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the parameters of the next page, or {} for the last page.

    :raises RetryLater: if there is a next page without such parameters.
    """
    next_url = as_text(dig(data, "paging", "next"))
    if not next_url:
        return {}
    query = parse_qs(urlsplit(next_url).query)
    page = {name: query[name][0] for name in PAGE_PARAMETERS if name in query}
    if after := as_text(dig(data, "paging", "cursors", "after")):
        page["after"] = after
    if not page:
        raise RetryLater("Facebook sent an incomplete page.")
    return page


def _unauthenticated_session() -> requests.Session:
    """
    Return a session without a token, which must not be sent to picture hosts.
    """
    session = requests.Session()
    session.trust_env = False
    return session


def _is_near_rate_limit(response: requests.Response) -> bool:
    """
    Return whether the usage of the app's rate limit exceeds `USAGE_LIMIT`.
    """
    try:
        usage = json.loads(response.headers.get("X-App-Usage", "{}"))
        return any(as_int(percent) >= USAGE_LIMIT for percent in usage.values())
    except (ValueError, AttributeError):
        return False
