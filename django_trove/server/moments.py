"""
Dates as the index keeps them: whole seconds since 1970 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django_trove.client.query import as_utc

from .models import UNDATED

__all__ = ["from_epoch_seconds", "to_epoch_seconds"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def to_epoch_seconds(date: datetime | None) -> int:
    """
    Return the second in which a date lies; `UNDATED` for None.
    """
    return UNDATED if date is None else (as_utc(date) - EPOCH) // SECOND


def from_epoch_seconds(moment: int) -> datetime | None:
    """
    Return a moment's date; None for an undated one.
    """
    return None if moment == UNDATED else EPOCH + moment * SECOND
