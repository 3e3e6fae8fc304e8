"""
Values of content: URLs by size, cameras, places and times.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

MAX_UTC_OFFSET = 14 * 60  # minutes

Count = Annotated[int, Meta(ge=0)]
Quantity = Annotated[float, Meta(ge=0, le=sys.float_info.max)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Pixels = Annotated[int, Meta(gt=0)]
UtcOffset = Annotated[int, Meta(ge=-MAX_UTC_OFFSET, le=MAX_UTC_OFFSET)]
Color = Annotated[str, Meta(pattern="^(#[0-9a-f]{6})?$")]
WebUrl = Annotated[str, "an http or https URL, or empty"]
UploadDate = Annotated[datetime, "not in year 1 or 9999"]

Location = tuple[float, float]
"""Latitude and longitude in degrees."""

ValidLocation = tuple[Latitude, Longitude]

Edges = tuple[Latitude, Longitude, Latitude, Longitude]
"""South, west, north and east in degrees."""


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


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """
    The nearest populated place of a location. `str(place)` is its full name.

    :param region: the first administrative division, such as a state; "" if there is none.
    """

    name: str = ""
    region: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return bool(self.name)

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.name, self.region, self.country)))


UNKNOWN_PLACE = Place()


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


def to_location(latitude: float | None, longitude: float | None) -> Location | None:
    """
    Return a pair, or None if one of the values is unknown.
    """
    return None if latitude is None or longitude is None else (latitude, longitude)
