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

from .base import Connector, Failure, Found, Known, Page, Rendition, ServiceFailed
from .picture import Picture, Unreadable, read
from .takeout_sidecars import LOCKED, RAW, Facts, Medium, album_title, facts_of, is_medium, media_in
from .takeout_sources import Source, opened

__all__ = ["Takeout"]

PAGE = 25
LARGEST_PICTURE = 200_000_000  # bytes
LARGEST_SIDECAR = 1_000_000  # bytes
NO_PICTURE = "It is in a format that browsers don't show, such as HEIC."


@dataclass(frozen=True, slots=True)
class File:
    """
    A file of an export, wherever the part lies that holds it.
    """

    source: Source
    path: str

    def read(self, most: int) -> bytes:
        return self.source.read(self.path, most)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A picture or video of an export.

    :param said: the file that tells of it.
    """

    medium: Medium
    file: File
    said: File | None
    album: str


@dataclass(frozen=True, slots=True)
class Told:
    """
    What is known of an entry before its picture is looked at.
    """

    entry: Entry
    facts: Facts
    id: str
    stamp: str


class Takeout(Connector):
    """
    What lies at `settings["paths"]`, as an account of the service "google". An export is taken in
    once: it may go afterwards, and what a later one doesn't hold stays.
    """

    name = "google"
    title = "Google Takeout"

    def pages(self, cursor: Mapping[str, Any], known: Known) -> Iterator[Page]:
        """
        Yield the pictures, those in albums first.

        :raises ServiceFailed: if the export isn't there, or is none.
        """
        paths = [Path(path) for path in self.settings["paths"]]
        if cursor.get("taken") == list(self.settings["paths"]) and not all(map(Path.exists, paths)):
            yield Page(cursor=cursor, whole=False)
            return
        with ExitStack() as stack:
            sources = [opened(path) for path in paths]
            for source in sources:
                stack.callback(source.close)
            entries, seen = list(_entries(sources)), set[str]()
            if not entries:
                raise ServiceFailed("There are no photos in it: is it an export of Google Photos?")
            for start in range(cursor.get("at", 0), len(entries), PAGE):
                part = _told_once(entries[start : start + PAGE], seen)
                yield _page(part, known, len(entries), start + PAGE)
        yield Page(cursor={"taken": list(self.settings["paths"])}, whole=False, total=len(entries))


def _entries(sources: list[Source]) -> Iterator[Entry]:
    """
    Yield what is in the folders, those of albums first. A sidecar may lie in another part of the
    export than its picture.
    """
    folders: defaultdict[str, dict[str, File]] = defaultdict(dict)
    for source in sources:
        for path in source.names():
            parts = PurePosixPath(path).parts
            inside = parts[parts.index("Takeout") + 1 :] if "Takeout" in parts else parts
            if inside and not LOCKED & {part.lower() for part in inside[:-1]}:
                folders["/".join(inside[:-1])].setdefault(inside[-1], File(source, path))
    of_photos = {_product(name) for name, files in folders.items() if _is_of_photos(files)}
    wanted = [name for name in folders if not of_photos or _product(name) in of_photos]
    albums = {name: _album_of(folders[name]) for name in wanted}
    for name in sorted(wanted, key=lambda name: (not albums[name], name)):
        files = folders[name]
        for medium in media_in(files):
            yield Entry(medium, files[medium.name], files.get(medium.sidecar), albums[name])


def _product(folder: str) -> str:
    """
    Return which of Google's products a folder is of: an export may hold others' pictures, too.
    """
    return folder.partition("/")[0]


def _is_of_photos(files: Mapping[str, File]) -> bool:
    return any(medium.sidecar for medium in media_in(files))


def _album_of(files: Mapping[str, File]) -> str:
    """
    Return the title of the album that a folder is; "" if it is none. The file that tells of it has
    a name in the person's language, and no picture's.
    """
    taken = {medium.sidecar for medium in media_in(files)}
    for name, file in files.items():
        if name.lower().endswith(".json") and name not in taken:
            title = album_title(_json(file))
            if title:
                return title
    return ""


def _told_once(entries: list[Entry], seen: set[str]) -> list[Told]:
    """
    The same picture lies in albums and in the folder of its year; the first of them is taken.
    """
    told: list[Told] = []
    for one in map(_told, entries):
        if one.id not in seen and not one.facts.trashed:
            told.append(one)
        seen.add(one.id)
    return told


def _page(kept: list[Told], known: Known, total: int, following: int) -> Page:
    stamps = known([one.id for one in kept])
    found, failures = [], []
    for one in kept:
        if stamps.get(one.id) == one.stamp:
            continue
        try:
            found.append(_found(one))
        except Unreadable as failure:
            failures.append(Failure(name=one.entry.file.path, reason=failure.reason))
    albums: defaultdict[str, list[str]] = defaultdict(list)
    for one in kept:
        if one.entry.album:
            albums[one.entry.album].append(one.id)
    return Page(
        found=tuple(found),
        seen=tuple(one.id for one in kept),
        failures=tuple(failures),
        albums={album: tuple(ids) for album, ids in albums.items()},
        total=total,
        cursor={"at": following},
        whole=False,
    )


def _told(entry: Entry) -> Told:
    """
    Google's address of a picture, or its name and time, tell which it is; else its name and size.
    """
    said = _json(entry.said) if entry.said else {}
    facts = facts_of(said)
    size = entry.file.source.size(entry.file.path)
    if facts.page:
        id_ = facts.page.rstrip("/").rpartition("/")[2][:400]
    elif facts.title and facts.taken:
        id_ = f"{facts.taken:%Y%m%dT%H%M%S} {facts.title}"[:400]
    else:
        id_ = f"{size} {entry.medium.name}"[:400]
    told = json.dumps([repr(facts), entry.medium.name, size])
    return Told(entry, facts, id_, hashlib.blake2s(told.encode(), digest_size=16).hexdigest())


def _found(one: Told) -> Found:
    """
    Read a picture. Of a video there is no picture to be had, but all that Google says of it.
    """
    facts, is_video = one.facts, one.entry.medium.is_video
    picture = None if is_video else _picture(one.entry.file)
    caption = picture.caption if picture else None
    place = facts.place or (picture.place if picture else None)
    said: dict[str, Any] = {
        "service": Takeout.name,
        "id": one.id,
        "title": _title(one),
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
    return Found(photo=photo, stamp=one.stamp, renditions=renditions, knows_album=False)


def _picture(file: File) -> Picture:
    try:
        return read(io.BytesIO(file.read(LARGEST_PICTURE)))
    except Unreadable as failure:
        if PurePosixPath(file.path).suffix.lower() in RAW:
            raise Unreadable(NO_PICTURE) from None
        raise failure


def _title(one: Told) -> str:
    """
    Google's title is the file's name; people see it without its ending.
    """
    title = PurePosixPath(one.facts.title or one.entry.medium.name)
    return title.stem if is_medium(title.name) else str(title)


def _json(file: File) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read(LARGEST_SIDECAR))
    except (ValueError, RecursionError, Unreadable):
        return {}
    return said if isinstance(said, dict) else {}
