"""
Views of the timeline and of the photos of a year, a month or a day.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.http import Http404
from django.utils.translation import gettext
from django.views.generic import TemplateView

from ..client import Month, Query, Result, TroveError
from ..filters import TODAY, Filters
from ..photos.anniversaries import group_by_year
from ..photos.context import gallery_context, get_content
from .base import TroveMixin
from .photos import PhotoListView

DAY = timedelta(days=1)


class TimelineView(TroveMixin, TemplateView):
    """
    The number of photos and videos of each month, as `timeline` in the template context.
    """

    template_name = "django_trove/timeline.html"
    filters: ClassVar[Filters] = {}

    def get_public(self) -> Any:
        return self.filters.get("public")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"page_urls": self.get_page_urls()}
        result = get_content(self.request, self.trove, self.filters, "timeline")
        return gallery_context(self.request, self.trove, result, name="timeline") | context


class Period(NamedTuple):
    """
    :param url: the URL of its page, or "".
    """

    first_day: date
    url: str


class PhotoArchiveView(PhotoListView):
    """
    The photos of a year, month or day in local time, or a 404 error if the date is invalid. The
    template context contains `first_day`, `date_format`, and the `Period`s `previous_period` and
    `next_period`: the nearest ones that have photos, or None.
    """

    template_name = "django_trove/photo_archive.html"

    page: ClassVar[str]
    """Its name in `PageUrls`."""

    arguments: ClassVar[tuple[str, ...]]
    """The URL arguments of the date."""

    date_format: ClassVar[str]
    """A date format, or the name of a setting of Django that contains one."""

    timeline: Result[Month] = Result()

    @cached_property
    def first_day(self) -> date:
        year, month, day, *_ = [*(int(self.kwargs[name]) for name in self.arguments), 1, 1]
        try:
            return date(year, month, day)
        except (ValueError, OverflowError):
            raise Http404(gettext("The date does not exist.")) from None

    @property
    def last_day(self) -> date:
        raise NotImplementedError

    def get_filters(self) -> Filters:
        return {**super().get_filters(), "since": self.first_day, "until": self.last_day}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            previous, following = self.find_adjacent()
        except TroveError:  # the gallery displays a message
            previous = following = None
        return context | {
            "first_day": self.first_day,
            "date_format": self.date_format,
            "previous_period": self.get_period(previous),
            "next_period": self.get_period(following),
        }

    def find_adjacent(self) -> tuple[date | None, date | None]:
        """
        Return the first days of the nearest periods that have photos.
        """
        self.timeline = self.trove.timeline(public=self.get_public())
        days = [month.first_day for month in self.timeline if month.first_day]
        before = [day for day in days if day < self.first_day]
        after = [day for day in days if day > self.last_day]
        return max(before, default=None), min(after, default=None)

    def get_period(self, day: date | None) -> Period | None:
        if day is None:
            return None
        arguments = {name: getattr(day, name) for name in self.arguments}
        return Period(day, self.get_page_urls().get_url(self.page, **arguments))


class PhotoYearArchiveView(PhotoArchiveView):
    """
    The photos of a year. The template context also contains `months`, which have photos.
    """

    page = "year"
    arguments = ("year",)
    date_format = "Y"

    @property
    def last_day(self) -> date:
        return self.first_day.replace(month=12, day=31)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        months = [month for month in self.timeline if month.year == self.first_day.year]
        return context | {"months": months}


class PhotoMonthArchiveView(PhotoArchiveView):
    page = "month"
    arguments = ("year", "month")
    date_format = "YEAR_MONTH_FORMAT"

    @property
    def last_day(self) -> date:
        _, length = monthrange(self.first_day.year, self.first_day.month)
        return self.first_day.replace(day=length)


class PhotoDayArchiveView(PhotoArchiveView):
    page = "day"
    arguments = ("year", "month", "day")
    date_format = "DATE_FORMAT"

    @property
    def last_day(self) -> date:
        return self.first_day

    def find_adjacent(self) -> tuple[date | None, date | None]:
        query = replace(self.get_query(), total=False, count=1)
        before = after = None
        if self.first_day > date.min:
            last = self.first_day - DAY
            before = self._find_day(replace(query, day_from=None, day_to=last))
        if self.last_day < date.max:
            first = self.last_day + DAY
            later = replace(query, day_from=first, day_to=None, order_by=["service_date"])
            after = self._find_day(later)
        return before, after

    def _find_day(self, query: Query) -> date | None:
        for photo in self.trove.photos(query):
            return photo.local_date.date() if photo.local_date else None
        return None


class OnThisDayView(PhotoListView):
    """
    The photos of the current day in earlier years.
    """

    template_name = "django_trove/on_this_day.html"
    paginate_by = 100

    days_around: ClassVar[int] = 0
    """The number of days before and after the current day to include."""

    def get_filters(self) -> Filters:
        days: Filters = {"on_this_day": TODAY, "days_around": self.days_around}
        return {**super().get_filters(), **days}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"anniversaries": group_by_year(context["photos"])}
