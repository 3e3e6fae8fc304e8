"""
A paginator for a Trove with the interface of Django's `Paginator`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from asgiref.sync import sync_to_async
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator

from .client import Query, Result, TroveError
from .client.query import MAX_PAGE
from .filters import Filters, resolve_query
from .services import Trove

if TYPE_CHECKING:
    Pages = Paginator[Any]
    OnePage = Page[Any]
else:
    Pages, OnePage = Paginator, Page

__all__ = ["TrovePage", "TrovePaginator"]


class TrovePage(OnePage):
    """
    :param result: the response of the Trove.
    """

    paginator: TrovePaginator

    def __init__(self, result: Result[Any], number: int, paginator: TrovePaginator) -> None:
        super().__init__(list(result), number, paginator)
        self.result = result

    @property
    def stale(self) -> bool:
        """
        Whether this is the last successful result, because the Trove is unavailable.
        """
        return self.result.stale

    @property
    def error(self) -> TroveError | None:
        """
        The reason why the page is stale or empty.
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

    Each page is one request, which also returns the total. With `Query(total=False)`, photos are
    not counted: `count` and `num_pages` are None, and `page_range` contains the pages known so far.

    :param per_page: the number of photos per page, at most 500.
    :param content: a method of the Trove, such as "photos" or "albums".
    :param query: the query, or instead
    :param filters: keyword filters: see `filters.build_query`.
    :raises QueryError: if the query is invalid.
    """

    def __init__(
        self,
        trove: Trove,
        per_page: int,
        *,
        content: str = "photos",
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
        self.content = content
        self.query = replace(resolve_query(query, filters), count=self.per_page, after="")
        self._total: int | None = None
        self._last_known_page = 1

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
        Request one page.

        :raises InvalidPage: if the page does not exist.
        :raises TroveError: as `Trove.photos` does.
        """
        number = self.validate_number(number)
        result = self._request(number)
        if not result.count and (number > 1 or not self.allow_empty_first_page):
            raise EmptyPage(self.error_messages["no_results"])
        return TrovePage(result, number, self)

    def get_page(self, number: int | float | str | None) -> TrovePage:
        """
        Request a valid page: the first one if the number is not an integer, the last one if it is
        out of range (the first one if the total is unknown).
        """
        try:
            return self.page("" if number is None else self.validate_number(number))
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages or 1)

    def empty_page(self, result: Result[Any]) -> TrovePage:
        """
        Return an empty page for a Trove that is unavailable. Afterwards `count` is 0.

        :param result: contains the reason in `error`.
        """
        self._total = 0
        return TrovePage(result, 1, self)

    async def apage(self, number: int | str) -> TrovePage:
        return await sync_to_async(self.page)(number)

    async def aget_page(self, number: int | float | str | None) -> TrovePage:
        return await sync_to_async(self.get_page)(number)

    def validate_number(self, number: int | float | str) -> int:
        """
        Validate a page number without a request.
        """
        try:
            integer = int(number)
            if isinstance(number, float) and integer != number:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise PageNotAnInteger(self.error_messages["invalid_page"]) from None
        if integer < 1:
            raise EmptyPage(self.error_messages["min_page"])
        if integer > MAX_PAGE or (self._total is not None and integer > (self.num_pages or 1)):
            raise EmptyPage(self.error_messages["no_results"])
        return integer

    @property
    def count(self) -> int | None:  # type: ignore[override]
        """
        The number of photos on all pages, or None if the query does not request it.
        """
        if self._total is None and self.query.total:
            self._request(1)
        return self._total

    @property
    def num_pages(self) -> int | None:  # type: ignore[override]
        """
        The number of pages, or None if the query does not request the total.
        """
        if self.count is None:
            return None
        return -(-max(self.count, self.allow_empty_first_page) // self.per_page)

    @property
    def page_range(self) -> range:
        return range(1, (self.num_pages or self._last_known_page) + 1)

    def get_elided_page_range(
        self, number: int | float | str = 1, *, on_each_side: int = 3, on_ends: int = 2
    ) -> Iterator[str | int]:
        if self.num_pages is None:
            return iter(self.page_range)
        return super().get_elided_page_range(number, on_each_side=on_each_side, on_ends=on_ends)

    def _request(self, number: int) -> Result[Any]:
        get_page = getattr(self.trove, self.content)
        result: Result[Any] = get_page(replace(self.query, page=number))
        self._total = result.total_number_of_results if self.query.total else None
        self._last_known_page = max(self._last_known_page, number + result.has_next)
        return result
