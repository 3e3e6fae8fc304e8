"""
Parts of a Google Takeout export: folders and zip files.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .base import ServiceFailed
from .picture.reader import Unreadable

CHUNK = 1_048_576
# Raised for damaged and encrypted zip files, and for unknown compression methods.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)


class ExportPart(ABC):
    """
    A part of an export.
    """

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
    def read(self, name: str, limit: int) -> bytes:
        """
        Return the content of a file.

        :raises Unreadable: if it is larger than `limit`, or damaged.
        """

    @abstractmethod
    def close(self) -> None:
        """
        Close open files.
        """


class Directory(ExportPart):
    """
    An unpacked export. Symbolic links and hidden files are ignored.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for path in (Path(folder, name) for name in names if not name.startswith(".")):
                if path.is_file() and not path.is_symlink() and _is_printable(path):
                    yield path.relative_to(self.root).as_posix()

    def size(self, name: str) -> int:
        with suppress(OSError):
            return (self.root / name).stat().st_size
        return 0

    def read(self, name: str, limit: int) -> bytes:
        try:
            with (self.root / name).open("rb") as file:
                content = file.read(limit + 1)
        except OSError:
            raise Unreadable(
                "The file was removed, or the server has no permission to read it."
            ) from None
        if len(content) > limit:
            raise Unreadable("The file is too large.")
        return content

    def close(self) -> None:
        pass


class Archive(ExportPart):
    """
    A zip file, which is read without unpacking it.
    """

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.files = {
            info.filename: info for info in self.zip.infolist() if not info.filename.endswith("/")
        }

    def names(self) -> Iterator[str]:
        yield from self.files

    def size(self, name: str) -> int:
        return self.files[name].file_size

    def read(self, name: str, limit: int) -> bytes:
        try:
            with self.zip.open(self.files[name]) as file:
                content = bytearray()
                while chunk := file.read(CHUNK):  # the size in the header may be wrong
                    content += chunk
                    if len(content) > limit:
                        raise Unreadable("The file is too large.")
        except ZIP_ERRORS:
            raise Unreadable("The file is damaged or encrypted in the zip file.") from None
        return bytes(content)

    def close(self) -> None:
        self.zip.close()


def open_part(path: Path) -> ExportPart:
    """
    Open a part of an export.

    :raises ServiceFailed: if it is missing, or neither a folder nor a zip file.
    """
    if path.is_dir():
        return Directory(path)
    try:
        return Archive(path)
    except FileNotFoundError:
        raise ServiceFailed(f"{path} does not exist. Indexed photos were kept.") from None
    except ZIP_ERRORS:
        raise ServiceFailed(
            f"{path} is not a valid zip file. Download this part of the export again."
        ) from None


def _is_printable(path: Path) -> bool:
    return path.as_posix().encode(errors="ignore").decode() == path.as_posix()
