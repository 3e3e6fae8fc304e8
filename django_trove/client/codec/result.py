"""
A page of an answer, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidResponse
from ..query import Query
from ..result import PushResult, Result
from .content import READERS, content_to_wire
from .values import as_count, as_list, as_text


def result_from_wire(
    data: Mapping[str, Any], query: Query | None = None, content_type: str = "photos"
) -> Result[Any]:
    """
    Read one page of an answer. Records that can't be read are left out and counted in `skipped`.

    :param query: what was asked.
    :raises UnreadableAnswer: if it is no answer at all.
    """
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise InvalidResponse("The answer has no list of results.")
    query = query or Query()
    read = READERS[content_type]
    items = []
    for record in data["results"]:
        try:
            items.append(read(record))
        except InvalidResponse:
            continue  # counted below, and never takes the page down
    return Result(
        count=len(data["results"]),
        page=as_count(data.get("page")) or query.page,
        total_number_of_results=_read_total(data, query),
        results=tuple(items),
        query=query,
        skipped=len(data["results"]) - len(items),
        more=data["more"] if isinstance(data.get("more"), bool) else None,
        after=as_text(data.get("after")),
        updating=data.get("updating") is True,
    )


def _read_total(data: Mapping[str, Any], query: Query) -> int | None:
    """
    A Trove that wasn't asked for the total may leave it open.
    """
    total = data.get("total_number_of_results")
    return None if total is None and not query.total else as_count(total)


def result_to_wire(result: Result[Any]) -> dict[str, Any]:
    """
    Write one page of an answer.
    """
    return {
        "count": result.count,
        "page": result.page,
        "total_number_of_results": result.total_number_of_results,
        "results": [content_to_wire(item) for item in result],
        **({} if result.more is None else {"more": result.more}),
        **({"after": result.after} if result.after else {}),
        **({"updating": True} if result.updating else {}),
    }


def push_result_from_wire(data: Any) -> PushResult:
    """
    Read the answer to the "push" call.

    :raises UnreadableAnswer: if it isn't one.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The answer is not an object.")
    return PushResult(
        received=as_count(data.get("received")),
        created=as_count(data.get("created")),
        updated=as_count(data.get("updated")),
        rejected=tuple(r for r in as_list(data.get("rejected")) if isinstance(r, dict)),
    )
