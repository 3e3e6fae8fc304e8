"""
The things a Trove keeps: the words of the whole package.

Content is to be read, not changed, and made by keyword. It is neither frozen nor keyword-only just
because such classes take up to six times as long to make, and that is where a large answer's time
goes (tests/benchmarks/client.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

Location = tuple[float, float]
"""Latitude and longitude in degrees."""


SIZES = ("thumbnail", "medium", "large", "original")
"""The names of the sizes, the smallest first."""


class Urls(Mapping[str, str]):
    """
    A picture's addresses by size, as the service gave them.

    `urls["medium"]` is that size or KeyError; `urls.medium` falls back to the nearest size
    there is, the larger one first, and to "" where there is none at all.
    """

    __slots__ = ("_by_size",)

    def __init__(self, by_size: Mapping[str, str] | None = None) -> None:
        self._by_size = by_size or {}

    def __getitem__(self, size: str) -> str:
        return self._by_size[size]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_size)

    def __len__(self) -> int:
        return len(self._by_size)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_size.items()))

    def __repr__(self) -> str:
        return f"Urls({', '.join(self._by_size)})"

    def nearest(self, size: str) -> str:
        """
        Return the address of `size`, or of the nearest size there is.

        :param size: one of `SIZES`.
        """
        wanted = SIZES.index(size)
        by_nearness = sorted(
            SIZES, key=lambda name: (abs(SIZES.index(name) - wanted), -SIZES.index(name))
        )
        return next((self._by_size[name] for name in by_nearness if name in self._by_size), "")

    @property
    def thumbnail(self) -> str:
        return self.nearest("thumbnail")

    @property
    def medium(self) -> str:
        return self.nearest("medium")

    @property
    def large(self) -> str:
        return self.nearest("large")

    @property
    def original(self) -> str:
        return self.nearest("original")


@dataclass(slots=True)
class Content:
    """
    What everything in a Trove has.

    :param trove_id: the Trove's own id; "" from a Trove that doesn't tell.
    :param service: the service's name, such as "flickr".
    :param id: the id at that service.
    :param extra: whatever the Trove said that this version has no name for.
    """

    object_type: ClassVar[str] = ""

    trove_id: str = ""
    service: str = ""
    id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True, repr=False)
class Photo(Content):
    """
    A photo (protocol, "Result and photo").

    :param date: when it was taken, aware and in UTC; None where nobody knows.
    :param height: in pixels; 0 where unknown.
    :param width: in pixels; 0 where unknown.
    :param latitude: in degrees north.
    :param longitude: in degrees east.
    """

    object_type: ClassVar[str] = "photo"

    title: str = ""
    owner: str = ""
    description: str = ""
    urls: Urls = field(default_factory=Urls)
    tags: tuple[str, ...] = ()
    date: datetime | None = None
    album_id: str = ""
    license: str = ""
    height: int = 0
    width: int = 0
    public: bool = False
    original_web_url: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def location(self) -> Location | None:
        """
        Latitude and longitude, or None where either is unknown.
        """
        if self.latitude is None or self.longitude is None:
            return None
        return (self.latitude, self.longitude)

    def __repr__(self) -> str:
        taken = f" {self.date:%Y-%m-%d}" if self.date else ""
        return (
            f"<{type(self).__name__} {self.title!r}{taken}"
            f" {self.service}:{self.id} trove_id={self.trove_id!r}>"
        )


@dataclass(slots=True, kw_only=True, repr=False)
class Video(Photo):
    """
    A video: a photo's record, and how long it runs.

    :param duration: in seconds; 0 where unknown.
    """

    object_type: ClassVar[str] = "video"

    duration: float = 0


@dataclass(slots=True, kw_only=True)
class Status(Content):
    """
    A status update.

    :param service_date: when it was written, aware and in UTC.
    """

    object_type: ClassVar[str] = "status"

    owner: str = ""
    service_date: datetime | None = None
    message: str = ""
    type: str = ""
    public: bool = False
    place: Mapping[str, Any] = field(default_factory=dict)
    geolocation: Mapping[str, Any] = field(default_factory=dict)
    subfields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Checkin(Content):
    """
    A check-in at a venue.

    :param service_date: when it was, aware and in UTC.
    """

    object_type: ClassVar[str] = "checkin"

    owner: str = ""
    description: str = ""
    shout: str = ""
    service_date: datetime | None = None
    venue: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Friend(Content):
    """
    Somebody the person knows on a service.
    """

    object_type: ClassVar[str] = "friend"

    name: str = ""
    url: str = ""
    avatar_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    One account of the person's on a service.

    :param id: what `Query.identities_by_id` takes.
    """

    id: str = ""
    service: str = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    Whose Trove it is (protocol, the "user" call).

    :param email: "" where the person doesn't allow it.
    """

    name: str = ""
    email: str = ""
    identities: tuple[Identity, ...] = ()
