"""
The content types of a Trove. The objects are immutable. Create them with keyword arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct, ValidationError, convert

from .values import (
    NO_URLS,
    UNKNOWN_CAMERA,
    UNKNOWN_PLACE,
    Camera,
    Color,
    Count,
    Latitude,
    Location,
    Longitude,
    Place,
    Quantity,
    Size,
    UploadDate,
    Urls,
    UtcOffset,
    ValidLocation,
    WebUrl,
    to_local_time,
    to_location,
)


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
    :param place: the nearest place of the location, false if it is unknown.
    :param average_color: of the picture, such as "#3f6e8c", or "" if it is unknown.
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
    place: Place = UNKNOWN_PLACE
    average_color: Color = ""

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
        return to_location(self.latitude, self.longitude)

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
        return to_location(self.latitude, self.longitude)


class Friend(Content, frozen=True, kw_only=True):
    """
    A contact of the user on a service.
    """

    object_type: ClassVar[str] = "friend"

    name: str = ""
    url: WebUrl = ""
    avatar_url: WebUrl = ""
