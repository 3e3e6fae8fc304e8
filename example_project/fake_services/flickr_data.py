"""
Flickr's JSON for the account and for single photos.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .photos import FakePhoto

NSID, USERNAME, FULL_NAME = "12037949632@N01", "ada.l", "Ada Lovelace"
PAGE = f"https://www.flickr.com/photos/{NSID}"
SIZES = {"sq": 75, "q": 150, "t": 100, "s": 240, "n": 320, "m": 500, "z": 640, "c": 800, "l": 1024}
LABELS = {
    "sq": "Square",
    "q": "Large Square",
    "t": "Thumbnail",
    "s": "Small",
    "n": "Small 320",
    "m": "Medium",
    "z": "Medium 640",
    "c": "Medium 800",
    "l": "Large",
    "o": "Original",
}
CC = "https://creativecommons.org"
LICENSES = (
    (0, "All Rights Reserved", "https://www.flickrhelp.com/hc/en-us/articles/10710266545556"),
    (4, "CC BY 2.0", f"{CC}/licenses/by/2.0/"),
    (6, "CC BY-ND 2.0", f"{CC}/licenses/by-nd/2.0/"),
    (3, "CC BY-NC-ND 2.0", f"{CC}/licenses/by-nc-nd/2.0/"),
    (2, "CC BY-NC 2.0", f"{CC}/licenses/by-nc/2.0/"),
    (1, "CC BY-NC-SA 2.0", f"{CC}/licenses/by-nc-sa/2.0/"),
    (5, "CC BY-SA 2.0", f"{CC}/licenses/by-sa/2.0/"),
    (7, "No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    (8, "United States Government Work", "https://www.usa.gov/government-copyright"),
)


def photo_id(photo: FakePhoto) -> str:
    return str(50_000_000_000 + photo.number)


def get_person(photo_count: int) -> dict[str, Any]:
    """
    Return the result of `flickr.people.getInfo`.
    """
    return {
        "id": NSID,
        "nsid": NSID,
        "ispro": 0,
        "iconserver": "0",
        "iconfarm": 0,
        "path_alias": None,
        "expire": 0,
        "username": {"_content": USERNAME},
        "realname": {"_content": FULL_NAME},
        "description": {"_content": ""},
        "photosurl": {"_content": f"{PAGE}/"},
        "profileurl": {"_content": f"https://www.flickr.com/people/{NSID}/"},
        "photos": {"count": {"_content": str(photo_count)}},
    }


def get_info(photo: FakePhoto) -> dict[str, Any]:
    """
    Return the result of `flickr.photos.getInfo`.
    """
    location = photo.place and {"latitude": photo.place[0], "longitude": photo.place[1]}
    return {
        "id": photo_id(photo),
        "secret": "78f161da4d",
        "server": "65535",
        "farm": 66,
        "dateuploaded": str(timestamp(photo.uploaded)),
        "license": str(photo.license),
        "safety_level": "0",
        "rotation": 0,
        "originalsecret": "abcd098765",
        "originalformat": "jpg",
        "views": "7",
        "media": "video" if photo.is_video else "photo",
        "owner": {"nsid": NSID, "username": USERNAME, "realname": FULL_NAME, "path_alias": None},
        "title": {"_content": photo.title},
        "description": {"_content": photo.description},
        "visibility": {"ispublic": int(photo.is_public), "isfriend": 0, "isfamily": 0},
        "dates": {
            "posted": str(timestamp(photo.uploaded)),
            "taken": f"{photo.taken:%Y-%m-%d %H:%M:%S}",
            "takengranularity": 0,
            "takenunknown": "0",
            "lastupdate": str(timestamp(photo.changed)),
        },
        "editability": {"cancomment": 0, "canaddmeta": 0},
        "publiceditability": {"cancomment": 1, "canaddmeta": 0},
        "usage": {"candownload": 1, "canblog": 0, "canprint": 0, "canshare": 1},
        "comments": {"_content": 0},
        "notes": {"note": []},
        "people": {"haspeople": 0},
        "tags": {"tag": [_tag(photo, tag) for tag in photo.tags]},
        **({"location": {**location, "accuracy": 16, "context": 0}} if location else {}),
        "urls": {"url": [{"type": "photopage", "_content": f"{PAGE}/{photo_id(photo)}/"}]},
    }


def get_sizes(photo: FakePhoto, url: str) -> dict[str, Any]:
    """
    Return the result of `flickr.photos.getSizes`, with images below `url`.
    """
    widths = {**SIZES, **({"o": photo.width} if photo.is_public else {})}
    records = [
        {
            "label": LABELS[size],
            "width": width,
            "height": str(width * 3 // 4),
            "source": f"{url}/65535/{photo_id(photo)}_{size}.jpg",
            "url": f"{PAGE}/{photo_id(photo)}/sizes/{size}/",
            "media": "photo",
        }
        for size, width in widths.items()
    ]
    return {"canblog": 0, "canprint": 0, "candownload": 1, "size": records}


def get_licenses() -> dict[str, Any]:
    """
    Return the result of `flickr.photos.licenses.getInfo`.
    """
    records = [{"id": number, "name": name, "url": url} for number, name, url in LICENSES]
    return {"licenses": {"license": records}}


def _tag(photo: FakePhoto, tag: str) -> dict[str, Any]:
    return {
        "id": f"1-{photo_id(photo)}-{len(tag)}",
        "author": NSID,
        "authorname": USERNAME,
        "raw": tag.title(),
        "machine_tag": 0,
        "_content": tag,
    }


def timestamp(date: datetime) -> int:
    return int(date.timestamp())


CONTACTS = (
    ("12037949629@N01", "grace.h", "Grace Hopper", "grace"),
    ("12037949631@N01", "kjohnson", "Katherine Johnson", None),
    ("41578656547@N01", "mary_s", "", None),
)


def make_contacts() -> list[dict[str, Any]]:
    """
    Return the records of `flickr.contacts.getList`.
    """
    return [
        {
            "nsid": nsid,
            "username": username,
            "iconserver": "65535",
            "iconfarm": 66,
            "ignored": 0,
            "rev_ignored": 0,
            "realname": name,
            "friend": number % 2,
            "family": 0,
            "path_alias": alias,
            "location": "",
        }
        for number, (nsid, username, name, alias) in enumerate(CONTACTS, 1)
    ]
