"""
A directory of image files.
"""

from __future__ import annotations

import mimetypes
import os
import stat
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from django_trove.client.content import Photo

from .base import Batch, Connector, FoundItem, ItemFailure, KnownStamps, ServiceFailed
from .picture.reader import Picture, UnknownFormat, Unreadable, read

BATCH_SIZE = 25
MAX_PATH_LENGTH = 500  # what the index has room for
READ_ERROR_MESSAGE = 1  # a higher number reads every file anew


class Folder(Connector):
    """
    The files below `settings["path"]`. An item's id is its path there, its album the sub-folder.
    """

    name = "folder"
    title = "Folder"

    @property
    def root(self) -> Path:
        """
        Where the files are.
        """
        return Path(self.settings["path"])

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Yield the files. Hidden ones are passed over, and so are symbolic links that lead out.

        :param cursor: the last path that was seen, as "after".
        :raises ServiceFailed: if the folder is not there.
        """
        if not self._is_itself():
            raise ServiceFailed(f"{self.root} is not there, or not a folder: nothing was changed.")
        closed: list[str] = []
        paths = sorted(_walk_files(self.root, closed))
        if "./" in closed:
            raise ServiceFailed(f"{self.root} may not be listed: nothing was changed.")
        if closed or not paths:
            yield _unreadable_batch(closed)
        for start in range(bisect_right(paths, cursor.get("after", "")), len(paths), BATCH_SIZE):
            names = paths[start : start + BATCH_SIZE]
            after = {"after": names[-1]} if start + BATCH_SIZE < len(paths) else {}
            yield self._page(names, known(names), len(paths), after)

    def original(self, service_id: str, etag: str) -> Path | None:
        path = self.root / service_id
        if not self._is_itself() or not _is_inside(self.root, path):
            return None
        try:
            return path if _file_stamp(path) == etag else None
        except OSError:
            return None

    def _is_itself(self) -> bool:
        """
        A folder that has become a link to another one is another one.
        """
        try:
            return self.root.is_dir() and self.root.resolve() == self.root
        except (OSError, RuntimeError):  # closed to us, or a loop of links
            return False

    def _page(
        self, paths: list[str], known: Mapping[str, str], total: int, cursor: dict[str, str]
    ) -> Batch:
        found, failures = [], []
        for name in paths:
            try:
                item = self._found(name, known)
            except UnknownFormat as failure:
                if (mimetypes.guess_type(name)[0] or "").startswith("image/"):
                    failures.append(ItemFailure(name=_printable_name(name), reason=failure.reason))
            except Unreadable as failure:
                failures.append(ItemFailure(name=_printable_name(name), reason=failure.reason))
            else:
                found += [item] if item else []
        return Batch(
            items=tuple(found),
            seen=tuple(paths),
            failures=tuple(failures),
            total=total,
            cursor=cursor,
        )

    def _found(self, name: str, known: Mapping[str, str]) -> FoundItem | None:
        """
        Read a file, unless the index knows it as it is.
        """
        if _printable_name(name) != name:
            raise Unreadable("Its name is not UTF-8.")
        if len(name) > MAX_PATH_LENGTH:
            raise Unreadable(f"Its path is longer than {MAX_PATH_LENGTH} characters.")
        path = self.root / name
        try:
            stamp = _file_stamp(path)
        except OSError:
            raise Unreadable("It went away while it was read.") from None
        if known.get(name) == stamp:
            return None
        picture = read(path)
        return FoundItem(
            photo=_build_photo(name, picture),
            etag=stamp,
            type=picture.type,
            renditions=picture.renditions,
        )


def contains_pictures(folder: Path) -> bool:
    """
    Return whether files that look like pictures lie in a folder itself.
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
    return Photo(
        service=Folder.name,
        id=name,
        title=picture.caption.title or path.stem,
        description=picture.caption.description,
        tags=picture.caption.tags,
        date=picture.taken,
        album_id="" if album == "." else album,
        width=picture.width,
        height=picture.height,
        latitude=picture.place[0] if picture.place else None,
        longitude=picture.place[1] if picture.place else None,
    )


def _walk_files(root: Path, closed: list[str]) -> Iterator[str]:
    """
    Yield the paths of all files below `root`, relative to it; what may not be looked at is added
    to `closed`, folders with a slash.
    """

    def note(error: OSError) -> None:
        closed.append(os.path.relpath(error.filename, root) + "/")

    for folder, folders, names in os.walk(root, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(folder, name) for name in names if not name.startswith(".")):
            name = path.relative_to(root).as_posix()
            try:
                if _is_readable_file(root, path):
                    yield name
            except OSError:
                closed.append(name)


def _is_readable_file(root: Path, path: Path) -> bool:
    """
    Return whether this is a file, and no link that leads out.

    :raises OSError: if it may not be looked at.
    """
    if path.is_symlink() and not _is_inside(root, path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _unreadable_batch(closed: list[str]) -> Batch:
    """
    Name what may not be looked at, and keep what the index knows of it.
    """
    return Batch(
        seen=tuple(name for name in closed if not name.endswith("/")),
        unlisted=tuple(name for name in closed if name.endswith("/")),
        failures=tuple(
            ItemFailure(
                name=_printable_name(name), reason="Its permissions don't let the Trove look at it."
            )
            for name in closed
        ),
    )


def _is_inside(root: Path, path: Path) -> bool:
    """
    Return whether a path, all links followed, lies below `root`.
    """
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        return False


def _file_stamp(path: Path) -> str:
    facts = path.stat()
    return f"{READ_ERROR_MESSAGE}:{facts.st_mtime_ns}:{facts.st_size}"


def _printable_name(name: str) -> str:
    """
    Return a file's name as it can be printed, whatever bytes it is made of.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
