"""
A part of an original, streamed from a service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class Body(Protocol):
    """
    The content of a response, in chunks. The iterator raises `NoResponse` if it is incomplete.
    """

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalPart:
    """
    A part of the original of an item, streamed from the service.

    :param body: must be closed.
    :param start: position of its first byte.
    :param end: the position after its last byte; None if it is unknown. If it is `start`, the file
        has no such part.
    :param size: of the complete file; None if it is unknown.
    :param is_range: false if the service ignores ranges; the part is then the complete file.
    :param etag: header of the response, like `modified` (`Last-Modified`).
    :param type: its media type, if it may differ from the indexed one.
    :param name: of the file; "" if it is unknown.
    :param version: a value that changes with the content; "" if the content is known to be that of
        the indexed etag.
    """

    body: Body
    start: int
    end: int | None
    size: int | None
    is_range: bool = True
    etag: str = ""
    modified: str = ""
    type: str = ""
    name: str = ""
    version: str = ""
