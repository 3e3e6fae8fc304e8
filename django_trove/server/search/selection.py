"""
The rows that match a query: items, or, if the query has tags, the rows of the rarest tag. Tag rows
duplicate the columns for filtering and ordering, so that items are loaded only for the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connections
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from django_trove.client.content import MAX_UTC_OFFSET
from django_trove.client.query import Query

from ..index.values import normalize_tag, parse_ids
from ..models import UNDATED, Identity, Item, ItemTag, Tag
from ..models.index import to_epoch_seconds
from .geo import in_latitude_bands, within_box, within_radius
from .pagination import supports_cursor

MAX_TAG_JOINS = 2
DAY_SECONDS = 24 * 60 * 60
MAX_OFFSET_SECONDS = MAX_UTC_OFFSET * 60


@dataclass(frozen=True, slots=True)
class Selection:
    """
    `item` is the column of the item's id in `rows`. `parts` are the same rows in several querysets,
    each in index order, so that the first rows of all are among the first rows of each. `counted`
    are rows that may contain an item repeatedly, but are faster to count. If `by_expression`, order
    by an expression instead of a column, so that the database does not scan the whole library by
    date to find the items of a small area.
    """

    rows: QuerySet[Any]
    item: str
    parts: tuple[QuerySet[Any], ...] = ()
    counted: QuerySet[Any] | None = None
    by_expression: bool = False

    def page(self, order: Sequence[str], after: Q, start: int, stop: int) -> list[tuple[int, int]]:
        """
        Return the id and `taken_at_seconds` of each item of a page.
        """
        ordering = [self.ordering(name) for name in order]
        rows = self.rows.filter(after).values_list(self.item, "taken_at_seconds")
        if self.parts and supports_cursor(order):
            first, *rest = (
                _as_subquery(part.filter(after).order_by(*ordering)[:stop]).values_list(
                    self.item, "taken_at_seconds"
                )
                for part in self.parts
            )
            rows = first.union(*rest)
        return list(rows.order_by(*ordering)[start:stop])

    def count(self) -> int:
        if self.counted is None:
            return self.rows.count()
        return int(self.counted.aggregate(items=Count("item", distinct=True))["items"])

    def column(self, name: str) -> str:
        """
        Return the name of an item's column in these rows.
        """
        if name == "pk":
            return self.item
        return name if self.item == "pk" or name == "taken_at_seconds" else f"item__{name}"

    def ordering(self, name: str) -> Any:
        """
        Return the argument of `order_by` for an item's column, with "-" for descending order.
        """
        column = self.column(name.removeprefix("-"))
        if self.by_expression and column == "taken_at_seconds":
            expression = Coalesce(column, column)
            return expression.desc() if name.startswith("-") else expression.asc()
        return name[: name.startswith("-")] + column


def _as_subquery(rows: QuerySet[ItemTag]) -> QuerySet[ItemTag]:
    """
    Return rows that can be part of a union on this database.
    """
    if connections[rows.db].features.supports_slicing_ordering_in_compound:
        return rows
    return ItemTag.objects.filter(pk__in=rows.values("pk"))


def empty_selection() -> Selection:
    return Selection(Item.objects.none(), "pk")


def select_items(
    user: Any, query: Query, kind: int, tags: Mapping[str, Tag], attributes: Mapping[str, Any]
) -> Selection:
    """
    Select a user's items. `tags` are the existing tags of the query by name, `attributes` the
    requested values by column.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    optional = {normalize_tag(tag) for tag in query.tags_optional}
    if len(optional & tags.keys()) == 1:  # the only one that can match
        required, optional = required | (optional & tags.keys()), set()
    optional_pks = sorted(tags[name].pk for name in optional & tags.keys())
    if not required <= tags.keys() or (optional and not optional_pks):
        return empty_selection()
    sorted_tags = sorted((tags[name] for name in required), key=lambda tag: (tag.items, tag.pk))
    if not sorted_tags and not optional_pks:
        return _filter_items(user, query, kind, attributes)
    conditions = _tag_row_conditions(user, query, attributes)
    if sorted_tags:
        return Selection(_filter_by_tags(sorted_tags, optional_pks).filter(*conditions), "item")
    parts = tuple(ItemTag.objects.filter(*conditions, tag=pk) for pk in optional_pks)
    tag_rows = ItemTag.objects.filter(*conditions, tag__in=optional_pks)
    rows = tag_rows.values("item", "taken_at_seconds").distinct()
    return Selection(rows, "item", parts, counted=tag_rows)


