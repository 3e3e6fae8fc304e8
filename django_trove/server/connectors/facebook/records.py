"""
Conversion of Facebook's records to photos and videos, and parsing of its signed deletion requests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django_trove.client.content import Photo, Video
from django_trove.client.values import Size, Urls

from ..values import (
    as_datetime,
    as_int,
    as_list,
    as_location,
    as_number,
    as_size,
    as_text,
    as_web_url,
    dig,
)


def parse_deletion_request(signed_request: str, app_secret: str) -> str:
    """
    Verify and parse a signed request, `base64url(signature).base64url(JSON)`.

    :returns: the user's app-scoped id.
    :raises ValueError: if it is malformed or the signature is invalid.
    """
    signature, _, payload = signed_request.partition(".")
    expected = hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_decode_base64url(signature), expected):
        raise ValueError("The signature is invalid.")
    data = json.loads(_decode_base64url(payload))
    if not isinstance(data, dict) or str(data.get("algorithm")).upper() != "HMAC-SHA256":
        raise ValueError("The algorithm is not supported.")
    if not data.get("user_id"):
        raise ValueError("The request contains no user id.")
    return str(data["user_id"])


def _decode_base64url(part: str) -> bytes:
    return base64.b64decode(part.encode() + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


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
"""Minimum of the longer side in pixels; the original is the largest size."""

NO_DESCRIPTION = "No photo description available."
HASHTAG = re.compile(r"#(\w+)")


def parse_photo(record: Mapping[str, Any]) -> Photo:
    """
    Convert a photo with `PHOTO_FIELDS`.

    :raises ValueError: if it has no id.
    """
    caption = as_text(record.get("name"))
    return Photo(
        **_common_fields(record, caption),
        description=caption or _generated_description(record),
        date=as_datetime(record.get("backdated_time")),
        album_id=as_text(dig(record, "album", "id")),
        album_title=as_text(dig(record, "album", "name")),
        width=max(0, as_int(record.get("width"))),
        height=max(0, as_int(record.get("height"))),
        public=is_public(dig(record, "album", "privacy")),
        original_web_url=as_web_url(record.get("link")),
    )


def parse_video(record: Mapping[str, Any]) -> Video:
    """
    Convert a video with `VIDEO_FIELDS`.

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
        public=is_public(record.get("privacy")),
        original_web_url=as_web_url(urljoin(SITE, page)) if page else "",
        duration=max(0.0, as_number(record.get("length")) or 0),
    )


def parse_urls(record: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the URLs of a photo's sizes, or of a video's still pictures.
    """
    urls = {size: _image_url(image) for size, image in _select_images(record).items()}
    picture = as_web_url(record.get("picture"))
    return urls or ({"thumbnail": picture} if picture else {})


def _parse_sizes(record: Mapping[str, Any]) -> dict[str, Size]:
    sizes = {
        name: as_size(dig(image, "width"), dig(image, "height"))
        for name, image in _select_images(record).items()
    }
    return {name: size for name, size in sizes.items() if size}


def _select_images(record: Mapping[str, Any]) -> dict[str, Any]:
    images = [*as_list(record.get("images")), *as_list(record.get("format"))]
    by_side = sorted(filter(_image_url, images), key=_longest_side)
    if not by_side:
        return {}
    selected = {size: _smallest_at_least(by_side, side) for size, side in SIDES.items()}
    return {**selected, "original": by_side[-1]}


def _image_url(image: Any) -> str:
    return as_web_url(dig(image, "source")) or as_web_url(dig(image, "picture"))


def parse_expiry(url: str) -> float | None:
    """
    Return the expiry of a picture's URL in seconds since 1970, from its hexadecimal parameter `oe`.
    """
    try:
        return float(int(parse_qs(urlsplit(url).query)["oe"][0], 16))
    except (KeyError, ValueError, OverflowError):
        return None


def _common_fields(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    if not as_text(record.get("id")):
        raise ValueError("The record has no id.")
    address = dig(record, "place", "location")
    place = as_location(dig(address, "latitude"), dig(address, "longitude"))
    return {
        "service": "facebook",
        "id": as_text(record["id"]),
        "owner": as_text(dig(record, "from", "name")),
        "urls": Urls(parse_urls(record)),
        "sizes": _parse_sizes(record),
        "upload_date": as_datetime(record.get("created_time")),
        "tags": tuple(dict.fromkeys(HASHTAG.findall(text))),
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
    }


def _generated_description(record: Mapping[str, Any]) -> str:
    """
    Return the generated alternative text of a photo without a caption.
    """
    text = as_text(record.get("alt_text"))
    return "" if text == NO_DESCRIPTION else text


def is_public(privacy: Any) -> bool:
    value = privacy if isinstance(privacy, str) else dig(privacy, "value")
    return as_text(value).lower() == "everyone"


def _longest_side(size: Any) -> int:
    return max(as_int(dig(size, "width")), as_int(dig(size, "height")))


def _smallest_at_least(by_side: Sequence[Any], side: int) -> Any:
    return next((image for image in by_side if _longest_side(image) >= side), by_side[-1])
