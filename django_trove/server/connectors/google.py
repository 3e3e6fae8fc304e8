"""
Google Photos, by its Picker: since 2025 no program may list a person's library, so the person
picks. What was picked can be fetched for an hour, and is kept.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import requests

from django_trove.client.content import Photo, Video

from .base import (
    Batch,
    FoundItem,
    ItemFailure,
    KnownStamps,
    Misconfigured,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from .oauth2 import OAuth2Service
from .picture.reader import Unreadable, read
from .remote import Authorization, Picker, PickerSession
from .values import as_datetime, as_int, as_list, as_number, as_text, dig

PICKER_SCOPE = "https://www.googleapis.com/auth/photospicker.mediaitems.readonly"
LISTED_TYPES = 100  # the most that Google gives
PAGE_SIZE = 20  # each is fetched, so that a page takes its time
MAX_SESSIONS = 50  # sessions
SIDE = 2048  # pixels of what is fetched
NOT_READY_MESSAGE = frozenset({"PROCESSING", "FAILED"})

State = dict[str, Any]


class SessionNotFound(ServiceFailed):
    """
    Google has no such session, or not any more.
    """


class BadRequest(ServiceFailed):
    """
    Google doesn't take the question, such as one for a page whose token has ended.
    """


class Google(OAuth2Service, Picker):
    """
    A look takes in what was picked in the sessions that `settings["sessions"]` names.
    """

    name = "google"
    title = "Google Photos"
    description = (
        "Google lets no program list your library: you pick in Google's own picker what comes, as "
        "often as you like. Titles, albums and places don't come with it. With a Google Takeout "
        "export everything does; whoever runs this Trove can add one for you."
    )
    authorize_params = {"access_type": "offline", "prompt": "consent"}
    defaults = {
        "AUTHORIZE_URL": "https://accounts.google.com/o/oauth2/v2/auth",
        "TOKEN_URL": "https://oauth2.googleapis.com/token",
        "REVOKE_URL": "https://oauth2.googleapis.com/revoke",
        "USERINFO_URL": "https://openidconnect.googleapis.com/v1/userinfo",
        "PICKER_URL": "https://photospicker.googleapis.com",
        "SCOPES": ("openid", "email", PICKER_SCOPE),
        "MEDIA_HOSTS": (".googleusercontent.com",),
        "RETENTION_SECONDS": None,  # the person picked each one to be here
    }

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        if token["scope"] and PICKER_SCOPE not in token["scope"]:
            raise ServiceFailed("Google was allowed no photos: begin again, and tick that box.")
        self.credentials.token = token
        person = self._ask("GET", self.config["USERINFO_URL"])
        service_id = as_text(person.get("sub"))
        if not service_id:
            raise RetryLater("Google didn't say whose account it is.")
        name = as_text(person.get("email")) or as_text(person.get("name")) or service_id
        return Authorization(token=token, service_id=service_id, name=name, settings={"name": name})

    def revoke(self) -> None:
        token = self.credentials.token.get("refresh_token") or self.credentials.token.get(
            "access_token"
        )
        session = requests.Session()
        session.trust_env = False
        answer = self.call(session, "POST", self.config["REVOKE_URL"], data={"token": token})
        if answer.status_code >= 500:  # while 400 says that there is nothing to revoke
            raise RetryLater("Google is out of order.")

    def start_picker_session(self) -> PickerSession:
        said = self._ask("POST", self._url("sessions"), json={})
        ends = as_datetime(said.get("expireTime"))
        return PickerSession(
            id=as_text(said.get("id")),
            url=f"{as_text(said.get('pickerUri'))}/autoclose",
            seconds=_parse_duration(dig(said, "pollingConfig", "pollInterval")) or 5,
            expires=ends.timestamp() if isinstance(ends, datetime) else 0,
        )

    def is_selection_complete(self, session_id: str) -> bool:
        try:
            return self._is_done(session_id)
        except SessionNotFound:
            raise ServiceFailed("Picking took too long: begin again.") from None

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = {"taken": [], **cursor}
        for session in self.settings.get("sessions", ()):
            if session in state["taken"]:
                continue
            try:
                if not self._is_done(session):
                    continue
                yield from self._session_pages(session, state, known)
                self._close(session)
            except SessionNotFound:  # it ended before it was used, or is taken in already
                pass
            taken = [*state["taken"], session][-MAX_SESSIONS:]
            state = {"taken": taken}
            yield Batch(cursor=dict(state), full=False)
        yield Batch(cursor={"taken": state["taken"]}, full=False)

    def _session_pages(self, session: str, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        Google's pages are gone through in parts. Where one's token isn't taken any more, the
        session is listed anew: what is known is passed over.
        """
        if state.get("session") != session:
            state.update(phase="picked", session=session, token="", at=0)
        while True:
            try:
                listing = self._listing(session, state["token"])
            except BadRequest:
                if not state["token"]:
                    raise SessionNotFound("There is nothing to list.") from None
                state.update(token="", at=0)
                continue
            items = [item for item in as_list(listing.get("mediaItems")) if isinstance(item, dict)]
            while state["at"] < len(items):
                part = items[state["at"] : state["at"] + PAGE_SIZE]
                found, failures = self._fetched(part, session, state["token"], known)
                state["at"] += PAGE_SIZE
                ids = tuple(filter(None, (as_text(item.get("id")) for item in part)))
                yield Batch(
                    items=found, seen=ids, failures=failures, cursor=dict(state), full=False
                )
            state.update(token=as_text(listing.get("nextPageToken")), at=0)
            if not state["token"]:
                return

    def _fetched(
        self, items: list[dict[str, Any]], session: str, token: str, known: KnownStamps
    ) -> tuple[tuple[FoundItem, ...], tuple[ItemFailure, ...]]:
        """
        Fetch what isn't known yet: its id is Google's for ever.
        """
        stamps = known([as_text(item.get("id")) for item in items])
        found, failures = [], []
        for item in items:
            if as_text(item.get("id")) in stamps:
                continue
            try:
                found.append(self._found(item, session, token))
            except Unreadable as failure:
                named = as_text(dig(item, "mediaFile", "filename")) or as_text(item.get("id"))
                failures.append(ItemFailure(name=named, reason=failure.reason))
        return tuple(found), tuple(failures)

    def _found(self, item: dict[str, Any], session: str, token: str) -> FoundItem:
        file = item.get("mediaFile")
        status = dig(file, "mediaFileMetadata", "videoMetadata", "processingStatus")
        if as_text(status) in NOT_READY_MESSAGE:
            raise Unreadable("Google has it not ready yet: pick it again later.")
        if not as_text(item.get("id")):
            raise Unreadable("It can't be read.")
        content = self._content(item, session, token)
        said: dict[str, Any] = {
            "service": self.name,
            "id": as_text(item["id"]),
            "title": as_text(dig(file, "filename")),
            "owner": as_text(self.settings.get("name")),
            "date": as_datetime(item.get("createTime")),
            "width": max(0, as_int(dig(file, "mediaFileMetadata", "width"))),
            "height": max(0, as_int(dig(file, "mediaFileMetadata", "height"))),
        }
        photo = Video(**said) if item.get("type") == "VIDEO" else Photo(**said)
        return FoundItem(photo=photo, etag="1", renditions=read(io.BytesIO(content)).renditions)

    def _content(self, item: dict[str, Any], session: str, token: str) -> bytes:
        """
        Fetch a picture, or a video's. An address ends after an hour; a new listing has others.
        """
        for _ in range(2):
            address = as_text(dig(item, "mediaFile", "baseUrl"))
            if not self.is_allowed_host(address):
                raise Unreadable("It can't be read.")
            size = f"=w{SIDE}-h{SIDE}" + ("-no" if item.get("type") == "VIDEO" else "")
            answer = self.fetch(self.session(), address + size)
            if answer.ok and answer.content:
                return answer.content
            if answer.status_code not in (401, 403):
                break
            fresh = as_list(self._listing(session, token).get("mediaItems"))
            item = next((one for one in fresh if dig(one, "id") == item["id"]), item)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise RetryLater("Google doesn't send its pictures just now.")
        raise Unreadable("Google didn't send it: pick it again.")

    def _listing(self, session: str, token: str) -> dict[str, Any]:
        fields = {"sessionId": session, "pageSize": LISTED_TYPES}
        more = {"pageToken": token} if token else {}
        return self._ask("GET", self._url("mediaItems"), params={**fields, **more})

    def _is_done(self, session: str) -> bool:
        return self._ask("GET", self._url("sessions", session)).get("mediaItemsSet") is True

    def _close(self, session: str) -> None:
        """
        Google would have it so; where it doesn't work, the session ends by itself.
        """
        try:
            self._ask("DELETE", self._url("sessions", session))
        except ServiceFailed:
            return

    def _url(self, *parts: str) -> str:
        return "/".join([self.config["PICKER_URL"], "v1", *parts])

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        """
        Ask, and once more with another token where the first isn't taken: Google sometimes refuses
        one that is good.
        """
        answer = self.call(self.session(), method, url, **options)
        if answer.status_code == 401 and self.credentials.token.get("refresh_token"):
            self.refresh()
            answer = self.call(self.session(), method, url, **options)
        if not answer.ok:
            failure = _error_for(answer.status_code, answer.text)
            if isinstance(failure, RetryLater):
                failure.seconds = self.retry_after(answer)
            raise failure
        return self.parse_json(answer) if answer.content.strip() else {}


def _error_for(status: int, said: str) -> ServiceFailed:
    by_status: dict[int, ServiceFailed] = {
        400: BadRequest("Google didn't take the question. Is there a Google Photos account to it?"),
        401: Revoked("Google was told to let this Trove in no more."),
        403: Revoked("Google was allowed no photos: connect again, and tick that box."),
        404: SessionNotFound("Google doesn't have it any more."),
        429: RetryLater("Google was asked too often.", all_accounts=True),
    }
    if status == 403 and ("google.rpc.Help" in said or "has not been used" in said):
        return Misconfigured("The Photos Picker API isn't enabled for this Trove's keys.")
    return by_status.get(status, RetryLater("Google is out of order."))


def _parse_duration(duration: Any) -> float | None:
    """
    Read a duration such as "5s".
    """
    found = re.fullmatch(r"([0-9.]+)s", as_text(duration))
    return as_number(found[1]) if found else None
