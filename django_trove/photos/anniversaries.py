"""
Photos of the same day in earlier years, by year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils.timezone import localdate

from ..client import Photo

DAYS_PER_YEAR = 365.2425


class Anniversary(NamedTuple):
    """
    :param date: the local day of the first photo.
    """

    years_ago: int
    date: date
    photos: Sequence[Photo]


def group_by_year(photos: Iterable[Photo]) -> list[Anniversary]:
    """
    :param photos: in the order of their dates.
    """
    today = localdate()

    def years_since(photo: Photo) -> int:
        day = photo.local_date.date() if photo.local_date else today
        return round((today - day).days / DAYS_PER_YEAR)

    groups = ((years, list(group)) for years, group in groupby(photos, years_since))
    return [
        Anniversary(years, photos[0].local_date.date(), photos)
        for years, photos in groups
        if photos[0].local_date
    ]
