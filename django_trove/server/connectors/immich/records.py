"""
Conversion of Immich's assets to photos and videos.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django_trove.client.content import Photo, Video
from django_trove.client.values import Camera, Urls

from ..picture.formats import KNOWN_TYPES
from ..values import (
    as_datetime,
    as_int,
    as_location,
    as_number,
    as_quantity,
    as_records,
    as_text,
    dig,
)

SIDEWAYS = ("5", "6", "7", "8")  # values of the EXIF orientation
HIDDEN = ("hidden", "locked")
PREVIEWS = {"thumbnail": "thumbnail", "medium": "preview", "large": "preview"}
"""Immich's size for each size of a photo."""

PLAYBACK, ORIGINAL = "video/playback", "original"
BINARY = "application/octet-stream"
TYPE_ALIASES = {
    "video/x-m4v": "video/mp4",
    "video/x-matroska": "video/matroska",
    "video/avi": "video/x-msvideo",
}
DURATION = re.compile(r"(\d{1,4}):(\d{2}):(\d{2}(?:\.\d+)?)")
ASSET_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
MAX_OFFSET = 18 * 60  # minutes
MIN_THUMBHASH_BYTES = 5


def is_id(value: str) -> bool:
    return bool(ASSET_ID.fullmatch(value))


def is_listed(asset: Mapping[str, Any], *, with_archive: bool) -> bool:
    """
    Return whether an asset is imported. The moving part of a live photo is hidden.
    """
    visibility = as_text(asset.get("visibility"))
    if asset.get("isTrashed") is True or asset.get("isOffline") is True or visibility in HIDDEN:
        return False
    is_archived = visibility == "archive" or asset.get("isArchived") is True
    return (with_archive or not is_archived) and asset.get("type") in ("IMAGE", "VIDEO")


def get_served_type(photo: Photo) -> str:
    """
    Return the media type with which an original is served.
    """
    media_type = TYPE_ALIASES.get(photo.media_type.lower(), photo.media_type.lower())
    return media_type if media_type in KNOWN_TYPES else BINARY


def parse_asset(
    asset: Mapping[str, Any],
    address: str,
    *,
    tags: Iterable[str] = (),
    owner: str = "",
    with_originals: bool = False,
) -> Photo:
    """
    Convert an asset.

    :param address: of the server's web pages.
    :param tags: of an asset whose record contains no tags.
    :param with_originals: whether `urls` contains the originals of pictures. It always contains the
        files of videos.
    :raises ValueError: if it has no id.
    """
    asset_id = as_text(asset.get("id"))
    if not is_id(asset_id):
        raise ValueError("The asset has no id.")
    exif = asset.get("exifInfo")
    location = as_location(dig(exif, "latitude"), dig(exif, "longitude"))
    width, height = _parse_size(asset, exif)
    date = as_datetime(dig(exif, "dateTimeOriginal")) or as_datetime(asset.get("fileCreatedAt"))
    fields: dict[str, Any] = {
        "service": "immich",
        "id": asset_id,
        "title": PurePosixPath(as_text(asset.get("originalFileName"))).stem,
        "owner": owner,
        "description": as_text(dig(exif, "description")),
        "urls": Urls(_build_urls(asset, f"{address}/api/assets/{asset_id}", with_originals)),
        "tags": parse_tags(asset.get("tags")) or tuple(dict.fromkeys(tags)),
        "date": date,
        "utc_offset": _parse_offset(asset) if date else None,
        "upload_date": as_datetime(asset.get("createdAt")),
        "media_type": _parse_type(asset),
        "camera": _parse_camera(exif),
        "width": width,
        "height": height,
        "original_web_url": f"{address}/photos/{asset_id}",
        "latitude": location[0] if location else None,
        "longitude": location[1] if location else None,
        "average_color": _parse_color(asset.get("thumbhash")),
    }
    if not _is_video(asset):
        return Photo(**fields)
    return Video(**fields, duration=parse_duration(asset.get("duration")))


