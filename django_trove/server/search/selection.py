"""
The rows that match a query: items, or, if the query has tags, the rows of the rarest tag. Tag rows
duplicate the columns for filtering and ordering, so that items are loaded only for the page.

In all statements, `r` are these rows, `i` are the items of tag rows, and `t` are rows of other
tags of an item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain
from typing import Any, NamedTuple

from django_trove.client.content import MAX_UTC_OFFSET
from django_trove.client.query import Query

from ..index.values import normalize_tag, parse_ids
from ..models import UNDATED, Identity, Item, ItemTag
from ..models.index import to_epoch_seconds
from .content import COLUMNS
from .geo import in_latitude_bands, within_box, within_radius
from .pagination import Page, supports_cursor
from .sql import Sql, all_of, fetch_all, is_one_of, select

MAX_TAG_JOINS = 2
DAY_SECONDS = 24 * 60 * 60
MAX_OFFSET_SECONDS = MAX_UTC_OFFSET * 60

ITEMS = f"{Item._meta.db_table} r"
TAG_ROWS = f"{ItemTag._meta.db_table} r"
OTHER_TAG_ROWS = f"{ItemTag._meta.db_table} t"
TAGGED_ITEMS = f"{TAG_ROWS} JOIN {Item._meta.db_table} i ON i.id = r.item_id"
ITEM_COLUMNS = ", ".join(f"r.{name}" for name in COLUMNS)


class Library(NamedTuple):
    """
    The items of one kind of a user.

    :param using: the database.
    :param owner: the user's primary key as a parameter of a statement.
    """

    using: str
    owner: Any
    kind: int

    def condition(self, table: str) -> Sql:
        """
        Return the condition for the rows of this library in a table with its columns.
        """
        return Sql(f"{table}.owner_id = %s AND {table}.kind = %s", (self.owner, self.kind))


class FoundTag(NamedTuple):
    pk: int
    items: int


@dataclass(frozen=True, slots=True)
class Selection:
    """
    :param where: the condition for the rows.
    :param parts: conditions for the same rows in several sets, each in index order, so that the
        first rows of all are among the first rows of each. An item may be in several sets.
    :param by_expression: order by an expression instead of a column, so that the database does not
        scan the whole library by date to find the items of a small area.
    """

    where: Sql
    has_tags: bool = False
    has_attributes: bool = False
    parts: tuple[Sql, ...] = ()
    by_expression: bool = False

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
        is_first = not (page.offset or self.has_tags or self.by_expression)
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
        rows = "COUNT(DISTINCT r.item_id)" if self.parts else "COUNT(*)"
        return select(rows, self._source(()), self.where)

    def _ids(self, page: Page) -> Sql:
        column = f"{self.item} AS item_id"
        if not self.parts:
            return self._rows(column, self.where, page)
        if supports_cursor(page.order):
            return self._merge_parts(page)
        others = sorted({self._column(name) for name in _names(page.order)} - {self.item})
        return self._rows(f"DISTINCT {', '.join([column, *others])}", self.where, page)

    def _merge_parts(self, page: Page) -> Sql:
        first_rows = page._replace(offset=0, limit=page.offset + page.limit)
        columns = "r.item_id, r.taken_at_seconds"
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
        return TAGGED_ITEMS if uses_items or self.has_attributes else TAG_ROWS

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
    conditions = _tag_row_conditions(library, query, attributes)
    if sorted_tags:
        where = all_of([*_filter_by_tags(sorted_tags, optional_pks), *conditions])
        return Selection(where, has_tags=True, has_attributes=bool(attributes))
    parts = (all_of([is_one_of("r.tag_id", [pk]), *conditions]) for pk in optional_pks)
    where = all_of([is_one_of("r.tag_id", optional_pks), *conditions])
    return Selection(where, has_tags=True, has_attributes=bool(attributes), parts=tuple(parts))


def _filter_by_tags(sorted_tags: list[FoundTag], optional_pks: list[int]) -> list[Sql]:
    """
    Scan the rows of the first tag, which is the rarest, and test each row for the other tags: the
    next rarest ones by joins, and the remaining ones by one count, because the planning time of a
    database grows with at least the square of the number of joins.
    """
    first, *others = (tag.pk for tag in sorted_tags)
    conditions = [is_one_of("r.tag_id", [first])]
    conditions += [_has_tag([pk]) for pk in others[:MAX_TAG_JOINS]]
    if optional_pks:
        conditions.append(_has_tag(optional_pks))
    if remaining := others[MAX_TAG_JOINS:]:
        conditions.append(_has_all_tags(remaining))
    return conditions


def _has_tag(pks: list[int]) -> Sql:
    """
    Return the condition for rows whose item has at least one of the tags.
    """
    row = Sql("t.item_id = r.item_id AND t.taken_at_seconds = r.taken_at_seconds")
    rows = select("1", OTHER_TAG_ROWS, all_of([row, is_one_of("t.tag_id", pks)]))
    return Sql(f"EXISTS ({rows.text})", rows.params)


def _has_all_tags(pks: list[int]) -> Sql:
    where = all_of([Sql("t.item_id = r.item_id"), is_one_of("t.tag_id", pks)])
    rows = select("COUNT(*)", OTHER_TAG_ROWS, where)
    return Sql(f"({rows.text}) = %s", (*rows.params, len(pks)))


def _filter_items(library: Library, query: Query, attributes: Mapping[str, Any]) -> Selection:
    conditions = [library.condition("r")]
    if query.services:
        conditions.append(is_one_of("r.service", list(query.services)))
    conditions += _common_conditions(query)
    conditions += [Sql(f"r.{column} = %s", (value,)) for column, value in attributes.items()]
    bands = in_latitude_bands(query) if query.geo_sw or query.geo_near_center else None
    if bands:
        conditions.append(bands)
    return Selection(all_of(conditions), by_expression=bands is not None)


def _tag_row_conditions(library: Library, query: Query, attributes: Mapping[str, Any]) -> list[Sql]:
    """
    Return the conditions on tag rows, except those for tags.
    """
    conditions = [Sql(f"i.{column} = %s", (value,)) for column, value in attributes.items()]
    if query.services:
        conditions.append(is_one_of("r.identity_id", _find_identities(library, query)))
    return conditions + _common_conditions(query)


def _find_identities(library: Library, query: Query) -> list[int]:
    services = is_one_of("service", list(query.services or ()))
    where = all_of([Sql("user_id = %s", (library.owner,)), services])
    return [pk for (pk,) in fetch_all(library.using, select("id", Identity._meta.db_table, where))]


def _common_conditions(query: Query) -> list[Sql]:
    """
    Return the conditions on columns that items and tag rows have.
    """
    conditions = []
    if query.identities_by_id:
        conditions.append(is_one_of("r.identity_id", parse_ids(query.identities_by_id)))
    conditions += _date_conditions(query)
    if query.geo_sw and query.geo_ne:
        conditions.append(within_box(query.geo_sw, query.geo_ne))
    if query.geo_near_center:
        conditions.append(within_radius(query.geo_near_center, query.geo_near_radius))
    return conditions


def _date_conditions(query: Query) -> list[Sql]:
    """
    An item without a date is in no range (protocol, section 4.5). Of the conditions for days, those
    on `taken_at_seconds` are redundant, but limit the range of the index that the database reads.
    """
    conditions = []
    if query.date_from:
        conditions.append(_compare("r.taken_at_seconds >= %s", to_epoch_seconds(query.date_from)))
    if query.date_to:
        conditions.append(_compare("r.taken_at_seconds <= %s", to_epoch_seconds(query.date_to)))
    if query.day_from:
        start = _midnight(query.day_from)
        conditions.append(_compare("r.local_seconds >= %s", start))
        conditions.append(_compare("r.taken_at_seconds >= %s", start - MAX_OFFSET_SECONDS))
    if query.day_to:
        end = _midnight(query.day_to) + DAY_SECONDS
        conditions.append(_compare("r.local_seconds < %s", end))
        conditions.append(_compare("r.taken_at_seconds < %s", end + MAX_OFFSET_SECONDS))
    if query.date_to or query.day_to:
        conditions.append(_compare("r.taken_at_seconds > %s", UNDATED))
    return conditions


def _compare(text: str, value: int) -> Sql:
    return Sql(text, (value,))


def _midnight(day: date) -> int:
    return to_epoch_seconds(datetime.combine(day, time.min, UTC))
