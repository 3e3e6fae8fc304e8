"""
Conditions for dates and days (protocol, section 4.5).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django_trove.client.content import MAX_UTC_OFFSET
from django_trove.client.query import Query

from ..models import UNDATED
from ..models.index import to_epoch_seconds
from .sql import Sql

DAY_SECONDS = 24 * 60 * 60
MAX_OFFSET_SECONDS = MAX_UTC_OFFSET * 60


def date_conditions(query: Query) -> list[Sql]:
    """
    An item without a date is in no range (protocol, section 4.5). For days, there are additional
    conditions on `taken_at_seconds`. They exclude no further item, but limit the range of the index
    that the database reads.
    """
    conditions = []
    if query.date_from:
        conditions.append(_compare("r.taken_at_seconds >= %s", to_epoch_seconds(query.date_from)))
    if query.date_to:
        conditions.append(_compare("r.taken_at_seconds <= %s", to_epoch_seconds(query.date_to)))
    if query.day_from:
        start = _midnight(query.day_from)
        conditions.append(_compare("r.local_seconds >= %s", start))
        conditions.append(_compare("r.taken_at_seconds >= %s", start - MAX_OFFSET_SECONDS))
    if query.day_to:
        end = _midnight(query.day_to) + DAY_SECONDS
        conditions.append(_compare("r.local_seconds < %s", end))
        conditions.append(_compare("r.taken_at_seconds < %s", end + MAX_OFFSET_SECONDS))
    if (query.date_to or query.day_to) and not (query.date_from or query.day_from):
        conditions.append(_compare("r.taken_at_seconds > %s", UNDATED))
    return conditions


def _compare(text: str, value: int) -> Sql:
    return Sql(text, (value,))


def _midnight(day: date) -> int:
    return to_epoch_seconds(datetime.combine(day, time.min, UTC))
