"""
Connector for a directory of pictures and videos.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..base import Batch, Connector, KnownStamps
from ..errors import ServiceFailed
from ..exclusions import is_excluded
from ..messages import Message as _
from ..picture.formats import is_media_name
from ..picture.processes import open_picture_reader
from .files import build_unreadable_batch, compute_stamp, is_inside, is_valid_name, list_files
from .groups import group_files
from .parts import SERVICE, FolderReader, LocalFiles, read_ahead


class Folder(Connector):
    """
    The files below `settings["path"]`. They are public if `settings["public"]` is true. The id of
    an item is its relative path, its album the sub-folder.
    """

    name = SERVICE
    title = "Folder"

    @property
    def root(self) -> Path:
        return Path(self.settings["path"])

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Files that devices and programs maintain, hidden files, and symbolic links to targets
        outside of the folder are ignored.
        """
        if not self._is_unchanged_folder():
            raise ServiceFailed(
                _(
                    "%(folder)s does not exist or is not a folder. Indexed photos were kept.",
                    folder=self.root,
                )
            )
        listing = list_files(self.root)
        if "./" in listing.denied:
            raise ServiceFailed(
                _(
                    "The server has no permission to list %(folder)s. Indexed photos were kept.",
                    folder=self.root,
                )
            )
        valid = list(filter(is_valid_name, listing.files))
        groups = group_files(valid)
        if listing.denied or listing.emptied or len(valid) < len(listing.files) or not groups:
            yield build_unreadable_batch(listing)
        start = bisect_right([group.name for group in groups], cursor.get("after", ""))
        with open_picture_reader() as reader:
            is_public = bool(self.settings.get("public"))
            source = LocalFiles(self.root, reader, is_public=is_public)
            folder = FolderReader(source, listing.files)
            for part in read_ahead(folder.read_parts(groups[start:], known)):
                is_last = part.last_name == groups[-1].name
                yield part.build_batch(len(groups), {} if is_last else {"after": part.last_name})

    def original(self, service_id: str, etag: str) -> Path | None:
        path = self.root / service_id
        if not self._is_unchanged_folder() or not is_inside(self.root, path):
            return None
        try:
            return path if etag.split("/", maxsplit=1)[0] == compute_stamp(path.stat()) else None
        except OSError:
            return None

    def _is_unchanged_folder(self) -> bool:
        """
        Return False if the folder has been replaced by a symbolic link, whose target may be another
        user's folder.
        """
        try:
            return self.root.is_dir() and self.root.resolve() == self.root
        except (OSError, RuntimeError):  # permission denied, or a loop of symbolic links
            return False


def contains_pictures(folder: Path) -> bool:
    """
    Return whether a folder directly contains files with the suffix of a picture or video.
    """
    with os.scandir(folder) as entries:
        return any(
            entry.is_file(follow_symlinks=False)
            and is_media_name(entry.name)
            and not is_excluded(entry.name)
            for entry in entries
        )
