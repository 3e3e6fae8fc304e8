"""
The folders of an export that are imported: albums, folders by date, and the specified folders.

Names are localized, so folders are identified by their structure and content. An album has a
metadata file. A folder by date has a year or a day in its name; in older exports it has a metadata
file, too, and contains the photos of the albums. Any other folder may be the Locked Folder.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ..base import ItemFailure
from ..messages import Message
from ..messages import Message as _
from ..picture.formats import is_video_name
from .folders import Album, ExportFile, Folder
from .pairs import find_companions, find_edited_copies, select_edited_words
from .records import LOCKED, TRASH, SidecarData

DAY = r"\d{4}-\d\d-\d\d"  # 2015-08-01, and 2015-08-01 #2, in the oldest exports
DATE_NAME = re.compile(rf"(?P<before>\D*)(?P<date>\d{{4}})(?P<after>\D*)|({DAY})( #\d+)?")
MAX_MOTION_BYTES = 50_000_000  # of the video of a motion photo
SAMPLE = 50  # sidecars of a folder
MIN_AGREEMENT = 0.9

UNKNOWN_FOLDER = _(
    "The folder is neither an album nor a folder by date, and may be the Locked Folder. To import "
    "it, specify the folder itself."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A picture or video of an export.
    """

    name: str
    file: ExportFile
    sidecar: ExportFile | None
    folder: Folder
    album: Album | None


@dataclass(slots=True)
class Layout:
    """
    :param entries: those in albums come first.
    :param orphans: sidecars without a media file, with their folders and albums.
    :param skipped: folders that are not imported.
    :param hidden: items in these folders that are in the trash or in the Locked Folder.
    """

    entries: list[Entry] = field(default_factory=list)
    orphans: list[tuple[ExportFile, Folder, Album | None]] = field(default_factory=list)
    skipped: list[ItemFailure] = field(default_factory=list)
    hidden: list[Entry] = field(default_factory=list)


def find_layout(folders: Iterable[Folder]) -> Layout:
    folders = _select_photo_folders(list(folders))
    dated = find_dated_folders(folders)
    albums = {folder: None if folder in dated else folder.album for folder in folders}
    imported = [folder for folder in folders if folder in dated or albums[folder]]
    imported += [
        folder
        for folder in folders
        if folder not in imported and _is_wanted(folder, has_others=bool(imported))
    ]
    imported.sort(key=lambda folder: _priority(folder, albums[folder]))
    others = [folder for folder in folders if folder not in imported]
    layout = Layout(skipped=_report_others(others, imported), hidden=list(_iter_hidden(others)))
    is_edited_word = select_edited_words(_iter_edited_words(imported))
    for folder in imported:
        layout.entries += _iter_entries(folder, albums[folder], is_edited_word)
        for name in folder.unpaired_sidecars:
            layout.orphans.append((folder.files[name], folder, albums[folder]))
    return layout


def _priority(folder: Folder, album: Album | None) -> tuple[bool, bool, str]:
    """
    An album that may be a folder by date does not displace another album.
    """
    return (not album, bool(_parse_date_name(folder.name)[0]), folder.name)


def find_dated_folders(folders: Collection[Folder]) -> set[Folder]:
    """
    Return the folders by date. A folder with a date in its name and without a metadata file is one.
    With a metadata file, it may be an album, such as "Rome 2007".
    """
    groups: defaultdict[str, list[Folder]] = defaultdict(list)
    for folder in folders:
        template = _parse_date_name(folder.name)[0]
        if template and folder.media:
            groups[template].append(folder)
    dated = {folder for group in groups.values() for folder in group if not folder.album}
    largest = max(groups.values(), key=lambda group: sum(len(f.media) for f in group), default=[])
    others = [folder for folder in folders if folder.album and folder not in largest]
    if _contains_albums(largest, others) or _has_photos_of_dates(largest):
        dated.update(largest)
    return dated


def _parse_date_name(name: str) -> tuple[str, str]:
    """
    Split "Photos from 2007" into "Photos from {}" and "2007"; empty strings without a date.
    """
    match = DATE_NAME.fullmatch(name)
    if not match:
        return "", ""
    if match["date"]:
        return f"{match['before']}{{}}{match['after']}", str(int(match["date"]))
    return "{day}", name[:10]


