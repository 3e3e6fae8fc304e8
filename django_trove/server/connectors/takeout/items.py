"""
Items of an export: identification of its entries, and conversion of their files.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django_trove.client.content import Photo, Video

from ..base import FoundItem, Rendition
from ..picture.formats import is_media_name, is_picture_name
from ..picture.metadata import Metadata
from ..picture.reader import Picture
from .layout import Entry
from .records import SidecarData, parse_sidecar

SERVICE = "google"
MAX_ID_LENGTH = 400
MAX_PICTURE_BYTES = 500_000_000
MAX_VIDEO_BYTES = 100_000_000_000
PAGE_ID = re.compile(r"/photo/([^/?#]+)")  # also in the URL of a shared album
MINUTE = timedelta(minutes=1)
MAX_OFFSET = 14 * 60  # minutes
OFFSET_STEP = 15


@dataclass(frozen=True, slots=True)
class IdentifiedEntry:
    """
    An entry with the data of its sidecar, before its file is read.
    """

    entry: Entry
    sidecar: SidecarData
    id: str
    etag: str


def identify_entry(entry: Entry, *, stores_videos: bool) -> IdentifiedEntry:
    """
    The id is that of Google's URL, or the name, size and time.
    """
    sidecar = parse_sidecar(entry.sidecar.read_json() if entry.sidecar else {})
    size = entry.file.size
    content = repr((sidecar, entry.name, size, stores_videos))
    return IdentifiedEntry(
        entry,
        sidecar,
        find_page_id(sidecar) or _describe_file(sidecar, entry.name, size),
        hashlib.blake2s(content.encode(), digest_size=16).hexdigest(),
    )


def find_page_id(sidecar: SidecarData) -> str:
    """
    Return the id in the URL of the item's page, or "".
    """
    match = PAGE_ID.search(sidecar.page)
    return match[1][:MAX_ID_LENGTH] if match else ""


def _describe_file(sidecar: SidecarData, name: str, size: int) -> str:
    """
    Return a name that is equal for copies of a file. Different files of a burst have the same title
    and time.
    """
    taken = f"{sidecar.taken:%Y%m%dT%H%M%S} " if sidecar.taken else ""
    return f"{taken}{size} {sidecar.title or name}"[:MAX_ID_LENGTH]


def extract_file(entry: IdentifiedEntry, temporary: Path) -> Path:
    """
    Return the path of an entry's file.

    :param temporary: a directory for the files of archives.
    :raises Unreadable: if it is damaged.
    """
    limit = MAX_PICTURE_BYTES if is_picture_name(entry.entry.name) else MAX_VIDEO_BYTES
    return entry.entry.file.part.extract(entry.entry.file.path, limit, temporary)


def build_item(
    entry: IdentifiedEntry, path: Path, picture: Picture, stores_videos: bool
) -> FoundItem:
    renditions = dict(picture.renditions)
    if picture.is_video and stores_videos:
        renditions["original"] = Rendition(
            b"", picture.type, picture.width, picture.height, path=path
        )
    photo = _build_photo(entry, picture)
    return FoundItem(content=photo, etag=entry.etag, renditions=renditions, has_album=False)


def _build_photo(entry: IdentifiedEntry, picture: Picture) -> Photo:
    """
    Google's values have priority over those of the file, because the user may have corrected them
    at Google. However, Google's title is a file name.
    """
    sidecar, metadata = entry.sidecar, picture.metadata
    date, utc_offset = find_time(sidecar.taken, metadata)
    latitude, longitude = sidecar.place or metadata.place or (None, None)
    fields: dict[str, Any] = {
        "service": SERVICE,
        "id": entry.id,
        "title": metadata.title or _remove_suffix(sidecar.title or entry.entry.name),
        "description": sidecar.description or metadata.description,
        "tags": tuple(dict.fromkeys([*metadata.tags, *sidecar.people])),
        "date": date,
        "utc_offset": utc_offset,
        "upload_date": sidecar.uploaded,
        "media_type": picture.type,
        "average_color": picture.average_color,
        "camera": metadata.camera,
        "width": picture.width,
        "height": picture.height,
        "latitude": latitude,
        "longitude": longitude,
        "original_web_url": sidecar.page,
    }
    return Video(**fields, duration=picture.duration) if picture.is_video else Photo(**fields)


def find_time(taken: datetime | None, metadata: Metadata) -> tuple[datetime | None, int | None]:
    """
    Return the time and the UTC offset. Google's time is in UTC. If the file has a local time only,
    the difference is the offset that Google used. Google uses UTC if the time zone is unknown.

    :param taken: Google's time.
    """
    if taken is None or metadata.taken is None or metadata.utc_offset is not None:
        return taken or metadata.taken, metadata.utc_offset
    offset, rest = divmod(metadata.taken.replace(microsecond=0) - taken, MINUTE)
    is_offset = not rest and offset % OFFSET_STEP == 0 and 0 < abs(offset) <= MAX_OFFSET
    return taken, offset if is_offset else None


def _remove_suffix(title: str) -> str:
    return title.rpartition(".")[0] if is_media_name(title) else title
