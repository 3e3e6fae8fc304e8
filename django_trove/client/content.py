"""
The content types of a Trove. The objects are immutable. Create them with keyword arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct, ValidationError, convert

MAX_UTC_OFFSET = 14 * 60  # minutes

Count = Annotated[int, Meta(ge=0)]
Quantity = Annotated[float, Meta(ge=0, le=sys.float_info.max)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Pixels = Annotated[int, Meta(gt=0)]
UtcOffset = Annotated[int, Meta(ge=-MAX_UTC_OFFSET, le=MAX_UTC_OFFSET)]
WebUrl = Annotated[str, "an http or https URL, or empty"]
UploadDate = Annotated[datetime, "not in year 1 or 9999"]

Location = tuple[float, float]
"""Latitude and longitude in degrees."""

ValidLocation = tuple[Latitude, Longitude]


SIZES = ("thumbnail", "medium", "large", "original")
"""The names of the sizes, the smallest first."""


class Urls(Mapping[str, str]):
    """
    The URLs of a photo by size.

    `urls["medium"]` raises KeyError if the size is missing. `urls.medium` returns the nearest size,
    the larger one first, or "".
    """

    __slots__ = ("by_size",)

    def __init__(self, by_size: Mapping[str, str] | None = None) -> None:
        self.by_size = by_size or {}

    def __getitem__(self, size: str) -> str:
        return self.by_size[size]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_size)

    def __len__(self) -> int:
        return len(self.by_size)

    def __hash__(self) -> int:
        return hash(frozenset(self.by_size.items()))

    def __repr__(self) -> str:
        return f"Urls({', '.join(self.by_size)})"

    def nearest(self, size: str) -> str:
        """
        Return the URL of the nearest size.

        :param size: one of `SIZES`.
        """
        index = SIZES.index(size)
        by_nearness = sorted(
            SIZES, key=lambda name: (abs(SIZES.index(name) - index), -SIZES.index(name))
        )
        return next((self.by_size[name] for name in by_nearness if name in self.by_size), "")

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


NO_URLS = Urls()

Size = tuple[Pixels, Pixels]
"""Width and height in pixels."""


class Camera(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
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
    exposure_time: Quantity = 0
    aperture: Quantity = 0
    iso: Count = 0
    focal_length: Quantity = 0

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


class Content(Struct, frozen=True):
    """
    The common attributes of all content.

    :param extra: the unknown keys of the record.
    :param trove_id: the Trove's id, or "" if the Trove sends none.
    :param service: the name of the service, such as "flickr".
    :param id: the id at the service.
    """

    object_type: ClassVar[str] = ""

    extra: Mapping[str, Any] = {}
    trove_id: str = ""
    service: str = ""
    id: str = ""


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


class Photo(Content, frozen=True):
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
    urls: Urls = NO_URLS
    tags: tuple[str, ...] = ()
    date: datetime | None = None
    album_id: str = ""
    license: str = ""
    height: Count = 0
    width: Count = 0
    public: bool = False
    original_web_url: WebUrl = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    utc_offset: UtcOffset | None = None
    upload_date: UploadDate | None = None
    album_title: str = ""
    media_type: str = ""
    sizes: Mapping[str, Size] = {}
    camera: Camera = UNKNOWN_CAMERA

    @property
    def pictures(self) -> Urls:
        """
        The URLs of still pictures: `urls` without the file of a video.
        """
        return self.urls

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


class Video(Photo, frozen=True, kw_only=True):
    """
    A video (protocol, section 5.3).

    :param duration: in seconds, or 0 if it is unknown.
    """

    object_type: ClassVar[str] = "video"

    duration: Quantity = 0

    @property
    def file_url(self) -> str:
        """
        The URL of the file, or "" if the Trove has still pictures only.
        """
        return self.urls.get("original", "") if self.media_type.startswith("video/") else ""

    @property
    def pictures(self) -> Urls:
        if not self.file_url:
            return self.urls
        return Urls({size: url for size, url in self.urls.items() if size != "original"})


class Status(Content, frozen=True, kw_only=True):
    """
    A status update.

    :param service_date: the time of the update, aware and in UTC.
    :param original_web_url: the URL of its page at the service.
    """

    object_type: ClassVar[str] = "status"

    owner: str = ""
    service_date: datetime | None = None
    message: str = ""
    type: str = ""
    public: bool = False
    original_web_url: WebUrl = ""
    place: Mapping[str, Any] = {}
    geolocation: Mapping[str, Any] = {}
    subfields: Mapping[str, Any] = {}

    @property
    def location(self) -> Location | None:
        """
        The coordinates of `geolocation`, or None if they are missing or invalid.
        """
        try:
            location: Location = convert(self.geolocation.get("coordinates"), ValidLocation)
        except ValidationError:
            return None
        return location


class Checkin(Content, frozen=True, kw_only=True):
    """
    A check-in at a venue.

    :param service_date: the time of the check-in, aware and in UTC.
    :param original_web_url: the URL of its page at the service.
    """

    object_type: ClassVar[str] = "checkin"

    owner: str = ""
    description: str = ""
    shout: str = ""
    service_date: datetime | None = None
    public: bool = False
    original_web_url: WebUrl = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    venue: Mapping[str, Any] = {}

    @property
    def location(self) -> Location | None:
        """
        Latitude and longitude, or None if one is unknown.
        """
        if self.latitude is None or self.longitude is None:
            return None
        return (self.latitude, self.longitude)


class Friend(Content, frozen=True, kw_only=True):
    """
    A contact of the user on a service.
    """

    object_type: ClassVar[str] = "friend"

    name: str = ""
    url: WebUrl = ""
    avatar_url: WebUrl = ""


class Album(Content, frozen=True, kw_only=True):
    """
    An album of an account (protocol, section 5.6). A query of public photos counts these only.

    :param id: the id at the service, for `Query.albums`.
    :param identity: the id of the account, for `Query.identities_by_id`.
    :param cover: the newest photo, or the newest video of an album without photos.
    """

    object_type: ClassVar[str] = "album"

    identity: str = ""
    title: str = ""
    photos: Count = 0
    videos: Count = 0
    cover: Photo | None = None

    @property
    def count(self) -> int:
        """
        The number of photos and videos.
        """
        return self.photos + self.videos


class Month(Content, frozen=True, kw_only=True):
    """
    The number of photos and videos of a month in local time (protocol, section 5.6).

    :param year: 0 for items without a date.
    :param month: from 1 to 12, or 0 for items without a date.
    """

    object_type: ClassVar[str] = "month"

    year: Count = 0
    month: Count = 0
    photos: Count = 0
    videos: Count = 0

    @property
    def count(self) -> int:
        """
        The number of photos and videos.
        """
        return self.photos + self.videos

    @property
    def first_day(self) -> date | None:
        """
        The first day of the month, or None for items without a date.
        """
        return date(self.year, self.month, 1) if self.month else None


class Identity(Struct, frozen=True, kw_only=True):
    """
    An account of the user on a service.

    :param id: the value for `Query.identities_by_id`.
    """

    id: str = ""
    service: str = ""
    name: str = ""
    url: WebUrl = ""


class Person(Struct, frozen=True, kw_only=True):
    """
    The user of the Trove (protocol, section 3.1).

    :param email: "" if the user did not share it.
    """

    name: str = ""
    first_name: str = ""
    email: str = ""
    identities: tuple[Identity, ...] = ()
