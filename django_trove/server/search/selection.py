"""
Which rows answer a query: items, or, where it names tags, the rows of the rarest of these. Those
repeat what items are filtered and ordered by, so that items are read for the page alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from django_trove.client.query import Query

from ..index.values import normalize_tag, parse_ids, to_epoch_seconds
from ..models import UNDATED, Identity, Item, ItemTag, Tag
from .geo import in_latitude_bands, within_box, within_radius
from .pagination import supports_cursor


@dataclass(frozen=True, slots=True)
class Selection:
    """
    What a query finds.

    :param rows: to take the page from; as many as there are items.
    :param item: the column of the item's id there.
    :param parts: the same rows apart, each in the order of an index: the first of all are among
        the first of each.
    :param counted: rows that may name an item more than once, where these are counted faster.
    :param pinned: order by an expression, not by a column: a database that knows nothing of its
        rows would walk by date through all of a library, to find what lies in one town.
    """

    rows: QuerySet[Any]
    item: str
    parts: tuple[QuerySet[Any], ...] = ()
    counted: QuerySet[Any] | None = None
    pinned: bool = False

    def page(self, order: Sequence[str], after: Q, start: int, stop: int) -> list[tuple[int, int]]:
        """
        Return the id and the moment of each item on a page.

        :param order: items' columns, "-" before those that descend.
        :param after: the condition of coming after the page before.
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
        """
        Return how many items there are.
        """
        if self.counted is None:
            return self.rows.count()
        return int(self.counted.aggregate(items=Count("item", distinct=True))["items"])

    def column(self, name: str) -> str:
        """
        Return how an item's column is called from these rows.
        """
        if name == "pk":
            return self.item
        return name if self.item == "pk" or name == "taken_at_seconds" else f"item__{name}"

    def ordering(self, name: str) -> Any:
        """
        Return what `order_by` takes for an item's column, with "-" before it for descending.
        """
        column = self.column(name.removeprefix("-"))
        if self.pinned and column == "taken_at_seconds":
            pinned = Coalesce(column, column)
            return pinned.desc() if name.startswith("-") else pinned.asc()
        return name[: name.startswith("-")] + column


def _as_subquery(rows: QuerySet[ItemTag]) -> QuerySet[ItemTag]:
    """
    Return the same rows so that the database takes them for a part of a union.
    """
    if connections[rows.db].features.supports_slicing_ordering_in_compound:
        return rows
    return ItemTag.objects.filter(pk__in=rows.values("pk"))


def empty_selection() -> Selection:
    """
    Return the selection that finds nothing, and asks no database for it.
    """
    return Selection(Item.objects.none(), "pk")


def select_items(
    person: Any, query: Query, kind: int, tags: Mapping[str, Tag], exact: Mapping[str, Any]
) -> Selection:
    """
    Return what a query finds among a person's items.

    :param kind: photos or videos (`Kind`).
    :param tags: those of the query's tags that the person has, by name.
    :param exact: values of items' columns.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    optional = {normalize_tag(tag) for tag in query.tags_optional}
    if len(optional & tags.keys()) == 1:  # it is the only one that can be there, so it has to
        required, optional = required | (optional & tags.keys()), set()
    some = sorted(tags[name].pk for name in optional & tags.keys())
    if not required <= tags.keys() or (optional and not some):
        return empty_selection()
    needed = sorted((tags[name] for name in required), key=lambda tag: (tag.items, tag.pk))
    if not needed and not some:
        return _filter_items(person, query, kind, exact)
    conditions = _tag_row_conditions(person, query, exact)
    if needed:
        return Selection(_filter_by_tags(needed, some).filter(*conditions), "item")
    parts = tuple(ItemTag.objects.filter(*conditions, tag=tag) for tag in some)
    either = ItemTag.objects.filter(*conditions, tag__in=some)
    rows = either.values("item", "taken_at_seconds").distinct()
    return Selection(rows, "item", parts, counted=either)


def _filter_by_tags(needed: list[Tag], some: list[int]) -> QuerySet[ItemTag]:
    """
    Walk the first tag's rows, which have to be the fewest, and test each for the others.
    """
    first, *others = needed
    tests = [_tag_subquery(tag=tag) for tag in others] + (
        [_tag_subquery(tag__in=some)] if some else []
    )
    return ItemTag.objects.filter(*tests, tag=first)


def _filter_items(person: Any, query: Query, kind: int, exact: Mapping[str, Any]) -> Selection:
    items = Item.objects.owned_by(person).of_kind(kind).from_services(list(query.services or ()))
    if query.identities_by_id:
        items = items.filter(identity__in=parse_ids(query.identities_by_id))
    bands = in_latitude_bands(query)
    items = items.filter(*_date_condition(query), *_place_condition(query), bands, **exact)
    return Selection(items, "pk", pinned=bool(bands))


def _tag_row_conditions(person: Any, query: Query, exact: Mapping[str, Any]) -> list[Q]:
    """
    Return what is asked besides tags, as conditions on tags' rows.
    """
    asked = [Q(**{f"item__{column}": value}) for column, value in exact.items()]
    if query.services:
        accounts = Identity.objects.of(person).filter(service__in=list(query.services))
        asked.append(Q(identity__in=list(accounts.values_list("pk", flat=True))))
    if query.identities_by_id:
        asked.append(Q(identity__in=parse_ids(query.identities_by_id)))
    return [*asked, *_date_condition(query), *_place_condition(query)]


def _date_condition(query: Query) -> list[Q]:
    """
    An undated item lies in no range of dates.
    """
    earliest, latest = to_epoch_seconds(query.date_from), to_epoch_seconds(query.date_to)
    asked = [Q(taken_at_seconds__gte=earliest)] if earliest != UNDATED else []
    return asked + (
        [Q(taken_at_seconds__lte=latest, taken_at_seconds__gt=UNDATED)] if latest != UNDATED else []
    )


def _place_condition(query: Query) -> list[Q]:
    asked = []
    if query.geo_sw and query.geo_ne:
        asked.append(within_box(query.geo_sw, query.geo_ne))
    if query.geo_near_center:
        asked.append(within_radius(query.geo_near_center, query.geo_near_radius))
    return asked


def _tag_subquery(**tag: Any) -> Exists:
    return Exists(
        ItemTag.objects.filter(
            item=OuterRef("item"), taken_at_seconds=OuterRef("taken_at_seconds"), **tag
        )
    )
