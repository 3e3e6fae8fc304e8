"""
The methods of the fake Trove that change its content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from ..client import Checkin, Friend, Identity, Photo, Status, Video
from ..client.content import Content
from ..client.values import Location
from .data import FakeLibrary, to_datetime, to_tags

Date = dt.date | str | None
Dated = TypeVar("Dated", Status, Checkin)

DEFAULTS: dict[str, Any] = {"service": "flickr"}
PHOTO_DEFAULTS: dict[str, Any] = {**DEFAULTS, "width": 1024, "height": 768, "public": True}


class FakeContent:
    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def add_photo(
        self,
        user: Any = None,
        *,
        title: str = "",
        tags: Iterable[str] = (),
        date: Date = None,
        location: Location | None = None,
        service: str = "flickr",
        identity: Identity | None = None,
        **fields: Any,
    ) -> Photo:
        """
        Add a photo. URLs, sizes and ids have default values.

        :param user: the owner. None: every user has the photo.
        :param tags: the tags, or one tag.
        :param date: the time when the photo was taken: a datetime, a date, or either as a string.
            Without a time zone, it is in UTC; a date without a time is noon.
        :param location: (latitude, longitude) in degrees.
        :param service: the name of the service. Ignored if `identity` is given.
        :param identity: the account on a service, as returned by `add_identity`. None: the user's
            first account on the service, which is added if it does not exist.
        :param fields: other fields of `Photo`, such as `urls`, `width` or `trove_id`.
        :returns: the photo as the site receives it.
        :raises ValueError: if the date is an invalid string.
        """
        latitude, longitude = location or (None, None)
        values: dict[str, Any] = {
            "title": title,
            "tags": to_tags(tags),
            "date": to_datetime(date),
            "service": service,
            "latitude": latitude,
            "longitude": longitude,
        }
        kind = Video if "duration" in fields else Photo
        photo: Photo = self.add(user, kind(**PHOTO_DEFAULTS | values | fields), identity)
        return photo

    def add_video(self, user: Any = None, *, duration: float = 0, **fields: Any) -> Video:
        """
        Add a video.

        :param duration: in seconds.
        :param fields: as for `add_photo`. By default, the Trove does not have the file of the
            video; add it with `urls={"original": …}` and `media_type="video/mp4"`.
        """
        video = self.add_photo(user, duration=duration, **fields)
        assert isinstance(video, Video)  # noqa: S101
        return video

    def add_status(
        self, user: Any = None, message: str = "", *, date: Date = None, **fields: Any
    ) -> Status:
        """
        Add a public status update.

        :param user: as for `add_photo`, and so are `date`, `service` and `identity`.
        :param fields: other fields of `Status`.
        """
        return self._add_dated(Status, user, date, {"message": message, "public": True} | fields)

    def add_checkin(
        self, user: Any = None, venue: str = "", *, date: Date = None, **fields: Any
    ) -> Checkin:
        """
        Add a check-in.

        :param venue: the name of the venue.
        :param fields: other fields of `Checkin`.
        """
        return self._add_dated(Checkin, user, date, {"venue": {"name": venue}} | fields)

    def add_friend(self, user: Any = None, name: str = "", **fields: Any) -> Friend:
        """
        Add a friend.

        :param fields: other fields of `Friend`.
        """
        identity = fields.pop("identity", None)
        friend: Friend = self.add(user, Friend(**DEFAULTS | {"name": name} | fields), identity)
        return friend

    def _add_dated(self, kind: type[Dated], user: Any, date: Date, fields: dict[str, Any]) -> Dated:
        identity = fields.pop("identity", None)
        values = DEFAULTS | {"service_date": to_datetime(date)} | fields
        item: Dated = self.add(user, kind(**values), identity)
        return item

    def add(self, user: Any, item: Content, identity: Identity | None = None) -> Any:
        """
        Add an item of any type. Ids and URLs have default values.
        """
        return self._library.add(user, item, identity)

    def remove(self, item: Content) -> None:
        self._library.remove(item)

    def add_identity(self, user: Any = None, service: str = "flickr", name: str = "") -> Identity:
        """
        Add an account on a service.

        :param user: the owner. None: every user has the account.
        :param service: the name of the service.
        :param name: the name of the account. Default: the name of the service.
        :returns: the account as the site receives it in `user_info`.
        """
        return self._library.add_identity(user, service, name)
