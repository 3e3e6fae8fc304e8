"""
A fake Google: OAuth, the Photos Picker API and the image host.
"""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .base import FakeService, Request, Response, hidden_inputs, html_page, json_response, redirect
from .oauth2 import OAuth2Provider
from .photos import FakePhoto, make_jpeg, make_photos

PICKER_SCOPE = "https://www.googleapis.com/auth/photospicker.mediaitems.readonly"
MAX_ITEMS = 2_000  # per picker session
PICKER_ITEMS = 40  # on the picker page
IMAGE_URL_TTL = 3600  # seconds
IMAGE_PATH = re.compile(r"/ppa/(\d+)-(\d+)=(w\d+-h\d+(?:-c|-no)*|dv?)")


@dataclass
class PickerSession:
    """
    A picker session. `photos` is None until the user has finished picking.
    """

    expires_at: float
    photos: list[FakePhoto] | None = None
    page_tokens: set[str] = field(default_factory=set)


class Google(FakeService):
    name = "google"
    CLIENT_ID, CLIENT_SECRET = "google-client", "google-secret"
    EMAIL = "ada@example.org"

    def __init__(self, photos: list[FakePhoto] | None = None) -> None:
        super().__init__()
        self.photos = make_photos(60, seed=3) if photos is None else photos
        self.clock_offset = 0.0  # seconds
        self.provider = OAuth2Provider(self.CLIENT_ID, self.CLIENT_SECRET, now=self.now)
        self.credentials = self.provider.credentials
        self.sessions: dict[str, PickerSession] = {}
        self.processing_numbers: set[int] = set()  # videos that Google still processes
        self.revoked_tokens: list[str] = []
        self.has_consent = False
        self.session_count = 0
        self.image_width = 640
        self.picked_numbers: set[int] = set()

    def now(self) -> float:
        return time.time() + self.clock_offset

    @property
    def settings(self) -> dict[str, Any]:
        """
        The connector's settings for this service.
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

    def revoke_all(self) -> None:
        self.provider.revoke_all()

    @staticmethod
    def rate_limit_response() -> Response:
        return _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'All requests'.")

    @staticmethod
    def unavailable_response() -> Response:
        return _error(503, "UNAVAILABLE", "The service is currently unavailable.")

    def is_api_call(self, request: Request) -> bool:
        return request.path.startswith(("/v1/sessions", "/v1/mediaItems"))

    def pick(self, session_id: str, photos: list[FakePhoto] | None = None) -> None:
        """
        Finish a picker session with these photos, or with all photos.
        """
        picked = (self.photos if photos is None else photos)[:MAX_ITEMS]
        self.sessions[session_id].photos = picked
        self.picked_numbers |= {photo.number for photo in picked}

    def handle(self, request: Request) -> Response:
        path = request.path
        if path == "/o/oauth2/v2/auth":
            return self._authorize(request)
        if path == "/token":
            return self._issue_token(request)
        if path == "/revoke":
            return self._revoke(request)
        if path.startswith("/picker/"):
            return self._show_picker(request)
        if path.startswith("/v1/"):
            return self._handle_api_call(request)
        return self._serve_image(request)

    def _authorize(self, request: Request) -> Response:
        fields = request.fields
        if request.method == "POST":
            if fields.get("decision") != "allow":
                return redirect(self.provider.deny(request))
            scopes = fields.get("scope", "").split()
            if fields.get("photos", "on") != "on":
                scopes.remove(PICKER_SCOPE)
            self.has_consent = self.has_consent and fields.get("prompt") != "consent"
            return redirect(self.provider.authorize(request, scopes))
        return html_page(
            "Google",
            f"<p>An application requests access to photos of {self.EMAIL}.</p>"
            f"<form method=post>{hidden_inputs(fields)}<input type=hidden name=photos value=off>"
            "<p><label><input type=checkbox name=photos value=on checked> See the photos that you "
            "pick</label></p><button name=decision value=allow>Continue</button> "
            "<button name=decision value=deny>Cancel</button></form>",
        )

    def _issue_token(self, request: Request) -> Response:
        """
        Issue a refresh token only after the first consent, or with `prompt=consent`.
        """
        response = self.provider.create_token_response(request)
        data = json.loads(response.body)
        if response.status != 200:
            message = "Token has been expired or revoked."
            return json_response({**data, "error_description": message}, response.status)
        if request.form.get("grant_type") == "refresh_token" or self.has_consent:
            data.pop("refresh_token", None)
        self.has_consent = True
        return json_response(data)

    def _revoke(self, request: Request) -> Response:
        token = request.fields.get("token", "")
        is_valid = token in self.provider.refresh_tokens or token in self.provider.grants
        self.provider.revoke_all()
        self.revoked_tokens.append(token)
        return json_response({}) if is_valid else json_response({"error": "invalid_token"}, 400)

    def _show_picker(self, request: Request) -> Response:
        name = request.path.split("/")[2]
        session = self.sessions.get(name)
        if session is None or session.photos is not None:
            return Response(status=404, body="This picker session is complete.")
        remaining = [photo for photo in self.photos if photo.number not in self.picked_numbers]
        if request.method == "POST":
            numbers = {name for name in request.form if name.isdigit()}
            selected = [photo for photo in self.photos if str(photo.number) in numbers]
            self.pick(name, remaining if request.form.get("all") else selected)
            return html_page("Google Photos", "<p>Done. You can close this tab.</p>")
        checkboxes = "".join(
            f"<label><input type=checkbox name={photo.number}>"
            f'<img src="/preview/{photo.number}" alt="{html.escape(photo.title)}"></label>'
            for photo in self.photos[:PICKER_ITEMS]
        )
        return html_page(
            "Google Photos",
            f"<form method=post>{checkboxes}<p><label><input type=checkbox name=all value=1> All "
            f"photos not picked before: {min(len(remaining), MAX_ITEMS)}</label></p>"
            "<button>Done</button></form>",
        )

    def _handle_api_call(self, request: Request) -> Response:
        grant = self.provider.authenticate(request)
        if grant is None:
            return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if request.path == "/v1/userinfo":
            return json_response({"sub": "1122334455", "email": self.EMAIL})
        if PICKER_SCOPE not in grant.scopes:
            message = "Request had insufficient authentication scopes."
            return _error(403, "PERMISSION_DENIED", message)
        if request.path == "/v1/mediaItems":
            return self._list_items(request)
        return self._handle_session(request)

    def _handle_session(self, request: Request) -> Response:
        if request.path == "/v1/sessions" and request.method == "POST":
            self.session_count += 1
            name = f"session-{self.session_count}"
            self.sessions[name] = PickerSession(self.now() + 1800)
            return json_response(self._session_record(name))
        name = request.path.removeprefix("/v1/sessions/")
        if name not in self.sessions or self.sessions[name].expires_at < self.now():
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if request.method == "DELETE":
            del self.sessions[name]
            return json_response({})
        return json_response(self._session_record(name))

    def _session_record(self, name: str) -> dict[str, Any]:
        session = self.sessions[name]
        expires = datetime.fromtimestamp(session.expires_at, UTC)
        record: dict[str, Any] = {
            "id": name,
            "pickerUri": f"{self.url}/picker/{name}",
            "expireTime": f"{expires:%Y-%m-%dT%H:%M:%S.%f}Z",
            "pickingConfig": {"maxItemCount": str(MAX_ITEMS)},
        }
        if session.photos is None:
            return {**record, "pollingConfig": {"pollInterval": "1s", "timeoutIn": "1800s"}}
        return {**record, "mediaItemsSet": True}

    def _list_items(self, request: Request) -> Response:
        session = self.sessions.get(request.query.get("sessionId", ""))
        if session is None:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        if session.photos is None:
            return _error(400, "FAILED_PRECONDITION", "The user has not picked yet.")
        token = request.query.get("pageToken", "")
        if token and token not in session.page_tokens:
            return _error(400, "INVALID_ARGUMENT", "The page token is not valid.")
        start, size = int(token or 0), min(int(request.query.get("pageSize") or 50), 100)
        items = [self._item_record(photo) for photo in session.photos[start : start + size]]
        data: dict[str, Any] = {"mediaItems": items} if items else {}
        if start + size < len(session.photos):
            session.page_tokens.add(str(start + size))
            data["nextPageToken"] = str(start + size)
        return json_response(data)

    def _item_record(self, photo: FakePhoto) -> dict[str, Any]:
        metadata: dict[str, Any] = {"width": photo.width, "height": str(photo.height)}
        if photo.is_video:
            status = "PROCESSING" if photo.number in self.processing_numbers else "READY"
            metadata["videoMetadata"] = {"fps": 30, "processingStatus": status}
        else:
            metadata |= {"cameraMake": "NIKON CORPORATION", "cameraModel": "NIKON D80"}
            metadata["photoMetadata"] = {
                "focalLength": 5.35,
                "apertureFNumber": 5.6,
                "isoEquivalent": 200,
                "exposureTime": "0.004s",
            }
        return {
            "id": media_id(photo),
            "createTime": f"{photo.taken:%Y-%m-%dT%H:%M:%S}Z",
            "type": "VIDEO" if photo.is_video else "PHOTO",
            "mediaFile": {
                "baseUrl": f"{self.url}/ppa/{photo.number}-{int(self.now())}",
                "mimeType": "video/mp4" if photo.is_video else "image/jpeg",
                "filename": f"IMG_{photo.number:04}.{'MP4' if photo.is_video else 'JPG'}",
                "mediaFileMetadata": metadata,
            },
        }

    def _serve_image(self, request: Request) -> Response:
        if request.path.startswith("/preview/"):
            return Response(body=make_jpeg(int(request.path[9:]), 128, 96), type="image/jpeg")
        match = IMAGE_PATH.fullmatch(request.path)
        if match is None:
            return Response(status=400, body="The size is missing.")
        is_valid = int(match[2]) + IMAGE_URL_TTL > self.now()
        if not is_valid or self.provider.authenticate(request) is None:
            return Response(status=403, body="Forbidden")
        image = make_jpeg(int(match[1]), self.image_width, self.image_width * 3 // 4)
        return Response(body=image, type="image/jpeg")


def media_id(photo: FakePhoto) -> str:
    return f"AByIYS{photo.number:08}"


def _error(code: int, status: str, message: str) -> Response:
    return json_response({"error": {"code": code, "message": message, "status": status}}, code)
