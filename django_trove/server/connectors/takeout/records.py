"""
Media and sidecar files of a Google Takeout export.

Google truncates names, moves counters, and has no sidecars for edited copies.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from django_trove.client.content import Location

from ..values import as_list, as_location, as_number, as_text, as_web_url, dig

MAX_NAME_LENGTH = 46  # of a sidecar, without its counter and suffix

SIDECAR_SUFFIX = ".supplemental-metadata"  # in newer exports; may be truncated

COUNTER = re.compile(r"(?P<stem>.+)(?P<counter>\(\d+\))(?P<ending>\.[^.]*)?")
# Formats that browsers do not support.
RAW = frozenset((".heic", ".heif", ".avif", ".bmp", ".dng", ".raw", ".cr2", ".nef", ".arw"))

PICTURES = RAW | {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"}
VIDEOS = frozenset((".mp4", ".mov", ".m4v", ".mkv", ".avi", ".3gp", ".webm", ".mpg", ".mts"))
# Localized suffixes of edited pictures.
EDITED = ("-edited", "-bearbeitet", "-modifié", "-editado", "-editada", "-modificato", "-bewerkt")

# Localized names of the folders by year.
YEARS = re.compile(
    r"(photos from|fotos von|photos de|fotos de|fotos del|foto del|foto's uit) \d{4}", re.I
)

# Localized names of the locked folder.
LOCKED = frozenset(
    (
        "locked folder",
        "gesperrter ordner",
        "dossier verrouillé",
        "carpeta privada",
        "vergrendelde map",
    )
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """
    A picture or video in a folder.

    :param sidecar: name of its metadata file, or "".
    """

    name: str
    sidecar: str
    is_video: bool


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
    place: Location | None = None
    page: str = ""
    people: tuple[str, ...] = ()
    trashed: bool = False


def find_media(names: Collection[str]) -> Iterator[MediaFile]:
    """
    Yield the media files of a folder in order. Originals of edited pictures, and the videos of
    motion photos, are skipped.
    """
    sidecars = {name for name in names if name.lower().endswith(".json")}
    media = sorted(filter(is_media_name, names))
    by_stem: dict[str, str] = {}
    for name in sorted(media, key=_is_video):  # the picture of a motion photo has priority
        by_stem.setdefault(_stem(name), name)
    edited = {
        name: by_stem[_original_stem(name)]
        for name in media
        if _original_stem(name) in by_stem and not find_sidecar(name, sidecars)
    }
    replaced = set(edited.values())
    for name in media:
        sidecar = find_sidecar(edited.get(name, name), sidecars)
        is_motion_video = _is_video(name) and not sidecar and not _is_video(by_stem[_stem(name)])
        if name not in replaced and not is_motion_video:
            yield MediaFile(name, sidecar, _is_video(name))


def is_media_name(name: str) -> bool:
    return _suffix(name) in PICTURES | VIDEOS


def find_sidecar(name: str, sidecars: Collection[str]) -> str:
    """
    Return the name of a picture's sidecar, or "".
    """
    for candidate in _sidecar_candidates(name):
        if candidate in sidecars:
            return candidate
    return ""


def parse_sidecar(data: Mapping[str, Any]) -> SidecarData:
    # {"title": "IMG_1.jpg", "description": "", "photoTakenTime": {"timestamp": "1173042492", …},
    #  "geoData": {"latitude": 0.0, "longitude": 0.0, …}, "geoDataExif": {…},
    #  "people": [{"name": "…"}], "url": "https://photos.google.com/photo/…", "trashed": true}
    people = (as_text(dig(person, "name")) for person in as_list(data.get("people")))
    return SidecarData(
        title=html.unescape(as_text(data.get("title"))),
        description=html.unescape(as_text(data.get("description"))),
        taken=_parse_timestamp(dig(data, "photoTakenTime", "timestamp")),
        place=_parse_location(data.get("geoData")) or _parse_location(data.get("geoDataExif")),
        page=as_web_url(data.get("url")),
        people=tuple(filter(None, people)),
        trashed=data.get("trashed") is True,
    )


def parse_album_title(data: Mapping[str, Any]) -> str:
    """
    Return the title of an album's metadata file; "" for other JSON files and for the folders of
    years.
    """
    if "photoTakenTime" in data or "creationTime" in data or "imageViews" in data:
        return ""
    title = html.unescape(as_text(data.get("title")))
    return "" if YEARS.fullmatch(title) else title


def _sidecar_candidates(name: str) -> Iterator[str]:
    """
    Yield possible names of a sidecar, the most likely first.
    """
    yield from _truncate_name(name, "")
    match = COUNTER.fullmatch(name)
    if match:
        yield from _truncate_name(match["stem"] + (match["ending"] or ""), match["counter"])


def _truncate_name(name: str, counter: str) -> Iterator[str]:
    """
    The suffix is truncated first, then the name.
    """
    full_name = name + SIDECAR_SUFFIX
    for length in range(len(full_name), len(name) - 1, -1):
        yield f"{full_name[:length]}{counter}.json"
    yield f"{name[:MAX_NAME_LENGTH]}{counter}.json"
    yield f"{_stem(name)}{counter}.json"  # in the oldest exports


def _original_stem(name: str) -> str:
    """
    Return the stem of the original of an edited picture, or "".
    """
    match = COUNTER.fullmatch(_stem(name))
    stem, counter = (match["stem"], match["counter"]) if match else (_stem(name), "")
    suffix = next((edited for edited in EDITED if stem.lower().endswith(edited)), "")
    return stem[: -len(suffix)] + counter if suffix else ""


def _is_video(name: str) -> bool:
    return _suffix(name) in VIDEOS


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _parse_timestamp(seconds: Any) -> datetime | None:
    """
    Negative timestamps, before 1970, are supported.
    """
    number = as_number(seconds)
    try:
        return None if number is None else EPOCH + timedelta(seconds=number)
    except OverflowError:
        return None


def _parse_location(data: Any) -> Location | None:
    return as_location(dig(data, "latitude"), dig(data, "longitude"))
