"""
The rows that match a query: items, or, if the query has tags, the rows of the rarest tag. Tag rows
duplicate the columns for filtering and ordering, so that items are loaded only for the page.

In all statements, `r` are these rows, and `i` are the items of tag rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django_trove.client.query import Query

from ..index.values import normalize_tag, parse_ids
from ..models import Item, ItemTag, Tally
from .content import COLUMNS
from .filters import date_conditions, has_words_index, item_conditions
from .geo import in_latitude_bands, within_box, within_radius
from .library import Library
from .pagination import Page, supports_cursor
from .sql import Sql, all_of, any_of, fetch_all, is_one_of, select
from .tags import FoundTag, filter_by_tags

ITEMS = f"{Item._meta.db_table} r"
TAG_ROWS = f"{ItemTag._meta.db_table} r"
TALLIES = f"{Tally._meta.db_table} t"
TAGGED_ITEMS = f"{TAG_ROWS} JOIN {Item._meta.db_table} i ON i.id = r.item_id"
ITEM_COLUMNS = ", ".join(f"r.{name}" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Selection:
    """
    :param where: the condition for the rows.
    :param joins_items: whether the condition contains columns of the items of tag rows.
    :param parts: conditions that select the same rows as several sets. The database reads each set
        in the order of an index, so that the first rows of the result are among the first rows of
        the sets. An item may be in several sets.
    :param by_expression: order by an expression instead of a column, so that the database does not
        scan the whole library by date to find the items of a small area or with a rare word.
    :param has_words: whether words are searched. Only the ids are then read in the order of an
        index that contains the words.
    :param account_items: the number of items of the query's accounts, if it has been read.
    """

    where: Sql
    has_tags: bool = False
    joins_items: bool = False
    parts: tuple[Sql, ...] = ()
    by_expression: bool = False
    has_words: bool = False
    account_items: int | None = None

    @property
    def item(self) -> str:
        """
        The column of the item's id.
        """
        return "r.item_id" if self.has_tags else "r.id"

    def page(self, page: Page) -> Sql:
        """
        Return the statement for `COLUMNS` of the items of a page. Only these items are loaded: the
        rows before the page, and of an area or a tag, are read from an index.
        """
        is_first = not (page.offset or self.has_tags or self.by_expression or self.parts)
        is_first = is_first and not self.has_words
        if is_first and supports_cursor(page.order):
            return self._rows(ITEM_COLUMNS, self.where, page)
        ids = self._ids(page)
        return Sql(
            f"SELECT {ITEM_COLUMNS} FROM ({ids.text}) p JOIN {ITEMS} ON r.id = p.item_id"  # noqa: S608
            f" ORDER BY {_order_by(page.order, 'r.{}'.format)}",
            ids.params,
        )

    def count(self) -> Sql:
        """
        Return the statement for the number of items.
        """
        rows = f"COUNT(DISTINCT {self.item})" if self.parts else "COUNT(*)"
        return select(rows, self._source(()), self.where)

    def _ids(self, page: Page) -> Sql:
        column = f"{self.item} AS item_id"
        if not self.parts:
            return self._rows(column, self.where, page)
        if supports_cursor(page.order):
            return self._merge_parts(page)
        others = sorted({self._ordering(name) for name in _names(page.order)} - {self.item})
        return self._rows(f"DISTINCT {', '.join([column, *others])}", self.where, page)

    def _merge_parts(self, page: Page) -> Sql:
        first_rows = page._replace(offset=0, limit=page.offset + page.limit)
        columns = f"{self.item} AS item_id, r.taken_at_seconds"
        parts = [self._rows(columns, part, first_rows) for part in self.parts]
        union = " UNION ".join(
            f"SELECT * FROM ({part.text}) p{number}"  # noqa: S608
            for number, part in enumerate(parts)
        )
        order = _order_by(page.order, lambda name: "item_id" if name == "id" else name)
        return Sql(
            f"SELECT item_id FROM ({union}) u ORDER BY {order} LIMIT %s OFFSET %s",  # noqa: S608
            (*chain.from_iterable(part.params for part in parts), page.limit, page.offset),
        )

    def _rows(self, columns: str, where: Sql, page: Page) -> Sql:
        where = all_of([where, page.after]) if page.after else where
        rest = f"ORDER BY {_order_by(page.order, self._ordering)} LIMIT %s OFFSET %s"
        return select(columns, self._source(page.order), where, rest, page.limit, page.offset)

    def _source(self, order: Sequence[str]) -> str:
        if not self.has_tags:
            return ITEMS
        uses_items = any(self._column(name).startswith("i.") for name in _names(order))
        return TAGGED_ITEMS if uses_items or self.joins_items else TAG_ROWS

    def _column(self, name: str) -> str:
        """
        Return an item's column in these rows.
        """
        if name == "id":
            return self.item
        return f"i.{name}" if self.has_tags and name != "taken_at_seconds" else f"r.{name}"

    def _ordering(self, name: str) -> str:
        column = self._column(name)
        by_expression = self.by_expression and name == "taken_at_seconds"
        return f"COALESCE({column}, {column})" if by_expression else column


def _names(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _order_by(order: Sequence[str], column: Callable[[str], str]) -> str:
    directions = ("DESC" if name.startswith("-") else "ASC" for name in order)
    columns = map(column, _names(order))
    return ", ".join(f"{name} {way}" for name, way in zip(columns, directions, strict=True))


def select_items(
    library: Library, query: Query, tags: Mapping[str, FoundTag], attributes: Mapping[str, Any]
) -> Selection | None:
    """
    Select a user's items, or return None if no item can match. `tags` are the existing tags of the
    query by name, `attributes` the requested values by column.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    optional = {normalize_tag(tag) for tag in query.tags_optional}
    if len(optional & tags.keys()) == 1:  # the only one that can match
        required, optional = required | (optional & tags.keys()), set()
    optional_pks = sorted(tags[name].pk for name in optional & tags.keys())
    if not required <= tags.keys() or (optional and not optional_pks):
        return None
    sorted_tags = sorted((tags[name] for name in required), key=lambda tag: (tag.items, tag.pk))
    if not sorted_tags and not optional_pks:
        return _filter_items(library, query, attributes)
    on_items = item_conditions("i", query, attributes, library.using)
    conditions = _tag_row_conditions(library, query) + on_items
    if sorted_tags:
        where = all_of([*filter_by_tags(sorted_tags, optional_pks), *conditions])
        return Selection(where, has_tags=True, joins_items=bool(on_items))
    parts = (all_of([is_one_of("r.tag_id", [pk]), *conditions]) for pk in optional_pks)
    where = all_of([is_one_of("r.tag_id", optional_pks), *conditions])
    return Selection(where, has_tags=True, joins_items=bool(on_items), parts=tuple(parts))


