"""
Texts in the boxes of a video: of QuickTime, iTunes and 3GPP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .boxes import Box, BoxFile

MAX_TEXT = 10_000
MAX_KEYS = 500


def read_texts(boxes: BoxFile, movie: Box) -> Mapping[str, str]:
    """
    Return the metadata of the movie and of its tracks, by key. The movie's has priority.
    """
    texts: dict[str, str] = {}
    for parent in (movie, *boxes.find_all(movie, b"trak")):
        for meta in (*boxes.find_all(parent, b"meta"), *boxes.find_all(parent, b"udta", b"meta")):
            for key, text in _iter_items(boxes, meta):
                texts.setdefault(key, text)
        for data in boxes.find_all(parent, b"udta"):
            for key, text in _iter_user_data(boxes, data):
                texts.setdefault(key, text)
    return texts


def _iter_items(boxes: BoxFile, meta: Box) -> Iterator[tuple[str, str]]:
    """
    Yield the items of a `meta` box: of QuickTime, with a table of keys, or of iTunes.
    """
    # In MP4 there are four bytes before the first box, in QuickTime there are none.
    skipped = 0 if boxes.read(meta, 8)[4:8] == b"hdlr" else 4
    parts = {box.type: box for box in boxes.children(meta, skipped)}
    keys = list(_iter_keys(boxes.read(parts.get(b"keys"))))
    for item in boxes.children(parts[b"ilst"]) if b"ilst" in parts else ():
        number = int.from_bytes(item.type)
        key = keys[number - 1] if 0 < number <= len(keys) else item.type.decode("latin-1")
        content = boxes.read(boxes.find(item, b"data"), MAX_TEXT)
        if content[:4] in (b"\0\0\0\1", b"\0\0\0\0"):
            yield key, _decode(content[8:])


def _iter_keys(content: bytes) -> Iterator[str]:
    position = 8
    for _ in range(min(int.from_bytes(content[4:8]), MAX_KEYS)):
        size = int.from_bytes(content[position : position + 4])
        if size < 8:
            return
        yield content[position + 8 : position + size].decode("latin-1")
        position += size


def _iter_user_data(boxes: BoxFile, data: Box) -> Iterator[tuple[str, str]]:
    for box in boxes.children(data):
        if box.type[:1] == b"\xa9":
            content = boxes.read(box, MAX_TEXT)
            size = int.from_bytes(content[:2])  # QuickTime: size and language before the text
            is_quicktime = 0 < size <= len(content) - 4
            text = content[4 : 4 + size] if is_quicktime else content
            yield box.type.decode("latin-1"), _decode(text)
        elif box.type == b"loci":
            yield "loci", _parse_3gpp_place(boxes.read(box, MAX_TEXT))


def _parse_3gpp_place(content: bytes) -> str:
    """
    Convert the place of a 3GPP file (TS 26.244, section 8.10) to ISO 6709.
    """
    name = content[6:]
    if name[:2] in (b"\xfe\xff", b"\xff\xfe"):  # UTF-16
        ends = [at for at in range(0, len(name) - 1, 2) if name[at : at + 2] == b"\0\0"]
        end = ends[0] + 2 if ends else len(name)
    else:
        end = name.find(b"\0") + 1 or len(name)
    numbers = read_fixed_numbers(name[end + 1 : end + 9])  # after the role
    if len(numbers) < 2 or len(name) < end + 9:
        return ""
    longitude, latitude = numbers
    return f"{latitude:+010.6f}{longitude:+011.6f}/"


def read_fixed_numbers(content: bytes) -> list[float]:
    parts = (content[start : start + 4] for start in range(0, len(content), 4))
    return [int.from_bytes(part, signed=True) / 65_536 for part in parts]


def _decode(content: bytes) -> str:
    text = content.decode("utf-8", "replace").partition("\0")[0]
    return re.sub("[\x01-\x08\x0b-\x1f\x7f\ufffd]", "", text).strip()
