"""
The content types of a Trove.

Do not modify content objects, and create them with keyword arguments. Not all classes are frozen
and keyword-only, because creating such objects takes up to six times as long
(tests/benchmarks/client.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

Location = tuple[float, float]
"""Latitude and longitude in degrees."""


SIZES = ("thumbnail", "medium", "large", "original")
"""The names of the sizes, the smallest first."""


class Urls(Mapping[str, str]):
    """
    The URLs of a photo by size.

    `urls["medium"]` raises KeyError if the size is missing. `urls.medium` returns the nearest size,
    the larger one first, or "".
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
        Return the URL of the nearest size.

        :param size: one of `SIZES`.
        """
        index = SIZES.index(size)
        by_nearness = sorted(
            SIZES, key=lambda name: (abs(SIZES.index(name) - index), -SIZES.index(name))
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


Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(slots=True, unsafe_hash=True)
class Camera:
    """
    The camera and the exposure of a photo. 0 and "" mean unknown.

    :param exposure_time: in seconds.
    :param aperture: the f-number.
    :param iso: the ISO speed.
    :param focal_length: in millimeters.
    """

    make: str = ""
    model: str = ""
    lens: str = ""
    exposure_time: float = 0
    aperture: float = 0
    iso: int = 0
    focal_length: float = 0

    @property
    def name(self) -> str:
        """
        Make and model. Many models contain the make.
        """
        first_word = self.make.partition(" ")[0].casefold()
        if first_word and self.model.casefold().startswith(first_word):
            return self.model
        return f"{self.make} {self.model}".strip()


UNKNOWN_CAMERA = Camera()


@dataclass(slots=True)
class Content:
    """
    The common attributes of all content.

    :param trove_id: the Trove's id, or "" if the Trove sends none.
    :param service: the name of the service, such as "flickr".
    :param id: the id at the service.
    :param extra: the keys of the record that this version does not know.
    """

    object_type: ClassVar[str] = ""

    trove_id: str = ""
    service: str = ""
    id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def to_local_time(moment: datetime, utc_offset: int | None) -> datetime:
    """
    Return the naive local time of a moment.

    :param utc_offset: in minutes, or None for UTC.
    """
    utc = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    try:
        return utc + timedelta(minutes=utc_offset or 0)
    except OverflowError:  # within a day of year 1 or 9999
        return utc


@dataclass(slots=True, repr=False)
class Photo(Content):
    """
    A photo (protocol, section 5.2).

    :param date: the date taken, aware and in UTC, or None if it is unknown. If the UTC offset is
        unknown, it contains the local time of the camera as if it were UTC.
    :param height: in pixels, or 0 if it is unknown.
    :param width: in pixels, or 0 if it is unknown.
    :param latitude: in degrees north.
    :param longitude: in degrees east.
    :param utc_offset: the offset of the local time from UTC in minutes, positive in the east, or
        None if it is unknown.
    :param upload_date: the date of the upload to the service, aware and in UTC, or None if it is
        unknown.
    :param media_type: the media type of the original, such as "image/jpeg", or "".
    :param sizes: the pixel size of each URL, by size, if it is known.
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
    utc_offset: int | None = None
    upload_date: datetime | None = None
    album_title: str = ""
    media_type: str = ""
    sizes: Mapping[str, Size] = field(default_factory=dict)
    camera: Camera = UNKNOWN_CAMERA

    @property
    def local_date(self) -> datetime | None:
        """
        The local time of the camera, naive, or None if the date is unknown.
        """
        if self.date is None:
            return None
        return to_local_time(self.date, self.utc_offset)

    @property
    def location(self) -> Location | None:
        """
        Latitude and longitude, or None if one is unknown.
        """
        if self.latitude is None or self.longitude is None:
            return None
        return (self.latitude, self.longitude)

    def __repr__(self) -> str:
        taken = f" {self.local_date:%Y-%m-%d}" if self.local_date else ""
        return (
            f"<{type(self).__name__} {self.title!r}{taken}"
            f" {self.service}:{self.id} trove_id={self.trove_id!r}>"
        )


@dataclass(slots=True, kw_only=True, repr=False)
class Video(Photo):
    """
    A video (protocol, section 5.3).

    :param duration: in seconds, or 0 if it is unknown.
    """

    object_type: ClassVar[str] = "video"

    duration: float = 0


@dataclass(slots=True, kw_only=True)
class Status(Content):
    """
    A status update.

    :param service_date: the time of the update, aware and in UTC.
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

    :param service_date: the time of the check-in, aware and in UTC.
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
    A contact of the user on a service.
    """

    object_type: ClassVar[str] = "friend"

    name: str = ""
    url: str = ""
    avatar_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    An account of the user on a service.

    :param id: the value for `Query.identities_by_id`.
    """

    id: str = ""
    service: str = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    The user of the Trove (protocol, section 3.1).

    :param email: "" if the user did not share it.
    """

    name: str = ""
    email: str = ""
    identities: tuple[Identity, ...] = ()
