"""
Facebook's word that a person wants their data deleted: a "signed request".
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

from django_trove.client.content import Photo, Urls, Video

from ..values import as_datetime, as_int, as_list, as_location, as_number, as_text, as_web_url, dig


def parse_deletion_request(signed_request: str, app_secret: str) -> str:
    """
    Read a signed request, `base64url(signature).base64url(JSON)`.

    :returns: the person's id, as this application knows it.
    :raises ValueError: if it isn't signed with the secret, or says nothing.
    """
    signature, _, payload = signed_request.partition(".")
    expected = hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_decode_base64url(signature), expected):
        raise ValueError("The signature is wrong.")
    said = json.loads(_decode_base64url(payload))
    if not isinstance(said, dict) or str(said.get("algorithm")).upper() != "HMAC-SHA256":
        raise ValueError("It is signed in an unknown way.")
    if not said.get("user_id"):
        raise ValueError("It says of nobody.")
    return str(said["user_id"])


def _decode_base64url(part: str) -> bytes:
    """
    :raises ValueError: if it is no base64url.
    """
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
