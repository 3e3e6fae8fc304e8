"""
Times and places in the columns of the index.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from django_trove.client.query import as_utc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
UNDATED = -(2**62)  # `taken_at_seconds` of an item without a date: sorts before all dates

BANDS_PER_DEGREE = 10  # an index on (band, longitude) finds items in a bounding box


def latitude_band_of(latitude: float | None) -> int | None:
    """
    Return the band of a latitude in degrees; None without a location.
    """
    return None if latitude is None else math.floor(latitude * BANDS_PER_DEGREE)


def to_epoch_seconds(date: datetime | None) -> int:
    return UNDATED if date is None else (as_utc(date) - EPOCH) // SECOND


def to_local_seconds(date: datetime | None, utc_offset: int | None) -> int:
    """
    Return the local time of an item as if it were UTC.

    :param utc_offset: in minutes, or None for UTC.
    """
    return UNDATED if date is None else to_epoch_seconds(date) + 60 * (utc_offset or 0)


def from_epoch_seconds(seconds: int) -> datetime | None:
    return None if seconds == UNDATED else EPOCH + seconds * SECOND
