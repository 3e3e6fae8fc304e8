"""
What people have in a fake Trove.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..client import Identity, Person, Photo, Urls
from ..client.codec import parse_date
from ..client.content import SIZES, Location
from ..client.query import as_utc
from .search import Record


class FakePhotoLibrary:
    """
    Photos and accounts on services, each one person's or everybody's.

    :param url: what the addresses of pictures begin with.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        self._records: list[tuple[Any, Record]] = []
        self._identities: list[tuple[Any, Identity]] = []
        self.names: dict[Any, str] = {}

    def add_identity(self, user: Any, service: str, name: str = "") -> Identity:
        """
        Add an account on a service.

        :param user: whose it is; None for everybody's.
        """
        number = str(len(self._identities) + 1)
        identity = Identity(id=number, service=service, name=name or service)
        self._identities.append((_user_key(user), identity))
        return identity

    def add(
        self,
        user: Any,
        *,
        title: str,
        tags: Iterable[str],
        date: dt.date | str | None,
        place: Location | None,
        service: str,
        identity: Identity | None,
        **facts: Any,
    ) -> Photo:
        """
        Add a photo, with something in every field that a page shows.
        """
        identity = identity or self._first_identity(user, service)
        number = next(self._numbers)
        latitude, longitude = place or (None, None)
        photo = Photo(
            title=title,
            tags=_to_tags(tags),
            date=_to_datetime(date),
            service=identity.service,
            latitude=latitude,
            longitude=longitude,
        )
        photo = replace(photo, **self._made_up(number) | facts)
        if not isinstance(photo.urls, Urls):
            photo = replace(photo, urls=Urls(photo.urls))
        self._records.append((_user_key(user), Record(number, photo, identity.id)))
        return photo

    def remove(self, photo: Photo) -> None:
        """
        Take a photo away.
        """
        self._records = [
            (owner, record)
            for owner, record in self._records
            if record.photo.trove_id != photo.trove_id
        ]

    def of(self, user: Any) -> list[Record]:
        """
        Return a person's photos: their own, and everybody's.
        """
        return [record for owner, record in self._records if owner in (None, _user_key(user))]

    def person(self, user: Any) -> Person:
        """
        Return who somebody is at the Trove.
        """
        own = tuple(found for owner, found in self._identities if owner in (None, _user_key(user)))
        return Person(name=self.names.get(_user_key(user)) or user.get_username(), identities=own)

    def _first_identity(self, user: Any, service: str) -> Identity:
        own = (
            found
            for owner, found in self._identities
            if owner == _user_key(user) and found.service == service
        )
        return next(own, None) or self.add_identity(user, service)

    def _made_up(self, number: int) -> dict[str, Any]:
        pictures = f"{self._url}/pictures/{number}"
        return {
            "trove_id": str(number),
            "id": str(number),
            "urls": Urls({size: f"{pictures}/{size}.jpg" for size in SIZES}),
            "width": 1024,
            "height": 768,
            "public": True,
            "original_web_url": f"{self._url}/photos/{number}",
        }


def _user_key(user: Any) -> Any:
    return None if user is None else user.pk


def _to_datetime(date: dt.date | str | None) -> dt.datetime | None:
    """
    Whole seconds in UTC, as on the wire; a day is its noon, which is that day in most zones.
    """
    if date is None:
        return None
    if isinstance(date, str):
        found = parse_date(date)
        if found is None:
            raise ValueError(f"date is one such as 2007-03-04, not {date!r}.")
        noon = found.replace(hour=12) if len(date) <= len("2007-03-04") else found
        return noon.replace(microsecond=0)
    if not isinstance(date, dt.datetime):
        date = dt.datetime.combine(date, dt.time(12))
    return as_utc(date).replace(microsecond=0)


def _to_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """
    One tag may stand alone; a blank one is none, as in a Trove.
    """
    named = (tags,) if isinstance(tags, str) else tags
    return tuple(tag for tag in named if tag.strip())
