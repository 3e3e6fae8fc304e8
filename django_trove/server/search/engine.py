"""
Run a query and return a result (protocol, sections 4 and 5.1).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q
from msgspec import convert

from django_trove.client.content import UNKNOWN_CAMERA, Camera, Photo, Urls, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import DEFAULT_ORDER, UNSTORABLE_CHARACTERS, Query, Result
from django_trove.core.database import replica_reads

from ..index.values import normalize_tag, parse_ids
from ..media.signed_urls import media_urls
from ..models import Item, Kind, Tag
from ..models.index import from_epoch_seconds
from .counts import count_results
from .pagination import after_cursor, encode_cursor, supports_cursor
from .refresh import refresh
from .selection import Selection, select_items

ORDER_COLUMNS = {
    "service_date": "taken_at_seconds",
    "date": "taken_at_seconds",
    "service": "service",
    "trove_id": "pk",
    "width": "width",
    "height": "height",
}

ATTRIBUTE_COLUMNS = {
    "album_id": "album_id",
    "license": "license",
    "owner": "owner_name",
    "public": "public",
    "title": "title",
    "id": "service_id",
}

KINDS = {"photos": Kind.PHOTO, "videos": Kind.VIDEO}


def search_content(user: Any, content_type: str, query: Query, base_url: str) -> Result[Any]:
    """
    Search items of any content type. The result for a type that no service provides is empty.
    """
    kind = KINDS.get(content_type)
    if kind is None:
        return Result(query=query, page=query.page, more=False)
    return search(user, query, base_url, kind)


def search(user: Any, query: Query, base_url: str, kind: int = Kind.PHOTO) -> Result[Any]:
    """
    Search a user's items. `base_url` is the origin for media URLs of this Trove.

    :raises QueryError: if the query is invalid.
    """
    query.check()
    if query.trove_id:
        return _find_item(user, query.trove_id, base_url, kind)
    order = _parse_order(query)
    attributes = _parse_attributes(query)
    updated = refresh(user, query) if query.force_update else True
    with replica_reads(not query.force_update):
        tags = _existing_tags(user, query, kind)
        selection = select_items(user, query, kind, tags, attributes)
        ids, more, after = _read_page(selection, query, order)
        return Result(
            count=len(ids),
            page=query.page,
            total_number_of_results=count_results(user, query, kind, tags, selection),
            results=_load_content(ids, base_url),
            query=query,
            more=more,
            after=after,
            updating=not updated,
        )


def _find_item(user: Any, trove_id: str, base_url: str, kind: int) -> Result[Any]:
    items = Item.objects.owned_by(user).of_kind(kind).filter(pk__in=parse_ids([trove_id]))
    results = tuple(item_to_content(item, base_url) for item in items)
    return Result(
        count=len(results),
        total_number_of_results=len(results),
        results=results,
        query=Query(trove_id=trove_id),
        more=False,
    )


def _read_page(selection: Selection, query: Query, order: list[str]) -> tuple[list[int], bool, str]:
    """
    Return the ids of a page, whether another page follows, and the cursor for it.
    """
    after = after_cursor(query.after, order, selection.item) if query.after else Q()
    start = 0 if query.after else (query.page - 1) * query.count
    rows = selection.page(order, after, start, start + query.count + 1)
    page, more = rows[: query.count], len(rows) > query.count
    cursor = encode_cursor(page[-1][1], page[-1][0]) if more and supports_cursor(order) else ""
    return [pk for pk, _ in page], more, cursor


def _load_content(ids: list[int], base_url: str) -> tuple[Photo, ...]:
    rows = Item.objects.in_bulk(ids)
    return tuple(item_to_content(rows[pk], base_url) for pk in ids if pk in rows)


def _existing_tags(user: Any, query: Query, kind: int) -> dict[str, Tag]:
    names = {normalize_tag(tag) for tag in (*query.tags_required, *query.tags_optional)}
    if not names:
        return {}
    tags = Tag.objects.filter(owner=user, kind=kind, name__in=names)
    return {tag.name: tag for tag in tags}


def item_to_content(item: Item, base_url: str) -> Photo:
    urls = media_urls(item, base_url) if item.files else dict(item.urls)
    content_class = partial(Video, duration=item.duration) if item.kind == Kind.VIDEO else Photo
    return content_class(
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
        utc_offset=item.utc_offset,
        upload_date=from_epoch_seconds(item.uploaded_at_seconds),
        album_title=item.album_title,
        media_type=item.media_type,
        sizes={name: (width, height) for name, (width, height) in item.sizes.items()},
        camera=convert(item.camera, Camera) if item.camera else UNKNOWN_CAMERA,
    )


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
    return [*order, "-pk" if names[0].startswith("-") else "pk"]


def _parse_attributes(query: Query) -> dict[str, Any]:
    """
    Return the requested values by column.
    """
    values: dict[str, Any] = {}
    for name, value in query.attributes.items():
        if name not in ATTRIBUTE_COLUMNS:
            detail = f"The names in attributes must be from {', '.join(ATTRIBUTE_COLUMNS)}."
            raise QueryError(detail, field="attributes")
        if name == "public":
            valid = isinstance(value, bool)
        else:
            valid = isinstance(value, str) and not UNSTORABLE_CHARACTERS.search(value)
        if not valid:
            expected = "a boolean" if name == "public" else "a string"
            raise QueryError(f"attributes: {name} must be {expected}.", field="attributes")
        values[ATTRIBUTE_COLUMNS[name]] = value
    return values
