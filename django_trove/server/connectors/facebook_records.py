"""
From a record of Facebook's to a photo or a video of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django_trove.client.content import Photo, Urls, Video

from .records import as_datetime, as_int, as_list, as_location, as_number, as_text, as_web_url, dig

__all__ = [
    "PHOTO_FIELDS",
    "VIDEO_FIELDS",
    "parse_expiry",
    "parse_photo",
    "parse_urls",
    "parse_video",
]

PHOTO_FIELDS = (
    "id,name,alt_text,created_time,backdated_time,updated_time,from,link,album{id,name,privacy},"
    "images,height,width,place{name,location}"
)
VIDEO_FIELDS = (
    "id,title,description,created_time,updated_time,length,picture,format,permalink_url,from,"
    "privacy,place{name,location}"
)
SITE = "https://www.facebook.com"
SIDES = {"thumbnail": 200, "medium": 600, "large": 1000}
"""What a picture's longer side has at least; the original is the largest there is."""

NO_DESCRIPTION = "No photo description available."
HASHTAG = re.compile(r"#(\w+)")


def parse_photo(record: Mapping[str, Any]) -> Photo:
    """
    Read a photo that was asked for with `PHOTO_FIELDS`.

    :raises ValueError: if it has no id.
    """
    caption = as_text(record.get("name"))
    return Photo(
        **_common_fields(record, caption),
        description=caption or _generated_description(record),
        date=as_datetime(record.get("backdated_time")),
        album_id=as_text(dig(record, "album", "id")),
        width=max(0, as_int(record.get("width"))),
        height=max(0, as_int(record.get("height"))),
        public=_is_public(dig(record, "album", "privacy")),
        original_web_url=as_web_url(record.get("link")),
    )


def parse_video(record: Mapping[str, Any]) -> Video:
    """
    Read a video that was asked for with `VIDEO_FIELDS`.

    :raises ValueError: if it has no id.
    """
    description = as_text(record.get("description"))
    page = as_text(record.get("permalink_url"))
    largest: Any = max(as_list(record.get("format")), key=_longest_side, default={})
    return Video(
        **_common_fields(record, description),
        title=as_text(record.get("title")),
        description=description,
        width=max(0, as_int(dig(largest, "width"))),
        height=max(0, as_int(dig(largest, "height"))),
        public=_is_public(record.get("privacy")),
        original_web_url=as_web_url(urljoin(SITE, page)) if page else "",
        duration=max(0.0, as_number(record.get("length")) or 0),
    )


def parse_urls(record: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the addresses of a photo's sizes, or of a video's still pictures.
    """
    sizes = [
        (_longest_side(size), as_web_url(dig(size, "source")) or as_web_url(dig(size, "picture")))
        for size in [*as_list(record.get("images")), *as_list(record.get("format"))]
    ]
    by_side = sorted(size for size in sizes if size[1])
    if not by_side:
        picture = as_web_url(record.get("picture"))
        return {"thumbnail": picture} if picture else {}
    found = {size: _smallest_at_least(by_side, side) for size, side in SIDES.items()}
    return {**found, "original": by_side[-1][1]}


def parse_expiry(url: str) -> float | None:
    """
    Return when an address of a picture ends, in seconds since 1970: it says so, in hexadecimal.
    """
    try:
        return float(int(parse_qs(urlsplit(url).query)["oe"][0], 16))
    except (KeyError, ValueError):
        return None


def _common_fields(record: Mapping[str, Any], words: str) -> dict[str, Any]:
    if not as_text(record.get("id")):
        raise ValueError("A record without an id.")
    location = dig(record, "place", "location")
    spot = as_location(dig(location, "latitude"), dig(location, "longitude"))
    return {
        "service": "facebook",
        "id": as_text(record["id"]),
        "owner": as_text(dig(record, "from", "name")),
        "urls": Urls(parse_urls(record)),
        "tags": tuple(dict.fromkeys(HASHTAG.findall(words))),
        "latitude": spot[0] if spot else None,
        "longitude": spot[1] if spot else None,
    }


def _generated_description(record: Mapping[str, Any]) -> str:
    """
    Return what Facebook sees in a photo that nobody wrote anything to.
    """
    words = as_text(record.get("alt_text"))
    return "" if words == NO_DESCRIPTION else words


def _is_public(privacy: Any) -> bool:
    value = privacy if isinstance(privacy, str) else dig(privacy, "value")
    return as_text(value).lower() == "everyone"


def _longest_side(size: Any) -> int:
    return max(as_int(dig(size, "width")), as_int(dig(size, "height")))


def _smallest_at_least(by_side: Sequence[tuple[int, str]], side: int) -> str:
    return next((url for found, url in by_side if found >= side), by_side[-1][1])