def _filter_by_tags(sorted_tags: list[Tag], optional_pks: list[int]) -> QuerySet[ItemTag]:
    """
    Scan the rows of the first tag, which is the rarest, and test each row for the other tags: the
    next rarest ones by joins, and the remaining ones by one count, because the planning time of a
    database grows with at least the square of the number of joins.
    """
    first, *others = sorted_tags
    conditions: list[Any] = [_tag_subquery(tag=tag) for tag in others[:MAX_TAG_JOINS]]
    if optional_pks:
        conditions.append(_tag_subquery(tag__in=optional_pks))
    if remaining := [tag.pk for tag in others[MAX_TAG_JOINS:]]:
        conditions.append(Exact(_count_tags(remaining), len(remaining)))
    return ItemTag.objects.filter(*conditions, tag=first)


def _count_tags(pks: list[int]) -> Subquery:
    """
    Return the number of these tags that the item of a row has.
    """
    rows = ItemTag.objects.filter(item=OuterRef("item"), tag__in=pks).values("item")
    return Subquery(rows.annotate(count=Count("pk")).values("count"))


def _filter_items(user: Any, query: Query, kind: int, attributes: Mapping[str, Any]) -> Selection:
    items = Item.objects.owned_by(user).of_kind(kind).from_services(list(query.services or ()))
    if query.identities_by_id:
        items = items.filter(identity__in=parse_ids(query.identities_by_id))
    items = items.filter(*_date_conditions(query), **attributes)
    if not (query.geo_sw or query.geo_near_center):
        return Selection(items, "pk")
    bands = in_latitude_bands(query)
    items = items.filter(*_place_conditions(query), bands)
    return Selection(items, "pk", by_expression=bool(bands))


def _tag_row_conditions(user: Any, query: Query, attributes: Mapping[str, Any]) -> list[Q]:
    """
    Return the conditions on tag rows, except those for tags.
    """
    conditions = [Q(**{f"item__{column}": value}) for column, value in attributes.items()]
    if query.services:
        accounts = Identity.objects.of(user).filter(service__in=list(query.services))
        conditions.append(Q(identity__in=list(accounts.values_list("pk", flat=True))))
    if query.identities_by_id:
        conditions.append(Q(identity__in=parse_ids(query.identities_by_id)))
    return [*conditions, *_date_conditions(query), *_place_conditions(query)]


def _date_conditions(query: Query) -> list[Q]:
    """
    An item without a date is in no range (protocol, section 4.5).
    """
    conditions = []
    if query.date_from:
        conditions.append(Q(taken_at_seconds__gte=to_epoch_seconds(query.date_from)))
    if query.date_to:
        latest = to_epoch_seconds(query.date_to)
        conditions.append(Q(taken_at_seconds__lte=latest, taken_at_seconds__gt=UNDATED))
    return conditions + _day_conditions(query)


def _day_conditions(query: Query) -> list[Q]:
    """
    The conditions on `taken_at_seconds` are redundant, but limit the range of the index that the
    database reads.
    """
    conditions = []
    if query.day_from:
        start = _midnight(query.day_from)
        conditions.append(
            Q(local_seconds__gte=start, taken_at_seconds__gte=start - MAX_OFFSET_SECONDS)
        )
    if query.day_to:
        end = _midnight(query.day_to) + DAY_SECONDS
        conditions.append(Q(local_seconds__lt=end, taken_at_seconds__lt=end + MAX_OFFSET_SECONDS))
        conditions.append(Q(taken_at_seconds__gt=UNDATED))
    return conditions


def _midnight(day: date) -> int:
    return to_epoch_seconds(datetime.combine(day, time.min, UTC))


def _place_conditions(query: Query) -> list[Q]:
    conditions = []
    if query.geo_sw and query.geo_ne:
        conditions.append(within_box(query.geo_sw, query.geo_ne))
    if query.geo_near_center:
        conditions.append(within_radius(query.geo_near_center, query.geo_near_radius))
    return conditions


def _tag_subquery(**tag: Any) -> Exists:
    return Exists(
        ItemTag.objects.filter(
            item=OuterRef("item"), taken_at_seconds=OuterRef("taken_at_seconds"), **tag
        )
    )
