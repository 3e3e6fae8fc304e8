"""
Connector for a directory of pictures and videos.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from django_trove.client.content import Photo

from ..base import Batch, Connector, FoundItem, ItemFailure, KnownStamps, ServiceFailed
from ..exclusions import is_excluded
from ..picture.content import build_content
from ..picture.errors import UnknownFormat, Unreadable
from ..picture.formats import is_media_name, is_video_name
from ..picture.metadata import Metadata, merge_metadata, read_or_default, read_xmp_packet
from ..picture.poster import has_package
from ..picture.reader import Picture, read, read_info
from .files import (
    build_unreadable_batch,
    is_inside,
    is_valid_name,
    list_files,
    printable_name,
)
from .groups import FileGroup, group_files

BATCH_SIZE = 25
ETAG_VERSION = 1  # increment it to read all files again
MAX_SIDECAR_BYTES = 1_000_000


class Folder(Connector):
    """
    The files below `settings["path"]`. The id of an item is its relative path, its album the
    sub-folder.
    """

    name = "folder"
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
                f"{self.root} does not exist or is not a folder. Indexed photos were kept."
            )
        listing = list_files(self.root)
        if "./" in listing.denied:
            raise ServiceFailed(
                f"The server has no permission to list {self.root}. Indexed photos were kept."
            )
        valid = list(filter(is_valid_name, listing.files))
        groups = group_files(valid)
        if listing.denied or listing.emptied or len(valid) < len(listing.files) or not groups:
            yield build_unreadable_batch(listing)
        start = bisect_right([group.name for group in groups], cursor.get("after", ""))
        for position in range(start, len(groups), BATCH_SIZE):
            part = groups[position : position + BATCH_SIZE]
            is_last = position + BATCH_SIZE >= len(groups)
            cursor_after = {} if is_last else {"after": part[-1].name}
            yield self._build_batch(part, known, len(groups), cursor_after)

    def original(self, service_id: str, etag: str) -> Path | None:
        path = self.root / service_id
        if not self._is_unchanged_folder() or not is_inside(self.root, path):
            return None
        try:
            return path if etag.split("/", maxsplit=1)[0] == _file_stamp(path) else None
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

    def _build_batch(
        self, groups: list[FileGroup], known: KnownStamps, total: int, cursor: dict[str, str]
    ) -> Batch:
        names = [group.name for group in groups] + [g.motion for g in groups if g.motion]
        etags = known(names)
        groups = [part for group in groups for part in self._separate_video(group, etags)]
        items, failures = [], []
        for group in groups:
            try:
                item = self._read_item(group, etags)
            except Unreadable as failure:
                if not isinstance(failure, UnknownFormat) or is_media_name(group.name):
                    name = printable_name(group.name)
                    failures.append(ItemFailure(name=name, reason=failure.reason))
            else:
                items += [item] if item else []
        return Batch(
            items=tuple(items),
            seen=tuple(group.name for group in groups),
            failures=tuple(failures),
            total=total,
            cursor=cursor,
        )

    def _separate_video(self, group: FileGroup, etags: Mapping[str, str]) -> list[FileGroup]:
        """
        Return the group, or two groups if its video is not the moving part of a photo. A video that
        the index has, alone or with its photo, is not read again.
        """
        if not group.motion or group.is_live_photo:
            return [group]
        video = FileGroup(group.motion)
        is_known = etags.get(video.name) == self._etag(video)
        if not is_known and etags.get(group.name) == self._etag(group):
            return [group]
        if not is_known and self._is_live_photo(video.name):
            return [group]
        return [replace(group, motion=""), video]

    def _is_live_photo(self, name: str) -> bool:
        try:
            return read_info(self.root / name).is_live_photo
        except Unreadable:  # it is reported as a file of its own
            return False

    def _read_item(self, group: FileGroup, etags: Mapping[str, str]) -> FoundItem | None:
        """
        Read a file; None if neither it nor a file that belongs to it has changed.
        """
        etag = self._etag(group)
        if not etag:
            raise Unreadable("The file was removed while it was being read.")
        if etags.get(group.name) == etag:
            return None
        picture = read(self.root / group.name)
        metadata = merge_metadata(*map(self._read_sidecar, group.sidecars), picture.metadata)
        return FoundItem(
            photo=_build_photo(group.name, picture, metadata),
            etag=etag,
            type=picture.type,
            renditions=picture.renditions,
        )

    def _etag(self, group: FileGroup) -> str:
        """
        Return the stamp of the file and a hash of what else the item depends on: the files that
        belong to it, and whether the package for posters is installed. "" if the file is missing.
        """
        try:
            stamp = _file_stamp(self.root / group.name)
        except OSError:
            return ""
        parts = [f"{name} {self._companion_stamp(name)}" for name in group.companions]
        if is_video_name(group.name) and has_package():
            parts.append("poster")
        digest = hashlib.blake2s("\n".join(parts).encode(), digest_size=8).hexdigest()
        return f"{stamp}/{digest}" if parts else stamp

    def _companion_stamp(self, name: str) -> str:
        try:
            return _file_stamp(self.root / name)
        except OSError:
            return ""

    def _read_sidecar(self, name: str) -> Metadata:
        def read_packet() -> Metadata:
            with (self.root / name).open("rb") as file:
                return read_xmp_packet(file.read(MAX_SIDECAR_BYTES))

        return read_or_default(read_packet, Metadata())


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


def _build_photo(name: str, picture: Picture, metadata: Metadata) -> Photo:
    path = PurePosixPath(name)
    album = "" if str(path.parent) == "." else str(path.parent)
    return build_content(
        picture,
        metadata,
        service=Folder.name,
        id=name,
        title=metadata.title or path.stem,
        album_id=album,
        album_title=path.parent.name,
    )


def _file_stamp(path: Path) -> str:
    status = path.stat()
    return f"{ETAG_VERSION}:{status.st_mtime_ns}:{status.st_size}"
