"""
Connector for a directory of image files.
"""

from __future__ import annotations

import mimetypes
import os
import stat
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django_trove.client.content import Photo

from .base import Batch, Connector, FoundItem, ItemFailure, KnownStamps, ServiceFailed
from .picture.reader import Picture, UnknownFormat, Unreadable, read

BATCH_SIZE = 25
MAX_PATH_LENGTH = 500  # length of the column
ETAG_VERSION = 1  # increment it to read all files again


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
        Hidden files and symbolic links to targets outside of the folder are ignored.
        """
        if not self._is_unchanged_folder():
            raise ServiceFailed(
                f"{self.root} does not exist or is not a folder. Indexed photos were kept."
            )
        listing = _list_files(self.root)
        if "./" in listing.denied:
            raise ServiceFailed(
                f"The server has no permission to list {self.root}. Indexed photos were kept."
            )
        paths = sorted(filter(_is_valid_name, listing.files))
        if listing.denied or listing.emptied or len(paths) < len(listing.files) or not paths:
            yield _unreadable_batch(listing)
        for start in range(bisect_right(paths, cursor.get("after", "")), len(paths), BATCH_SIZE):
            names = paths[start : start + BATCH_SIZE]
            cursor_after = {"after": names[-1]} if start + BATCH_SIZE < len(paths) else {}
            yield self._build_batch(names, known(names), len(paths), cursor_after)

    def original(self, service_id: str, etag: str) -> Path | None:
        path = self.root / service_id
        if not self._is_unchanged_folder() or not _is_inside(self.root, path):
            return None
        try:
            return path if _file_etag(path) == etag else None
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
        self, paths: list[str], known: Mapping[str, str], total: int, cursor: dict[str, str]
    ) -> Batch:
        items, failures = [], []
        for name in paths:
            try:
                item = self._read_item(name, known)
            except UnknownFormat as failure:
                if (mimetypes.guess_type(name)[0] or "").startswith("image/"):
                    failures.append(ItemFailure(name=_printable_name(name), reason=failure.reason))
            except Unreadable as failure:
                failures.append(ItemFailure(name=_printable_name(name), reason=failure.reason))
            else:
                items += [item] if item else []
        return Batch(
            items=tuple(items),
            seen=tuple(paths),
            failures=tuple(failures),
            total=total,
            cursor=cursor,
        )

    def _read_item(self, name: str, known: Mapping[str, str]) -> FoundItem | None:
        """
        Read a file; None if it has not changed.
        """
        path = self.root / name
        try:
            etag = _file_etag(path)
        except OSError:
            raise Unreadable("The file was removed while it was being read.") from None
        if known.get(name) == etag:
            return None
        picture = read(path)
        return FoundItem(
            photo=_build_photo(name, picture),
            etag=etag,
            type=picture.type,
            renditions=picture.renditions,
        )


def contains_pictures(folder: Path) -> bool:
    """
    Return whether a folder directly contains files with the suffix of an image format.
    """
    with os.scandir(folder) as entries:
        return any(
            entry.is_file(follow_symlinks=False)
            and not entry.name.startswith(".")
            and (mimetypes.guess_type(entry.name)[0] or "").startswith("image/")
            for entry in entries
        )


def _build_photo(name: str, picture: Picture) -> Photo:
    path = PurePosixPath(name)
    album = str(path.parent)
    metadata = picture.metadata
    return Photo(
        service=Folder.name,
        id=name,
        title=metadata.title or path.stem,
        description=metadata.description,
        tags=metadata.tags,
        date=metadata.taken,
        album_id="" if album == "." else album,
        width=picture.width,
        height=picture.height,
        latitude=metadata.place[0] if metadata.place else None,
        longitude=metadata.place[1] if metadata.place else None,
    )


@dataclass(slots=True)
class Listing:
    """
    The relative paths below a folder. Those of folders end with a slash.

    :param denied: files and folders without permission.
    :param emptied: folders that contain nothing; "" for the folder itself.
    """

    files: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)


def _list_files(root: Path) -> Listing:
    listing = Listing()

    def record_error(error: OSError) -> None:
        listing.denied.append(os.path.relpath(error.filename, root) + "/")

    for folder, folders, names in os.walk(root, onerror=record_error):
        if not folders and not names:
            prefix = os.path.relpath(folder, root)
            listing.emptied.append("" if prefix == "." else f"{prefix}/")
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(folder, name) for name in names if not name.startswith(".")):
            name = path.relative_to(root).as_posix()
            try:
                if _is_readable_file(root, path):
                    listing.files.append(name)
            except OSError:
                listing.denied.append(name)
    return listing


def _is_readable_file(root: Path, path: Path) -> bool:
    """
    Return whether a path is a file, and not a symbolic link to a target outside of `root`.

    :raises OSError: if permission is denied.
    """
    if path.is_symlink() and not _is_inside(root, path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _unreadable_batch(listing: Listing) -> Batch:
    """
    Report files that cannot be read. Indexed items without permission are kept.
    """
    denied = "The server has no permission to read the file."
    reasons = dict.fromkeys(listing.denied, denied) | {
        name: _invalid_name_reason(name) for name in listing.files if not _is_valid_name(name)
    }
    return Batch(
        seen=tuple(name for name in listing.denied if not name.endswith("/")),
        unlisted=tuple(name for name in listing.denied if name.endswith("/")),
        emptied=tuple(listing.emptied),
        failures=tuple(
            ItemFailure(name=_printable_name(name), reason=reason)
            for name, reason in reasons.items()
        ),
    )


def _is_valid_name(name: str) -> bool:
    return not _invalid_name_reason(name)


def _invalid_name_reason(name: str) -> str:
    if _printable_name(name) != name:
        return "The file name is not UTF-8."
    if len(name) > MAX_PATH_LENGTH:
        return f"The path has more than {MAX_PATH_LENGTH} characters."
    return ""


def _is_inside(root: Path, path: Path) -> bool:
    """
    Return whether the resolved path is below `root`.
    """
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


def _file_etag(path: Path) -> str:
    status = path.stat()
    return f"{ETAG_VERSION}:{status.st_mtime_ns}:{status.st_size}"


def _printable_name(name: str) -> str:
    """
    Return a file name with undecodable bytes escaped.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
