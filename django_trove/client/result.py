"""
One page of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, overload

from .content import Content
from .errors import TroveError
from .query import Query

Item_co = TypeVar("Item_co", bound=Content, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Result(Generic[Item_co]):
    """
    One page of an answer (protocol, "Result and photo"). It iterates and indexes as a list does.

    :param count: how many items the Trove put on this page.
    :param page: from 1.
    :param total_number_of_results: how many there are on all pages; None where that wasn't asked
        for, and the Trove would have had to count.
    :param results: the items.
    :param query: the query that this answers.
    :param skipped: how many records could not be read and were left out.
    :param stale: it is the last good answer, since the Trove can't be asked now.
    :param error: why it is stale, or empty.
    :param more: whether a page follows; None where the Trove doesn't say.
    :param after: where this page ended, for `Query.after`; empty where the Trove doesn't say.
    :param updating: the services were to be asked anew, and the Trove goes on with that.
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
        Whether a page follows.
        """
        if self.more is not None:
            return self.more
        before = (self.page - 1) * self.query.count
        total = self.total_number_of_results or 0
        return self.count > 0 and before + self.count < total

    @property
    def next_query(self) -> Query | None:
        """
        The query for the page that follows; None on the last one.
        """
        if not self.has_next:
            return None
        return replace(self.query, page=self.page + 1, after=self.after)

    @property
    def number_of_pages(self) -> int | None:
        """
        How many pages there are at this page size; None where the total isn't known.
        """
        total = self.total_number_of_results
        return None if total is None else -(-total // self.query.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """
    What became of pushed content (protocol, the "push" call).

    :param rejected: for each refused item its `index` in what was pushed, and the `error`.
    """

    received: int = 0
    created: int = 0
    updated: int = 0
    rejected: tuple[Mapping[str, Any], ...] = ()
