"""
A directory of image files.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from django_trove.client.content import Photo

from .base import Connector, Failure, Found, Page, ServiceFailed
from .picture import NotAPicture, Picture, Unreadable, read

__all__ = ["Folder", "holds_pictures"]

PAGE = 25
LONGEST_PATH = 500  # what the index has room for
READER = 1  # a higher number reads every file anew


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

    def pages(self, known: Mapping[str, str]) -> Iterator[Page]:
        """
        Yield the files. Hidden ones are passed over, and so are symbolic links that lead out.

        :raises ServiceFailed: if the folder is not there.
        """
        if not self._is_itself():
            raise ServiceFailed(f"{self.root} is not there, or not a folder: nothing was changed.")
        unlisted: list[str] = []
        paths = sorted(_files(self.root, unlisted))
        if "." in unlisted:
            raise ServiceFailed(f"{self.root} may not be listed: nothing was changed.")
        yield _unlisted_page(self.root, unlisted, known)
        for start in range(0, len(paths), PAGE):
            yield self._page(paths[start : start + PAGE], known, len(paths))

    def original(self, service_id: str, stamp: str) -> Path | None:
        path = self.root / service_id
        if not self._is_itself() or not _inside(self.root, path):
            return None
        try:
            return path if _stamp(path) == stamp else None
        except OSError:
            return None

    def _is_itself(self) -> bool:
        """
        A folder that has become a link to another one is another one.
        """
        return self.root.is_dir() and self.root.resolve() == self.root

    def _page(self, paths: list[str], known: Mapping[str, str], total: int) -> Page:
        found, failures = [], []
        for name in paths:
            try:
                item = self._found(name, known)
            except NotAPicture as failure:
                if (mimetypes.guess_type(name)[0] or "").startswith("image/"):
                    failures.append(Failure(name=_shown(name), reason=failure.reason))
            except Unreadable as failure:
                failures.append(Failure(name=_shown(name), reason=failure.reason))
            else:
                found += [item] if item else []
        return Page(found=tuple(found), seen=tuple(paths), failures=tuple(failures), total=total)

    def _found(self, name: str, known: Mapping[str, str]) -> Found | None:
        """
        Read a file, unless the index knows it as it is.
        """
        if _shown(name) != name:
            raise Unreadable("Its name is not UTF-8.")
        if len(name) > LONGEST_PATH:
            raise Unreadable(f"Its path is longer than {LONGEST_PATH} characters.")
        path = self.root / name
        try:
            stamp = _stamp(path)
        except OSError:
            raise Unreadable("It went away while it was read.") from None
        if known.get(name) == stamp:
            return None
        picture = read(path)
        return Found(
            photo=_photo(name, picture),
            stamp=stamp,
            type=picture.type,
            renditions=picture.renditions,
        )


def holds_pictures(folder: Path) -> bool:
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


def _photo(name: str, picture: Picture) -> Photo:
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


def _files(root: Path, unlisted: list[str]) -> Iterator[str]:
    """
    Yield the paths of all files below `root`, relative to it; folders that may not be listed are
    added to `unlisted`.
    """

    def note(error: OSError) -> None:
        unlisted.append(os.path.relpath(error.filename, root))

    for folder, folders, names in os.walk(root, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            leads_out = path.is_symlink() and not _inside(root, path)
            if not name.startswith(".") and path.is_file() and not leads_out:
                yield path.relative_to(root).as_posix()


def _unlisted_page(root: Path, unlisted: list[str], known: Mapping[str, str]) -> Page:
    """
    Name the folders that may not be listed, and keep what the index knows of them.
    """
    folders = tuple(f"{name}/" for name in unlisted)
    return Page(
        seen=tuple(name for name in known if name.startswith(folders)),
        failures=tuple(
            Failure(name=_shown(name), reason="Its permissions don't let the Trove list it.")
            for name in folders
        ),
    )


def _inside(root: Path, path: Path) -> bool:
    """
    Return whether a path, all links followed, lies below `root`.
    """
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        return False


def _stamp(path: Path) -> str:
    facts = path.stat()
    return f"{READER}:{facts.st_mtime_ns}:{facts.st_size}"


def _shown(name: str) -> str:
    """
    Return a file's name as it can be printed, whatever bytes it is made of.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
