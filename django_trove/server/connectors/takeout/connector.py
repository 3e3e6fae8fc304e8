"""
Connector for Google Takeout exports of Google Photos. They contain titles, albums and places, which
Google's API does not provide.
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
from ..picture.metadata import Metadata
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
MAX_PICTURE_BYTES = 200_000_000
MAX_SIDECAR_BYTES = 1_000_000
UNSUPPORTED_MESSAGE = "Browsers do not support the format of the file, such as HEIC."


@dataclass(frozen=True, slots=True)
class ExportFile:
    """
    A file in a part of an export.
    """

    source: ExportPart
    path: str

    def read(self, limit: int) -> bytes:
        return self.source.read(self.path, limit)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A picture or video of an export.

    :param sidecar: its metadata file.
    """

    medium: MediaFile
    file: ExportFile
    sidecar: ExportFile | None
    album: str


@dataclass(frozen=True, slots=True)
class IdentifiedEntry:
    """
    An entry with the data of its sidecar, before its picture is read.
    """

    entry: Entry
    sidecar: SidecarData
    id: str
    etag: str


class Takeout(Connector):
    """
    The export at `settings["paths"]`, as an account of the service "google". It may be deleted
    after the import; photos that a later export does not contain are kept.
    """

    name = "google"
    title = "Google Takeout"

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Items in albums come first.

        :raises ServiceFailed: if the export is missing or invalid.
        """
        paths = [Path(path) for path in self.settings["paths"]]
        if cursor.get("taken") == list(self.settings["paths"]) and not all(map(Path.exists, paths)):
            yield Batch(cursor=cursor, full=False)
            return
        with ExitStack() as stack:
            sources = [open_part(path) for path in paths]
            for source in sources:
                stack.callback(source.close)
            entries, seen_ids = list(_iter_entries(sources)), set[str]()
            if not entries:
                raise ServiceFailed(
                    "The export contains no photos. Check that it is an export of Google Photos."
                )
            for start in range(cursor.get("at", 0), len(entries), BATCH_SIZE):
                batch = _unique_entries(entries[start : start + BATCH_SIZE], seen_ids)
                yield _build_batch(batch, known, len(entries), start + BATCH_SIZE)
        yield Batch(cursor={"taken": list(self.settings["paths"])}, full=False, total=len(entries))


def _iter_entries(sources: list[ExportPart]) -> Iterator[Entry]:
    """
    Yield the entries of all folders, albums first. A sidecar may be in another part of the export
    than its picture.
    """
    folders: defaultdict[str, dict[str, ExportFile]] = defaultdict(dict)
    for source in sources:
        for path in source.names():
            parts = PurePosixPath(path).parts
            relative = parts[parts.index("Takeout") + 1 :] if "Takeout" in parts else parts
            if relative and not LOCKED & {part.lower() for part in relative[:-1]}:
                folders["/".join(relative[:-1])].setdefault(relative[-1], ExportFile(source, path))
    photo_products = {
        _product_folder(name) for name, files in folders.items() if _contains_photos(files)
    }
    names = [
        name for name in folders if not photo_products or _product_folder(name) in photo_products
    ]
    albums = {name: _find_album_title(folders[name]) for name in names}
    for name in sorted(names, key=lambda name: (not albums[name], name)):
        files = folders[name]
        for medium in find_media(files):
            yield Entry(medium, files[medium.name], files.get(medium.sidecar), albums[name])


def _product_folder(folder: str) -> str:
    """
    Return the top-level folder, which is one of Google's products: an export may contain pictures
    of other products.
    """
    return folder.partition("/")[0]


def _contains_photos(files: Mapping[str, ExportFile]) -> bool:
    return any(medium.sidecar for medium in find_media(files))


def _find_album_title(files: Mapping[str, ExportFile]) -> str:
    """
    Return the title of the album of a folder, or "". The name of the metadata file is localized, so
    it is found by its content.
    """
    sidecars = {medium.sidecar for medium in find_media(files)}
    for name, file in files.items():
        if name.lower().endswith(".json") and name not in sidecars:
            title = parse_album_title(_read_json(file))
            if title:
                return title
    return ""


def _unique_entries(entries: list[Entry], seen: set[str]) -> list[IdentifiedEntry]:
    """
    Skip duplicates: a picture is in its albums and in the folder of its year.
    """
    unique: list[IdentifiedEntry] = []
    for entry in map(_identify_entry, entries):
        if entry.id not in seen and not entry.sidecar.trashed:
            unique.append(entry)
        seen.add(entry.id)
    return unique


def _build_batch(
    entries: list[IdentifiedEntry], known: KnownStamps, total: int, next_start: int
) -> Batch:
    etags = known([entry.id for entry in entries])
    items, failures = [], []
    for entry in entries:
        if etags.get(entry.id) == entry.etag:
            continue
        try:
            items.append(_build_item(entry))
        except Unreadable as failure:
            failures.append(ItemFailure(name=entry.entry.file.path, reason=failure.reason))
    albums: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.entry.album:
            albums[entry.entry.album].append(entry.id)
    return Batch(
        items=tuple(items),
        seen=tuple(entry.id for entry in entries),
        failures=tuple(failures),
        albums={album: tuple(ids) for album, ids in albums.items()},
        total=total,
        cursor={"at": next_start},
        full=False,
    )


def _identify_entry(entry: Entry) -> IdentifiedEntry:
    """
    The id is that of Google's URL, or the name and time; otherwise the name and size.
    """
    data = _read_json(entry.sidecar) if entry.sidecar else {}
    sidecar = parse_sidecar(data)
    size = entry.file.source.size(entry.file.path)
    if sidecar.page:
        id_ = sidecar.page.rstrip("/").rpartition("/")[2][:400]
    elif sidecar.title and sidecar.taken:
        id_ = f"{sidecar.taken:%Y%m%dT%H%M%S} {sidecar.title}"[:400]
    else:
        id_ = f"{size} {entry.medium.name}"[:400]
    content = json.dumps([repr(sidecar), entry.medium.name, size])
    return IdentifiedEntry(
        entry, sidecar, id_, hashlib.blake2s(content.encode(), digest_size=16).hexdigest()
    )


def _build_item(entry: IdentifiedEntry) -> FoundItem:
    """
    Read a picture. Videos have metadata only.
    """
    sidecar, is_video = entry.sidecar, entry.entry.medium.is_video
    picture = None if is_video else _read_picture(entry.entry.file)
    metadata = picture.metadata if picture else Metadata()
    place = sidecar.place or metadata.place
    fields: dict[str, Any] = {
        "service": Takeout.name,
        "id": entry.id,
        "title": _photo_title(entry),
        "description": sidecar.description or metadata.description,
        "tags": tuple(dict.fromkeys([*metadata.tags, *sidecar.people])),
        "date": sidecar.taken or metadata.taken,
        "width": picture.width if picture else 0,
        "height": picture.height if picture else 0,
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
        "original_web_url": sidecar.page,
    }
    renditions: Mapping[str, Rendition] = picture.renditions if picture else {}
    photo = Video(**fields) if is_video else Photo(**fields)
    return FoundItem(photo=photo, etag=entry.etag, renditions=renditions, has_album=False)


def _read_picture(file: ExportFile) -> Picture:
    try:
        return read(io.BytesIO(file.read(MAX_PICTURE_BYTES)))
    except Unreadable as error:
        if PurePosixPath(file.path).suffix.lower() in RAW:
            raise Unreadable(UNSUPPORTED_MESSAGE) from None
        raise error


def _photo_title(entry: IdentifiedEntry) -> str:
    """
    Return the title without the suffix of the file name.
    """
    title = PurePosixPath(entry.sidecar.title or entry.entry.medium.name)
    return title.stem if is_media_name(title.name) else str(title)


def _read_json(file: ExportFile) -> Mapping[str, Any]:
    try:
        data = json.loads(file.read(MAX_SIDECAR_BYTES))
    except (ValueError, RecursionError, Unreadable):
        return {}
    return data if isinstance(data, dict) else {}
