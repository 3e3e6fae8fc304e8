"""
Asynchronous versions of methods.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

P = ParamSpec("P")
R = TypeVar("R")


def as_async(
    method: Callable[Concatenate[Any, P], R],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    """
    Return the asynchronous version of a method. It calls the method in the worker thread of the
    request.
    """

    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> R:
        self, *others = args
        result: R = await sync_to_async(getattr(self, method.__name__))(*others, **kwargs)
        return result

    return call


def as_async_iterator(
    method: Callable[Concatenate[Any, P], Iterator[R]],
    get_page_size: Callable[P, int],
) -> Callable[Concatenate[Any, P], AsyncIterator[R]]:
    """
    Return the asynchronous version of a method that returns an iterator. Each page takes one
    switch to the worker thread.

    :param get_page_size: returns the number of items per page, from the arguments of a call.
    """

    @wraps(method)
    async def iterate(*args: Any, **kwargs: Any) -> AsyncIterator[R]:
        self, *others = args
        page_size = get_page_size(*others, **kwargs)
        items = await sync_to_async(getattr(self, method.__name__))(*others, **kwargs)
        next_page = sync_to_async(lambda: list(itertools.islice(items, page_size)))
        while page := await next_page():
            for item in page:
                yield item

    return iterate
