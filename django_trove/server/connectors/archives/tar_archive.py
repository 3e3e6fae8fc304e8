"""
Tar files, compressed or not. They cannot be read in any order, so they are unpacked to a temporary
directory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from ..base import ItemFailure
from ..errors import ServiceFailed
from ..exclusions import is_excluded_path
from ..messages import Message as _
from .part import (
    CHUNK,
    INVALID_PATH,
    NOT_UTF8,
    ExportPart,
    clean_name,
    is_printable,
    new_temporary_file,
    printable,
    write_chunk,
)

TAR_ERRORS = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)

OPENERS: dict[bytes, Callable[[Path, str], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
"""The compressions of tar files, by their first bytes."""

INCOMPLETE = _("The file is incomplete or damaged. Download this part of the export again.")
TOO_SLOW = _("The export is too large to be unpacked now. Unpack it and specify the folder.")
TOO_MANY_BYTES = _("The file contains too much data for its size. It was not read completely.")
MAX_EXPANSION = 100  # pictures and videos are hardly compressible
FREE_BYTES = 1_000_000_000  # of the disk, which remain free


class TarArchive(ExportPart):
    """
    :param deadline: a time of the monotonic clock.
    :raises tarfile.TarError: or another of `TAR_ERRORS`, if it is not a tar file.
    :raises ServiceFailed: if the disk does not have enough space, or the deadline passes.
    """

    def __init__(self, path: Path, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline
        self._directory = TemporaryDirectory(prefix="trove-", ignore_cleanup_errors=True)
        self._folder = Path(self._directory.name)
        self._files: dict[str, Path] = {}
        try:
            self._unpack(path)
        except BaseException:
            self.close()
            raise

    def _unpack(self, path: Path) -> None:
        limit = max(path.stat().st_size * MAX_EXPANSION, FREE_BYTES)
        with _open_stream(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            try:
                for member in tar:
                    limit -= member.size
                    if limit < 0:
                        raise _TooLarge
                    if member.isfile():
                        self._add(tar, member)
                if any(stream.tail):  # tarfile ignores a missing end
                    raise EOFError
            except _TooLarge:
                self.failures.append(ItemFailure(name=path.name, reason=TOO_MANY_BYTES))
            except TAR_ERRORS:  # the files before the damage are imported
                self.failures.append(ItemFailure(name=path.name, reason=INCOMPLETE))

    def _add(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        name = clean_name(member.name)
        if is_excluded_path(name or "-"):
            return
        if not name:
            reason = INVALID_PATH if is_printable(member.name) else NOT_UTF8
            self.failures.append(ItemFailure(name=printable(member.name), reason=reason))
            return
        self._check_room(member.size)
        copy = new_temporary_file(self._folder, name)
        content = tar.extractfile(member)
        with copy.open("wb") as file:
            while content and (chunk := content.read(CHUNK)):
                write_chunk(file, chunk, self._folder)
                if time.monotonic() > self._deadline:
                    raise ServiceFailed(TOO_SLOW)
        self._files[name] = copy

    def _check_room(self, size: int) -> None:
        if shutil.disk_usage(self._folder).free - size < FREE_BYTES:
            raise ServiceFailed(
                _(
                    "The directory for temporary files, %(folder)s, does not have enough space to "
                    "unpack the export. Set TMPDIR to another one, or unpack the export and "
                    "specify the folder.",
                    folder=self._folder.parent,
                )
            )

    def names(self) -> Iterator[str]:
        yield from self._files

    def size(self, name: str) -> int:
        return self._files[name].stat().st_size

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._files[name].open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def extract(self, name: str, limit: int, folder: Path) -> Path:
        return self._files[name]

    def close(self) -> None:
        self._directory.cleanup()


class _Stream(io.RawIOBase):
    """
    A decompressed file.

    :param tail: the last bytes that were read. At the end of a tar file, they are zeros.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tail = b""

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(size)
        self.tail = (self.tail + content)[-tarfile.BLOCKSIZE :]
        return content

    def close(self) -> None:
        self._file.close()
        super().close()


def _open_stream(path: Path) -> _Stream:
    with path.open("rb") as file:
        header = file.read(max(map(len, OPENERS)))
    opener = next((OPENERS[magic] for magic in OPENERS if header.startswith(magic)), open)
    return _Stream(opener(path, "rb"))


class _TooLarge(Exception):
    """
    The archive expands to more than a real export.
    """
