"""
Connector for Google Takeout exports of Google Photos. They contain titles, albums and places, which
Google's API does not provide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..archives import open_parts
from ..base import Batch, Connector, FoundItem, ItemFailure, KnownStamps
from ..errors import ServiceFailed
from ..messages import Message
from ..messages import Message as _
from ..picture.errors import Unreadable
from ..picture.processes import PictureReader, open_picture_reader
from .folders import Album, collect_folders
from .items import SERVICE, IdentifiedEntry, build_item, extract_file, find_page_id, identify_entry
from .layout import Entry, Layout, find_layout
from .records import parse_sidecar

BATCH_SIZE = 25
MAX_BATCH_BYTES = 500_000_000  # copied to the temporary directory, unless one file is larger
NO_PHOTOS = _("The export contains no photos. Check that it is an export of Google Photos.")
NO_FILES = _(
    "There are metadata files without pictures. Specify all parts of the export at once, because "
    "their pictures may be in another part."
)


class Takeout(Connector):
    """
    The export at `settings["paths"]`, as an account of the service "google". It is imported once,
    and may be deleted then; photos that a later export does not contain are kept.
    """

    name = SERVICE
    title = "Google Takeout"

    @property
    def stores_videos(self) -> bool:
        return bool(self.settings["videos"])

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Items in albums come first.

        :raises ServiceFailed: if the export is missing or invalid.
        """
        if cursor.get("taken") == list(self.settings["paths"]):
            yield Batch(cursor=cursor, full=False)
            return
        with ExitStack() as stack:
            parts, failures = open_parts([Path(path) for path in self.settings["paths"]], stack)
            folders, unlisted = collect_folders(parts)
            layout = find_layout(folders)
            failures += unlisted
            if not layout.entries:
                raise ServiceFailed(_empty_reason(layout, failures))
            done = _Progress(self.stores_videos)
            start = cursor["at"] if cursor.get("total") == len(layout.entries) else 0
            reader = stack.enter_context(open_picture_reader())
            yield from self._import_entries(layout.entries, start, done, known, reader)
            yield self._final_batch(layout, failures, done)

    def _import_entries(
        self,
        entries: list[Entry],
        start: int,
        done: _Progress,
        known: KnownStamps,
        reader: PictureReader,
    ) -> Iterator[Batch]:
        done.identify(entries[:start])
        while start < len(entries):
            batch = _next_entries(entries, start)
            start += len(batch)
            with TemporaryDirectory(prefix="trove-", ignore_cleanup_errors=True) as temporary:
                identified = done.identify(batch)
                etags = known([entry.id for entry in identified])
                new = [entry for entry in identified if etags.get(entry.id) != entry.etag]
                items, failures = self._read_entries(new, Path(temporary), reader)
                yield self._build_batch(identified, items, failures, len(entries), start)

    def _read_entries(
        self, entries: list[IdentifiedEntry], temporary: Path, reader: PictureReader
    ) -> tuple[list[FoundItem], list[ItemFailure]]:
        items, failures, reading = [], [], []

        def add_failure(entry: IdentifiedEntry, failure: Unreadable) -> None:
            failures.append(ItemFailure(name=entry.entry.file.path, reason=failure.reason))

        for entry in entries:
            try:
                path = extract_file(entry, temporary)
            except Unreadable as failure:
                add_failure(entry, failure)
            else:
                reading.append((entry, path, reader.submit(path)))
        for entry, path, get_picture in reading:
            try:
                items.append(build_item(entry, path, get_picture(), self.stores_videos))
            except Unreadable as failure:
                add_failure(entry, failure)
        return items, failures

    def _build_batch(
        self,
        entries: list[IdentifiedEntry],
        items: list[FoundItem],
        failures: list[ItemFailure],
        total: int,
        next_start: int,
    ) -> Batch:
        albums, titles = _group_albums({entry.id: entry.entry.album for entry in entries})
        return Batch(
            items=tuple(items),
            seen=tuple(entry.id for entry in entries),
            failures=tuple(failures),
            albums=albums,
            album_titles=titles,
            total=total,
            cursor={"at": next_start, "total": total},  # a part may be added before the next sync
            full=False,
        )

    def _final_batch(self, layout: Layout, failures: list[ItemFailure], done: _Progress) -> Batch:
        albums, titles = _group_albums(done.assign_orphans(layout))
        done.hide(layout.hidden)
        return Batch(
            deleted=tuple(done.hidden),
            failures=tuple(failures),
            skipped=(*layout.skipped, *done.skipped()),
            albums=albums,
            album_titles=titles,
            total=len(layout.entries),
            cursor={"taken": list(self.settings["paths"])},
            full=False,
        )


class _Progress:
    """
    The items found so far, and those that are not imported.
    """

    def __init__(self, stores_videos: bool) -> None:
        self._stores_videos = stores_videos
        self._albums: dict[str, Album | None] = {}  # by item id
        self.hidden = set[str]()  # ids of items in the trash or in the Locked Folder
        self._skipped: Counter[tuple[str, Message]] = Counter()  # by folder and reason

    def identify(self, entries: list[Entry]) -> list[IdentifiedEntry]:
        """
        Return the entries without duplicates: a picture is in its albums and in the folder of its
        year.
        """
        unique: list[IdentifiedEntry] = []
        for entry in entries:
            found = identify_entry(entry, stores_videos=self._stores_videos)
            if found.id in self._albums or found.id in self.hidden:
                continue
            if reason := found.sidecar.hidden_reason:
                self.hidden.add(found.id)
                self._skipped[entry.folder.name, reason] += 1
            else:
                self._albums[found.id] = entry.album
                unique.append(found)
        return unique

    def assign_orphans(self, layout: Layout) -> dict[str, Album | None]:
        """
        Return the albums of items whose file is only in the folder of its year. Other sidecars
        without a file are counted.
        """
        found: dict[str, Album | None] = {}
        for file, folder, album in layout.orphans:
            sidecar = parse_sidecar(file.read_json())
            id_ = find_page_id(sidecar)
            if id_ in self._albums:
                if not self._albums[id_]:
                    found.setdefault(id_, album)
            elif sidecar.hidden_reason:
                self.hidden |= {id_} - {""}
            else:
                self._skipped[folder.name, NO_FILES] += 1
        return found

    def hide(self, entries: list[Entry]) -> None:
        """
        Record items that were moved to the trash or to the Locked Folder since an earlier export.
        """
        ids = {identify_entry(entry, stores_videos=self._stores_videos).id for entry in entries}
        self.hidden |= ids - self._albums.keys()

    def skipped(self) -> list[ItemFailure]:
        return [
            ItemFailure(name=name, reason=reason, count=count)
            for (name, reason), count in self._skipped.items()
        ]


def _next_entries(entries: list[Entry], start: int) -> list[Entry]:
    size, batch = 0, list[Entry]()
    for entry in entries[start : start + BATCH_SIZE]:
        size += entry.file.size
        if batch and size > MAX_BATCH_BYTES:
            break
        batch.append(entry)
    return batch


def _group_albums(
    albums: Mapping[str, Album | None],
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """
    Return the item ids and the titles by album id.
    """
    ids: defaultdict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    for id_, album in albums.items():
        if album:
            ids[album.id].append(id_)
            titles[album.id] = album.title
    return {album: tuple(items) for album, items in ids.items()}, titles


def _empty_reason(layout: Layout, failures: list[ItemFailure]) -> Message:
    for failure in (*failures, *layout.skipped):
        return _("%(name)s: %(reason)s", name=failure.name, reason=failure.reason)
    return NO_FILES if layout.orphans else NO_PHOTOS
