"""
A Google Takeout export of Google Photos: the way to everything that somebody has there, with
titles, albums and places, which Google lets no program ask for.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django_trove.client.content import Photo, Video

from ..archives import ExportPart, open_part
from ..base import Batch, Connector, FoundItem, ItemFailure, KnownStamps, Rendition, ServiceFailed
from ..picture.reader import Picture, Unreadable, read
from .records import (
    LOCKED,
    RAW,
    MediaFile,
    SidecarData,
    find_media,
    is_media_name,
    parse_album_title,
    parse_sidecar,
)

BATCH_SIZE = 25
MAX_PICTURE_BYTES = 200_000_000  # bytes
MAX_SIDECAR_BYTES = 1_000_000  # bytes
UNREADABLE_MESSAGE = "It is in a format that browsers don't show, such as HEIC."


@dataclass(frozen=True, slots=True)
class ExportFile:
    """
    A file of an export, wherever the part lies that holds it.
    """

    source: ExportPart
    path: str

    def read(self, most: int) -> bytes:
        return self.source.read(self.path, most)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A picture or video of an export.

    :param said: the file that tells of it.
    """

    medium: MediaFile
    file: ExportFile
    said: ExportFile | None
    album: str


@dataclass(frozen=True, slots=True)
class IdentifiedEntry:
    """
    What is known of an entry before its picture is looked at.
    """

    entry: Entry
    facts: SidecarData
    id: str
    etag: str


