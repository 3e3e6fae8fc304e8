"""
Conversion of SmugMug's records to photos and videos.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_trove.client.content import Photo, Video
from django_trove.client.values import Camera, Size, Urls

from ..values import (
    as_datetime,
    as_int,
    as_list,
    as_location,
    as_number,
    as_quantity,
    as_size,
    as_text,
    as_web_url,
    dig,
    strip_html,
)

MEDIA_TYPES = {
    "JPG": "image/jpeg",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "HEIC": "image/heic",
    "MP4": "video/mp4",
}
"""By `Format`."""

SIZES = {
    "thumbnail": ("Small", "Thumb", "Tiny"),
    "medium": ("Medium", "Large", "Small"),
    "large": ("XLarge", "X2Large", "Large"),
    "original": ("5K", "4K", "X5Large", "X4Large", "X3Large", "X2Large", "XLarge"),
}
"""
SmugMug's sizes for each size of a photo, by priority. The archived file has priority for the
original.
"""


def parse_photo(image: Mapping[str, Any], expansions: Any, owner: str, *, public: bool) -> Photo:
    """
    Convert an image of an album.

    :param expansions: the `Expansions` of the response.
    :param public: whether the album is public.
    :raises ValueError: if it has no key.
    """
    key = as_text(image.get("ImageKey"))
    if not key:
        raise ValueError("The image has no key.")
    sizes = get_expansion(image, expansions, "ImageSizeDetails")
    metadata = get_expansion(image, expansions, "ImageMetadata")
    location = as_location(image.get("Latitude"), image.get("Longitude"))
    fields: dict[str, Any] = {
        "service": "smugmug",
        "id": key,
        "title": as_text(image.get("Title")) or as_text(image.get("FileName")),
        "owner": owner,
        "description": strip_html(image.get("Caption")),
        "urls": Urls(_parse_urls(image, sizes)),
        "sizes": _parse_sizes(sizes),
        "upload_date": as_datetime(image.get("DateTimeUploaded")),
        "media_type": MEDIA_TYPES.get(as_text(image.get("Format")).upper(), ""),
        "camera": _parse_camera(metadata),
        "tags": _parse_tags(image),
        "date": as_datetime(dig(metadata, "DateTimeCreated")),
        "width": max(0, as_int(image.get("OriginalWidth"))),
        "height": max(0, as_int(image.get("OriginalHeight"))),
        "public": public and image.get("Hidden") is not True,
        "original_web_url": as_web_url(image.get("WebUri")),
        "latitude": location[0] if location else None,
        "longitude": location[1] if location else None,
    }
    if image.get("IsVideo") is not True:
        return Photo(**fields)
    video = get_expansion(image, expansions, "LargestVideo")
    return Video(**fields, duration=max(0.0, as_number(dig(video, "Duration")) or 0))


def is_public_album(album: Mapping[str, Any]) -> bool:
    """
    Return whether an album is public, including its parent folders, whose effective settings are in
    its node.
    """
    node = album.get("Node")
    return (
        album.get("Privacy") == "Public"
        and album.get("SecurityType") == "None"
        and dig(node, "EffectivePrivacy") in (None, "Public")
        and dig(node, "EffectiveSecurityType") in (None, "None")
    )


def get_expansion(record: Mapping[str, Any], expansions: Any, name: str) -> Any:
    """
    Return an expansion of an image or album. Its URI is a string or part of an object.
    """
    value = dig(record, "Uris", name)
    uri = value if isinstance(value, str) else dig(value, "Uri")
    return dig(expansions, uri, name) if isinstance(uri, str) else None


def _parse_urls(image: Mapping[str, Any], sizes: Any) -> dict[str, str]:
    urls = {size: as_web_url(dig(_find_size(sizes, size), "Url")) for size in SIZES}
    urls["thumbnail"] = urls["thumbnail"] or as_web_url(image.get("ThumbnailUrl"))
    urls["original"] = as_web_url(image.get("ArchivedUri")) or urls["original"]
    return {size: url for size, url in urls.items() if url}


def _parse_sizes(sizes: Any) -> dict[str, Size]:
    """
    The original is not included, because its URL may be that of the archived file.
    """
    found = {name: _find_size(sizes, name) for name in SIZES if name != "original"}
    pixels = {name: as_size(dig(s, "Width"), dig(s, "Height")) for name, s in found.items()}
    return {name: size for name, size in pixels.items() if size}


def _find_size(sizes: Any, name: str) -> Any:
    """
    Return the first of `SIZES` that has a URL.
    """
    found = (dig(sizes, f"ImageSize{service_name}") for service_name in SIZES[name])
    return next((size for size in found if as_web_url(dig(size, "Url"))), None)


def _parse_camera(metadata: Any) -> Camera:
    return Camera(
        make=as_text(dig(metadata, "Make")),
        model=as_text(dig(metadata, "Model")),
        lens=as_text(dig(metadata, "Lens")),
        exposure_time=as_quantity(dig(metadata, "Exposure")),
        aperture=as_quantity(dig(metadata, "Aperture")),
        iso=max(0, as_int(dig(metadata, "ISO"))),
        focal_length=as_quantity(dig(metadata, "FocalLength")),
    )


def _parse_tags(image: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Keywords are an array; in old records, a string with semicolons or commas.
    """
    tags = [as_text(tag) for tag in as_list(image.get("KeywordArray"))]
    if not tags:
        text = as_text(image.get("Keywords"))
        tags = text.split(";" if ";" in text else ",")
    return tuple(dict.fromkeys(filter(None, (tag.strip() for tag in tags))))
