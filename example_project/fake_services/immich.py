"""
A fake Immich server, in version 1.137 or 3.2.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any
from zlib import crc32

from . import IMMICH_KEY
from .base import FakeService, Request, Response, file_response, html_page, json_response
from .immich_data import (
    OWN_USER,
    build_asset,
    build_tag,
    build_tags,
    find_problems,
    get_id,
    list_albums,
)
from .photos import FakePhoto, make_jpeg, make_photo_file, make_video_file

READ_PERMISSIONS = (
    "asset.read",
    "asset.view",
    "asset.statistics",
    "album.read",
    "tag.read",
    "user.read",
    "apiKey.read",
)
PERMISSIONS = {
    ("GET", "/api/users/me"): "user.read",
    ("GET", "/api/api-keys/me"): "apiKey.read",
    ("GET", "/api/albums"): "album.read",
    ("GET", "/api/tags"): "tag.read",
    ("GET", "/api/assets/statistics"): "asset.statistics",
    ("GET", "/api/server/about"): "server.about",
    ("POST", "/api/search/metadata"): "asset.read",
}
FILE = re.compile(r"/api/assets/([0-9a-f-]+)/(thumbnail|original|video/playback)")
FILE_PERMISSIONS = {
    "thumbnail": "asset.view",
    "video/playback": "asset.view",
    "original": "asset.download",
}
ASSET = re.compile(r"/api/assets/([0-9a-f-]{36})")
PUBLIC = {"/api/server/ping": {"res": "pong"}}
MEDIA_TYPES = {"image": [".jpg"], "video": [".mp4"], "sidecar": [".xmp"]}
PREVIEW_SIDES = {"thumbnail": (250, 188), "preview": (1440, 1080), "fullsize": (1600, 1200)}


class Immich(FakeService):
    """
    `permissions` are those of `key`. `page_count` counts the requests for a page of assets. `files`
    are the contents of originals by number, and `converted` those of videos that Immich has
    converted.
    """

    name = "immich"

    def __init__(
        self, photos: list[FakePhoto], *, version: tuple[int, int, int] = (3, 2, 2)
    ) -> None:
        super().__init__()
        self.photos, self.version = photos, version
        self.key = IMMICH_KEY
        self.permissions = list(READ_PERMISSIONS)
        self.page_count = 0
        self.files: dict[int, bytes] = {}
        self.converted: dict[int, bytes] = {}

    @property
    def is_version3(self) -> bool:
        return self.version >= (3, 0, 0)

    @property
    def settings(self) -> dict[str, Any]:
        return {"HOSTS": ["127.0.0.1"], "ALLOW_HTTP": True, **self.options}

    def revoke_all(self) -> None:
        """
        Replace the key. Clients of the old one are rejected.
        """
        self.key = f"{self.key}-new"

    def rate_limit_response(self) -> Response:
        """
        Immich has no rate limit, but the proxy before it may.
        """
        return Response(status=429, body="Too Many Requests", headers={"Retry-After": "30"})

    def is_api_call(self, request: Request) -> bool:
        return request.path in ("/api/search/metadata", "/api/albums")

    def handle(self, request: Request) -> Response:
        path = request.path
        if path == "/.well-known/immich":
            return json_response({"api": {"endpoint": "/api"}})
        if path in PUBLIC:
            return json_response(PUBLIC[path])
        if path == "/api/server/version":
            version = dict(zip(("major", "minor", "patch"), self.version, strict=True))
            return json_response(version | ({"prerelease": None} if self.is_version3 else {}))
        if not path.startswith("/api/"):
            return html_page("Immich", "<p>The pages of Immich are not imitated.</p>")
        return self._handle_api(request)

    def _handle_api(self, request: Request) -> Response:
        key = request.headers.get("x-api-key", "")
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            return error_response(401, "Invalid API key")
        file = FILE.fullmatch(request.path)
        permission = PERMISSIONS.get((request.method, request.path))
        permission = FILE_PERMISSIONS[file[2]] if file else permission
        permission = "asset.read" if ASSET.fullmatch(request.path) else permission
        if permission and not {permission, "all"} & set(self.permissions):
            return error_response(403, f"Missing required permission: {permission}")
        if file and file[2] == "thumbnail":
            return self._send_thumbnail(file[1], request.query.get("size", "thumbnail"))
        if file:
            return self._send_file(request, *file.groups())
        if asset := ASSET.fullmatch(request.path):
            return self._send_asset(asset[1])
        data = self._find_data(request)
        return data or error_response(404, f"Cannot {request.method} {request.path}")

    def _find_data(self, request: Request) -> Response | None:
        if (request.method, request.path) == ("POST", "/api/search/metadata"):
            return self._search(request)
        if request.method != "GET":
            return None
        if request.path == "/api/api-keys/me" and self.version < (1, 138, 0):
            return error_response(400, "id must be a UUID")
        builders: dict[str, Callable[[], Any]] = {
            "/api/users/me": lambda: OWN_USER,
            "/api/api-keys/me": self._build_key,
            "/api/albums": self._list_albums,
            "/api/tags": self._list_tags,
            "/api/assets/statistics": partial(self._count, request),
            "/api/server/media-types": lambda: MEDIA_TYPES,
            "/api/server/about": self._build_about,
        }
        build = builders.get(request.path)
        return json_response(build()) if build else None

    def _build_about(self) -> dict[str, Any]:
        version = f"v{'.'.join(map(str, self.version))}"
        return {"version": version, "versionUrl": "https://immich.example", "licensed": False}

    def _list_albums(self) -> list[dict[str, Any]]:
        photos = [photo for photo in self.photos if not photo.is_trashed]
        return list_albums(photos, is_version3=self.is_version3)

    def _list_tags(self) -> list[dict[str, Any]]:
        tags = dict.fromkeys(tag for photo in self.photos for tag in photo.tags)
        return list(map(build_tag, tags))

    def _build_key(self) -> dict[str, Any]:
        date = "2024-01-01T00:00:00.000Z"
        return {
            "id": get_id("key", self.key),
            "name": "Trove",
            "permissions": self.permissions,
            "createdAt": date,
            "updatedAt": date,
        }

    def _count(self, request: Request) -> dict[str, int]:
        is_trashed = request.query.get("isTrashed") == "true"
        visibility = request.query.get("visibility")
        found = [
            photo
            for photo in self.photos
            if photo.is_trashed == is_trashed
            and photo.visibility in ([visibility] if visibility else ["timeline", "archive"])
            and not photo.is_partners
        ]
        videos = sum(photo.is_video for photo in found)
        return {"images": len(found) - videos, "videos": videos, "total": len(found)}

    def _search(self, request: Request) -> Response:
        try:
            body = json.loads(request.body)
        except ValueError:
            return error_response(400, "Unexpected token in JSON")
        if not isinstance(body, dict) or (
            problems := find_problems(body, is_version3=self.is_version3)
        ):
            return error_response(400, problems if isinstance(body, dict) else "Bad Request")
        self.page_count += 1
        found = sorted(self._filter(body), key=lambda photo: (photo.taken, photo.number))
        if body.get("order") != "asc":
            found.reverse()
        page, size = body.get("page", 1), body.get("size", 250)
        try:
            page = 1 + decode_cursor(body["cursor"]) // size if "cursor" in body else page
        except ValueError:
            return error_response(400, "Invalid cursor")
        start = (page - 1) * size
        part = found[start : start + size]
        following = str(page + 1) if start + size < len(found) else None
        items = [
            build_asset(photo, is_version3=self.is_version3, with_exif=body.get("withExif") is True)
            for photo in part
        ]
        assets = {
            "total": len(part),
            "count": len(part),
            "items": items,
            "facets": [],
            "nextPage": following,
        }
        if self.is_version3:
            assets["nextCursor"] = encode_cursor(start + size) if following else None
        albums: dict[str, Any] = {"total": 0, "count": 0, "items": [], "facets": []}
        return json_response({"albums": albums, "assets": assets})

    def _filter(self, body: dict[str, Any]) -> Iterator[FakePhoto]:
        albums, tags = body.get("albumIds"), body.get("tagIds")
        visibility = body.get("visibility", "" if self.is_version3 else "timeline")
        since = body.get("updatedAfter")
        after = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        until = body.get("updatedBefore")
        before = datetime.fromisoformat(until) if until else datetime.max.replace(tzinfo=UTC)
        for photo in self.photos:
            own_visibility = photo.visibility
            if photo.is_trashed and not body.get("withDeleted"):
                continue
            if visibility and own_visibility != visibility:
                continue
            if own_visibility == "locked" or not after <= photo.changed <= before:
                continue
            if body.get("isNotInAlbum") and photo.album:
                continue
            if albums and get_id("album", photo.album) not in albums:
                continue
            if tags and not any(get_id("tag", tag) in tags for tag in photo.tags):
                continue
            yield photo

    def _send_asset(self, asset_id: str) -> Response:
        for photo in self.photos:
            if get_id("asset", photo.number) == asset_id:
                asset = build_asset(photo, is_version3=self.is_version3, with_exif=True)
                return json_response(asset | {"tags": build_tags(photo)})
        return error_response(400, "Not found or no asset.read access")

    def _send_thumbnail(self, asset_id: str, size: str) -> Response:
        by_id = {get_id("asset", photo.number): photo for photo in self.photos}
        photo = by_id.get(asset_id)
        if photo is None or size not in PREVIEW_SIDES:
            return error_response(400, "Not found or no asset.view access")
        return Response(body=make_jpeg(photo.number, *PREVIEW_SIDES[size]), type="image/jpeg")

    def _send_file(self, request: Request, asset_id: str, kind: str) -> Response:
        """
        Send a file with the headers of Express. The ETag is that of the file, also of a video that
        was converted.
        """
        by_id = {get_id("asset", photo.number): photo for photo in self.photos}
        photo = by_id.get(asset_id)
        if photo is None or (kind != "original" and not photo.is_video):
            return error_response(400, f"Not found or no {FILE_PERMISSIONS[kind]} access")
        files = self.converted if kind == "video/playback" else {}
        content = files.get(photo.number) or self._get_content(photo)
        media_type = "video/mp4" if photo.is_video else "image/jpeg"
        headers = {
            "ETag": f'W/"{len(content):x}-{crc32(content):x}"',
            "Last-Modified": format_datetime(photo.uploaded, usegmt=True),
            "Cache-Control": "private, max-age=86400, no-transform",
        }
        return file_response(request, content, media_type, headers)

    def _get_content(self, photo: FakePhoto) -> bytes:
        make = make_video_file if photo.is_video else make_photo_file
        return self.files.get(photo.number) or make(photo)

    def change(self, photo: FakePhoto) -> None:
        """
        Update the date of the last change, as Immich does for any change of an asset.
        """
        photo.changed = datetime.now(UTC) + timedelta(milliseconds=1)


def encode_cursor(offset: int) -> str:
    data = json.dumps({"offset": offset}).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_cursor(cursor: Any) -> int:
    """
    :raises ValueError: if it is invalid.
    """
    try:
        return int(json.loads(base64.urlsafe_b64decode(f"{cursor}=="))["offset"])
    except (TypeError, KeyError) as error:
        raise ValueError from error


def error_response(status: int, message: str | list[str]) -> Response:
    names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
    return json_response(
        {
            "message": message,
            "error": names[status],
            "statusCode": status,
            "correlationId": "c0ffee12",
        },
        status,
    )
