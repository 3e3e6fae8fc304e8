"""
Dates as cameras and programs write them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EARLIEST_YEAR = 1800
MAX_DATE_LENGTH = 100
MAX_OFFSET = 14 * 60

DATE = re.compile(
    r"\s*(?P<year>\d{4})"
    r"(?:\s*[-:/.]\s*(?P<month>\d{1,2})(?:\s*[-:/.]\s*(?P<day>\d{1,2}))?)?(?!\d)"
)
COMPACT_DATE = re.compile(r"\s*(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=\D|\d{6}(?!\d)|$)")
REST_OF_PARTIAL_DATE = re.compile(r"[\s\d:./+Z-]*")
TIME = re.compile(
    r"[T\s:_]*(?P<hour>\d{1,2})\s*[:.]\s*(?P<minute>\d{1,2})(?:\s*[:.]\s*(?P<second>\d{1,2}))?"
    r"(?:[.,]\d+)?\s*(?:(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
COMPACT_TIME = re.compile(
    r"[T\s]*(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<half>)(?:[.,]\d+)?(?!\d)"
)
OFFSET = re.compile(
    r"\s*(?:UTC|GMT)?\s*(?P<sign>[+\-\u2212])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)",
    re.IGNORECASE,
)
UTC_NAME = re.compile(r"\s*(?:Z|UTC|GMT)\s*", re.IGNORECASE)


class DateTaken(NamedTuple):
    """
    :param taken: aware and in UTC. Without an offset, it contains the clock of the camera.
    :param utc_offset: minutes east of UTC; None if it is unknown.
    """

    taken: datetime | None = None
    utc_offset: int | None = None


UNKNOWN_DATE = DateTaken()


def parse_date(text: str, offset: str = "") -> DateTaken:
    """
    Parse a date. The first month or day replaces an unknown one, and midnight an unknown time.

    :param offset: used if the text contains none.
    """
    # "2008:10:22 16:28:39", "2008-10-22T16:28+02:00", "2008/1/2 6:28:39", "20081022 162839+0200",
    # "2008", "2008:00:00 00:00:00"; unset is "0000:00:00 00:00:00" or spaces
    text = text[:MAX_DATE_LENGTH]
    date = COMPACT_DATE.match(text) or DATE.match(text)
    if not date or not (date["day"] or REST_OF_PARTIAL_DATE.fullmatch(text, date.end())):
        return UNKNOWN_DATE
    time = TIME.match(text, date.end()) or COMPACT_TIME.match(text, date.end())
    try:
        local = _to_day(date) + _to_time_of_day(time)
    except (ValueError, OverflowError):
        return UNKNOWN_DATE
    written = parse_offset(text[time.end() :]) if time else None
    return _to_utc(local, parse_offset(offset) if written is None else written)


def parse_offset(text: str) -> int | None:
    """
    Return the minutes east of UTC; None if they are unknown or invalid.
    """
    if UTC_NAME.fullmatch(text):
        return 0
    match = OFFSET.match(text[:MAX_DATE_LENGTH])
    if not match:
        return None
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    total = 60 * hours + minutes
    if minutes >= 60 or total > MAX_OFFSET:
        return None
    return total if match["sign"] == "+" else -total


def _to_day(match: re.Match[str]) -> datetime:
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    if year < EARLIEST_YEAR:
        raise ValueError(year)
    return datetime(year, month or 1, day if month and day else 1, tzinfo=UTC)


def _to_time_of_day(match: re.Match[str] | None) -> timedelta:
    """
    Return midnight for a time that does not exist.
    """
    if not match:
        return timedelta()
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return timedelta()
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _to_utc(local: datetime, utc_offset: int | None) -> DateTaken:
    try:
        return DateTaken(local - timedelta(minutes=utc_offset or 0), utc_offset)
    except OverflowError:
        return DateTaken(local)
