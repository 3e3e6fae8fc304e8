"""
JSON files of a Google Takeout export.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django_trove.client.values import Location

from ..messages import NO_MESSAGE, Message
from ..messages import Message as _
from ..picture.errors import Unreadable
from ..values import as_list, as_location, as_number, as_text, as_web_url, dig

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIDECAR_KEYS = frozenset(("photoTakenTime", "creationTime", "imageViews"))

TRASH = _("The items are in the trash.")
LOCKED = _("The items are in the Locked Folder.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarData:
    """
    Content of a sidecar.

    :param page: the picture's URL at Google Photos.
    :param people: names of tagged people.
    """

    title: str = ""
    description: str = ""
    taken: datetime | None = None
    uploaded: datetime | None = None
    place: Location | None = None
    page: str = ""
    people: tuple[str, ...] = ()
    is_archived: bool = False
    is_trashed: bool = False
    is_locked: bool = False

    @property
    def hidden_reason(self) -> Message:
        """
        The reason for which the item must not be imported, or "".
        """
        if self.is_locked:
            return LOCKED
        return TRASH if self.is_trashed else NO_MESSAGE


def parse_json(read: Callable[[], bytes]) -> Mapping[str, Any]:
    """
    Return a JSON object; {} if the content is not one.
    """
    try:
        data = json.loads(read().decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError, Unreadable):
        return {}
    return data if isinstance(data, dict) else {}


def is_sidecar(data: Mapping[str, Any]) -> bool:
    return not SIDECAR_KEYS.isdisjoint(data)


def parse_sidecar(data: Mapping[str, Any]) -> SidecarData:
    # {"title": "IMG_1.jpg", "description": "", "creationTime": {"timestamp": "1173100000", …},
    #  "photoTakenTime": {"timestamp": "1173042492", …}, "people": [{"name": "…"}],
    #  "geoData": {"latitude": 0.0, "longitude": 0.0, …}, "geoDataExif": {…},
    #  "url": "https://photos.google.com/photo/…", "archived": true, "trashed": true,
    #  "inLockedFolder": true}
    people = (as_text(dig(person, "name")) for person in as_list(data.get("people")))
    return SidecarData(
        title=html.unescape(as_text(data.get("title"))),
        description=html.unescape(as_text(data.get("description"))),
        taken=_parse_timestamp(dig(data, "photoTakenTime", "timestamp")),
        uploaded=_parse_timestamp(dig(data, "creationTime", "timestamp")),
        place=_parse_location(data.get("geoData")) or _parse_location(data.get("geoDataExif")),
        page=as_web_url(data.get("url")),
        people=tuple(filter(None, people)),
        is_archived=data.get("archived") is True,
        is_trashed=data.get("trashed") is True,
        is_locked=data.get("inLockedFolder") is True,
    )


def parse_album_title(data: Mapping[str, Any], folder: str) -> str:
    """
    Return the title of an album's metadata file; "" for other JSON files.

    :param folder: the name of its folder, which is the title of an album without one.
    """
    # {"title": "Rome", "description": "", "access": "protected", "date": {"timestamp": "…"}};
    # in the oldest exports {"albumData": {"title": "Rome", …}}
    album = data.get("albumData")
    record = album if isinstance(album, dict) else data
    if is_sidecar(record):
        return ""
    title = html.unescape(as_text(record.get("title")))
    return title or (folder if record.get("title") == "" and "access" in record else "")


def _parse_timestamp(seconds: Any) -> datetime | None:
    """
    Negative timestamps, before 1970, are supported. 0 means unknown.
    """
    number = as_number(seconds)
    try:
        return EPOCH + timedelta(seconds=number) if number else None
    except OverflowError:
        return None


def _parse_location(data: Any) -> Location | None:
    return as_location(dig(data, "latitude"), dig(data, "longitude"))
