"""
Pages of photos, with the interface that Django's paginator has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from asgiref.sync import sync_to_async
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator

from .client import Photo, Query, Result, TroveError
from .client.query import MAX_PAGE
from .filters import Filters, resolve_query
from .services import Trove

if TYPE_CHECKING:
    Pages = Paginator[Photo]
    OnePage = Page[Photo]
else:
    Pages, OnePage = Paginator, Page

__all__ = ["TrovePage", "TrovePaginator"]


class TrovePage(OnePage):
    """
    One page.

    :param result: what the Trove answered.
    """

    paginator: TrovePaginator

    def __init__(self, result: Result[Photo], number: int, paginator: TrovePaginator) -> None:
        super().__init__(list(result), number, paginator)
        self.result = result

    @property
    def stale(self) -> bool:
        """
        Whether this is the last good answer, since the Trove can't be asked now.
        """
        return self.result.stale

    @property
    def error(self) -> TroveError | None:
        """
        Why it is stale, or empty.
        """
        return self.result.error

    def has_next(self) -> bool:
        return self.result.has_next

    def next_page_number(self) -> int:
        if not self.has_next():
            raise EmptyPage(self.paginator.error_messages["no_results"])
        return self.number + 1

    def start_index(self) -> int:
        return (self.number - 1) * self.paginator.per_page + 1 if self.result.count else 0

    def end_index(self) -> int:
        return self.start_index() + self.result.count - 1 if self.result.count else 0


class TrovePaginator(Pages):
    """
    `TrovePaginator(trove, 24, tags="snow")`

    A page is one question, which brings the total with it. Where the query says that the total
    isn't wanted (`Query(total=False)`), nobody counts: `count` and `num_pages` are None then, and
    `page_range` is as far as is known.

    :param trove: whose photos.
    :param per_page: photos on a page, at most 500.
    :param query: what to ask for; or instead
    :param filters: the same as keywords: see `filters.query_from`.
    :raises QueryError: if the query makes no sense.
    """

    def __init__(
        self,
        trove: Trove,
        per_page: int,
        *,
        query: Query | None = None,
        allow_empty_first_page: bool = True,
        error_messages: Any = None,
        **filters: Unpack[Filters],
    ) -> None:
        super().__init__(
            [],
            per_page,
            allow_empty_first_page=allow_empty_first_page,
            error_messages=error_messages,
        )
        self.trove = trove
        self.query = replace(resolve_query(query, filters), count=self.per_page, after="")
        self._total: int | None = None
        self._known = 1

    def __iter__(self) -> Iterator[TrovePage]:
        number = 1
        while True:
            page = self.page(number)
            yield page
            if not page.has_next():
                return
            number += 1

    def page(self, number: int | str) -> TrovePage:
        """
        Ask for one page.

        :raises InvalidPage: if there is no such page.
        :raises TroveError: as `Trove.photos` does.
        """
        number = self.validate_number(number)
        result = self._ask(number)
        if not result.count and (number > 1 or not self.allow_empty_first_page):
            raise EmptyPage(self.error_messages["no_results"])
        return TrovePage(result, number, self)

    def get_page(self, number: int | float | str | None) -> TrovePage:
        """
        Ask for a page that there is: the first one for what is no number, the last one for what is
        out of range (the first, where the total isn't known).
        """
        try:
            return self.page("" if number is None else self.validate_number(number))
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages or 1)

    def empty_page(self, result: Result[Photo]) -> TrovePage:
        """
        Return a page for where the Trove can't be asked; from then on there is nothing to count.

        :param result: says why in its `error`.
        """
        self._total = 0
        return TrovePage(result, 1, self)

    async def apage(self, number: int | str) -> TrovePage:
        return await sync_to_async(self.page)(number)

    async def aget_page(self, number: int | float | str | None) -> TrovePage:
        return await sync_to_async(self.get_page)(number)

    def validate_number(self, number: int | float | str) -> int:
        """
        Return the number of a page as far as can be told without asking the Trove.
        """
        try:
            whole = int(number)
            if isinstance(number, float) and whole != number:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise PageNotAnInteger(self.error_messages["invalid_page"]) from None
        if whole < 1:
            raise EmptyPage(self.error_messages["min_page"])
        if whole > MAX_PAGE or (self._total is not None and whole > (self.num_pages or 1)):
            raise EmptyPage(self.error_messages["no_results"])
        return whole

    @property
    def count(self) -> int | None:  # type: ignore[override]
        """
        How many photos there are on all pages; None where that isn't wanted.
        """
        if self._total is None and self.query.total:
            self._ask(1)
        return self._total

    @property
    def num_pages(self) -> int | None:  # type: ignore[override]
        """
        How many pages there are; None where the total isn't wanted.
        """
        if self.count is None:
            return None
        return -(-max(self.count, self.allow_empty_first_page) // self.per_page)

    @property
    def page_range(self) -> range:
        return range(1, (self.num_pages or self._known) + 1)

    def get_elided_page_range(
        self, number: int | float | str = 1, *, on_each_side: int = 3, on_ends: int = 2
    ) -> Iterator[str | int]:
        if self.num_pages is None:
            return iter(self.page_range)
        return super().get_elided_page_range(number, on_each_side=on_each_side, on_ends=on_ends)

    def _ask(self, number: int) -> Result[Photo]:
        result = self.trove.photos(replace(self.query, page=number))
        self._total = result.total_number_of_results if self.query.total else None
        self._known = max(self._known, number + result.has_next)
        return result
