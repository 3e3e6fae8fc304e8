"""
From a query to a page of the index (protocol, "Query").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from django_trove.client.content import Photo, Urls
from django_trove.client.errors import QueryError
from django_trove.client.query import DEFAULT_ORDER, UNSTORABLE, Query
from django_trove.client.result import Result

from . import geography, links
from .ids import ids_of
from .models import Item, Kind, Tag
from .models.index import ItemQuerySet
from .moments import date_of, moment_of
from .tags import normalised
from .totals import total_of
from .updating import update

__all__ = ["search"]

ORDERS = {
    "service_date": "moment",
    "date": "moment",
    "service": "service",
    "trove_id": "pk",
    "width": "width",
    "height": "height",
}
"""What can be ordered by, and the column of each."""

ATTRIBUTES = {
    "album_id": "album_id",
    "license": "license",
    "owner": "owner_name",
    "public": "public",
    "title": "title",
    "id": "service_id",
}
"""What `attributes` can ask for, and the column of each."""


def search(person: Any, query: Query, base_url: str) -> Result[Photo]:
    """
    Answer a query from a person's items, and from nobody else's.

    :param person: the user whose Trove is asked.
    :param base_url: scheme and host that links to pictures begin with.
    :raises QueryError: if the query names something that this Trove doesn't know.
    """
    query.check()
    if query.trove_id:
        one = (
            Item.objects.owned_by(person)
            .of_kind(Kind.PHOTO)
            .filter(pk__in=ids_of([query.trove_id]))
        )
        return _result(
            Query(trove_id=query.trove_id), one.values_list("pk", flat=True), one.count(), base_url
        )
    order = _order(query)
    exact = _attributes(query)
    if query.force_update:
        update(person, query)
    tags = _known(person, query)
    required = {normalised(tag) for tag in query.tags_required}
    if not required <= tags.keys():
        return _result(query, Item.objects.none(), 0, base_url)
    needed = sorted((tags[name] for name in required), key=lambda tag: tag.items)
    optional = _optional(query, tags)
    items = Item.objects.owned_by(person).of_kind(Kind.PHOTO)
    found = _narrowed(items, query).filter(**exact).tagged_all([tag.pk for tag in needed])
    if optional is not None:
        found = found.tagged_any(optional)
    total = total_of(person, query, needed, found)
    ids = found.order_by(*order).values_list("pk", flat=True)
    return _result(query, ids, total, base_url)


def _narrowed(items: ItemQuerySet, query: Query) -> ItemQuerySet:
    items = (
        items.from_services(list(query.services or ()))
        .from_identities(ids_of(query.identities_by_id) if query.identities_by_id else None)
        .taken_from(moment_of(query.date_from))
        .taken_until(moment_of(query.date_to))
    )
    return items.filter(_place(query))


def _place(query: Query) -> Q:
    place = Q()
    if query.geo_sw and query.geo_ne:
        place &= geography.in_box(query.geo_sw, query.geo_ne)
    if query.geo_near_center:
        place &= geography.near(query.geo_near_center, query.geo_near_radius)
    return place


def _known(person: Any, query: Query) -> dict[str, Tag]:
    """
    Return those of a query's tags that the person has, by name. A tag that they have nowhere
    can't be on any item.
    """
    names = {normalised(tag) for tag in (*query.tags_required, *query.tags_optional)}
    if not names:
        return {}
    mine = Tag.objects.filter(owner=person, kind=Kind.PHOTO, name__in=names)
    return {tag.name: tag for tag in mine}


def _optional(query: Query, tags: Mapping[str, Tag]) -> list[int] | None:
    """
    Return the tags of which one is enough; None where the query names none.
    """
    if not query.tags_optional:
        return None
    names = sorted({normalised(tag) for tag in query.tags_optional} & tags.keys())
    return [tags[name].pk for name in names]


def _result(query: Query, ids: QuerySet[Any, Any], total: int, base_url: str) -> Result[Photo]:
    """
    Fetch the page's ids from an index first, and then only its rows.
    """
    start = (query.page - 1) * query.count
    page = list(ids[start : start + query.count])
    rows = Item.objects.in_bulk(page)
    photos = tuple(_photo(rows[pk], base_url) for pk in page if pk in rows)
    return Result(
        count=len(photos),
        page=query.page,
        total_number_of_results=total,
        results=photos,
        query=query,
    )


def _photo(item: Item, base_url: str) -> Photo:
    urls = links.urls(item, base_url)
    return Photo(
        trove_id=str(item.pk),
        service=item.service,
        id=item.service_id,
        title=item.title,
        owner=item.owner_name,
        description=item.description,
        urls=Urls(urls),
        tags=tuple(item.tags),
        date=date_of(item.moment),
        album_id=item.album_id,
        license=item.license,
        width=item.width,
        height=item.height,
        public=item.public,
        original_web_url=item.web_url or urls.get("original", ""),
        latitude=item.latitude,
        longitude=item.longitude,
    )


def _order(query: Query) -> list[str]:
    """
    Return the columns to order by. Ties go by trove id, in the first field's direction.
    """
    names = list(query.order_by) or [DEFAULT_ORDER]
    for name in names:
        if name.removeprefix("-") not in ORDERS:
            raise QueryError(f"order_by takes {', '.join(ORDERS)}.", field="order_by")
    order = [name[: name.startswith("-")] + ORDERS[name.removeprefix("-")] for name in names]
    return [*order, "-pk" if names[0].startswith("-") else "pk"]


def _attributes(query: Query) -> dict[str, Any]:
    """
    Return the exact values that are asked for, by column.
    """
    exact: dict[str, Any] = {}
    for name, value in query.attributes.items():
        if name not in ATTRIBUTES:
            raise QueryError(f"attributes takes {', '.join(ATTRIBUTES)}.", field="attributes")
        if name == "public":
            fits = isinstance(value, bool)
        else:
            fits = isinstance(value, str) and not UNSTORABLE.search(value)
        if not fits:
            kind = "true or false" if name == "public" else "a text"
            raise QueryError(f"attributes: {name} is {kind}.", field="attributes")
        exact[ATTRIBUTES[name]] = value
    return exact
