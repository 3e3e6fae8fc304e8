"""
Photos of the same day in earlier years, by year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils.timezone import localdate

from ..client import Photo, Result

DAYS_PER_YEAR = 365.2425


class Anniversary(NamedTuple):
    """
    :param date: the local day of the first photo.
    """

    years_ago: int
    date: date
    photos: Sequence[Photo]


def group_by_year(photos: Result[Photo]) -> list[Anniversary]:
    """
    :param photos: the result of a query with `on_this_day`, in the order of their dates.
    """
    this_day = photos.query.on_this_day or localdate()

    def years_since(photo: Photo) -> int:
        day = photo.local_date.date() if photo.local_date else this_day
        return round((this_day - day).days / DAYS_PER_YEAR)

    groups = ((years, list(group)) for years, group in groupby(photos, years_since))
    return [
        Anniversary(years, photos[0].local_date.date(), photos)
        for years, photos in groups
        if photos[0].local_date
    ]