def merge_selections(selections: Sequence[Selection]) -> Selection | None:
    """
    Merge the selections of one query in several libraries.
    """
    if len(selections) < 2:
        return selections[0] if selections else None
    parts = chain.from_iterable(each.parts or (each.where,) for each in selections)
    where = any_of(each.where for each in selections)
    return replace(selections[0], where=where, parts=tuple(parts))


def _filter_items(
    library: Library, query: Query, attributes: Mapping[str, Any]
) -> Selection | None:
    accounts = _count_accounts(library, query) if query.identities_by_id else None
    if accounts == {}:
        return None
    conditions = _account_conditions(library, query, list(accounts or ()))
    conditions += date_conditions(query) + _place_conditions(query)
    conditions += item_conditions("r", query, attributes, library.using)
    bands = in_latitude_bands(query) if query.geo_sw or query.geo_near_center else None
    if bands:
        conditions.append(bands)
    account_items = None if accounts is None else sum(accounts.values())
    has_words = bool(query.text.strip())
    return Selection(
        all_of(conditions),
        by_expression=bands is not None or (has_words and has_words_index(library.using)),
        has_words=has_words,
        account_items=account_items,
    )


def _account_conditions(library: Library, query: Query, identities: list[int]) -> list[Sql]:
    """
    Return the conditions for a user's accounts. For one account, they contain only the columns of
    its index, because with others the database may choose another index. Items of albums are found
    in the index of albums.
    """
    if len(identities) == 1 and not query.albums:
        return [Sql("r.identity_id = %s AND r.kind = %s", (*identities, library.kind))]
    conditions = [library.condition("r")]
    if identities:  # an expression of the column prevents the use of its index
        column = "r.identity_id + 0" if query.albums else "r.identity_id"
        conditions.append(is_one_of(column, identities))
    if query.services:
        conditions.append(is_one_of("r.service", list(query.services)))
    return conditions


def _tag_row_conditions(library: Library, query: Query) -> list[Sql]:
    """
    Return the conditions on tag rows, except those for tags.
    """
    conditions: list[Sql] = []
    if query.services or query.identities_by_id:
        conditions.append(is_one_of("r.identity_id", list(_count_accounts(library, query))))
    return conditions + date_conditions(query) + _place_conditions(query)


def _count_accounts(library: Library, query: Query) -> dict[int, int]:
    """
    Return the number of items of each account of the query that has any.
    """
    return dict(fetch_all(library.using, select_tallies("t.identity_id, t.items", library, query)))


def select_tallies(columns: str, library: Library, query: Query) -> Sql:
    """
    Return a statement for the tallies of the accounts of a query.
    """
    conditions = [library.condition("t")]
    if query.services:
        conditions.append(is_one_of("t.service", list(query.services)))
    if query.identities_by_id:
        conditions.append(is_one_of("t.identity_id", parse_ids(query.identities_by_id)))
    return select(columns, TALLIES, all_of(conditions))


def _place_conditions(query: Query) -> list[Sql]:
    conditions = []
    if query.geo_sw and query.geo_ne:
        conditions.append(within_box(query.geo_sw, query.geo_ne))
    if query.geo_near_center:
        conditions.append(within_radius(query.geo_near_center, query.geo_near_radius))
    return conditions
