"""
From a record of SmugMug's to a photo or a video of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_trove.client.content import Photo, Urls, Video

from ..values import (
    as_datetime,
    as_int,
    as_list,
    as_location,
    as_number,
    as_text,
    as_web_url,
    dig,
    strip_html,
)

SIZES = {
    "thumbnail": ("Small", "Thumb", "Tiny"),
    "medium": ("Medium", "Large", "Small"),
    "large": ("XLarge", "X2Large", "Large"),
    "original": ("5K", "4K", "X5Large", "X4Large", "X3Large", "X2Large", "XLarge"),
}
"""SmugMug's sizes for each of ours, the best first; the archived file is better than any."""


def parse_photo(image: Mapping[str, Any], expansions: Any, owner: str, *, public: bool) -> Photo:
    """
    Read one image of an album.

    :param expansions: the answer's, by the address of what was asked for with it.
    :param public: whether everybody may see what is in the album.
    :raises ValueError: if it has no key.
    """
    key = as_text(image.get("ImageKey"))
    if not key:
        raise ValueError("An image without a key.")
    sizes = get_expansion(image, expansions, "ImageSizeDetails")
    metadata = get_expansion(image, expansions, "ImageMetadata")
    spot = as_location(image.get("Latitude"), image.get("Longitude"))
    said: dict[str, Any] = {
        "service": "smugmug",
        "id": key,
        "title": as_text(image.get("Title")) or as_text(image.get("FileName")),
        "owner": owner,
        "description": strip_html(image.get("Caption")),
        "urls": Urls(_parse_urls(image, sizes)),
        "tags": _parse_tags(image),
        "date": as_datetime(dig(metadata, "DateTimeCreated")),
        "width": max(0, as_int(image.get("OriginalWidth"))),
        "height": max(0, as_int(image.get("OriginalHeight"))),
        "public": public and image.get("Hidden") is not True,
        "original_web_url": as_web_url(image.get("WebUri")),
        "latitude": spot[0] if spot else None,
        "longitude": spot[1] if spot else None,
    }
    if image.get("IsVideo") is not True:
        return Photo(**said)
    video = get_expansion(image, expansions, "LargestVideo")
    return Video(**said, duration=max(0.0, as_number(dig(video, "Duration")) or 0))


def is_public_album(album: Mapping[str, Any]) -> bool:
    """
    Return whether everybody may see what is in an album. Its node tells, where it was sent along,
    what the folders around it come to.
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
    Return what was sent along with an image or an album. An address is told as a text or within an
    object.
    """
    told = dig(record, "Uris", name)
    uri = told if isinstance(told, str) else dig(told, "Uri")
    return dig(expansions, uri, name) if isinstance(uri, str) else None


def _parse_urls(image: Mapping[str, Any], sizes: Any) -> dict[str, str]:
    found = {
        size: next(
            filter(None, (as_web_url(dig(sizes, f"ImageSize{n}", "Url")) for n in names)), ""
        )
        for size, names in SIZES.items()
    }
    found["thumbnail"] = found["thumbnail"] or as_web_url(image.get("ThumbnailUrl"))
    found["original"] = as_web_url(image.get("ArchivedUri")) or found["original"]
    return {size: url for size, url in found.items() if url}


def _parse_tags(image: Mapping[str, Any]) -> tuple[str, ...]:
    """
    An array; in older records a text, with semicolons or commas.
    """
    words = [as_text(word) for word in as_list(image.get("KeywordArray"))]
    if not words:
        written = as_text(image.get("Keywords"))
        words = written.split(";" if ";" in written else ",")
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in words))))
