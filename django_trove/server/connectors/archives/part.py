"""
The interface of a part of an export, and unpacked parts.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ..base import ItemFailure
from ..errors import ServiceFailed
from ..exclusions import is_excluded
from ..messages import Message as _
from ..picture.reader import Unreadable

CHUNK = 1_048_576
NOT_UTF8 = _("The file name is not UTF-8.")
INVALID_PATH = _("The path of the file is invalid.")
REPEATED_NAME = _("The archive contains several files of this name. Only the last one is used.")
TOO_LARGE = _("The file is too large.")
NO_FILE = _("The file was removed, or the server has no permission to read it.")

SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.I)
DRIVE = re.compile(r"[a-zA-Z]:/")


class ExportPart(ABC):
    """
    A part of an export.

    :param location: the directory that the names are relative to. It is empty for archives.
    :param failures: files that are not listed, with the reasons.
    """

    def __init__(self, location: PurePosixPath | None = None) -> None:
        self.location = location or PurePosixPath()
        self.failures: list[ItemFailure] = []

    @abstractmethod
    def names(self) -> Iterator[str]:
        """
        Yield the relative paths of its files, with slashes.
        """

    @abstractmethod
    def size(self, name: str) -> int:
        """
        Return a file's size in bytes; 0 if it is unknown.
        """

    @abstractmethod
    def chunks(self, name: str) -> Iterator[bytes]:
        """
        Yield the content of a file.

        :raises Unreadable: if it is damaged.
        """

    def read(self, name: str, limit: int) -> bytes:
        """
        Return the content of a file.

        :raises Unreadable: if it is larger than `limit`, or damaged.
        """
        content = bytearray()
        for chunk in self.chunks(name):  # the size in the header may be wrong
            content += chunk
            if len(content) > limit:
                raise Unreadable(TOO_LARGE)
        return bytes(content)

    def extract(self, name: str, limit: int, folder: Path) -> Path:
        """
        Return a path of the file, which may be a copy in a temporary folder.

        :raises Unreadable: if it is larger than `limit`, or damaged.
        :raises ServiceFailed: if the copy cannot be written.
        """
        written, path = 0, new_temporary_file(folder, name)
        with path.open("wb") as copy:
            for chunk in self.chunks(name):
                written += len(chunk)
                if written > limit:
                    raise Unreadable(TOO_LARGE)
                write_chunk(copy, chunk, folder)
        return path

    def close(self) -> None:
        """
        Close open files, and delete temporary ones.
        """
        return None


class Directory(ExportPart):
    """
    An unpacked export. Symbolic links, hidden files and excluded files are ignored.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(PurePosixPath(root.as_posix()))
        self.root = root

    def names(self) -> Iterator[str]:
        self.failures = []
        for folder, folders, names in os.walk(self.root, onerror=self._record_error):
            relative = os.path.relpath(folder, self.root)
            folders[:] = sorted(self._included_names(relative, folders))
            for name in self._included_names(relative, names):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self.root).as_posix()

    def _record_error(self, error: OSError) -> None:
        name = printable(os.path.relpath(error.filename, self.root))
        self.failures.append(
            ItemFailure(name=name, reason=_("The server has no permission to list the folder."))
        )

    def _included_names(self, folder: str, names: Sequence[str]) -> list[str]:
        paths = {name: name if folder == "." else f"{folder}/{name}" for name in names}
        included = [name for name in names if not is_excluded(paths[name])]
        for name in included:
            if not is_printable(name):
                self.failures.append(ItemFailure(name=printable(paths[name]), reason=NOT_UTF8))
        return [name for name in included if is_printable(name)]

    def size(self, name: str) -> int:
        with suppress(OSError):
            return (self.root / name).stat().st_size
        return 0

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            with (self.root / name).open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError:
            raise Unreadable(NO_FILE) from None

    def extract(self, name: str, limit: int, folder: Path) -> Path:
        if self.size(name) > limit:
            raise Unreadable(TOO_LARGE)
        return self.root / name


def new_temporary_file(folder: Path, name: str) -> Path:
    """
    Create an empty file with the suffix of a name. The rest of the name is not used: it may be a
    path outside of the folder.
    """
    suffix = PurePosixPath(name).suffix
    try:
        handle, path = tempfile.mkstemp(suffix if SUFFIX.fullmatch(suffix) else "", dir=folder)
    except OSError:
        raise _no_room(folder) from None
    os.close(handle)
    return Path(path)


def write_chunk(file: io.BufferedWriter, chunk: bytes, folder: Path) -> None:
    try:
        file.write(chunk)
    except OSError:
        raise _no_room(folder) from None


def _no_room(folder: Path) -> ServiceFailed:
    return ServiceFailed(
        _(
            "The directory for temporary files, %(folder)s, is full or not writable. Set TMPDIR "
            "to another one, or unpack the export and specify the folder.",
            folder=folder.parent,
        )
    )


def clean_name(name: str) -> str:
    """
    Return the path of a file in an archive, relative and with slashes; "" if it is invalid.
    """
    path = name.replace("\\", "/") if "/" not in name else name
    parts = DRIVE.sub("", path, count=1).split("/")
    is_valid = ".." not in parts and is_printable(name) and "\0" not in name
    return "/".join(part for part in parts if part not in ("", ".")) if is_valid else ""


def is_printable(name: str) -> bool:
    return name.encode(errors="ignore").decode() == name


def printable(name: str) -> str:
    """
    Return a file name with undecodable bytes escaped.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
