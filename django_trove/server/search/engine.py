"""
Run a query and return a result (protocol, sections 4 and 5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django_trove.client.errors import QueryError
from django_trove.client.query import DEFAULT_ORDER, Query
from django_trove.client.result import Result
from django_trove.core.database import replica_reads

from ..index.values import parse_ids
from ..models import Kind
from ..models.index import KINDS
from .anniversaries import find_anniversaries, select_anniversaries
from .content import row_to_content
from .counts import count_results, selects_place_only
from .filters import parse_attributes
from .library import Library, get_library
from .pagination import Page, after_cursor, encode_cursor, supports_cursor
from .places import FoundPlace, find_places, select_places
from .refresh import refresh
from .selection import ITEM_COLUMNS, ITEMS, Selection, merge_selections, select_items
from .sql import Sql, all_of, fetch_all, is_one_of, select
from .tags import FoundTag, find_tags

ORDER_COLUMNS = {
    "service_date": "taken_at_seconds",
    "date": "taken_at_seconds",
    "service": "service",
    "trove_id": "id",
    "width": "width",
    "height": "height",
}

BATCH_SIZE = 500

Builder = Callable[[Sequence[Any], str], Any]


def search_content(
    user: Any, content_type: str, query: Query, origin: str, build: Builder = row_to_content
) -> Result[Any]:
    """
    Search items of a content type.
    """
    return search(user, query, origin, KINDS[content_type], build)


def search(
    user: Any,
    query: Query,
    origin: str,
    kind: int = Kind.PHOTO,
    build: Builder = row_to_content,
) -> Result[Any]:
    """
    Search a user's items.

    :param origin: scheme and host of the media URLs of this Trove.
    :param build: converts a row to an element of the result.
    :raises QueryError: if the query is invalid.
    """
    if query.trove_id:
        return _find_item(get_library(user, kind), query.trove_id, origin, build)
    order = _parse_order(query)
    attributes = parse_attributes(query, kind)
    updated = refresh(user, query) if query.force_update else True
    with replica_reads(not query.force_update):
        library = get_library(user, kind)
        searches = [_search_library(each, query, attributes) for each in _libraries(library, query)]
        selection = merge_selections([each.selection for each in searches if each.selection])
        rows, more, after = _read_page(library, selection, query, order)
        total = _total_of_last_page(query, rows, more)
        if total is None:
            total = _add_totals(each.total(query) for each in searches)
        return Result(
            count=len(rows),
            page=query.page,
            total_number_of_results=total,
            results=tuple(build(row, origin) for row in rows),
            query=query,
            more=more,
            after=after,
            updating=not updated,
        )


def iterate_batches(user: Any, origin: str, build: Builder = row_to_content) -> Iterator[list[Any]]:
    """
    Yield all items of a user.
    """
    library, last_pk = get_library(user, Kind.PHOTO), 0
    while rows := fetch_all(library.using, _batch_after(library.owner, last_pk)):
        yield [build(row, origin) for row in rows]
        last_pk = rows[-1][0]


def _batch_after(owner: Any, pk: int) -> Sql:
    where = Sql("r.owner_id = %s AND r.id > %s", (owner, pk))
    return select(ITEM_COLUMNS, ITEMS, where, "ORDER BY r.id LIMIT %s", BATCH_SIZE)


class LibrarySearch(NamedTuple):
    """
    A query in one library. `tags` are the existing tags of the query, by name, and `places` its
    places.
    """

    library: Library
    tags: dict[str, FoundTag]
    places: list[FoundPlace]
    selection: Selection | None

    def total(self, query: Query) -> int | None:
        if selects_place_only(query):
            return sum(place.items for place in self.places)
        return count_results(self.library, query, self.tags, self.selection)


def _search_library(library: Library, query: Query, attributes: dict[str, Any]) -> LibrarySearch:
    tags = find_tags(library, query)
    places = find_places(library, query) if query.place.strip() else []
    selection = select_items(library, query, tags, attributes)
    if selection and query.place.strip():
        selection = select_places(selection, library, places, query.public)
    if selection and query.on_this_day:
        anniversaries = find_anniversaries(library, query.on_this_day, query.days_around)
        selection = select_anniversaries(selection, anniversaries)
    return LibrarySearch(library, tags, places, selection)


def _libraries(library: Library, query: Query) -> list[Library]:
    with_videos = query.videos and library.kind == Kind.PHOTO
    return [library, library._replace(kind=Kind.VIDEO)] if with_videos else [library]


def _add_totals(totals: Iterable[int | None]) -> int | None:
    known = list(totals)
    return None if None in known else sum(filter(None, known))


def find_items(user: Any, pks: Sequence[int], origin: str) -> dict[int, Any]:
    """
    Return items of a user by primary key.
    """
    library = get_library(user, Kind.PHOTO)
    where = all_of([Sql("r.owner_id = %s", (library.owner,)), is_one_of("r.id", pks)])
    rows = fetch_all(library.using, select(ITEM_COLUMNS, ITEMS, where))
    return {row[0]: row_to_content(row, origin) for row in rows}


def _find_item(library: Library, trove_id: str, origin: str, build: Builder) -> Result[Any]:
    where = all_of([library.condition("r"), is_one_of("r.id", parse_ids([trove_id]))])
    rows = fetch_all(library.using, select(ITEM_COLUMNS, ITEMS, where))
    return Result(
        count=len(rows),
        total_number_of_results=len(rows),
        results=tuple(build(row, origin) for row in rows),
        query=Query(trove_id=trove_id),
        more=False,
    )


def _read_page(
    library: Library, selection: Selection | None, query: Query, order: list[str]
) -> tuple[Sequence[Any], bool, str]:
    """
    Return the rows of a page, whether another page follows, and the cursor for it.
    """
    item = selection.item if selection else ""
    after = after_cursor(query.after, order, item) if query.after else None
    if selection is None:
        return [], False, ""
    start = 0 if query.after else (query.page - 1) * query.count
    page = Page(order, after, start, query.count + 1)
    found = fetch_all(library.using, selection.page(page))
    rows, more = found[: query.count], len(found) > query.count
    cursor = encode_cursor(rows[-1][1], rows[-1][0]) if more and supports_cursor(order) else ""
    return rows, more, cursor


def _total_of_last_page(query: Query, rows: Sequence[Any], more: bool) -> int | None:
    """
    Return the total if the page is the last one and its position is known.
    """
    start = (query.page - 1) * query.count
    is_known = not (more or query.after) and (rows or not start)
    return start + len(rows) if is_known else None


def _parse_order(query: Query) -> list[str]:
    """
    Return the columns to order by. Ties are broken by id, in the direction of the first field.
    """
    names = list(query.order_by) or [DEFAULT_ORDER]
    for name in names:
        if name.removeprefix("-") not in ORDER_COLUMNS:
            raise QueryError(
                f"order_by must be one of {', '.join(ORDER_COLUMNS)}.", field="order_by"
            )
    order = [name[: name.startswith("-")] + ORDER_COLUMNS[name.removeprefix("-")] for name in names]
    return [*order, "-id" if names[0].startswith("-") else "id"]
