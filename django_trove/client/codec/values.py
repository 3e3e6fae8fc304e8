"""
Single values as they stand on the wire, read defensively.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dateutil import parser

from ..query import as_utc

WEB = ("https://", "http://")
NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - what fills up a partial date, instead of today
MAX_DATE_LENGTH = 100


def date_to_wire(moment: datetime | None) -> str:
    """
    Write a date in Trove's own form, a T with a space on both sides; "" for None.
    """
    if moment is None:
        return ""
    written = as_utc(moment).isoformat(timespec="seconds")
    return f"{written[:10]} T {written[11:19]}"


def date_from_wire(value: Any) -> datetime | None:
    """
    Read a date in Trove's own form or any other that dateutil reads; None where it can't be read.

    :returns: an aware datetime in UTC.
    """
    if not isinstance(value, str) or not value:
        return None
    # Trove's own form: ten times faster than by dateutil.
    if len(value) == 21 and value[10:13] == " T ":
        try:
            return datetime.fromisoformat(f"{value[:10]}T{value[13:]}+00:00")
        except ValueError:
            return None
    return parse_date(value)


def parse_date(written: str) -> datetime | None:
    """
    Read any date that dateutil reads; None for what it doesn't.

    :returns: an aware datetime in UTC; a date without a zone is taken as UTC.
    """
    if len(written) > MAX_DATE_LENGTH:
        return None
    try:
        return as_utc(parser.parse(written, default=NO_DATE))
    except (ValueError, OverflowError, TypeError):
        return None


def as_text(value: Any) -> str:
    """
    Return a text; a number is written out, and anything else is "".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_bool(value: Any) -> bool:
    """
    Return whether `value` is one of the ways in which services write true.
    """
    return value in (True, "true", "True", "1")


def as_mapping(value: Any) -> Mapping[str, Any]:
    """
    Return an object, empty for anything else.
    """
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """
    Return a list, empty for anything else.
    """
    return value if isinstance(value, list) else []


def as_positive_float(value: Any) -> float:
    """
    Return a finite number above 0, and 0 for anything else.
    """
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return read if math.isfinite(read) and read > 0 else 0


def as_count(value: Any) -> int:
    """
    Return a whole number from 0, and 0 for anything else.
    """
    return value if type(value) is int and value >= 0 else int(as_positive_float(value))


def as_degrees(value: Any, bound: int) -> float | None:
    """
    Return a latitude (`bound` 90) or a longitude (180) in degrees; None for what can't be one.
    """
    if value is None:
        return None
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return read if -bound <= read <= bound else None


def as_web_url(value: Any) -> str:
    """
    Return an http or https address, and "" for any other scheme: it ends up in a page's href.
    """
    if type(value) is not str:
        return ""
    return value if value.startswith(WEB) or value[:8].lower().startswith(WEB) else ""


def unknown_keys(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """
    Return what `data` has beyond the `known` keys.
    """
    return {} if known.issuperset(data) else {k: v for k, v in data.items() if k not in known}
