"""
The connector interface.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django_trove.client.content import Content

from .errors import (
    IncompleteResponse,
    Misconfigured,
    NoResponse,
    RangeIgnored,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from .messages import NO_MESSAGE, Message
from .original_part import OriginalPart

__all__ = [
    "Batch",
    "Connector",
    "FoundItem",
    "IncompleteResponse",
    "ItemFailure",
    "KnownStamps",
    "Misconfigured",
    "NoResponse",
    "OriginalPart",
    "RangeIgnored",
    "Rendition",
    "RetryLater",
    "Revoked",
    "ServiceFailed",
]

KnownStamps = Callable[[Collection[str]], Mapping[str, str]]
"""A function from item ids to the etags of those that are in the index."""


DEFAULT_CONTENT_TYPES = ("photos", "videos")
UNPREFIXED_TYPES = frozenset({"photo", "video"})


def to_service_id(object_type: str, wire_id: str) -> str:
    """
    Return the id of an item in the index, such as "status:7". An account can have a photo and a
    status update with the same id. The ids of photos and videos have no prefix.
    """
    return wire_id if object_type in UNPREFIXED_TYPES else f"{object_type}:{wire_id}"


@dataclass(frozen=True, slots=True)
class Rendition:
    """
    A picture in one size, or a video.

    :param type: its media type.
    :param path: a file with the content, if it is large. It must exist until the next batch.
    :param width: in pixels, or 0 if it is unknown.
    :param height: in pixels, or 0 if it is unknown.
    """

    content: bytes = field(repr=False)
    type: str
    width: int = 0
    height: int = 0
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """
    A new or changed item.

    :param content: its metadata.
    :param etag: changes whenever the item changes.
    :param type: media type of the original, if this Trove serves it; otherwise "".
    :param renditions: its sizes, if this Trove stores them.
    :param proxied: whether its pictures are fetched on demand with `Connector.fetch_media`, because
        their URLs expire or require a key.
    :param has_album: false if the record does not contain the album; the index then keeps the album
        that it has.
    """

    content: Content
    etag: str
    type: str = ""
    renditions: Mapping[str, Rendition] = field(default_factory=dict)
    proxied: bool = False
    has_album: bool = True

    @property
    def service_id(self) -> str:
        """
        The id in the index, and in `Batch` and `KnownStamps` (`to_service_id`).
        """
        return to_service_id(self.content.object_type, self.content.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailure:
    """
    An item that is not imported, or several items of a folder.

    :param name: its name for the user.
    :param reason: one sentence for the user.
    :param count: number of items.
    """

    name: str
    reason: Message
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    A part of the items of an account. Items may be repeated, in any order.

    :param items: new and changed items.
    :param seen: ids of all items of this part, including unchanged and unreadable ones.
    :param unlisted: prefixes of ids that cannot be listed now; such items are kept.
    :param deleted: ids of deleted items.
    :param failures: unreadable items.
    :param skipped: items that are not imported, but are readable.
    :param albums: item ids by album id, if records do not contain the album.
    :param album_titles: titles by album id.
    :param emptied: prefixes of the ids in folders that are empty now; "" for all ids. If the index
        has such items, the folder may be the mount point of a disk that is not mounted.
    :param doubt: reason why the listing may be incomplete, for the user. If it is not empty, items
        that are not listed are kept.
    :param total: number of items in all batches, if known.
    :param expected: number of different photos and videos according to the service, if it is exact.
        If fewer are listed, the others are kept.
    :param content_types: in the last batch, the content types that the sync lists. After a full
        sync, items of other types are deleted. None for all types.
    :param unpermitted: in the last batch, the wanted types that the service does not permit.
    :param cursor: position after this batch; after the last batch, the start of the next sync. None
        if the sync cannot be resumed here.
    :param full: whether the sync lists all items, so that unlisted ones are deleted; otherwise it
        lists changes only.
    """

    items: tuple[FoundItem, ...] = ()
    seen: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    doubt: Message = NO_MESSAGE
    failures: tuple[ItemFailure, ...] = ()
    skipped: tuple[ItemFailure, ...] = ()
    albums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    album_titles: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    expected: int | None = None
    content_types: tuple[str, ...] | None = None
    unpermitted: tuple[str, ...] = ()
    cursor: Mapping[str, Any] | None = None
    full: bool = True


class Connector(ABC):
    """
    One account at a service.

    :param settings: `Identity.settings`.
    """

    name: ClassVar[str]
    """Name of the service in the protocol."""

    title: ClassVar[str]
    """Name of the service for users."""

    content_types: ClassVar[tuple[str, ...]] = DEFAULT_CONTENT_TYPES
    """Content types that the service can supply."""

    on_progress: Callable[[], Any] | None = None
    """Set by a sync, which renews its lease."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    @abstractmethod
    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Yield the account's items in batches, from a cursor on. Yield an empty batch if there are no
        items.

        :param cursor: the cursor of an earlier batch; empty for the first sync.
        :param known: items whose etag has not changed need not be included in `Batch.items`.
        :raises ServiceFailed: preferably a subclass, if the service cannot be read.
        """

    @property
    def wanted_types(self) -> tuple[str, ...]:
        """
        Content types to import.
        """
        return self.content_types

    def start_batch(self) -> None:
        """
        Called before each batch, to reset its limits.
        """
        return None

    def renew_lease(self) -> None:
        """
        Renew the lease of the sync, so that no other worker takes it over. Call it between the
        requests for one batch if they may take minutes, in the thread of `batches`.
        """
        if self.on_progress:
            self.on_progress()

    def original(self, service_id: str, etag: str) -> Path | None:
        """
        Return the file of an item that this Trove serves, if it still has this etag.

        :param service_id: the item's id.
        :param etag: the indexed etag.
        :returns: None by default.
        """
        return None

    def open_original(
        self, service_id: str, urls: Mapping[str, str], etag: str, start: int, end: int | None
    ) -> OriginalPart | None:
        """
        Request a part of the original of an item from the service. If the response contains values
        that can be compared with the etag, only that version of the file is returned. Otherwise,
        `OriginalPart.version` must be that of the response.

        :param service_id: the item's id.
        :param urls: the indexed URLs by size.
        :param etag: the indexed etag.
        :param start: position of the first byte.
        :param end: the position after the last byte; None for the end of the file.
        :returns: None if the original does not exist, or is known to have changed; by default
            always. The part may end before `end`.
        :raises RangeIgnored: if the service sends complete files only, and `start` is not 0.
        :raises ServiceFailed: if it cannot be read now.
        """
        return None

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        Fetch a picture of a `proxied` item.

        :param service_id: the item's id.
        :param urls: the indexed URLs by size.
        :param size: a key of `urls`.
        :returns: None if the picture does not exist any more.
        :raises ServiceFailed: if it cannot be fetched now.
        """
        return None

    def fetch_sizes(
        self, service_id: str, urls: Mapping[str, str], size: str
    ) -> Mapping[str, Rendition]:
        """
        Fetch a picture of a `proxied` item, and the sizes that are created together with it.

        :returns: renditions by size, by default the one of `fetch_media`; empty if the picture does
            not exist any more.
        :raises ServiceFailed: as `fetch_media`.
        """
        rendition = self.fetch_media(service_id, urls, size)
        return {size: rendition} if rendition else {}
