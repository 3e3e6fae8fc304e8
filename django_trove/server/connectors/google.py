"""
Connector for Google Photos with the Picker API. Google has no listing API since 2025: the user
selects photos in a picker session, whose photos can be downloaded for an hour.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import requests

from django_trove.client.content import Photo, Video
from django_trove.client.responses import parse_retry_after
from django_trove.client.values import Camera

from .authorization import Authorization
from .base import Batch, FoundItem, ItemFailure, KnownStamps
from .errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from .messages import Message as _
from .oauth2 import OAuth2Service
from .picker import Picker, PickerSession
from .picture.reader import Unreadable, read
from .values import (
    as_datetime,
    as_int,
    as_list,
    as_number,
    as_quantity,
    as_records,
    as_text,
    dig,
)

PICKER_SCOPE = "https://www.googleapis.com/auth/photospicker.mediaitems.readonly"
LIST_PAGE_SIZE = 100  # Google's maximum
PAGE_SIZE = 20  # small, since every picture is downloaded
MAX_SESSIONS = 50
MAX_SIDE = 2048  # pixels
UNAVAILABLE_STATES = frozenset({"PROCESSING", "FAILED"})

State = dict[str, Any]


class SessionNotFound(ServiceFailed):
    """
    The picker session does not exist or has expired.
    """


class BadRequest(ServiceFailed):
    """
    Google rejected a request, such as one with an expired page token.
    """


class Google(OAuth2Service, Picker):
    """
    A sync imports the photos of the sessions in `settings["sessions"]`.
    """

    name = "google"
    title = "Google Photos"
    description = _(
        "You select photos in Google's picker, as often as you like, because Google does not let "
        "applications list your library. Titles, albums and places are not included. They are "
        "included in a Google Takeout export, which the operator of this Trove can add."
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
        "RETENTION_SECONDS": None,  # the user selected each photo for this purpose
    }

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        if token["scope"] and PICKER_SCOPE not in token["scope"]:
            raise ServiceFailed(
                _("The permission for photos is missing. Try again, and select its checkbox.")
            )
        self.credentials.token = token
        profile = self._request("GET", self.config["USERINFO_URL"])
        service_id = as_text(profile.get("sub"))
        if not service_id:
            raise RetryLater(_("Google did not send the account's id."))
        name = as_text(profile.get("email")) or as_text(profile.get("name")) or service_id
        return Authorization(token=token, service_id=service_id, name=name, settings={"name": name})

    def revoke(self) -> None:
        token = self.credentials.token.get("refresh_token") or self.credentials.token.get(
            "access_token"
        )
        session = requests.Session()
        session.trust_env = False
        response = self.call(session, "POST", self.config["REVOKE_URL"], data={"token": token})
        if response.status_code >= 500:  # 400: the token is already invalid
            raise RetryLater(_("%(service)s is unavailable.", service="Google"))

    def start_picker_session(self) -> PickerSession:
        data = self._request("POST", self._url("sessions"), json={})
        expires = as_datetime(data.get("expireTime"))
        return PickerSession(
            id=as_text(data.get("id")),
            url=f"{as_text(data.get('pickerUri'))}/autoclose",
            seconds=_parse_duration(dig(data, "pollingConfig", "pollInterval")) or 5,
            expires=expires.timestamp() if isinstance(expires, datetime) else 0,
        )

    def is_selection_complete(self, session_id: str) -> bool:
        try:
            return self._is_complete(session_id)
        except SessionNotFound:
            raise ServiceFailed(_("The selection has expired. Start again.")) from None

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = {"taken": [], **cursor}
        for session in self.settings.get("sessions", ()):
            if session in state["taken"]:
                continue
            try:
                if not self._is_complete(session):
                    continue
                yield from self._session_batches(session, state, known)
                self._delete_session(session)
            except SessionNotFound:  # expired, or already imported
                pass
            completed = [*state["taken"], session][-MAX_SESSIONS:]
            state = {"taken": completed}
            yield Batch(cursor=dict(state), full=False)
        yield Batch(cursor={"taken": state["taken"]}, full=False)

    def _session_batches(self, session: str, state: State, known: KnownStamps) -> Iterator[Batch]:
        """
        Import the pages of a session in batches. If the page token has expired, the session is
        listed from the start; known items are skipped.
        """
        if state.get("session") != session:
            state.update(phase="picked", session=session, token="", at=0)
        while True:
            try:
                listing = self._list_items(session, state["token"])
            except BadRequest:
                if not state["token"]:
                    raise SessionNotFound(_("The session has no items.")) from None
                state.update(token="", at=0)
                continue
            items = as_records(listing.get("mediaItems"))
            while state["at"] < len(items):
                part = items[state["at"] : state["at"] + PAGE_SIZE]
                imported, failures = self._fetch_items(part, session, state["token"], known)
                state["at"] += PAGE_SIZE
                ids = tuple(filter(None, (as_text(item.get("id")) for item in part)))
                yield Batch(
                    items=imported, seen=ids, failures=failures, cursor=dict(state), full=False
                )
            state.update(token=as_text(listing.get("nextPageToken")), at=0)
            if not state["token"]:
                return

    def _fetch_items(
        self, items: list[dict[str, Any]], session: str, token: str, known: KnownStamps
    ) -> tuple[tuple[FoundItem, ...], tuple[ItemFailure, ...]]:
        """
        Fetch the unknown items of a page. Google's ids are permanent.
        """
        etags = known([as_text(item.get("id")) for item in items])
        imported, failures = [], []
        for item in items:
            if as_text(item.get("id")) in etags:
                continue
            try:
                imported.append(self._build_item(item, session, token))
            except Unreadable as failure:
                name = as_text(dig(item, "mediaFile", "filename")) or as_text(item.get("id"))
                failures.append(ItemFailure(name=name, reason=failure.reason))
        return tuple(imported), tuple(failures)

    def _build_item(self, item: dict[str, Any], session: str, token: str) -> FoundItem:
        file = item.get("mediaFile")
        status = dig(file, "mediaFileMetadata", "videoMetadata", "processingStatus")
        if as_text(status) in UNAVAILABLE_STATES:
            raise Unreadable(_("Google is still processing the video. Select it again later."))
        if not as_text(item.get("id")):
            raise Unreadable(_("The record is invalid."))
        content = self._fetch_content(item, session, token)
        data: dict[str, Any] = {
            "service": self.name,
            "id": as_text(item["id"]),
            "title": as_text(dig(file, "filename")),
            "owner": as_text(self.settings.get("name")),
            "date": as_datetime(item.get("createTime")),
            "width": max(0, as_int(dig(file, "mediaFileMetadata", "width"))),
            "height": max(0, as_int(dig(file, "mediaFileMetadata", "height"))),
            "media_type": as_text(dig(file, "mimeType")),
            "camera": _parse_camera(dig(file, "mediaFileMetadata")),
        }
        photo = Video(**data) if item.get("type") == "VIDEO" else Photo(**data)
        return FoundItem(content=photo, etag="1", renditions=read(io.BytesIO(content)).renditions)

    def _fetch_content(self, item: dict[str, Any], session: str, token: str) -> bytes:
        """
        Fetch a picture, or the still picture of a video. A URL expires after an hour; a new listing
        contains new URLs.
        """
        for __ in range(2):
            url = as_text(dig(item, "mediaFile", "baseUrl"))
            if not self.is_allowed_host(url):
                raise Unreadable(_("The record is invalid."))
            size = f"=w{MAX_SIDE}-h{MAX_SIDE}" + ("-no" if item.get("type") == "VIDEO" else "")
            response = self.fetch(self.session(), url + size)
            if response.ok and response.content:
                return response.content
            if response.status_code not in (401, 403):
                break
            items = as_list(self._list_items(session, token).get("mediaItems"))
            item = next((new_item for new_item in items if dig(new_item, "id") == item["id"]), item)
        if response.status_code == 429 or response.status_code >= 500:
            raise RetryLater(_("Google does not send pictures now."))
        raise Unreadable(_("Google did not send the picture. Select it again."))

    def _list_items(self, session: str, token: str) -> dict[str, Any]:
        fields = {"sessionId": session, "pageSize": LIST_PAGE_SIZE}
        page = {"pageToken": token} if token else {}
        return self._request("GET", self._url("mediaItems"), params={**fields, **page})

    def _is_complete(self, session: str) -> bool:
        return self._request("GET", self._url("sessions", session)).get("mediaItemsSet") is True

    def _delete_session(self, session: str) -> None:
        """
        Delete a session, as Google recommends. If that fails, the session expires.
        """
        try:
            self._request("DELETE", self._url("sessions", session))
        except ServiceFailed:
            return

    def _url(self, *parts: str) -> str:
        return "/".join([self.config["PICKER_URL"], "v1", *parts])

    def _request(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        """
        Send a request, and repeat it with a refreshed token after a 401: Google sometimes rejects
        valid tokens.
        """
        response = self.call(self.session(), method, url, **options)
        if response.status_code == 401 and self.credentials.token.get("refresh_token"):
            self.refresh()
            response = self.call(self.session(), method, url, **options)
        if not response.ok:
            failure = _error_for(response.status_code, response.text)
            if isinstance(failure, RetryLater):
                failure.seconds = parse_retry_after(response.headers)
            raise failure
        return self.parse_json(response) if response.content.strip() else {}


def _error_for(status: int, data: str) -> ServiceFailed:
    by_status: dict[int, ServiceFailed] = {
        400: BadRequest(
            _("Google rejected the request. Check that the account has Google Photos.")
        ),
        401: Revoked(
            _("%(service)s revoked the authorization. Reconnect the account.", service="Google")
        ),
        403: Revoked(
            _(
                "The permission for photos is missing. Reconnect the account, and select its "
                "checkbox."
            )
        ),
        404: SessionNotFound(_("Google no longer has the session.")),
        429: RetryLater(
            _("The rate limit of %(service)s is exceeded.", service="Google"), all_accounts=True
        ),
    }
    if status == 403 and ("google.rpc.Help" in data or "has not been used" in data):
        return Misconfigured(_("The Photos Picker API is not enabled for the keys of this Trove."))
    return by_status.get(status, RetryLater(_("%(service)s is unavailable.", service="Google")))


def _parse_camera(metadata: Any) -> Camera:
    exposure = dig(metadata, "photoMetadata")
    return Camera(
        make=as_text(dig(metadata, "cameraMake")),
        model=as_text(dig(metadata, "cameraModel")),
        exposure_time=as_quantity(dig(exposure, "exposureTime")),
        aperture=as_quantity(dig(exposure, "apertureFNumber")),
        iso=max(0, as_int(dig(exposure, "isoEquivalent"))),
        focal_length=as_quantity(dig(exposure, "focalLength")),
    )


def _parse_duration(duration: Any) -> float | None:
    """
    Parse a duration such as "5s".
    """
    match = re.fullmatch(r"([0-9.]+)s", as_text(duration))
    return as_number(match[1]) if match else None
