"""
Directories of tags in TIFF, the format of EXIF.

Pillow decodes all tags of a directory together. Here, a tag is decoded when it is requested, so
that a damaged or huge one does not affect the others.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from .fields import MAX_BLOCK_BYTES, read_or_default

BIG_TIFF = 43
ORDERS = {b"II": "<", b"MM": ">"}
MAX_ENTRIES = 10_000

# Formats of the number of tags, of a tag and of a position, in the notation of `struct`
CLASSIC_FORMATS = ("H", "HHL4s", "L")
BIG_FORMATS = ("Q", "HHQ8s", "Q")

MAX_NUMBERS = 16

# Formats of one value of each type, in the notation of `struct`. Rationals are pairs.
FORMATS = {
    **{1: "B", 2: "B", 3: "H", 4: "L", 5: "LL", 6: "b", 7: "B", 8: "h", 9: "l", 10: "ll"},
    **{11: "f", 12: "d", 13: "L", 16: "Q", 17: "q", 18: "Q", 129: "B"},
}
TEXT_TYPES = (2, 7, 129)  # and undefined content


@dataclass(frozen=True, slots=True)
class Value:
    """
    :param order: "<" or ">".
    """

    content: bytes
    type: int
    order: str

    def numbers(self) -> list[float]:
        """
        Return the first numbers. A rational with a zero denominator is NaN.
        """
        if self.type in TEXT_TYPES:
            return []
        format = FORMATS[self.type]
        size = struct.calcsize("<" + format)
        count = min(len(self.content) // size, MAX_NUMBERS)
        numbers = struct.unpack_from(f"{self.order}{format * count}", self.content)
        if len(format) == 1:
            return [float(number) for number in numbers]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return [top / bottom if bottom else math.nan for top, bottom in pairs]


@dataclass(frozen=True, slots=True)
class Directory:
    """
    :param entries: type, count and location of each value.
    """

    file: TiffFile
    entries: Mapping[int, Sequence[Any]] = field(default_factory=dict)

    def get(self, tag: int) -> Value | None:
        """
        Return a value; None if it is missing or damaged.
        """
        return read_or_default(lambda: self._read(tag), None)

    def content(self, tag: int) -> bytes:
        value = self.get(tag)
        return value.content if value else b""

    def numbers(self, tag: int) -> list[float]:
        value = self.get(tag)
        return value.numbers() if value else []

    def number(self, tag: int) -> float:
        """
        Return the first number; 0 if it is missing.
        """
        return next(iter(self.numbers(tag)), 0)

    def _read(self, tag: int) -> Value | None:
        if tag not in self.entries:
            return None
        kind, count, location = self.entries[tag]
        size = value_size(kind, count)
        content = location[:size] if size <= len(location) else self.file.read(location, size)
        return Value(content, kind, self.file.order)


def value_size(kind: int, count: int) -> int:
    """
    Return the size of a value in bytes; 0 if its type is unknown.
    """
    return count * struct.calcsize("<" + FORMATS.get(kind, ""))


def find_damaged_tags(file: BinaryIO) -> list[int]:
    """
    Return the positions of tags that must not be read.
    """
    return read_or_default(lambda: TiffFile(file).find_damaged_tags(), [])


class TiffFile:
    """
    :param file: an open file.
    :param start: the position of its header.
    :raises Exception: if it is damaged.
    """

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._file, self._start = file, start
        header = self._read_at(0, 16)
        self.order = ORDERS[header[:2]]
        is_big = self._unpack("H", header[2:4]) == BIG_TIFF
        self._counter, self._row, self._pointer = BIG_FORMATS if is_big else CLASSIC_FORMATS
        self._first = self.position(header[8:16] if is_big else header[4:8])
        self.root = self.directory(self._first)

    def directory(self, position: int) -> Directory:
        """
        Return the directory at a position. An incomplete one contains the first tags.
        """
        rows = reversed(self._read_rows(position))  # the first of duplicate tags is used
        return Directory(self, {tag: entry for tag, *entry in rows if entry[0] in FORMATS})

    def find_damaged_tags(self) -> list[int]:
        """
        Return the positions of tags in the first directory whose value is outside of the file, or
        shared by so many tags that all together are larger than the file.
        """
        end = self._file.seek(0, io.SEEK_END) - self._start
        start, total, damaged = self._first + struct.calcsize(f"<{self._counter}"), 0, []
        for index, (_, kind, count, location) in enumerate(self._read_rows(self._first)):
            size = value_size(kind, count)
            is_outside = size > len(location) and self.position(location) + size > end
            if is_outside or total + size > end:
                damaged.append(start + index * struct.calcsize(f"<{self._row}"))
            else:
                total += size
        return damaged

    def child(self, tag: int) -> Directory:
        """
        Return the directory that a tag of the first one points to; an empty one if it is missing.
        """
        if tag not in self.root.entries:
            return Directory(self)
        return read_or_default(lambda: self.directory(int(self.root.number(tag))), Directory(self))

    def read(self, location: bytes, size: int) -> bytes:
        return self._read_at(self.position(location), min(size, MAX_BLOCK_BYTES))

    def position(self, location: bytes) -> int:
        return self._unpack(self._pointer, location)

    def _read_rows(self, position: int) -> list[tuple[int, int, int, bytes]]:
        """
        Return the tag, type, count and location of each value.
        """
        row_size, size = struct.calcsize(f"<{self._row}"), struct.calcsize(f"<{self._counter}")
        count = self._unpack(self._counter, self._read_at(position, size))
        table = self._read_at(position + size, min(count, MAX_ENTRIES) * row_size)
        return list(
            struct.iter_unpack(self.order + self._row, table[: len(table) // row_size * row_size])
        )

    def _read_at(self, position: int, size: int) -> bytes:
        self._file.seek(self._start + position)
        return self._file.read(size)

    def _unpack(self, format: str, content: bytes) -> int:
        value: int = struct.unpack(self.order + format, content)[0]
        return value
