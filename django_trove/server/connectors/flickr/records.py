"""
Conversion of Flickr's records to photos, videos and friends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django_trove.client.content import Friend, Photo, Video
from django_trove.client.values import Size, Urls

from ..values import (
    as_datetime,
    as_int,
    as_location,
    as_size,
    as_text,
    as_timestamp,
    as_web_url,
    dig,
    strip_html,
)

EXTRAS = (
    "description,license,date_upload,date_taken,owner_name,last_update,geo,tags,machine_tags,"
    "o_dims,original_format,media,path_alias,url_sq,url_t,url_s,url_q,url_m,url_n,url_z,url_c,url_l,url_h,url_k,"
    "url_o"
)

SIZES = {
    "thumbnail": ("n", "q", "t", "s", "sq"),
    "medium": ("z", "m", "c"),
    "large": ("l", "c", "h"),
    "original": ("o", "k", "h"),
}
"""
Flickr's sizes for each size of a photo, by priority. Originals of free accounts are not available.
"""

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "heic": "image/heic",
}
"""By `originalformat`. Those of videos are not documented."""

LARGEST_SIZES = ("o", "k", "h", "l", "c", "z", "m", "n", "s", "q", "t")
CC = "https://creativecommons.org"
LICENSES = {
    1: f"CC BY-NC-SA 2.0 {CC}/licenses/by-nc-sa/2.0/",
    2: f"CC BY-NC 2.0 {CC}/licenses/by-nc/2.0/",
    3: f"CC BY-NC-ND 2.0 {CC}/licenses/by-nc-nd/2.0/",
    4: f"CC BY 2.0 {CC}/licenses/by/2.0/",
    5: f"CC BY-SA 2.0 {CC}/licenses/by-sa/2.0/",
    6: f"CC BY-ND 2.0 {CC}/licenses/by-nd/2.0/",
    7: "No known copyright restrictions https://www.flickr.com/commons/usage/",
    8: "United States Government Work https://www.usa.gov/government-copyright",
    9: f"Public Domain Dedication (CC0) {CC}/publicdomain/zero/1.0/",
    10: f"Public Domain Mark {CC}/publicdomain/mark/1.0/",
    11: f"CC BY 4.0 {CC}/licenses/by/4.0/",
    12: f"CC BY-SA 4.0 {CC}/licenses/by-sa/4.0/",
    13: f"CC BY-ND 4.0 {CC}/licenses/by-nd/4.0/",
    14: f"CC BY-NC 4.0 {CC}/licenses/by-nc/4.0/",
    15: f"CC BY-NC-SA 4.0 {CC}/licenses/by-nc-sa/4.0/",
    16: f"CC BY-NC-ND 4.0 {CC}/licenses/by-nc-nd/4.0/",
    0: "All rights reserved",
}
"""By the id of `flickr.photos.licenses.getInfo`."""


def parse_photo(record: Mapping[str, Any], page_url: str) -> Photo:
    """
    Convert a record of a listing with `EXTRAS`.

    :raises ValueError: if it has no id.
    """
    service_id = as_text(record.get("id"))
    if not service_id:
        raise ValueError("The record has no id.")
    location = as_location(record.get("latitude"), record.get("longitude"))
    width, height = _parse_dimensions(record)
    names = _select_sizes(record)
    cls = Video if record.get("media") == "video" else Photo
    owner = as_text(record.get("pathalias")) or as_text(record.get("owner"))
    return cls(
        service="flickr",
        id=service_id,
        title=as_text(record.get("title")) or as_text(dig(record, "title", "_content")),
        owner=as_text(record.get("ownername")),
        description=strip_html(dig(record, "description", "_content")),
        urls=Urls({size: as_web_url(record[f"url_{name}"]) for size, name in names.items()}),
        sizes=_parse_sizes(record, names),
        upload_date=as_timestamp(record.get("dateupload")),
        media_type=MEDIA_TYPES.get(as_text(record.get("originalformat")).lower(), ""),
        tags=_parse_tags(record),
        date=None
        if as_int(record.get("datetakenunknown"))
        else as_datetime(record.get("datetaken")),
        license=LICENSES.get(as_int(record.get("license"), -1), ""),
        width=width,
        height=height,
        public=bool(as_int(record.get("ispublic"))),
        original_web_url=f"{page_url}{owner}/{service_id}/" if owner else "",
        latitude=location[0] if location else None,
        longitude=location[1] if location else None,
    )


def parse_contact(record: Mapping[str, Any], profile_url: str, icon_url: str) -> Friend:
    """
    Convert a contact.

    :param icon_url: the format of an icon's URL, with `farm`, `server` and `nsid`.
    :raises ValueError: if it has no id.
    """
    nsid = as_text(record.get("nsid"))
    if not nsid:
        raise ValueError("The record has no id.")
    server, farm = as_int(record.get("iconserver")), as_int(record.get("iconfarm"))
    icon = icon_url.format(farm=farm, server=server, nsid=quote(nsid, safe="@"))
    name = as_text(record.get("realname")) or as_text(record.get("username")) or nsid
    path = quote(as_text(record.get("path_alias")) or nsid, safe="@")
    return Friend(
        service="flickr",
        id=nsid,
        name=name,
        url=f"{profile_url}{path}/",
        avatar_url=icon if server > 0 and farm > 0 else "",
    )


def _select_sizes(record: Mapping[str, Any]) -> dict[str, str]:
    """
    Return Flickr's name of each size of a photo.
    """
    names = {size: _first_name(record, names) for size, names in SIZES.items()}
    return {size: name for size, name in names.items() if name}


def _first_name(record: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((name for name in names if as_web_url(record.get(f"url_{name}"))), "")


def _parse_sizes(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Size]:
    sizes = {
        size: as_size(record.get(f"width_{name}"), record.get(f"height_{name}"))
        for size, name in names.items()
    }
    return {name: size for name, size in sizes.items() if size}


def _parse_tags(record: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Tags are separated by spaces; Flickr's normalized tags contain none.
    """
    tags = f"{as_text(record.get('tags'))} {as_text(record.get('machine_tags'))}".split()
    return tuple(dict.fromkeys(tags))


def _parse_dimensions(record: Mapping[str, Any]) -> tuple[int, int]:
    """
    Return the width and height of the original, or of the largest known size.
    """
    pairs = [(record.get("o_width"), record.get("o_height"))]
    pairs += [(record.get(f"width_{name}"), record.get(f"height_{name}")) for name in LARGEST_SIZES]
    return next(filter(None, (as_size(*pair) for pair in pairs)), (0, 0))
