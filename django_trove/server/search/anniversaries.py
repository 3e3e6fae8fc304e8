"""
Items of the same day in earlier years (protocol, section 4.13).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from ..models import MonthTally, month_of
from ..models.albums import UNDATED_MONTH
from .filters import DAY_SECONDS, midnight, taken_before, taken_since
from .library import Library
from .selection import Selection
from .sql import NEVER, Sql, all_of, any_of, fetch_all, select

MAX_YEARS = 200
"""The latest earlier years that are searched. SQLite merges at most 500 sets of rows."""

MAX_PARTS = 200

MONTHS = f"{MonthTally._meta.db_table} m"


def find_anniversaries(library: Library, day: date, days_around: int) -> list[Sql]:
    """
    Return a condition for the days of each earlier year that may have items. The years are read
    from the numbers of items by month.
    """
    rows = fetch_all(library.using, select("DISTINCT m.month", MONTHS, library.condition("m")))
    months = {month for (month,) in rows} - {UNDATED_MONTH}
    ranges = (_find_days(day, days_around, year) for year in _find_years(months, day.year))
    conditions = [
        all_of([taken_since(start), taken_before(end)])
        for start, end in ranges
        if months & _get_months(start, end)
    ]
    return conditions[-MAX_YEARS:]


def select_anniversaries(selection: Selection, anniversaries: Sequence[Sql]) -> Selection:
    """
    Limit a selection to the days of any year. The rows of each year are read from an index, unless
    these were too many sets of rows.
    """
    any_year = any_of(anniversaries) if anniversaries else NEVER
    sets = selection.parts or (selection.where,)
    are_few = len(sets) == 1 or len(sets) * len(anniversaries) <= MAX_PARTS
    days = anniversaries if are_few else [any_year]
    parts = [all_of([rows, day]) for rows in sets for day in days]
    return replace(selection, where=all_of([selection.where, any_year]), parts=tuple(parts))


def _get_months(start: int, end: int) -> set[int]:
    """
    Return the months of a range of at most 64 days.
    """
    steps = range(0, end - start, 28 * DAY_SECONDS)
    return {month_of(start + step) for step in steps} | {month_of(end - 1)}


def _find_years(months: Collection[int], before: int) -> list[int]:
    """
    Return the years whose days may be in the months. Days at the turn of the year may be in the
    next or the previous one.
    """
    years = {month // 100 + difference for month in months for difference in (-1, 0, 1)}
    return sorted(year for year in years if 0 < year < before)


def _find_days(day: date, days_around: int, year: int) -> tuple[int, int]:
    """
    Return the first second of the days of a year, and that after the last one. 28 February includes
    29 February if only one of the two years has it.
    """
    _, length = monthrange(day.year, day.month)
    _, length_then = monthrange(year, day.month)
    first = min(day.day, length_then)
    last = length_then if day.day == length else first
    month = midnight(date(year, day.month, 1))
    start = month + (first - 1 - days_around) * DAY_SECONDS
    return start, month + (last + days_around) * DAY_SECONDS