class Takeout(Connector):
    """
    What lies at `settings["paths"]`, as an account of the service "google". An export is taken in
    once: it may go afterwards, and what a later one doesn't hold stays.
    """

    name = "google"
    title = "Google Takeout"

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Yield the pictures, those in albums first.

        :raises ServiceFailed: if the export isn't there, or is none.
        """
        paths = [Path(path) for path in self.settings["paths"]]
        if cursor.get("taken") == list(self.settings["paths"]) and not all(map(Path.exists, paths)):
            yield Batch(cursor=cursor, full=False)
            return
        with ExitStack() as stack:
            sources = [open_part(path) for path in paths]
            for source in sources:
                stack.callback(source.close)
            entries, seen = list(_iter_entries(sources)), set[str]()
            if not entries:
                raise ServiceFailed("There are no photos in it: is it an export of Google Photos?")
            for start in range(cursor.get("at", 0), len(entries), BATCH_SIZE):
                part = _unique_entries(entries[start : start + BATCH_SIZE], seen)
                yield _build_batch(part, known, len(entries), start + BATCH_SIZE)
        yield Batch(cursor={"taken": list(self.settings["paths"])}, full=False, total=len(entries))


def _iter_entries(sources: list[ExportPart]) -> Iterator[Entry]:
    """
    Yield what is in the folders, those of albums first. A sidecar may lie in another part of the
    export than its picture.
    """
    folders: defaultdict[str, dict[str, ExportFile]] = defaultdict(dict)
    for source in sources:
        for path in source.names():
            parts = PurePosixPath(path).parts
            inside = parts[parts.index("Takeout") + 1 :] if "Takeout" in parts else parts
            if inside and not LOCKED & {part.lower() for part in inside[:-1]}:
                folders["/".join(inside[:-1])].setdefault(inside[-1], ExportFile(source, path))
    of_photos = {
        _product_folder(name) for name, files in folders.items() if _contains_photos(files)
    }
    wanted = [name for name in folders if not of_photos or _product_folder(name) in of_photos]
    albums = {name: _find_album_title(folders[name]) for name in wanted}
    for name in sorted(wanted, key=lambda name: (not albums[name], name)):
        files = folders[name]
        for medium in find_media(files):
            yield Entry(medium, files[medium.name], files.get(medium.sidecar), albums[name])


def _product_folder(folder: str) -> str:
    """
    Return which of Google's products a folder is of: an export may hold others' pictures, too.
    """
    return folder.partition("/")[0]


def _contains_photos(files: Mapping[str, ExportFile]) -> bool:
    return any(medium.sidecar for medium in find_media(files))


def _find_album_title(files: Mapping[str, ExportFile]) -> str:
    """
    Return the title of the album that a folder is; "" if it is none. The file that tells of it has
    a name in the person's language, and no picture's.
    """
    taken = {medium.sidecar for medium in find_media(files)}
    for name, file in files.items():
        if name.lower().endswith(".json") and name not in taken:
            title = parse_album_title(_read_json(file))
            if title:
                return title
    return ""


def _unique_entries(entries: list[Entry], seen: set[str]) -> list[IdentifiedEntry]:
    """
    The same picture lies in albums and in the folder of its year; the first of them is taken.
    """
    told: list[IdentifiedEntry] = []
    for one in map(_identify_entry, entries):
        if one.id not in seen and not one.facts.trashed:
            told.append(one)
        seen.add(one.id)
    return told


def _build_batch(
    kept: list[IdentifiedEntry], known: KnownStamps, total: int, following: int
) -> Batch:
    stamps = known([one.id for one in kept])
    found, failures = [], []
    for one in kept:
        if stamps.get(one.id) == one.etag:
            continue
        try:
            found.append(_build_item(one))
        except Unreadable as failure:
            failures.append(ItemFailure(name=one.entry.file.path, reason=failure.reason))
    albums: defaultdict[str, list[str]] = defaultdict(list)
    for one in kept:
        if one.entry.album:
            albums[one.entry.album].append(one.id)
    return Batch(
        items=tuple(found),
        seen=tuple(one.id for one in kept),
        failures=tuple(failures),
        albums={album: tuple(ids) for album, ids in albums.items()},
        total=total,
        cursor={"at": following},
        full=False,
    )


def _identify_entry(entry: Entry) -> IdentifiedEntry:
    """
    Google's address of a picture, or its name and time, tell which it is; else its name and size.
    """
    said = _read_json(entry.said) if entry.said else {}
    facts = parse_sidecar(said)
    size = entry.file.source.size(entry.file.path)
    if facts.page:
        id_ = facts.page.rstrip("/").rpartition("/")[2][:400]
    elif facts.title and facts.taken:
        id_ = f"{facts.taken:%Y%m%dT%H%M%S} {facts.title}"[:400]
    else:
        id_ = f"{size} {entry.medium.name}"[:400]
    told = json.dumps([repr(facts), entry.medium.name, size])
    return IdentifiedEntry(
        entry, facts, id_, hashlib.blake2s(told.encode(), digest_size=16).hexdigest()
    )


def _build_item(one: IdentifiedEntry) -> FoundItem:
    """
    Read a picture. Of a video there is no picture to be had, but all that Google says of it.
    """
    facts, is_video = one.facts, one.entry.medium.is_video
    picture = None if is_video else _read_picture(one.entry.file)
    caption = picture.caption if picture else None
    place = facts.place or (picture.place if picture else None)
    said: dict[str, Any] = {
        "service": Takeout.name,
        "id": one.id,
        "title": _photo_title(one),
        "description": facts.description or (caption.description if caption else ""),
        "tags": tuple(dict.fromkeys([*(caption.tags if caption else ()), *facts.people])),
        "date": facts.taken or (picture.taken if picture else None),
        "width": picture.width if picture else 0,
        "height": picture.height if picture else 0,
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
        "original_web_url": facts.page,
    }
    renditions: Mapping[str, Rendition] = picture.renditions if picture else {}
    photo = Video(**said) if is_video else Photo(**said)
    return FoundItem(photo=photo, etag=one.etag, renditions=renditions, has_album=False)


def _read_picture(file: ExportFile) -> Picture:
    try:
        return read(io.BytesIO(file.read(MAX_PICTURE_BYTES)))
    except Unreadable as failure:
        if PurePosixPath(file.path).suffix.lower() in RAW:
            raise Unreadable(UNREADABLE_MESSAGE) from None
        raise failure


def _photo_title(one: IdentifiedEntry) -> str:
    """
    Google's title is the file's name; people see it without its ending.
    """
    title = PurePosixPath(one.facts.title or one.entry.medium.name)
    return title.stem if is_media_name(title.name) else str(title)


def _read_json(file: ExportFile) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read(MAX_SIDECAR_BYTES))
    except (ValueError, RecursionError, Unreadable):
        return {}
    return said if isinstance(said, dict) else {}