def _contains_albums(group: list[Folder], albums: list[Folder]) -> bool:
    """
    Return whether folders contain most of the albums' photos of their dates.
    """
    keys = set[tuple[str, int]]().union(*(folder.photo_keys() for folder in group))
    dates = {_parse_date_name(folder.name)[1] for folder in group}
    contained = missing = 0
    for album in albums:
        for name, size in album.photo_keys():
            if (name, size) in keys:
                contained += 1
            elif group and _is_taken_at(album.read_sidecar(name), dates):
                missing += 1
    return contained > missing


def _has_photos_of_dates(group: list[Folder]) -> bool:
    """
    Return whether each of several folders contains photos of its date.
    """
    results = []
    for folder in group:
        dates = {_parse_date_name(folder.name)[1]}
        names = [name for name in folder.media if name in folder.sidecars][:SAMPLE]
        results += [_is_taken_at(folder.read_sidecar(name), dates) for name in names]
    several = len({_parse_date_name(folder.name)[1] for folder in group}) > 1
    return several and bool(results) and sum(results) >= MIN_AGREEMENT * len(results)


def _is_taken_at(sidecar: SidecarData, dates: set[str]) -> bool:
    taken = sidecar.taken
    return taken is not None and not dates.isdisjoint((str(taken.year), f"{taken:%Y-%m-%d}"))


def _select_photo_folders(folders: list[Folder]) -> list[Folder]:
    """
    Return the folders of Google Photos: an export may contain pictures of other products, which
    have no sidecars.
    """
    products = {folder.parent for folder in folders if folder.media and folder.sidecars}
    if not products:
        return [folder for folder in folders if folder.media]
    return [folder for folder in folders if folder.parent in products]


def _is_wanted(folder: Folder, *, has_others: bool) -> bool:
    """
    Return whether a folder is imported that is neither an album nor a folder by date: if the
    operator specified it, or if its photos are archived.
    """
    if folder.is_root and (folder.sidecars or not has_others):
        return True
    sidecars = [folder.read_sidecar(name) for name in folder.sidecars]
    return bool(sidecars) and all(data.is_archived and not data.hidden_reason for data in sidecars)


def _report_others(others: list[Folder], imported: list[Folder]) -> list[ItemFailure]:
    """
    Return one record for each folder that is not imported, and contains other files.
    """
    keys = set[tuple[str, int]]()
    if others:
        keys = keys.union(*(folder.photo_keys() for folder in imported))
    return [
        ItemFailure(name=folder.name, reason=_refusal(folder), count=count)
        for folder in others
        if (count := len(folder.photo_keys() - keys))
    ]


def _refusal(folder: Folder) -> Message:
    reasons = {folder.read_sidecar(name).hidden_reason for name in folder.sidecars}
    if LOCKED in reasons:
        return LOCKED
    return TRASH if reasons == {TRASH} else UNKNOWN_FOLDER


def _iter_entries(
    folder: Folder, album: Album | None, is_edited_word: Callable[[str], bool]
) -> Iterator[Entry]:
    """
    Yield the entries of a folder in order. An edited copy replaces its original.
    """
    edited: dict[str, str] = {}
    hidden: dict[str, str] = {}  # copies of hidden originals, whatever the word is
    for copy, original, word in find_edited_copies(folder.media, folder.sidecars):
        if folder.read_sidecar(original).hidden_reason:
            hidden[copy] = original
        elif is_edited_word(word):
            edited[copy] = original
    skipped = {*edited.values(), *_find_companions(folder)}
    for name in folder.media:
        if name not in skipped:
            sidecar = folder.sidecars.get((edited | hidden).get(name, name))
            files = folder.files
            yield Entry(name, files[name], files[sidecar] if sidecar else None, folder, album)


def _iter_hidden(folders: Iterable[Folder]) -> Iterator[Entry]:
    for folder in folders:
        for name in folder.media:
            if folder.read_sidecar(name).hidden_reason:
                sidecar = folder.files[folder.sidecars[name]]
                yield Entry(name, folder.files[name], sidecar, folder, None)


def _find_companions(folder: Folder) -> Iterator[str]:
    for name in find_companions(folder.media, folder.sidecars):
        if not is_video_name(name) or folder.files[name].size <= MAX_MOTION_BYTES:
            yield name


def _iter_edited_words(folders: Iterable[Folder]) -> Iterator[str]:
    for folder in folders:
        for *__, word in find_edited_copies(folder.media, folder.sidecars):
            yield word
