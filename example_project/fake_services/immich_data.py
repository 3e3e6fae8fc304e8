"""
The records of the fake Immich, in the shapes of versions 1.137 and 3.2.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .photos import ALBUMS, FakePhoto

NAMESPACE = uuid.UUID("7d1f3d5c-6b1e-4a53-9f0a-0f9f5f3a2b11")
OFFSET = timedelta(hours=2)  # of local time
THUMBHASH = base64.b64encode(bytes.fromhex("d1f70e0d8208b8867a")).decode()
USER = {
    "id": str(uuid.uuid5(NAMESPACE, "ada")),
    "email": "ada@photos.example",
    "name": "Ada Lovelace",
    "profileImagePath": "",
    "avatarColor": "primary",
    "profileChangedAt": "2024-01-01T00:00:00.000Z",
}


OWN_USER = USER | {
    "createdAt": "2024-01-01T00:00:00.000Z",
    "updatedAt": "2024-01-01T00:00:00.000Z",
    "deletedAt": None,
    "isAdmin": False,
    "license": None,
    "oauthId": "",
    "quotaSizeInBytes": None,
    "quotaUsageInBytes": 0,
    "shouldChangePassword": False,
    "status": "active",
    "storageLabel": "ada",
}


def get_id(kind: str, name: str | int) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{kind} {name}"))


def format_date(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03d}Z"


def build_asset(photo: FakePhoto, *, is_version3: bool, with_exif: bool) -> dict[str, Any]:
    suffix, kind = (".mp4", "VIDEO") if photo.is_video else (".jpg", "IMAGE")
    visibility = photo.visibility
    asset: dict[str, Any] = {
        "id": get_id("asset", photo.number),
        "checksum": base64.b64encode(compute_sha1(photo)).decode(),
        "createdAt": format_date(photo.uploaded),
        "fileCreatedAt": format_date(photo.taken),
        "fileModifiedAt": format_date(photo.taken),
        "localDateTime": format_date(photo.taken + OFFSET),
        "updatedAt": format_date(photo.changed),
        "hasMetadata": True,
        "isArchived": visibility == "archive",
        "isFavorite": False,
        "isOffline": False,
        "isTrashed": photo.is_trashed,
        "libraryId": None,
        "livePhotoVideoId": photo.motion_id,
        "originalFileName": f"{photo.title}{suffix}",
        "originalMimeType": "video/mp4" if photo.is_video else "image/jpeg",
        "originalPath": f"/data/library/ada/{photo.number}{suffix}",
        "people": [],
        "resized": True,
        "ownerId": get_id("user", "grace") if photo.is_partners else USER["id"],
        "thumbhash": THUMBHASH,
        "type": kind,
        "visibility": visibility,
    }
    if is_version3:
        asset |= {"duration": 12_345 if photo.is_video else None, "isEdited": False}
        asset |= {"width": photo.width, "height": photo.height, "tags": build_tags(photo)}
    else:
        asset |= {"duration": "0:00:12.345" if photo.is_video else "0:00:00.00000"}
        asset |= {"deviceAssetId": str(photo.number), "deviceId": "Library Import"}
    return asset | ({"exifInfo": build_exif(photo)} if with_exif else {})


def compute_sha1(photo: FakePhoto) -> bytes:
    return hashlib.sha1(str(photo.number).encode(), usedforsecurity=False).digest()


def build_exif(photo: FakePhoto) -> dict[str, Any]:
    latitude, longitude = photo.place or (None, None)
    return {
        "make": "Example",
        "model": "Camera 1",
        "lensModel": "50mm F1.8",
        "fNumber": 2.8,
        "focalLength": 50,
        "iso": 200,
        "exposureTime": "1/250",
        "exifImageWidth": photo.height,
        "exifImageHeight": photo.width,
        "orientation": "6",
        "dateTimeOriginal": format_date(photo.taken),
        "modifyDate": format_date(photo.taken),
        "timeZone": "UTC+2",
        "latitude": latitude,
        "longitude": longitude,
        "city": None,
        "state": None,
        "country": None,
        "description": photo.description,
        "fileSizeInByte": 1_234_567,
        "projectionType": None,
        "rating": None,
    }


def build_tags(photo: FakePhoto) -> list[dict[str, Any]]:
    return [build_tag(tag) for tag in photo.tags]


def build_tag(tag: str) -> dict[str, Any]:
    date = "2024-01-01T00:00:00.000Z"
    name = tag.rpartition("/")[2]
    return {
        "id": get_id("tag", tag),
        "name": name,
        "value": tag,
        "createdAt": date,
        "updatedAt": date,
    }


def build_album(name: str, changed: datetime, count: int, *, is_version3: bool) -> dict[str, Any]:
    album: dict[str, Any] = {
        "id": get_id("album", name),
        "albumName": name,
        "albumThumbnailAssetId": None,
        "albumUsers": [],
        "assetCount": count,
        "createdAt": "2024-01-01T00:00:00.000Z",
        "updatedAt": format_date(changed),
        "description": "",
        "hasSharedLink": False,
        "isActivityEnabled": True,
        "shared": False,
    }
    older = {"assets": [], "ownerId": USER["id"], "owner": USER}
    return album if is_version3 else album | older


def list_albums(photos: list[FakePhoto], *, is_version3: bool) -> list[dict[str, Any]]:
    albums: dict[str, list[FakePhoto]] = {name: [] for name in ALBUMS if name}
    for photo in photos:
        if photo.album:
            albums.setdefault(photo.album, []).append(photo)
    return [
        build_album(name, max(p.changed for p in members), len(members), is_version3=is_version3)
        for name, members in albums.items()
        if members
    ]


SEARCH_FIELDS = frozenset(
    [
        "albumIds",
        "checksum",
        "city",
        "country",
        "createdAfter",
        "createdBefore",
        "description",
        "encodedVideoPath",
        "id",
        "isEncoded",
        "isFavorite",
        "isMotion",
        "isNotInAlbum",
        "isOffline",
        "lensModel",
        "libraryId",
        "make",
        "model",
        "order",
        "originalFileName",
        "originalPath",
        "page",
        "personIds",
        "previewPath",
        "rating",
        "size",
        "state",
        "tagIds",
        "takenAfter",
        "takenBefore",
        "thumbnailPath",
        "trashedAfter",
        "trashedBefore",
        "type",
        "updatedAfter",
        "updatedBefore",
        "visibility",
        "withDeleted",
        "withExif",
        "withPeople",
        "withStacked",
    ]
)
VERSION1_FIELDS = frozenset({"deviceAssetId", "deviceId"})
VERSION3_FIELDS = frozenset({"cursor", "filter", "ocr", "orderBy"})


def find_problems(body: Mapping[str, Any], *, is_version3: bool) -> list[str]:
    """
    Return the messages of the validation of a search.
    """
    allowed = SEARCH_FIELDS | (VERSION3_FIELDS if is_version3 else VERSION1_FIELDS)
    problems = [f"property {key} should not exist" for key in sorted(body.keys() - allowed)]
    problems += [
        f"{key} must be a boolean value"
        for key in ("withExif", "withDeleted", "withPeople", "isNotInAlbum")
        if not isinstance(body.get(key, False), bool)
    ]
    for key, largest in (("page", 10**9), ("size", 1000)):
        value = body.get(key, 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
            problems.append(f"{key} must be an integer number from 1 to {largest}")
    for key in ("albumIds", "tagIds"):
        if not isinstance(body.get(key, []), list):
            problems.append(f"each value in {key} must be a UUID")
    if body.get("visibility", "timeline") not in ("archive", "timeline", "hidden", "locked"):
        problems.append("visibility must be one of: archive, timeline, hidden, locked")
    if body.get("order", "asc") not in ("asc", "desc"):
        problems.append("order must be one of: asc, desc")
    return problems
