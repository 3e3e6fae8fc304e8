"""
What services say, read with care: numbers come as texts and texts as numbers, and anything may be
missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django_trove.client.content import Location

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MAX_LENGTH = 10_000
BLOCKS = frozenset({"br", "p", "div", "li"})


def dig(record: Any, *names: str) -> Any:
    """
    Return what lies at the end of a path of names; None where it isn't.
    """
    for name in names:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def as_list(value: Any) -> list[Any]:
    """
    Return a list, or an empty one in place of anything else.
    """
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """
    Return a text fit for a database and a page; "" for what is none.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return CONTROL.sub("", str(value)).strip()[:MAX_LENGTH]


def strip_html(value: Any) -> str:
    """
    Return a text without the HTML that some services put into it.
    """
    reader = _TextExtractor()
    reader.feed(as_text(value))
    reader.close()
    return as_text("".join(reader.parts))


def as_number(value: Any) -> float | None:
    """
    Return a finite number; None for what is none.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def as_int(value: Any, default: int = 0) -> int:
    """
    Return a whole number.
    """
    found = as_number(value)
    return default if found is None else int(found)


def as_location(latitude: Any, longitude: Any) -> Location | None:
    """
    Return a place; None for the one in the sea at 0, 0 that stands for none.
    """
    north, east = as_number(latitude), as_number(longitude)
    if north is None or east is None or (north == 0 and east == 0):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def as_datetime(value: Any) -> datetime | None:
    """
    Return a date and time. One without a zone is the photographer's own, and is taken as UTC.
    """
    try:
        found = datetime.fromisoformat(as_text(value))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def as_web_url(value: Any) -> str:
    """
    Return an address that a page may have in it.
    """
    found = as_text(value)
    return found if found.startswith(("https://", "http://")) and len(found) <= 5_000 else ""


class _TextExtractor(HTMLParser):
    """
    Keeps the text, and the ends of lines.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in BLOCKS and self.parts:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
