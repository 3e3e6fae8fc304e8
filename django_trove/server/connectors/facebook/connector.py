"""
Facebook: OAuth 2, and the Graph API.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import requests

from django_trove.client.content import Photo, Urls

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

LIMIT, MIN_LIMIT = 100, 5  # records a page
DAY = 86_400
USAGE_LIMIT = 95  # per cent of the calls that Facebook grants
State = dict[str, Any]
EDGES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Photo]]] = {
    "photos": (PHOTO_FIELDS, parse_photo),
    "videos": (VIDEO_FIELDS, parse_video),
}


class Facebook(OAuth2Service):
    """
    A look goes through the photos and then the videos that the person put there themself. The first
    one, and later one a day, is at everything; the others stop where nothing is new.
    """

    name = "facebook"
    title = "Facebook"
    description = (
        "The photos and videos that you put there yourself come, in the largest size that Facebook "
        "gives, which isn't the file that you had. It lets this Trove in for about two months; "
        "then you connect it again."
    )
    pkce = None  # Facebook's documents of its web login don't name it
    defaults = {
        "DIALOG_URL": "https://www.facebook.com",
        "GRAPH_URL": "https://graph.facebook.com",
        "AUTHORIZE_URL": "",  # by default made of the above
        "TOKEN_URL": "",
        "VERSION": "v26.0",
        "SCOPES": ("public_profile", "user_photos", "user_videos"),
        "MEDIA_HOSTS": (".fbcdn.net",),
        "FULL_SYNC_INTERVAL": DAY,
        "RETENTION_SECONDS": 90
        * DAY,  # after so long without use Facebook ends the access to the data, too
    }

    @property
    def config(self) -> Mapping[str, Any]:
        said = super().config
        dialog = f"{said['DIALOG_URL']}/{said['VERSION']}/dialog/oauth"
        token = f"{said['GRAPH_URL']}/{said['VERSION']}/oauth/access_token"
        return {
            **said,
            "AUTHORIZE_URL": said["AUTHORIZE_URL"] or dialog,
            "TOKEN_URL": said["TOKEN_URL"] or token,
        }

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        try:
            self.credentials.token = self._exchanged(token)
        except RetryLater:  # the short one holds for an hour or two
            self.credentials.token = token
        if "user_photos" not in self._permissions():
            raise ServiceFailed("Facebook was allowed no photos: begin again, and allow them.")
        person = self._ask("me", fields="id,name,link")
        service_id = as_text(person.get("id"))
        return Authorization(
            token=self.credentials.token,
            service_id=service_id,
            name=as_text(person.get("name")) or service_id,
            url=as_text(person.get("link")) or f"https://www.facebook.com/{service_id}",
        )

    def revoke(self) -> None:
        try:
            self._ask("me/permissions", "DELETE")
        except (Revoked, RequestRejected):  # it is taken back already
            return

    def parse_deletion_request(self, signed_request: str) -> str:
        return parse_deletion_request(signed_request, self.key("CLIENT_SECRET"))

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        self._extend()
        allowed = self._permissions()
        if "user_photos" not in allowed:  # an empty list is all that its absence shows
            raise Revoked("Facebook doesn't let this Trove see your photos any more.")
        state = dict(cursor) if cursor.get("phase") else _start_state(cursor, self.config)
        for edge in EDGES:
            if state["phase"] != edge:
                continue
            if edge == "photos" or "user_videos" in allowed:
                yield from self._edge(edge, state, known)
            state.update(phase="videos" if edge == "photos" else "", after="")
        yield Batch(cursor={"full": state["full"]}, full=state["whole"])

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        An address tells when it ends; then Facebook is asked for another.
        """
        url = urls.get(size, "")
        ends = parse_expiry(url)
        if not ends or ends > time.time():
            answer = self.fetch(_unauthenticated_session(), url) if url else None
            if answer is not None and answer.status_code not in (403, 404, 410):
                return self.to_rendition(answer)
        fresh = self._fresh(service_id).get(size)
        return self.to_rendition(self.fetch(_unauthenticated_session(), fresh)) if fresh else None

    def _edge(self, edge: str, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        A page may be empty and not the last one: only where no next one is told, it is.
        """
        fields, read = EDGES[edge]
        while True:
            try:
                said = self._listed(edge, fields, state)
            except RequestRejected:
                if not state["after"]:
                    raise
                state["after"] = ""  # Facebook's cursors don't hold for ever
                continue
            further = dig(said, "paging", "next") and dig(said, "paging", "cursors", "after")
            records = [record for record in as_list(said.get("data")) if isinstance(record, dict)]
            page = self._page(records, read, known, state)
            nothing_new = bool(records) and not page.items and not page.failures
            state["after"] = as_text(further)
            done = not further or (not state["whole"] and nothing_new)
            if done:
                state.update(phase="videos" if edge == "photos" else "done", after="")
            yield replace(page, cursor=dict(state))
            if done:
                return

    def _listed(self, edge: str, fields: str, state: State) -> Mapping[str, Any]:
        after = {"after": state["after"]} if state["after"] else {}
        while True:
            try:
                return self._ask(
                    f"me/{edge}", type="uploaded", fields=fields, limit=state["limit"], **after
                )
            except TooMuchData:
                if state["limit"] <= MIN_LIMIT:
                    raise
                state["limit"] = max(MIN_LIMIT, state["limit"] // 2)

    def _page(
        self,
        records: list[dict[str, Any]],
        read: Callable[[Mapping[str, Any]], Photo],
        known: KnownStamps,
        state: State,
    ) -> Batch:
        found, failures = [], []
        for record in records:
            try:
                photo = read(record)
            except (ValueError, TypeError, AttributeError):
                failures.append(
                    ItemFailure(name=as_text(record.get("id")), reason="It can't be read.")
                )
            else:
                stamp = compute_stamp(replace(photo, urls=Urls(dict.fromkeys(photo.urls, ""))))
                found.append(FoundItem(photo=photo, etag=stamp, proxied=True))
        stamps = known([one.photo.id for one in found])
        return Batch(
            items=tuple(one for one in found if stamps.get(one.photo.id) != one.etag),
            seen=tuple(filter(None, (as_text(record.get("id")) for record in records))),
            failures=tuple(failures),
            full=state["whole"],
        )

    def _fresh(self, service_id: str) -> dict[str, str]:
        """
        Ask for other addresses of a photo, or of a video's still pictures.
        """
        for fields in ("images", "format,picture"):
            try:
                return parse_urls(self._ask(service_id, fields=fields))
            except RequestRejected:  # it is of the other kind, or gone
                continue
        return {}

    def _permissions(self) -> set[str]:
        rows = as_list(self._ask("me/permissions").get("data"))
        return {as_text(dig(r, "permission")) for r in rows if dig(r, "status") == "granted"}

    def _extend(self) -> None:
        """
        There is no refresh token. One that still holds may be traded for one that holds longer,
        once a day.
        """
        token, now = self.credentials.token, time.time()
        old = token.get("got", 0) < now - DAY
        if old and now < token.get("expires_at", 0) < now + 30 * DAY:
            try:
                self.credentials.refresh(self._exchanged)
            except ServiceFailed:
                return  # the one that we have holds

    def _exchanged(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        fields = {
            "grant_type": "fb_exchange_token",
            "client_id": self.key("CLIENT_ID"),
            "client_secret": self.key("CLIENT_SECRET"),
            "fb_exchange_token": token["access_token"],
        }
        said = self._read(
            self.call(_unauthenticated_session(), "POST", self.config["TOKEN_URL"], data=fields)
        )
        if not as_text(said.get("access_token")):
            raise RetryLater("Facebook gave no token.")
        now = int(time.time())
        ends = {"expires_at": now + as_int(said["expires_in"])} if said.get("expires_in") else {}
        return {**token, **ends, "access_token": said["access_token"], "got": now}

    def _ask(self, path: str, method: str = "GET", **fields: Any) -> dict[str, Any]:
        """
        The token goes in a header, so that no address that is logged holds it.
        """
        secret, token = self.key("CLIENT_SECRET"), self.credentials.token["access_token"]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        url = f"{self.config['GRAPH_URL']}/{self.config['VERSION']}/{path}"
        params = {**fields, "appsecret_proof": proof}
        return self._read(self.call(self.session(), method, url, params=params))

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        if answer.status_code == 429:
            raise RetryLater(
                "Facebook was asked too often.", self.retry_after(answer), all_accounts=True
            )
        said = self.parse_json(answer)
        error = said.get("error")
        if isinstance(error, dict):
            raise error_for(error, answer.status_code)
        if not answer.ok:
            raise RetryLater("Facebook is out of order.")
        if _usage_percent(answer):
            raise RetryLater("Facebook wants to be left alone.", PAUSE, all_accounts=True)
        return said


def _start_state(cursor: Mapping[str, Any], config: Mapping[str, Any]) -> State:
    now = int(time.time())
    whole_look = now - cursor.get("full", 0) >= config["FULL_SYNC_INTERVAL"]
    return {
        "phase": "photos",
        "after": "",
        "limit": LIMIT,
        "whole": whole_look,
        "full": now if whole_look else cursor["full"],
    }


def _unauthenticated_session() -> requests.Session:
    """
    Return a session without a token: pictures want none, and shouldn't get one.
    """
    session = requests.Session()
    session.trust_env = False
    return session


def _usage_percent(answer: requests.Response) -> bool:
    """
    Facebook tells how many per cent of our calls are used.
    """
    try:
        usage = json.loads(answer.headers.get("X-App-Usage", "{}"))
        return any(as_int(share) >= USAGE_LIMIT for share in usage.values())
    except (ValueError, AttributeError):
        return False
