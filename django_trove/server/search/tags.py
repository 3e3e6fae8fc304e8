"""
The tags of a query, and conditions for them. In statements, `t` are rows of other tags of an item.
"""

from __future__ import annotations

from typing import NamedTuple

from django_trove.client.query import Query

from ..index.values import normalize_tag
from ..models import ItemTag, Tag
from .library import Library
from .sql import Sql, all_of, fetch_all, is_one_of, select

MAX_TAG_JOINS = 2
TAGS = f"{Tag._meta.db_table} g"
OTHER_TAG_ROWS = f"{ItemTag._meta.db_table} t"


class FoundTag(NamedTuple):
    pk: int
    items: int


def find_tags(library: Library, query: Query) -> dict[str, FoundTag]:
    names = {normalize_tag(tag) for tag in (*query.tags_required, *query.tags_optional)}
    if not names:
        return {}
    where = all_of([library.condition("g"), is_one_of("g.name", sorted(names))])
    statement = select("g.name, g.id, g.items", TAGS, where)
    rows = fetch_all(library.using, statement)
    return {name: FoundTag(pk, items) for name, pk, items in rows}


def filter_by_tags(sorted_tags: list[FoundTag], optional_pks: list[int]) -> list[Sql]:
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
