"""
The content of a fake Trove.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict, replace

from ..client import Identity, Person, Photo, Urls
from ..client.codec import CONTENT_CLASSES, complete_record
from ..client.codec.values import parse_date
from ..client.content import Content
from ..client.query import as_utc
from ..client.values import SIZES
from .records import Record


class FakeLibrary:
    """
    Content and accounts on services. Each belongs to one user or, without a user, to all users.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._numbers = itertools.count(1)
        self._records: list[tuple[Any, Record]] = []
        self._identities: list[tuple[Any, Identity]] = []
        self.names: dict[Any, str] = {}

    def add_identity(self, user: Any, service: str, name: str = "") -> Identity:
        number = str(len(self._identities) + 1)
        identity = Identity(id=number, service=service, name=name or service)
        self._identities.append((_user_key(user), identity))
        return identity

    def add(self, user: Any, item: Content, identity: Identity | None) -> Any:
        """
        Add an item, with default values for its ids.

        :param identity: the account on a service. None: the user's first account on the service of
            the item, which is added if it does not exist.
        """
        identity = identity or self._first_identity(user, item.service)
        number = next(self._numbers)
        item = replace(
            item,
            trove_id=item.trove_id or str(number),
            id=item.id or str(number),
            service=identity.service,
        )
        if isinstance(item, Photo):
            item = self._complete_photo(item, number)
        else:
            item = _complete_item(item)
        self._records.append((_user_key(user), Record(number, item, identity.id)))
        return item

    def remove(self, item: Content) -> None:
        self._records = [
            (owner, record)
            for owner, record in self._records
            if record.item.trove_id != item.trove_id
        ]

    def get_records(self, user: Any, *content_types: str) -> list[Record]:
        object_types = {CONTENT_CLASSES[name].object_type for name in content_types}
        return [
            record
            for owner, record in self._records
            if owner in (None, _user_key(user)) and record.item.object_type in object_types
        ]

    def get_person(self, user: Any) -> Person:
        key = _user_key(user)
        identities = tuple(identity for owner, identity in self._identities if owner in (None, key))
        return Person(name=self.names.get(key) or user.get_username(), identities=identities)

    def _first_identity(self, user: Any, service: str) -> Identity:
        identities = (
            identity
            for owner, identity in self._identities
            if owner == _user_key(user) and identity.service == service
        )
        return next(identities, None) or self.add_identity(user, service)

    def _complete_photo(self, photo: Photo, number: int) -> Photo:
        if photo.urls:
            urls = photo.urls if isinstance(photo.urls, Urls) else Urls(photo.urls)
        else:
            images = f"{self._base_url}/images/{number}"
            urls = Urls({size: f"{images}/{size}.jpg" for size in SIZES})
        page = photo.original_web_url or f"{self._base_url}/photos/{number}"
        return replace(photo, urls=urls, original_web_url=page, tags=to_tags(photo.tags))


def _complete_item(item: Content) -> Content:
    """
    Nested objects of the real Trove's records have all keys.
    """
    values = {name: value for name, value in asdict(item).items() if value != {}}
    return replace(item, **complete_record(values))


def _user_key(user: Any) -> Any:
    return None if user is None else user.pk


def to_datetime(date: dt.date | str | None) -> dt.datetime | None:
    """
    Return a time in UTC with whole seconds, as in the protocol. For a date without a time, it is
    noon, which is on this date in most time zones.
    """
    if date is None:
        return None
    if isinstance(date, str):
        parsed = parse_date(date)
        if parsed is None:
            raise ValueError(f"date must be a date such as 2007-03-04, not {date!r}.")
        if len(date) <= len("2007-03-04"):
            parsed = parsed.replace(hour=12)
        return parsed.replace(microsecond=0)
    if not isinstance(date, dt.datetime):
        date = dt.datetime.combine(date, dt.time(12))
    return as_utc(date).replace(microsecond=0)


def to_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """
    A Trove ignores blank tags, too.
    """
    names = (tags,) if isinstance(tags, str) else tags
    return tuple(name for name in names if name.strip())
