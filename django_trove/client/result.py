"""
Results of queries and of pushes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, overload

from msgspec import Struct

from .content import Content
from .errors import TroveError
from .query import Query
from .values import Count

Item_co = TypeVar("Item_co", bound=Content, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Result(Generic[Item_co]):
    """
    One page of results (protocol, section 5.1). It supports iteration, `len()` and indexing.

    :param count: the number of items on this page.
    :param page: the page number, from 1.
    :param total_number_of_results: the number of items on all pages, or None if the query did not
        request it.
    :param results: the items.
    :param query: the query of this result.
    :param skipped: the number of records that could not be decoded.
    :param stale: whether this is the last successful result, because the Trove is unavailable.
    :param error: the reason why the result is stale or empty.
    :param more: whether there is a next page, or None if the Trove does not send it.
    :param after: the cursor for `Query.after`, or "" if the Trove does not send it.
    :param updating: whether a sync requested by `force_update` is still running.
    """

    count: int = 0
    page: int = 1
    total_number_of_results: int | None = 0
    results: tuple[Item_co, ...] = ()
    query: Query = field(default_factory=Query)
    skipped: int = 0
    stale: bool = False
    error: TroveError | None = None
    more: bool | None = None
    after: str = ""
    updating: bool = False

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Item_co]:
        return iter(self.results)

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item_co, ...]: ...
    def __getitem__(self, index: int | slice) -> Item_co | tuple[Item_co, ...]:
        return self.results[index]

    def __repr__(self) -> str:
        flags = " stale" if self.stale else ""
        return (
            f"<Result count={self.count} total_number_of_results={self.total_number_of_results}"
            f" page={self.page}{flags}>"
        )

    @property
    def has_next(self) -> bool:
        """
        Whether there is a next page.
        """
        if self.more is not None:
            return self.more
        before = (self.page - 1) * self.query.count
        total = self.total_number_of_results or 0
        return self.count > 0 and before + self.count < total

    @property
    def next_query(self) -> Query | None:
        """
        The query for the next page, or None on the last page.
        """
        if not self.has_next:
            return None
        return replace(self.query, page=self.page + 1, after=self.after)

    @property
    def number_of_pages(self) -> int | None:
        """
        The number of pages, or None if the total is unknown.
        """
        total = self.total_number_of_results
        return None if total is None else -(-total // self.query.count)


class PushResult(Struct, frozen=True, kw_only=True):
    """
    The result of a push (protocol, section 3.4).

    :param rejected: for each rejected item its `index` and the `error`.
    """

    received: Count = 0
    created: Count = 0
    updated: Count = 0
    rejected: tuple[Mapping[str, Any], ...] = ()
