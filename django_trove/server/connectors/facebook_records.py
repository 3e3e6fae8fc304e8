"""
From a record of Facebook's to a photo or a video of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django_trove.client.content import Photo, Urls, Video

from .records import address, inner, listed, moment, number, place, text, whole

__all__ = ["PHOTO_FIELDS", "VIDEO_FIELDS", "ends_at", "photo_of", "urls_of", "video_of"]

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

NOTHING_SEEN = "No photo description available."
HASHTAG = re.compile(r"#(\w+)")


def photo_of(record: Mapping[str, Any]) -> Photo:
    """
    Read a photo that was asked for with `PHOTO_FIELDS`.

    :raises ValueError: if it has no id.
    """
    caption = text(record.get("name"))
    return Photo(
        **_common(record, caption),
        description=caption or _seen(record),
        date=moment(record.get("backdated_time")),
        album_id=text(inner(record, "album", "id")),
        width=max(0, whole(record.get("width"))),
        height=max(0, whole(record.get("height"))),
        public=_is_public(inner(record, "album", "privacy")),
        original_web_url=address(record.get("link")),
    )


def video_of(record: Mapping[str, Any]) -> Video:
    """
    Read a video that was asked for with `VIDEO_FIELDS`.

    :raises ValueError: if it has no id.
    """
    description = text(record.get("description"))
    page = text(record.get("permalink_url"))
    largest: Any = max(listed(record.get("format")), key=_side, default={})
    return Video(
        **_common(record, description),
        title=text(record.get("title")),
        description=description,
        width=max(0, whole(inner(largest, "width"))),
        height=max(0, whole(inner(largest, "height"))),
        public=_is_public(record.get("privacy")),
        original_web_url=address(urljoin(SITE, page)) if page else "",
        duration=max(0.0, number(record.get("length")) or 0),
    )


def urls_of(record: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the addresses of a photo's sizes, or of a video's still pictures.
    """
    sizes = [
        (_side(size), address(inner(size, "source")) or address(inner(size, "picture")))
        for size in [*listed(record.get("images")), *listed(record.get("format"))]
    ]
    by_side = sorted(size for size in sizes if size[1])
    if not by_side:
        picture = address(record.get("picture"))
        return {"thumbnail": picture} if picture else {}
    found = {size: _at_least(by_side, side) for size, side in SIDES.items()}
    return {**found, "original": by_side[-1][1]}


def ends_at(url: str) -> float | None:
    """
    Return when an address of a picture ends, in seconds since 1970: it says so, in hexadecimal.
    """
    try:
        return float(int(parse_qs(urlsplit(url).query)["oe"][0], 16))
    except (KeyError, ValueError):
        return None


def _common(record: Mapping[str, Any], words: str) -> dict[str, Any]:
    if not text(record.get("id")):
        raise ValueError("A record without an id.")
    location = inner(record, "place", "location")
    spot = place(inner(location, "latitude"), inner(location, "longitude"))
    return {
        "service": "facebook",
        "id": text(record["id"]),
        "owner": text(inner(record, "from", "name")),
        "urls": Urls(urls_of(record)),
        "tags": tuple(dict.fromkeys(HASHTAG.findall(words))),
        "latitude": spot[0] if spot else None,
        "longitude": spot[1] if spot else None,
    }


def _seen(record: Mapping[str, Any]) -> str:
    """
    Return what Facebook sees in a photo that nobody wrote anything to.
    """
    words = text(record.get("alt_text"))
    return "" if words == NOTHING_SEEN else words


def _is_public(privacy: Any) -> bool:
    value = privacy if isinstance(privacy, str) else inner(privacy, "value")
    return text(value).lower() == "everyone"


def _side(size: Any) -> int:
    return max(whole(inner(size, "width")), whole(inner(size, "height")))


def _at_least(by_side: Sequence[tuple[int, str]], side: int) -> str:
    return next((url for found, url in by_side if found >= side), by_side[-1][1])
