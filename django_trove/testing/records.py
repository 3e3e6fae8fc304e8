"""
The items of a fake Trove, with the values that queries compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..client import Checkin, Friend, Photo, Status
from ..client.content import Content
from ..client.query import as_utc
from ..client.values import to_local_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNDATED = -(2**62)  # before all dates

DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("service", "id", "owner", "album_id", "license"), ""),
    **dict.fromkeys(("width", "height"), 0),
    **dict.fromkeys(("location", "service_date"), None),
    "tags": (),
    "public": False,
}
"""The attributes that are compared, and their values for items without them."""


@dataclass(frozen=True, slots=True)
class Record:
    """
    An item of a Trove. Its properties are those of photos, or the corresponding ones of other
    content (protocol, section 5.4).

    :param number: the sort key of its Trove id.
    :param identity: the id of its account on a service.
    """

    number: int
    item: Content
    identity: str = ""

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(name)
        return getattr(self.item, name, DEFAULTS[name])

    @property
    def date(self) -> datetime | None:
        date: datetime | None = self.service_date
        return self.item.date if isinstance(self.item, Photo) else date

    @property
    def local_date(self) -> datetime | None:
        if isinstance(self.item, Photo):
            return self.item.local_date
        return self.date and to_local_time(self.date, None)

    @property
    def taken_at_seconds(self) -> int:
        """
        Seconds since 1970 in UTC, or `UNDATED`.
        """
        return UNDATED if self.date is None else (as_utc(self.date) - EPOCH) // timedelta(seconds=1)

    @property
    def title(self) -> str:
        if isinstance(self.item, Checkin):
            return _as_text(self.item.venue.get("name"))
        if isinstance(self.item, Friend):
            return self.item.name
        return self.item.title if isinstance(self.item, Photo) else ""

    @property
    def description(self) -> str:
        item = self.item
        if isinstance(item, Status):
            return "\n".join(map(_as_text, [item.message, *item.subfields.values()]))
        if isinstance(item, Checkin):
            return f"{item.shout}\n{item.description}"
        return item.description if isinstance(item, Photo) else ""


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
