"""
Boxes of ISO 14496-12 and QuickTime: length, type and content, which may be further boxes.

Only the headers of boxes and the requested content are read, so the media
data of a video is skipped. The number of boxes is limited; the depth is that of the paths that are
looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_BOXES = 20_000
MAX_CONTENT = 65_536


class Box(NamedTuple):
    """
    :param start: position of the content in the file.
    :param end: position after the content.
    """

    type: bytes
    start: int
    end: int


class BoxFile:
    """
    A file that consists of boxes.

    :param file: must be seekable.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.root = Box(b"", 0, file.seek(0, 2))
        self.remaining = MAX_BOXES

    def children(self, parent: Box, skipped: int = 0) -> Iterator[Box]:
        """
        Yield the boxes in a box, up to the first one that is damaged.

        :param skipped: number of bytes before the first box.
        """
        position = parent.start + skipped
        while position + 8 <= parent.end and self.remaining > 0:
            self.remaining -= 1
            box = self._read_header(position, parent.end)
            if box is None:
                return
            yield box
            position = box.end

    def find_all(self, parent: Box, *path: bytes) -> Iterator[Box]:
        """
        Yield the boxes at a path of types, such as `b"moov", b"trak"`.
        """
        if not path:
            yield parent
            return
        for box in self.children(parent):
            if box.type == path[0]:
                yield from self.find_all(box, *path[1:])

    def find(self, parent: Box, *path: bytes) -> Box | None:
        return next(self.find_all(parent, *path), None)

    def read(self, box: Box | None, limit: int = MAX_CONTENT) -> bytes:
        """
        Return the beginning of a box's content; b"" without a box.
        """
        if box is None:
            return b""
        self.file.seek(box.start)
        return self.file.read(min(box.end - box.start, limit))

    def _read_header(self, position: int, end: int) -> Box | None:
        self.file.seek(position)
        header = self.file.read(16)
        size, start = int.from_bytes(header[:4]), position + 8
        if size == 1:
            size, start = int.from_bytes(header[8:16]), position + 16
        if size == 0:  # up to the end
            size = end - position
        if size < start - position or start > end:
            return None
        return Box(header[4:8], start, min(position + size, end))
