"""
A stand-in for Google's sign-in, its Photos Picker, and the host of the pictures.
"""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .library import Shot, drawn, shots
from .oauth2 import Provider
from .web import Answer, Request, StandIn, json_answer, page, redirect

__all__ = ["Google", "media_id"]

PICKER_SCOPE = "https://www.googleapis.com/auth/photospicker.mediaitems.readonly"
MOST = 2_000
SHOWN = 40
LASTS = 3600  # seconds that a picture's address does
SIZED = re.compile(r"/ppa/(\d+)-(\d+)=(w\d+-h\d+(?:-c|-no)*|dv?)")


@dataclass
class Session:
    """
    Somebody picks.
    """

    ends: float
    picked: list[Shot] | None = None
    tokens: set[str] = field(default_factory=set)


class Google(StandIn):
    """
    One person's library.
    """

    name = "google"
    CLIENT_ID, CLIENT_SECRET = "google-client", "google-secret"
    EMAIL = "ada@example.org"

    def __init__(self, library: list[Shot] | None = None) -> None:
        super().__init__()
        self.library = shots(60, seed=3) if library is None else library
        self.clock = 0.0  # seconds that it is fast
        self.provider = Provider(self.CLIENT_ID, self.CLIENT_SECRET, now=self.now)
        self.sessions: dict[str, Session] = {}
        self.processing: set[int] = set()
        self.revoked: list[str] = []
        self.consented = False
        self.begun = 0
        self.side = 640  # pixels of what it sends
        self.ever: set[int] = set()  # what was picked

    def now(self) -> float:
        """
        The time here.
        """
        return time.time() + self.clock

    @property
    def settings(self) -> dict[str, Any]:
        """
        What a Trove has to know to ask this one.
        """
        return {
            "CLIENT_ID": self.CLIENT_ID,
            "CLIENT_SECRET": self.CLIENT_SECRET,
            "AUTHORIZE_URL": f"{self.url}/o/oauth2/v2/auth",
            "TOKEN_URL": f"{self.url}/token",
            "REVOKE_URL": f"{self.url}/revoke",
            "USERINFO_URL": f"{self.url}/v1/userinfo",
            "PICKER_URL": self.url,
            "MEDIA_HOSTS": (self.url.removeprefix("http://"),),
        }

    def revoke_everything(self) -> None:
        """
        The person takes back what they allowed.
        """
        self.provider.revoke_everything()

    @staticmethod
    def rate_limited() -> Answer:
        """
        Too many calls.
        """
        return _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'All requests'.")

    @staticmethod
    def down() -> Answer:
        """
        Out of order.
        """
        return _error(503, "UNAVAILABLE", "The service is currently unavailable.")

    def is_call(self, request: Request) -> bool:
        return request.path.startswith(("/v1/sessions", "/v1/mediaItems"))

    def pick(self, session_id: str, chosen: list[Shot] | None = None) -> None:
        """
        The person presses Done.
        """
        picked = (self.library if chosen is None else chosen)[:MOST]
        self.sessions[session_id].picked = picked
        self.ever |= {shot.number for shot in picked}

    def answer(self, request: Request) -> Answer:
        path = request.path
        if path == "/o/oauth2/v2/auth":
            return self._authorize(request)
        if path == "/token":
            return self._token(request)
        if path == "/revoke":
            return self._revoke(request)
        if path.startswith("/picker/"):
            return self._picker(request)
        if path.startswith("/v1/"):
            return self._called(request)
        return self._picture(request)

    def _authorize(self, request: Request) -> Answer:
        said = request.fields
        if request.method == "POST":
            if said.get("say") != "yes":
                return redirect(self.provider.deny(request))
            scopes = said.get("scope", "").split()
            if said.get("photos", "on") != "on":
                scopes.remove(PICKER_SCOPE)
            self.consented = self.consented and said.get("prompt") != "consent"
            return redirect(self.provider.allow(request, scopes))
        hidden = "".join(
            f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in said.items()
        )
        return page(
            "Google",
            f"<p>An application wants to see what you pick of your photos, {self.EMAIL}.</p>"
            f"<form method=post>{hidden}<input type=hidden name=photos value=off>"
            "<p><label><input type=checkbox name=photos value=on checked> See the photos that you "
            "pick</label></p><button name=say value=yes>Continue</button> "
            "<button name=say value=no>Cancel</button></form>",
        )

    def _token(self, request: Request) -> Answer:
        """
        A refresh token comes with the first consent, and with those that were asked for anew.
        """
        answer = self.provider.token(request)
        said = json.loads(answer.body)
        if answer.status != 200:
            words = "Token has been expired or revoked."
            return json_answer({**said, "error_description": words}, answer.status)
        if request.form.get("grant_type") == "refresh_token" or self.consented:
            said.pop("refresh_token", None)
        self.consented = True
        return json_answer(said)

    def _revoke(self, request: Request) -> Answer:
        token = request.fields.get("token", "")
        known = token in self.provider.refreshes or token in self.provider.grants
        self.provider.revoke_everything()
        self.revoked.append(token)
        return json_answer({}) if known else json_answer({"error": "invalid_token"}, 400)

    def _picker(self, request: Request) -> Answer:
        name = request.path.split("/")[2]
        session = self.sessions.get(name)
        if session is None or session.picked is not None:
            return Answer(status=404, body="This picker is done.")
        left = [shot for shot in self.library if shot.number not in self.ever]
        if request.method == "POST":
            wanted = {name for name in request.form if name.isdigit()}
            ticked = [shot for shot in self.library if str(shot.number) in wanted]
            self.pick(name, left if request.form.get("all") else ticked)
            return page("Google Photos", "<p>Done. You can close this tab.</p>")
        boxes = "".join(
            f"<label><input type=checkbox name={shot.number}>"
            f'<img src="/shown/{shot.number}" alt="{html.escape(shot.title)}"></label>'
            for shot in self.library[:SHOWN]
        )
        return page(
            "Google Photos",
            f"<form method=post>{boxes}<p><label><input type=checkbox name=all value=1> All "
            f"that I haven't picked yet: {min(len(left), MOST)}</label></p>"
            "<button>Done</button></form>",
        )

    def _called(self, request: Request) -> Answer:
        grant = self.provider.grant_of(request)
        if grant is None:
            return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if request.path == "/v1/userinfo":
            return json_answer({"sub": "1122334455", "email": self.EMAIL})
        if PICKER_SCOPE not in grant.scopes:
            words = "Request had insufficient authentication scopes."
            return _error(403, "PERMISSION_DENIED", words)
        if request.path == "/v1/mediaItems":
            return self._items(request)
        return self._about_session(request)

    def _about_session(self, request: Request) -> Answer:
        if request.path == "/v1/sessions" and request.method == "POST":
            self.begun += 1
            name = f"session-{self.begun}"
            self.sessions[name] = Session(self.now() + 1800)
            return json_answer(self._session(name))
        name = request.path.removeprefix("/v1/sessions/")
        if name not in self.sessions or self.sessions[name].ends < self.now():
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if request.method == "DELETE":
            del self.sessions[name]
            return json_answer({})
        return json_answer(self._session(name))

    def _session(self, name: str) -> dict[str, Any]:
        session = self.sessions[name]
        ends = datetime.fromtimestamp(session.ends, UTC)
        said: dict[str, Any] = {
            "id": name,
            "pickerUri": f"{self.url}/picker/{name}",
            "expireTime": f"{ends:%Y-%m-%dT%H:%M:%S.%f}Z",
            "pickingConfig": {"maxItemCount": str(MOST)},
        }
        if session.picked is None:
            return {**said, "pollingConfig": {"pollInterval": "1s", "timeoutIn": "1800s"}}
        return {**said, "mediaItemsSet": True}

    def _items(self, request: Request) -> Answer:
        session = self.sessions.get(request.query.get("sessionId", ""))
        if session is None:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if session.picked is None:
            return _error(400, "FAILED_PRECONDITION", "The user has not picked yet.")
        token = request.query.get("pageToken", "")
        if token and token not in session.tokens:
            return _error(400, "INVALID_ARGUMENT", "The page token is not valid.")
        start, size = int(token or 0), min(int(request.query.get("pageSize") or 50), 100)
        part = session.picked[start : start + size]
        said: dict[str, Any] = {"mediaItems": [self._item(shot) for shot in part]} if part else {}
        if start + size < len(session.picked):
            session.tokens.add(str(start + size))
            said["nextPageToken"] = str(start + size)
        return json_answer(said)

    def _item(self, shot: Shot) -> dict[str, Any]:
        metadata: dict[str, Any] = {"width": shot.width, "height": str(shot.height)}
        if shot.is_video:
            ready = "PROCESSING" if shot.number in self.processing else "READY"
            metadata["videoMetadata"] = {"fps": 30, "processingStatus": ready}
        else:
            metadata["photoMetadata"] = {"focalLength": 5.35, "exposureTime": "0.033s"}
        created = shot.taken + timedelta(hours=0)
        return {
            "id": media_id(shot),
            "createTime": f"{created:%Y-%m-%dT%H:%M:%S}Z",
            "type": "VIDEO" if shot.is_video else "PHOTO",
            "mediaFile": {
                "baseUrl": f"{self.url}/ppa/{shot.number}-{int(self.now())}",
                "mimeType": "video/mp4" if shot.is_video else "image/jpeg",
                "filename": f"IMG_{shot.number:04}.{'MP4' if shot.is_video else 'JPG'}",
                "mediaFileMetadata": metadata,
            },
        }

    def _picture(self, request: Request) -> Answer:
        if request.path.startswith("/shown/"):
            return Answer(body=drawn(int(request.path[7:]), 128, 96), type="image/jpeg")
        sized = SIZED.fullmatch(request.path)
        if sized is None:
            return Answer(status=400, body="A size is missing.")
        fresh = int(sized[2]) + LASTS > self.now()
        if not fresh or self.provider.grant_of(request) is None:
            return Answer(status=403, body="Forbidden")
        return Answer(body=drawn(int(sized[1]), self.side, self.side * 3 // 4), type="image/jpeg")


def media_id(shot: Shot) -> str:
    return f"AByIYS{shot.number:08}"


def _error(code: int, status: str, message: str) -> Answer:
    return json_answer({"error": {"code": code, "message": message, "status": status}}, code)
