"""
Folders of an export. Several parts may contain the same folder.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from ..archives import ARCHIVE_NAME, ExportPart
from ..base import ItemFailure
from ..messages import NO_MESSAGE, Message
from ..messages import Message as _
from ..picture.formats import is_media_name
from .pairs import SIDECAR, pair_sidecars
from .records import SidecarData, is_sidecar, parse_album_title, parse_json, parse_sidecar

MAX_JSON_BYTES = 1_000_000
OTHER_FILE = _("Another part contains a different file of this name, which was imported instead.")
NOT_READ = _("This archive was not read. Specify it, or the folder that contains it.")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """
    A file in a part of an export.
    """

    part: ExportPart
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def size(self) -> int:
        return self.part.size(self.path)

    def read_json(self) -> Mapping[str, Any]:
        """
        Return the content of a JSON file; {} if it is invalid.
        """
        return parse_json(lambda: self.part.read(self.path, MAX_JSON_BYTES))


@dataclass(frozen=True, slots=True)
class Album:
    id: str
    title: str


@dataclass(eq=False)
class Folder:
    """
    A folder of an export.

    :param parent: the name of the folder above it, which is that of a product of Google.
    :param files: by name.
    :param is_root: whether it was specified as a part of the export.
    """

    name: str
    parent: str
    files: dict[str, ExportFile] = field(default_factory=dict)
    is_root: bool = False

    @cached_property
    def sidecars(self) -> dict[str, str]:
        """
        The names of sidecars by the names of their media files.
        """
        return pair_sidecars(self.files, self._read_title)

    @cached_property
    def media(self) -> list[str]:
        """
        The names of pictures and videos: files with such a suffix, or with a sidecar.
        """
        return sorted(name for name in self.files if is_media_name(name) or name in self.sidecars)

    @cached_property
    def unpaired_sidecars(self) -> list[str]:
        return [name for name, data in self._other_json.items() if is_sidecar(data)]

    @cached_property
    def album(self) -> Album | None:
        """
        The album that the folder is, according to its metadata file. The name of that file is
        localized, so it is recognized by its content.
        """
        titles = (parse_album_title(data, self.name) for data in self._other_json.values())
        title = next(filter(None, titles), "")
        return Album(self.name, title) if title else None

    def read_sidecar(self, name: str) -> SidecarData:
        """
        Return the data of a media file's sidecar.
        """
        sidecar = self.sidecars.get(name)
        return parse_sidecar(self.files[sidecar].read_json() if sidecar else {})

    def photo_keys(self) -> set[tuple[str, int]]:
        """
        Return a key of each media file, which is equal for copies in several folders.
        """
        return {(name, self.files[name].size) for name in self.media}

    @cached_property
    def _other_json(self) -> dict[str, Mapping[str, Any]]:
        paired = set(self.sidecars.values())
        names = (name for name in self.files if name.lower().endswith(SIDECAR))
        return {name: self.files[name].read_json() for name in sorted(names) if name not in paired}

    def _read_title(self, sidecar: str) -> str | None:
        data = self.files[sidecar].read_json()
        return parse_sidecar(data).title if is_sidecar(data) else None


def collect_folders(parts: Iterable[ExportPart]) -> tuple[list[Folder], list[ItemFailure]]:
    """
    Return the folders in all parts, and the files that are not imported. A folder is identified by
    its name and that of the folder above it, whatever folder of the export a part starts at.
    """
    folders: dict[tuple[str, str], Folder] = {}
    failures: list[ItemFailure] = []
    for part in parts:
        for path in part.names():
            file, name = ExportFile(part, path), normalize_name(PurePosixPath(path).name)
            parent, folder_name = _folder_key(part, path)
            folder = folders.setdefault((parent, folder_name), Folder(folder_name, parent))
            folder.is_root |= "/" not in path
            other = folder.files.setdefault(name, file)
            reason = _find_problem(file, other)
            failures += [ItemFailure(name=path, reason=reason)] if reason else []
        failures += part.failures
    return list(folders.values()), failures


def normalize_name(name: str) -> str:
    """
    Return the name in NFC: macOS writes NFD.
    """
    return unicodedata.normalize("NFC", name)


def _folder_key(part: ExportPart, path: str) -> tuple[str, str]:
    names = [normalize_name(name) for name in (part.location / path).parent.parts if name != "/"]
    parent, name = ["", "", *names][-2:]
    return parent, name


def _find_problem(file: ExportFile, other: ExportFile) -> Message:
    if other is not file and not file.path.lower().endswith(SIDECAR) and other.size != file.size:
        return OTHER_FILE if is_media_name(file.path) else NO_MESSAGE
    is_nested_archive = "/" in file.path and ARCHIVE_NAME.fullmatch(file.name)
    return NOT_READ if is_nested_archive else NO_MESSAGE
