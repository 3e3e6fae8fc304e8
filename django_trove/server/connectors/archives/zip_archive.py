"""
Zip files, which are read without unpacking them.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..base import ItemFailure
from ..exclusions import is_excluded_path
from ..messages import Message
from ..messages import Message as _
from ..picture.errors import Unreadable
from .part import (
    CHUNK,
    INVALID_PATH,
    NOT_UTF8,
    REPEATED_NAME,
    TOO_LARGE,
    ExportPart,
    clean_name,
    printable,
)

# Raised for damaged and encrypted zip files, and for unknown compression methods.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)

MAX_EXPANSION = 100  # pictures and videos are hardly compressible
SMALL_FILE = 200_000_000  # bytes that any file may have
DIRECTORY_ENTRY = b"PK\1\2"
ENTRY_HEADER = struct.Struct("<4s4xH18x3H12x")  # signature, flags, lengths of name, extra, comment
FLAGS_OFFSET = 8
UTF8_FLAG = 0x800


class ZipArchive(ExportPart):
    """
    :raises OSError: or another of `ZIP_ERRORS`, if it is not a complete zip file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = _ZipBytes(path)
        try:
            self._zip = zipfile.ZipFile(self._file)
        except BaseException:
            self._file.close()
            raise
        self._file.is_open = True
        self._files: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            self._add(info)

    def _add(self, info: zipfile.ZipInfo) -> None:
        name = clean_name(_decode_name(info))
        if info.is_dir() or info.filename.endswith("\\") or is_excluded_path(name or "-"):
            return
        other = self._files.get(name)
        if info.filename in self._file.invalid_names:
            self._report(info, NOT_UTF8)
        elif not name:
            self._report(info, INVALID_PATH)
        else:
            if other and (other.CRC, other.file_size) != (info.CRC, info.file_size):
                self._report(info, REPEATED_NAME)
            self._files[name] = info

    def _report(self, info: zipfile.ZipInfo, reason: Message) -> None:
        self.failures.append(ItemFailure(name=printable(info.filename), reason=reason))

    def names(self) -> Iterator[str]:
        yield from self._files

    def size(self, name: str) -> int:
        return self._files[name].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        info = self._files[name]
        remaining = max(info.compress_size * MAX_EXPANSION, SMALL_FILE)
        try:
            with self._zip.open(info) as file:
                while chunk := file.read(CHUNK):
                    remaining -= len(chunk)
                    if remaining < 0:
                        raise Unreadable(TOO_LARGE)
                    yield chunk
        except ZIP_ERRORS:
            raise Unreadable(_("The file is damaged or encrypted in the zip file.")) from None

    def close(self) -> None:
        self._zip.close()
        self._file.close()


def _decode_name(info: zipfile.ZipInfo) -> str:
    """
    Decode a name without the mark for UTF-8. Many programs write UTF-8 without it; the
    specification defines code page 437.
    """
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


class _ZipBytes(io.BufferedReader):
    """
    The bytes of a zip file. `zipfile` rejects a file if one name is marked as UTF-8, but is not, so
    the marks of such names are removed from the central directory.

    :param invalid_names: these names, as code page 437.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.invalid_names: set[str] = set()
        self.is_open = False  # whether the central directory has been read

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        is_directory = not self.is_open and content.startswith(DIRECTORY_ENTRY)
        return self._remove_marks(content) if is_directory else content

    def _remove_marks(self, content: bytes) -> bytes:
        directory, start = bytearray(content), 0
        while len(directory) - start >= ENTRY_HEADER.size:
            signature, flags, *lengths = ENTRY_HEADER.unpack_from(directory, start)
            if signature != DIRECTORY_ENTRY:
                break
            end = start + ENTRY_HEADER.size
            name = bytes(directory[end : end + lengths[0]])
            if flags & UTF8_FLAG and not _is_utf8(name):
                self.invalid_names.add(name.decode("cp437"))
                struct.pack_into("<H", directory, start + FLAGS_OFFSET, flags & ~UTF8_FLAG)
            start = end + sum(lengths)
        return bytes(directory)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
