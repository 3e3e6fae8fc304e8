"""
What a connector is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django_trove.client.content import Photo

__all__ = [
    "Batch",
    "Connector",
    "FoundItem",
    "ItemFailure",
    "KnownStamps",
    "Misconfigured",
    "Rendition",
    "RetryLater",
    "Revoked",
    "ServiceFailed",
]

KnownStamps = Callable[[Collection[str]], Mapping[str, str]]
"""Given ids, it returns the stamps of those that the index has."""


class ServiceFailed(Exception):
    """
    The service can't be read now, and nobody knows why. What the index knows of it stays.

    :param reason: one sentence for the person, with what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RetryLater(ServiceFailed):
    """
    The service has had enough of us, or is out of order.

    :param seconds: how long it asks to be left alone, where it says.
    :param all_accounts: whether that goes for all people's accounts, and not for this one alone.
    """

    def __init__(
        self, reason: str, seconds: float | None = None, *, all_accounts: bool = False
    ) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.all_accounts = all_accounts


class Revoked(ServiceFailed):
    """
    The person has to connect the account again: their leave was taken back, or ran out.
    """


class Misconfigured(ServiceFailed):
    """
    This Trove's keys or settings are wrong: it is its operator's to mend.
    """


@dataclass(frozen=True, slots=True)
class Rendition:
    """
    A picture in one size, ready to be kept.

    :param type: its media type.
    """

    content: bytes = field(repr=False)
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """
    An item that was read anew.

    :param photo: what its service says of it.
    :param etag: changes whenever the item does.
    :param type: the original's media type, where we serve it ourselves; "" where there is none.
    :param renditions: its sizes, where we keep them ourselves.
    :param proxied: whether its pictures have to be fetched for whoever wants to see them, because
        their addresses expire or want a key (`Connector.picture`).
    :param has_album: whether the record tells the album; else the index keeps the one it has.
    """

    photo: Photo
    etag: str
    type: str = ""
    renditions: Mapping[str, Rendition] = field(default_factory=dict)
    proxied: bool = False
    has_album: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailure:
    """
    An item that can't be read.

    :param name: what the person knows it by.
    :param reason: in plain words.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    A part of what a service has. A part may come twice, and parts in any order.

    :param items: items that are new or changed.
    :param seen: ids of all items in this part, read anew or not, readable or not.
    :param unlisted: beginnings of ids that can't be listed now and stay as they are.
    :param deleted: ids of items that the service says were deleted.
    :param failures: items that can't be read.
    :param albums: ids of items by the album that they are in, where records don't tell.
    :param total: how many items there are on all pages, where it is known.
    :param cursor: where to go on after this page; after the last one, where the next look begins.
        None where one can't go on in the middle.
    :param full: whether the look lists everything, so that what it doesn't name is gone; else it
        lists what changed.
    """

    items: tuple[FoundItem, ...] = ()
    seen: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    failures: tuple[ItemFailure, ...] = ()
    albums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    total: int | None = None
    cursor: Mapping[str, Any] | None = None
    full: bool = True


class Connector(ABC):
    """
    One account of a service.

    :param settings: the identity's.
    """

    name: ClassVar[str]
    """The service's name on the wire."""

    title: ClassVar[str]
    """The service's name for people."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    @abstractmethod
    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        """
        Yield what the account has, page by page, from a cursor on. A look that finds nothing at
        all yields one empty page: without any page, nothing is said of anything.

        :param cursor: an earlier page's; empty for the very first look.
        :param known: what still has its stamp need not be read.
        :raises ServiceFailed: if the service can't be read; best as one of its subclasses.
        """

    def original(self, service_id: str, etag: str) -> Path | None:
        """
        Return the file of an item that we serve ourselves, while it is the one that was read.
        """
        return None

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        Fetch a picture of an item that was found `proxied`.

        :param urls: its addresses as they were found, by size.
        :returns: None if there is none any more.
        :raises ServiceFailed: if it can't be had just now.
        """
        return None
