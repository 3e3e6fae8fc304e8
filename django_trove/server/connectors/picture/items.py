"""
Positions of the metadata in HEIF and AVIF pictures (ISO 23008-12), which consist of items.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from .boxes import Box, BoxFile

METADATA_TYPES = (b"Exif", b"mime")
MAX_ITEMS = 10_000
MAX_TABLE_BYTES = 1_000_000
FILE_OFFSET = 0  # the construction method of items at a position in the file


def find_metadata(file: BinaryIO) -> list[tuple[int, int]]:
    """
    Return the positions and lengths of EXIF and XMP; those of a damaged table are missing.
    """
    boxes = BoxFile(file)
    meta = boxes.find(boxes.root, b"meta")
    if meta is None:
        return []
    children = {box.type: box for box in boxes.children(meta, skipped=4)}
    items = set(_find_items(boxes, children.get(b"iinf")))
    table = io.BytesIO(boxes.read(children.get(b"iloc"), MAX_TABLE_BYTES))
    return [(start, length) for item, start, length in _read_table(table) if item in items]


def _find_items(boxes: BoxFile, entries: Box | None) -> Iterator[int]:
    """
    Yield the ids of the items with metadata.
    """
    if entries is None:
        return
    is_wide = boxes.read(entries, 1) > b"\0"
    for entry in boxes.children(entries, skipped=8 if is_wide else 6):
        content = boxes.read(entry, 14)
        size = 4 if content[:1] == b"\3" else 2
        if content[6 + size : 10 + size] in METADATA_TYPES:
            yield int.from_bytes(content[4 : 4 + size])


def _read_table(table: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """
    Yield id, position and length of each part of an item.
    """

    def number(size: int) -> int:
        return int.from_bytes(table.read(size))

    version = number(4) >> 24
    sizes = number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    for _ in range(min(number(4 if version > 1 else 2), MAX_ITEMS)):
        item = number(4 if version > 1 else 2)
        method = number(2) & 15 if version else FILE_OFFSET
        number(2)  # data reference
        base = number(base_size)
        for _ in range(min(number(2), MAX_ITEMS)):
            number(index_size)
            start, length = base + number(offset_size), number(length_size)
            if method == FILE_OFFSET:
                yield item, start, length
