"""
From a query to a page of the index (protocol, "Query").
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q

from django_trove.client.content import Photo, Urls, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import DEFAULT_ORDER, UNSTORABLE_CHARACTERS, Query, Result

from ..index.values import from_epoch_seconds, normalize_tag, parse_ids
from ..media.urls import media_urls
from ..models import Item, Kind, Tag
from .counts import count_results
from .pagination import after_cursor, encode_cursor, supports_cursor
from .refresh import refresh
from .selection import Selection, select_items

ORDERS = {
    "service_date": "taken_at_seconds",
    "date": "taken_at_seconds",
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

KINDS = {"photos": Kind.PHOTO, "videos": Kind.VIDEO}
"""The content types that services give us, and the kind of each's items."""


def search_content(person: Any, content_type: str, query: Query, base_url: str) -> Result[Any]:
    """
    Answer a query for any content type. Of one that no service gives us, nobody has any.

    :raises QueryError: as `search` does.
    """
    kind = KINDS.get(content_type)
    if kind is None:
        return Result(query=query, page=query.page, more=False)
    return search(person, query, base_url, kind)


def search(person: Any, query: Query, base_url: str, kind: int = Kind.PHOTO) -> Result[Any]:
    """
    Answer a query from a person's items, and from nobody else's.

    :param person: the user whose Trove is asked.
    :param base_url: scheme and host that links to pictures begin with.
    :param kind: photos or videos (`Kind`).
    :raises QueryError: if the query names something that this Trove doesn't know.
    """
    query.check()
    if query.trove_id:
        return _find_item(person, query.trove_id, base_url, kind)
    order = _parse_order(query)
    exact = _parse_attributes(query)
    updated = refresh(person, query) if query.force_update else True
    tags = _known_tags(person, query, kind)
    selection = select_items(person, query, kind, tags, exact)
    ids, more, after = _read_page(selection, query, order)
    return Result(
        count=len(ids),
        page=query.page,
        total_number_of_results=count_results(person, query, kind, tags, selection),
        results=_load_content(ids, base_url),
        query=query,
        more=more,
        after=after,
        updating=not updated,
    )


def _find_item(person: Any, trove_id: str, base_url: str, kind: int) -> Result[Any]:
    items = Item.objects.owned_by(person).of_kind(kind).filter(pk__in=parse_ids([trove_id]))
    found = tuple(item_to_content(item, base_url) for item in items)
    return Result(
        count=len(found),
        total_number_of_results=len(found),
        results=found,
        query=Query(trove_id=trove_id),
        more=False,
    )


def _read_page(selection: Selection, query: Query, order: list[str]) -> tuple[list[int], bool, str]:
    """
    Return the ids of a page from an index, whether more follow, and where the page ended.
    """
    after = after_cursor(query.after, order, selection.item) if query.after else Q()
    start = 0 if query.after else (query.page - 1) * query.count
    found = selection.page(order, after, start, start + query.count + 1)
    page, more = found[: query.count], len(found) > query.count
    end = encode_cursor(page[-1][1], page[-1][0]) if more and supports_cursor(order) else ""
    return [pk for pk, _ in page], more, end


def _load_content(ids: list[int], base_url: str) -> tuple[Photo, ...]:
    rows = Item.objects.in_bulk(ids)
    return tuple(item_to_content(rows[pk], base_url) for pk in ids if pk in rows)


def _known_tags(person: Any, query: Query, kind: int) -> dict[str, Tag]:
    """
    Return those of a query's tags that the person has, by name. A tag that they have nowhere
    can't be on any item.
    """
    names = {normalize_tag(tag) for tag in (*query.tags_required, *query.tags_optional)}
    if not names:
        return {}
    mine = Tag.objects.filter(owner=person, kind=kind, name__in=names)
    return {tag.name: tag for tag in mine}


def item_to_content(item: Item, base_url: str) -> Photo:
    """
    Return an item as it goes over the wire: a photo, or a video with its duration.
    """
    urls = media_urls(item, base_url)
    make = partial(Video, duration=item.duration) if item.kind == Kind.VIDEO else Photo
    return make(
        trove_id=str(item.pk),
        service=item.service,
        id=item.service_id,
        title=item.title,
        owner=item.owner_name,
        description=item.description,
        urls=Urls(urls),
        tags=tuple(item.tags),
        date=from_epoch_seconds(item.taken_at_seconds),
        album_id=item.album_id,
        license=item.license,
        width=item.width,
        height=item.height,
        public=item.public,
        original_web_url=item.web_url or urls.get("original", ""),
        latitude=item.latitude,
        longitude=item.longitude,
    )


def _parse_order(query: Query) -> list[str]:
    """
    Return the columns to order by. Ties go by trove id, in the first field's direction.
    """
    names = list(query.order_by) or [DEFAULT_ORDER]
    for name in names:
        if name.removeprefix("-") not in ORDERS:
            raise QueryError(f"order_by takes {', '.join(ORDERS)}.", field="order_by")
    order = [name[: name.startswith("-")] + ORDERS[name.removeprefix("-")] for name in names]
    return [*order, "-pk" if names[0].startswith("-") else "pk"]


def _parse_attributes(query: Query) -> dict[str, Any]:
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
            fits = isinstance(value, str) and not UNSTORABLE_CHARACTERS.search(value)
        if not fits:
            kind = "true or false" if name == "public" else "a text"
            raise QueryError(f"attributes: {name} is {kind}.", field="attributes")
        exact[ATTRIBUTES[name]] = value
    return exact
