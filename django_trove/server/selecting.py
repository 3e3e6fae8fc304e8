"""
Which rows answer a query: items, or, where it names tags, the rows of the rarest of these. Those
repeat what items are filtered and ordered by, so that items are read for the page alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from django_trove.client.query import Query

from . import geography
from .ids import ids_of
from .models import UNDATED, Identity, Item, ItemTag, Tag
from .moments import moment_of
from .tags import normalised

__all__ = ["Selection", "nothing", "select"]

FEW = 1000
"""Up to so many rows of several tags are read and sorted; of more, a walk by date soon has some."""


@dataclass(frozen=True, slots=True)
class Selection:
    """
    What a query finds.

    :param rows: to take the page from.
    :param item: the column of the item's id there.
    :param counted: as many rows as there are items, in the form that is counted the fastest.
    :param pinned: order by an expression, not by a column: a database that knows nothing of its
        rows would walk by date through all of a library, to find what lies in one town.
    """

    rows: QuerySet[Any]
    item: str
    counted: QuerySet[Any]
    pinned: bool = False

    def column(self, name: str) -> str:
        """
        Return how an item's column is called from these rows.
        """
        if name == "pk":
            return self.item
        return name if self.item == "pk" or name == "moment" else f"item__{name}"

    def ordering(self, name: str) -> Any:
        """
        Return what `order_by` takes for an item's column, with "-" before it for descending.
        """
        column = self.column(name.removeprefix("-"))
        if self.pinned and column == "moment":
            pinned = Coalesce(column, column)
            return pinned.desc() if name.startswith("-") else pinned.asc()
        return name[: name.startswith("-")] + column


def nothing() -> Selection:
    """
    Return the selection that finds nothing, and asks no database for it.
    """
    return Selection(Item.objects.none(), "pk", Item.objects.none())


def select(
    person: Any, query: Query, kind: int, tags: Mapping[str, Tag], exact: Mapping[str, Any]
) -> Selection:
    """
    Return what a query finds among a person's items.

    :param kind: photos or videos (`Kind`).
    :param tags: those of the query's tags that the person has, by name.
    :param exact: values of items' columns.
    """
    required = {normalised(tag) for tag in query.tags_required}
    optional = {normalised(tag) for tag in query.tags_optional}
    some = sorted(tags[name].pk for name in optional & tags.keys())
    if not required <= tags.keys() or (optional and not some):
        return nothing()
    needed = sorted((tags[name] for name in required), key=lambda tag: (tag.items, tag.pk))
    if needed:
        return _tagged(person, query, exact, [tag.pk for tag in needed], some)
    if len(some) == 1:
        return _tagged(person, query, exact, some, [])
    items = _items(person, query, kind, exact)
    if not optional:
        return items
    tagged = _narrowed(ItemTag.objects.filter(tag__in=some), person, query, exact)
    either = tagged.values("item", "moment").distinct()
    if sum(tags[name].items for name in optional & tags.keys()) <= FEW:
        return Selection(either, "item", either)
    return Selection(items.rows.filter(_has(tag__in=some)), "pk", either, items.pinned)


def _tagged(
    person: Any, query: Query, exact: Mapping[str, Any], needed: list[int], some: list[int]
) -> Selection:
    """
    Walk the first tag's rows, which have to be the fewest, and test each for the others.
    """
    first, *others = needed
    rows = ItemTag.objects.filter(tag=first)
    tests = [_has("item", tag=tag) for tag in others]
    tests += [_has("item", tag__in=some)] if some else []
    rows = _narrowed(rows.filter(*tests), person, query, exact)
    return Selection(rows, "item", rows)


def _items(person: Any, query: Query, kind: int, exact: Mapping[str, Any]) -> Selection:
    items = Item.objects.owned_by(person).of_kind(kind).from_services(list(query.services or ()))
    if query.identities_by_id:
        items = items.filter(identity__in=ids_of(query.identities_by_id))
    bands = geography.bands(query)
    items = items.filter(*_when(query), *_where(query), bands, **exact)
    return Selection(items, "pk", items, pinned=bool(bands))


def _narrowed(
    rows: QuerySet[ItemTag], person: Any, query: Query, exact: Mapping[str, Any]
) -> QuerySet[ItemTag]:
    """
    Ask of tags' rows what is asked besides tags.
    """
    if query.services:
        accounts = Identity.objects.of(person).filter(service__in=list(query.services))
        rows = rows.filter(identity__in=list(accounts.values_list("pk", flat=True)))
    if query.identities_by_id:
        rows = rows.filter(identity__in=ids_of(query.identities_by_id))
    of_item = {f"item__{column}": value for column, value in exact.items()}
    return rows.filter(*_when(query), *_where(query), **of_item)


def _when(query: Query) -> list[Q]:
    """
    An undated item lies in no range of dates.
    """
    earliest, latest = moment_of(query.date_from), moment_of(query.date_to)
    asked = [Q(moment__gte=earliest)] if earliest != UNDATED else []
    return asked + ([Q(moment__lte=latest, moment__gt=UNDATED)] if latest != UNDATED else [])


def _where(query: Query) -> list[Q]:
    asked = []
    if query.geo_sw and query.geo_ne:
        asked.append(geography.in_box(query.geo_sw, query.geo_ne))
    if query.geo_near_center:
        asked.append(geography.near(query.geo_near_center, query.geo_near_radius))
    return asked


def _has(item: str = "pk", **tag: Any) -> Exists:
    return Exists(ItemTag.objects.filter(item=OuterRef(item), moment=OuterRef("moment"), **tag))
