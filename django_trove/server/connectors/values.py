"""
Tolerant conversions of values in JSON responses: numbers may be strings, strings may be numbers,
and anything may be missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from django_trove.client.values import Location, Size

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MAX_LENGTH = 10_000
QUANTITY = re.compile(r"(?:f/)?\s*(\d*\.?\d+)(?:/(\d*\.?\d+))?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BLOCKS = frozenset({"br", "p", "div", "li"})


def dig(record: Any, *names: str) -> Any:
    """
    Return a nested value; None if it is missing.
    """
    for name in names:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """
    Return a string without control characters; "" for other types.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return CONTROL.sub("", str(value)).strip()[:MAX_LENGTH]


def strip_html(value: Any) -> str:
    parser = _TextExtractor()
    parser.feed(as_text(value))
    parser.close()
    return as_text("".join(parser.parts))


def as_number(value: Any) -> float | None:
    """
    Return a finite number, or None.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_int(value: Any, default: int = 0) -> int:
    number = as_number(value)
    return default if number is None else int(number)


def as_location(latitude: Any, longitude: Any) -> Location | None:
    """
    Return a location, or None. (0, 0) is treated as missing.
    """
    north, east = as_number(latitude), as_number(longitude)
    if north is None or east is None or (north == 0 and east == 0):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def as_datetime(value: Any) -> datetime | None:
    """
    Return a datetime in UTC, or None. A local time without offset is treated as UTC.
    """
    try:
        date = datetime.fromisoformat(as_text(value))
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def as_timestamp(value: Any) -> datetime | None:
    """
    Return the time of a number of seconds since 1970, or None.
    """
    seconds = as_number(value)
    try:
        return EPOCH + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return None


def as_quantity(value: Any) -> float:
    """
    Return the number of a quantity such as "1/250", "f/2.8" or "4.0 mm"; 0 if there is none.
    """
    match = QUANTITY.match(as_text(value))
    if not match:
        return 0
    numerator, denominator = as_number(match[1]) or 0, as_number(match[2] or 1)
    return numerator / denominator if denominator else 0


def as_size(width: Any, height: Any) -> Size | None:
    """
    Return a size in pixels, or None if it is unknown.
    """
    size = (as_int(width), as_int(height))
    return size if min(size) > 0 else None


def as_web_url(value: Any) -> str:
    """
    Return an http or https URL, or "".
    """
    url = as_text(value)
    return url if url.startswith(("https://", "http://")) and len(url) <= 5_000 else ""


class _TextExtractor(HTMLParser):
    """
    Collects the text and converts block elements to line breaks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in BLOCKS and self.parts:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
