"""
Where a Google Takeout export lies: in folders, or in the zip files that it came in, or in both.
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
DAMAGED_MESSAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
"""What a zip file raises that is damaged, encrypted, or packed in an unknown way."""


class ExportPart(ABC):
    """
    A part of an export.
    """

    @abstractmethod
    def names(self) -> Iterator[str]:
        """
        Yield the paths of its files, with slashes.
        """

    @abstractmethod
    def size(self, name: str) -> int:
        """
        Return how many bytes a file has; 0 if nobody can tell.
        """

    @abstractmethod
    def read(self, name: str, most: int) -> bytes:
        """
        Return what is in a file.

        :param most: bytes that are read of it.
        :raises Unreadable: if there is more, or it can't be read.
        """

    @abstractmethod
    def close(self) -> None:
        """
        Let go of it.
        """


class Directory(ExportPart):
    """
    An export that was unpacked. Links in it are passed over, and so is what is hidden.
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

    def read(self, name: str, most: int) -> bytes:
        try:
            with (self.root / name).open("rb") as file:
                content = file.read(most + 1)
        except OSError:
            raise Unreadable("It went away, or may not be read by the Trove.") from None
        if len(content) > most:
            raise Unreadable("It is too large.")
        return content

    def close(self) -> None:
        pass  # nothing is open between two files


class Archive(ExportPart):
    """
    A zip file, read where it lies: nothing of it is written anywhere.
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

    def read(self, name: str, most: int) -> bytes:
        try:
            with self.zip.open(self.files[name]) as file:
                content = bytearray()
                while part := file.read(CHUNK):  # whatever size the zip file claims
                    content += part
                    if len(content) > most:
                        raise Unreadable("It is too large.")
        except DAMAGED_MESSAGE:
            raise Unreadable("It is damaged or encrypted in its zip file.") from None
        return bytes(content)

    def close(self) -> None:
        self.zip.close()


def open_part(path: Path) -> ExportPart:
    """
    Open a part of an export.

    :raises ServiceFailed: if it isn't there, or is neither a folder nor a zip file.
    """
    if path.is_dir():
        return Directory(path)
    try:
        return Archive(path)
    except FileNotFoundError:
        raise ServiceFailed(f"{path} is not there: nothing was changed.") from None
    except DAMAGED_MESSAGE:
        raise ServiceFailed(
            f"{path} can't be read as a zip file: download that part of the export again."
        ) from None


def _is_printable(path: Path) -> bool:
    return path.as_posix().encode(errors="ignore").decode() == path.as_posix()
