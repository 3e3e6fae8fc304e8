"""
What a connector is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django_trove.client.content import Photo

__all__ = ["Connector", "Failure", "Found", "Page", "Rendition", "ServiceFailed"]


class ServiceFailed(Exception):
    """
    The service can't be read at all now. What the index knows of it stays.

    :param reason: one sentence for the person, with what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rendition:
    """
    A picture in one size, ready to be kept.

    :param type: its media type.
    """

    content: bytes = field(repr=False)
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    An item that was read anew.

    :param photo: what its service says of it.
    :param stamp: changes whenever the item does.
    :param type: the original's media type, where we serve it ourselves.
    :param renditions: its sizes, where we keep them ourselves.
    """

    photo: Photo
    stamp: str
    type: str = ""
    renditions: Mapping[str, Rendition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """
    An item that can't be read.

    :param name: what the person knows it by.
    :param reason: in plain words.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    A part of what a service has.

    :param found: items that are new or changed.
    :param seen: ids of all items in this part, read anew or not, readable or not.
    :param failures: items that can't be read.
    :param total: how many items there are on all pages, where it is known.
    """

    found: tuple[Found, ...] = ()
    seen: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    total: int | None = None


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
    def pages(self, known: Mapping[str, str]) -> Iterator[Page]:
        """
        Yield everything that the account has, page by page.

        :param known: the stamp of each id in the index; what still has its stamp need not be read.
        :raises ServiceFailed: if the service can't be read.
        """

    def original(self, service_id: str, stamp: str) -> Path | None:
        """
        Return the file of an item that we serve ourselves, while it is the one that was read.
        """
        return None
