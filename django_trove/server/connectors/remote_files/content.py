"""
The content of a remote file, of which only the required parts are fetched.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, cast

from ..errors import ServiceFailed
from ..messages import Message as _
from .entries import FileFailed

BLOCK = 131_072
METADATA_BYTES = 8 * BLOCK
MAX_FILLED_BYTES = 25_000_000  # of a read of a complete file; a larger file is downloaded
INCOMPLETE = _("The server sends an incomplete part of the file.")
VIDEO_BLOCK, VIDEO_BYTES = 4 * BLOCK, 24_000_000


class FilePart(NamedTuple):
    """
    :param size: of the complete file; 0 if it is unknown.
    """

    content: bytes
    size: int


class PartMissing(OSError):
    """
    A part of the file cannot be fetched, or is beyond the limit.
    """


class RemoteContent(io.RawIOBase):
    """
    A file of which blocks are fetched when they are read.

    A read of the complete file returns zeros for the blocks that are not fetched yet: the decoders
    of HEIC, AVIF and WebP load the file to read its metadata, which is at its start.

    :param read_range: returns the part of the file from a position on, with this length at most.
    :param block: number of bytes that are fetched at once.
    :param max_bytes: limit of the fetched bytes.
    :raises ServiceFailed: if the first block cannot be fetched.
    """

    def __init__(
        self,
        read_range: Callable[[int, int], FilePart],
        *,
        block: int = BLOCK,
        max_bytes: int = METADATA_BYTES,
    ) -> None:
        self._read_range, self._block, self._max_bytes = read_range, block, max_bytes
        self._blocks: dict[int, bytes] = {}
        self._position = 0
        self.failure: ServiceFailed | None = None
        """The reason why a block cannot be fetched."""

        self.is_exhausted = False
        """Whether more than the limit would be required."""

        first = read_range(0, block)
        self._blocks[0] = first.content
        self.size = max(first.size, len(first.content))
        if len(first.content) < min(self.size, block):
            raise FileFailed(INCOMPLETE)

    @property
    def file(self) -> BinaryIO:
        return cast(BinaryIO, self)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        remaining = max(self.size - self._position, 0)
        is_rest = size is None or size < 0
        length = remaining if is_rest else min(size or 0, remaining)
        if length > self._max_bytes:
            is_rest = True
        content = self._collect(self._position, length, is_filled=is_rest)
        self._position += len(content)
        return content

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def _collect(self, start: int, length: int, *, is_filled: bool) -> bytes:
        """
        :param is_filled: whether missing blocks are zeros.
        """
        if not length:
            return b""
        if length > MAX_FILLED_BYTES:
            self.is_exhausted = True
            raise PartMissing
        first, last = start // self._block, (start + length - 1) // self._block
        if not is_filled:
            blocks = [self._fetch(number) for number in range(first, last + 1)]
        else:  # missing blocks share one object, so that only the result takes memory
            zeros = bytes(self._block)
            blocks = [self._blocks.get(number, zeros) for number in range(first, last + 1)]
        blocks[-1] = blocks[-1][: start + length - last * self._block]
        blocks[0] = blocks[0][start - first * self._block :]
        return b"".join(blocks)

    def _fetch(self, number: int) -> bytes:
        if number not in self._blocks:
            if (len(self._blocks) + 1) * self._block > self._max_bytes:
                self.is_exhausted = True
            if self.failure or self.is_exhausted:
                raise PartMissing
            try:
                self._blocks[number] = self._fetch_complete(number * self._block)
            except ServiceFailed as error:
                self.failure = error
                raise PartMissing from None
        return self._blocks[number]

    def _fetch_complete(self, start: int) -> bytes:
        """
        :raises FileFailed: if the server sends less than a block, and not the end of the file.
        """
        content = self._read_range(start, self._block).content
        if len(content) < min(self._block, self.size - start):
            raise FileFailed(INCOMPLETE)
        return content