def parse_tags(value: Any) -> tuple[str, ...]:
    """
    Return the names of tags. The value of a nested tag is "parent/child"; both are tags.
    """
    values = (as_text(tag.get("value")) or as_text(tag.get("name")) for tag in as_records(value))
    return tuple(dict.fromkeys(name for value in values for name in split_tag(value)))


def split_tag(value: str) -> list[str]:
    return [name for part in value.split("/") if (name := part.strip())]


def parse_duration(value: Any) -> float:
    """
    Return seconds. Version 3 sends milliseconds, version 1 a text such as "0:00:12.345".
    """
    if match := DURATION.fullmatch(as_text(value)):
        return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
    number = as_number(value) if not isinstance(value, str) else None
    return max(0.0, (number or 0) / 1000)


def _is_video(asset: Mapping[str, Any]) -> bool:
    return asset.get("type") == "VIDEO"


def _parse_type(asset: Mapping[str, Any]) -> str:
    """
    Return the media type of the original. Older versions do not send it.
    """
    media_type = as_text(asset.get("originalMimeType"))
    is_unknown = _is_video(asset) and not media_type.startswith("video/")
    return "video/mp4" if is_unknown else media_type


def _build_urls(asset: Mapping[str, Any], url: str, with_originals: bool) -> dict[str, str]:
    urls = {size: f"{url}/thumbnail?size={preview}" for size, preview in PREVIEWS.items()}
    if _is_video(asset):
        urls["original"] = f"{url}/{PLAYBACK}"
    elif with_originals:
        urls["original"] = f"{url}/{ORIGINAL}"
    return urls


def _parse_size(asset: Mapping[str, Any], exif: Any) -> tuple[int, int]:
    """
    Version 3 sends the size after the rotation, version 1 only that in the file.
    """
    width, height = as_int(asset.get("width")), as_int(asset.get("height"))
    if min(width, height) <= 0:
        width, height = as_int(dig(exif, "exifImageWidth")), as_int(dig(exif, "exifImageHeight"))
        if as_text(dig(exif, "orientation")) in SIDEWAYS:
            width, height = height, width
    return (width, height) if min(width, height) > 0 else (0, 0)


def _parse_offset(asset: Mapping[str, Any]) -> int | None:
    """
    Return the offset from UTC in minutes: `localDateTime` is local time labelled as UTC.
    """
    local, utc = as_datetime(asset.get("localDateTime")), as_datetime(asset.get("fileCreatedAt"))
    if not isinstance(local, datetime) or not isinstance(utc, datetime):
        return None
    offset = round((local - utc).total_seconds() / 60)
    return offset if abs(offset) <= MAX_OFFSET else None


def _parse_camera(exif: Any) -> Camera:
    return Camera(
        make=as_text(dig(exif, "make")),
        model=as_text(dig(exif, "model")),
        lens=as_text(dig(exif, "lensModel")),
        exposure_time=as_quantity(dig(exif, "exposureTime")),
        aperture=as_quantity(dig(exif, "fNumber")),
        iso=max(0, as_int(dig(exif, "iso"))),
        focal_length=as_quantity(dig(exif, "focalLength")),
    )


def _parse_color(value: Any) -> str:
    """
    Return the average color of a ThumbHash (https://evanw.github.io/thumbhash/), such as "#3f6e8c",
    or "".
    """
    try:
        data = b64decode(as_text(value), validate=True)
    except ValueError:
        return ""
    if len(data) < MIN_THUMBHASH_BYTES:
        return ""
    header = int.from_bytes(data[:3], "little")
    luminance = (header & 63) / 63
    p, q = ((header >> 6) & 63) / 31.5 - 1, ((header >> 12) & 63) / 31.5 - 1
    blue = luminance - 2 / 3 * p
    red = (3 * luminance - blue + q) / 2
    channels = (red, red - q, blue)
    return "#" + "".join(f"{round(255 * min(max(c, 0), 1)):02x}" for c in channels)
