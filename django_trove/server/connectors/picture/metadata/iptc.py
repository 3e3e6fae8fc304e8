"""
Metadata in IPTC IIM 4.2.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator

from .dates import UNKNOWN_DATE, DateTaken, parse_date
from .fields import MAX_BLOCK_BYTES, Metadata
from .tags import build_tags
from .text import clean_caption, decode_text

MARKER = b"\x1c"
RECORD_START = b"\x1c\x02"
HEADER_SIZE = 5
EXTENDED_SIZE = 0x8000

# Numbers of the fields in record 2.
TITLES = (5, 105)  # object name, headline
DESCRIPTION, KEYWORDS = 120, 25
DATES = ((55, 60), (62, 63))  # day and time of creation, and of digitization


def read_iptc(block: bytes) -> Metadata:
    fields: dict[int, list[str]] = defaultdict(list)
    for number, content in _read_fields(block[:MAX_BLOCK_BYTES]):
        if text := decode_text(content):
            fields[number].append(text)
    date = _read_date(fields)
    return Metadata(
        title=next(filter(None, (clean_caption(_join(fields[tag])) for tag in TITLES)), ""),
        description=clean_caption(_join(fields[DESCRIPTION])),
        tags=build_tags(tag for text in fields[KEYWORDS] for tag in text.split(";")),
        taken=date.taken,
        utc_offset=date.utc_offset,
    )


def _read_fields(block: bytes) -> Iterator[tuple[int, bytes]]:
    """
    Yield the number and the content of the fields of record 2. Damaged parts are skipped.
    """
    position = block.find(MARKER)
    while 0 <= position <= len(block) - HEADER_SIZE:
        record, number, size = struct.unpack_from(">BBH", block, position + 1)
        start = position + HEADER_SIZE
        if size & EXTENDED_SIZE:
            length = size & ~EXTENDED_SIZE
            size = int.from_bytes(block[start : start + min(length, 8)])
            start += length
        end = start + size
        if end > len(block):
            end = _find_or_end(block, RECORD_START, start)
        if record == 2:
            yield number, block[start:end]
        position = block.find(MARKER, end)


def _find_or_end(block: bytes, part: bytes, start: int) -> int:
    position = block.find(part, start)
    return len(block) if position < 0 else position


def _read_date(fields: dict[int, list[str]]) -> DateTaken:
    for day, time in DATES:
        date = parse_date(" ".join((fields[day] or [""])[:1] + fields[time][:1]))
        if date.taken:
            return date
    return UNKNOWN_DATE


def _join(texts: list[str]) -> str:
    return " ".join(texts)
