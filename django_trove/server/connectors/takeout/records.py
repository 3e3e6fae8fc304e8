"""
What lies beside a picture in a Google Takeout export: which JSON file is whose, and what it says.

Google cuts names, moves counters and leaves edited copies without a file of their own.
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

MAX_NAME_LENGTH = 46
"""Characters of a sidecar's name before its counter and ".json"."""

SIDECAR_SUFFIX = ".supplemental-metadata"
"""What newer exports put behind a picture's name, as far as there is room."""

COUNTER = re.compile(r"(?P<stem>.+)(?P<counter>\(\d+\))(?P<ending>\.[^.]*)?")
RAW = frozenset((".heic", ".heif", ".avif", ".bmp", ".dng", ".raw", ".cr2", ".nef", ".arw"))
"""Pictures that browsers don't show."""

PICTURES = RAW | {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"}
VIDEOS = frozenset((".mp4", ".mov", ".m4v", ".mkv", ".avi", ".3gp", ".webm", ".mpg", ".mts"))
EDITED = ("-edited", "-bearbeitet", "-modifié", "-editado", "-editada", "-modificato", "-bewerkt")
"""What Google adds to the name of a picture that was edited, by the person's language."""

YEARS = re.compile(
    r"(photos from|fotos von|photos de|fotos de|fotos del|foto del|foto's uit) \d{4}", re.I
)
"""Folders that Google makes of everything, beside the person's albums."""

LOCKED = frozenset(
    (
        "locked folder",
        "gesperrter ordner",
        "dossier verrouillé",
        "carpeta privada",
        "vergrendelde map",
    )
)
"""The folder that opens at Google with a second password, by the person's language."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """
    A picture or a video of one folder.

    :param sidecar: the name of the file that tells of it; "" where there is none.
    """

    name: str
    sidecar: str
    is_video: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarData:
    """
    What a sidecar says.

    :param page: the picture's address at Google.
    :param people: who Google was told is on it.
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
    Yield what is to be taken in of one folder, in order: of an edited picture the edited one, and
    of a picture that moves the picture.
    """
    sidecars = {name for name in names if name.lower().endswith(".json")}
    media = sorted(filter(is_media_name, names))
    by_stem: dict[str, str] = {}
    for name in sorted(media, key=_is_video):  # a picture that moves is a picture
        by_stem.setdefault(_stem(name), name)
    edited = {
        name: by_stem[_original_stem(name)]
        for name in media
        if _original_stem(name) in by_stem and not find_sidecar(name, sidecars)
    }
    replaced = set(edited.values())
    for name in media:
        sidecar = find_sidecar(edited.get(name, name), sidecars)
        moves = _is_video(name) and not sidecar and not _is_video(by_stem[_stem(name)])
        if name not in replaced and not moves:
            yield MediaFile(name, sidecar, _is_video(name))


def is_media_name(name: str) -> bool:
    """
    Return whether a file is a picture or a video, by its name.
    """
    return _suffix(name) in PICTURES | VIDEOS


def find_sidecar(name: str, sidecars: Collection[str]) -> str:
    """
    Return the name of the JSON file that tells of a picture; "" if there is none among those.
    """
    for candidate in _sidecar_candidates(name):
        if candidate in sidecars:
            return candidate
    return ""


def parse_sidecar(said: Mapping[str, Any]) -> SidecarData:
    """
    Read a sidecar.
    """
    # {"title": "IMG_1.jpg", "description": "", "photoTakenTime": {"timestamp": "1173042492", …},
    #  "geoData": {"latitude": 0.0, "longitude": 0.0, …}, "geoDataExif": {…},
    #  "people": [{"name": "…"}], "url": "https://photos.google.com/photo/…", "trashed": true}
    people = (as_text(dig(person, "name")) for person in as_list(said.get("people")))
    return SidecarData(
        title=html.unescape(as_text(said.get("title"))),
        description=html.unescape(as_text(said.get("description"))),
        taken=_parse_timestamp(dig(said, "photoTakenTime", "timestamp")),
        place=_parse_location(said.get("geoData")) or _parse_location(said.get("geoDataExif")),
        page=as_web_url(said.get("url")),
        people=tuple(filter(None, people)),
        trashed=said.get("trashed") is True,
    )


def parse_album_title(said: Mapping[str, Any]) -> str:
    """
    Return the title of the album that a JSON file tells of, whatever the file is called; "" if it
    tells of a picture, or of one of the folders that Google makes of everything.
    """
    if "photoTakenTime" in said or "creationTime" in said or "imageViews" in said:
        return ""
    title = html.unescape(as_text(said.get("title")))
    return "" if YEARS.fullmatch(title) else title


def _sidecar_candidates(name: str) -> Iterator[str]:
    """
    Yield the names that a sidecar may have, the likeliest first.
    """
    yield from _truncate_name(name, "")
    counted = COUNTER.fullmatch(name)
    if counted:
        yield from _truncate_name(counted["stem"] + (counted["ending"] or ""), counted["counter"])


def _truncate_name(name: str, counter: str) -> Iterator[str]:
    """
    Google's word is cut first, then the name.
    """
    whole = name + SIDECAR_SUFFIX
    for length in range(len(whole), len(name) - 1, -1):
        yield f"{whole[:length]}{counter}.json"
    yield f"{name[:MAX_NAME_LENGTH]}{counter}.json"
    yield f"{_stem(name)}{counter}.json"  # of the oldest exports


def _original_stem(name: str) -> str:
    """
    Return the stem of the picture that was edited; "" if this is none that was.
    """
    counted = COUNTER.fullmatch(_stem(name))
    stem, counter = (counted["stem"], counted["counter"]) if counted else (_stem(name), "")
    suffix = next((word for word in EDITED if stem.lower().endswith(word)), "")
    return stem[: -len(suffix)] + counter if suffix else ""


def _is_video(name: str) -> bool:
    return _suffix(name) in VIDEOS


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _parse_timestamp(seconds: Any) -> datetime | None:
    """
    Read seconds since 1970, before which there were photographs, too.
    """
    found = as_number(seconds)
    try:
        return None if found is None else EPOCH + timedelta(seconds=found)
    except OverflowError:
        return None


def _parse_location(said: Any) -> Location | None:
    return as_location(dig(said, "latitude"), dig(said, "longitude"))
