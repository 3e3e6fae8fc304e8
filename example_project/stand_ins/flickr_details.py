"""
What Flickr says of one person and one photo, in the form of its JSON.
"""

from __future__ import annotations

from typing import Any

from .library import Shot

__all__ = [
    "FULLNAME",
    "NSID",
    "SIZES",
    "USERNAME",
    "info",
    "licenses",
    "person",
    "photo_id",
    "sizes",
]

NSID, USERNAME, FULLNAME = "12037949632@N01", "ada.l", "Ada Lovelace"
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


def photo_id(shot: Shot) -> str:
    return str(50_000_000_000 + shot.number)


def person(photos: int) -> dict[str, Any]:
    """
    Return what `flickr.people.getInfo` says.

    :param photos: how many there are.
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
        "realname": {"_content": FULLNAME},
        "description": {"_content": ""},
        "photosurl": {"_content": f"{PAGE}/"},
        "profileurl": {"_content": f"https://www.flickr.com/people/{NSID}/"},
        "photos": {"count": {"_content": str(photos)}},
    }


def info(shot: Shot) -> dict[str, Any]:
    """
    Return what `flickr.photos.getInfo` says.
    """
    located = shot.place and {"latitude": shot.place[0], "longitude": shot.place[1]}
    return {
        "id": photo_id(shot),
        "secret": "78f161da4d",
        "server": "65535",
        "farm": 66,
        "dateuploaded": str(_stamp(shot.uploaded)),
        "license": str(shot.license),
        "safety_level": "0",
        "rotation": 0,
        "originalsecret": "abcd098765",
        "originalformat": "jpg",
        "views": "7",
        "media": "video" if shot.is_video else "photo",
        "owner": {"nsid": NSID, "username": USERNAME, "realname": FULLNAME, "path_alias": None},
        "title": {"_content": shot.title},
        "description": {"_content": shot.description},
        "visibility": {"ispublic": int(shot.is_public), "isfriend": 0, "isfamily": 0},
        "dates": {
            "posted": str(_stamp(shot.uploaded)),
            "taken": f"{shot.taken:%Y-%m-%d %H:%M:%S}",
            "takengranularity": 0,
            "takenunknown": "0",
            "lastupdate": str(_stamp(shot.changed)),
        },
        "editability": {"cancomment": 0, "canaddmeta": 0},
        "publiceditability": {"cancomment": 1, "canaddmeta": 0},
        "usage": {"candownload": 1, "canblog": 0, "canprint": 0, "canshare": 1},
        "comments": {"_content": 0},
        "notes": {"note": []},
        "people": {"haspeople": 0},
        "tags": {"tag": [_tag(shot, tag) for tag in shot.tags]},
        **({"location": {**located, "accuracy": 16, "context": 0}} if located else {}),
        "urls": {"url": [{"type": "photopage", "_content": f"{PAGE}/{photo_id(shot)}/"}]},
    }


def sizes(shot: Shot, url: str) -> dict[str, Any]:
    """
    Return what `flickr.photos.getSizes` says.

    :param url: where the pictures lie.
    """
    wide = {**SIZES, **({"o": shot.width} if shot.is_public else {})}
    listed = [
        {
            "label": LABELS[size],
            "width": side,
            "height": str(side * 3 // 4),
            "source": f"{url}/65535/{photo_id(shot)}_{size}.jpg",
            "url": f"{PAGE}/{photo_id(shot)}/sizes/{size}/",
            "media": "photo",
        }
        for size, side in wide.items()
    ]
    return {"canblog": 0, "canprint": 0, "candownload": 1, "size": listed}


def licenses() -> dict[str, Any]:
    """
    Return what `flickr.photos.licenses.getInfo` says.
    """
    listed = [{"id": number, "name": name, "url": url} for number, name, url in LICENSES]
    return {"licenses": {"license": listed}}


def _tag(shot: Shot, tag: str) -> dict[str, Any]:
    said = {"author": NSID, "authorname": USERNAME, "raw": tag.title(), "machine_tag": 0}
    return {"id": f"1-{photo_id(shot)}-{len(tag)}", **said, "_content": tag}


def _stamp(moment: Any) -> int:
    return int(moment.timestamp())
