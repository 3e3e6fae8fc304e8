"""
Rows of the index for items that a service or an application supplies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from django_trove.client import codec
from django_trove.client.codec.values import drop_extreme_year
from django_trove.client.content import Checkin, Content, Friend, Photo, Status
from django_trove.client.values import Size, to_location

from ..connectors.base import FoundItem
from ..models import Identity, Item, Kind, latitude_band_of
from ..models.values import to_epoch_seconds, to_local_seconds
from .map import map_cell_of
from .places import place_columns
from .words import join_words

MAX_DIMENSION = 2**31 - 1
COMMON_KEYS = frozenset({"object_type", "trove_id", "service", "id"})
UNSUPPORTED_VENUE_KEY = "categories"  # the client 0.3.0 does not accept it

CONTENT_FIELDS = (
    "kind",
    "etag",
    "sync_number",
    "taken_at_seconds",
    "local_seconds",
    "utc_offset",
    "uploaded_at_seconds",
    "title",
    "description",
    "words",
    "owner_name",
    "urls",
    "files",
    "tags",
    "album_id",
    "album_title",
    "license",
    "width",
    "height",
    "duration",
    "media_type",
    "sizes",
    "camera",
    "average_color",
    "record",
    "public",
    "web_url",
    "latitude",
    "longitude",
    "latitude_band",
    "country",
    "region",
    "place",
    "place_version",
    "map_cell",
)
"""The columns that a sync overwrites."""


def build_item(
    identity: Identity, item: FoundItem, files: Mapping[str, Any], owner_name: str
) -> Item:
    """
    Return an unsaved item.

    :param files: see `Item.files`.
    :param owner_name: default for items without an owner.
    """
    content = item.content
    if isinstance(content, Photo):
        columns = {**_photo_columns(content, item, owner_name), "files": dict(files)}
        columns |= place_columns(content.location)
    else:
        content = _complete(content, owner_name)
        columns = {**_copied_columns(content), "record": _to_record(content)}
    latitude, longitude = getattr(content, "location", None) or (None, None)
    return Item(
        owner_id=identity.user_id,
        identity=identity,
        service=identity.service,
        service_id=item.service_id,
        kind=Kind[content.object_type.upper()],
        etag=item.etag,
        sync_number=identity.sync_number,
        latitude=latitude,
        longitude=longitude,
        latitude_band=latitude_band_of(latitude),
        map_cell=map_cell_of(to_location(latitude, longitude)),
        words=join_words(columns["title"], columns.get("description", "")),
        **columns,
    )


def _photo_columns(photo: Photo, item: FoundItem, owner_name: str) -> dict[str, Any]:
    return {
        "taken_at_seconds": to_epoch_seconds(photo.date),
        "local_seconds": to_local_seconds(photo.date, photo.utc_offset),
        "utc_offset": photo.utc_offset,
        "uploaded_at_seconds": to_epoch_seconds(drop_extreme_year(photo.upload_date)),
        "title": photo.title,
        "description": photo.description,
        "owner_name": photo.owner or owner_name,
        "urls": dict(photo.urls),
        "tags": [tag for tag in photo.tags if str(tag).strip()],
        "album_id": photo.album_id,
        "album_title": photo.album_title,
        "license": photo.license,
        "width": min(photo.width, MAX_DIMENSION),
        "height": min(photo.height, MAX_DIMENSION),
        "duration": getattr(photo, "duration", 0),
        "media_type": photo.media_type or item.type,
        "sizes": {name: list(size) for name, size in _find_sizes(photo, item).items()},
        "camera": to_builtins(photo.camera),
        "average_color": photo.average_color,
        "public": photo.public,
        "web_url": photo.original_web_url,
    }


def _find_sizes(photo: Photo, item: FoundItem) -> dict[str, Size]:
    rendered = {name: (r.width, r.height) for name, r in item.renditions.items() if r.width}
    return {**photo.sizes, **rendered}


def _complete(content: Content, owner_name: str) -> Content:
    if isinstance(content, (Status, Checkin)) and not content.owner:
        return replace(content, owner=owner_name)
    return content


def _copied_columns(content: Content) -> dict[str, Any]:
    """
    Return the columns that queries and the admin use.
    """
    if isinstance(content, Friend):
        return {"title": content.name, "web_url": content.url}
    if isinstance(content, Status):
        title, texts = "", [content.message, *content.subfields.values()]
    elif isinstance(content, Checkin):
        title, texts = _as_text(content.venue.get("name")), [content.shout, content.description]
    else:
        raise TypeError(f"{type(content).__name__} is not a content type.")
    seconds = to_epoch_seconds(content.service_date)
    return {
        "taken_at_seconds": seconds,
        "local_seconds": seconds,
        "title": title,
        "description": "\n".join(filter(None, map(_as_text, texts))),
        "owner_name": content.owner,
        "public": content.public,
        "web_url": content.original_web_url,
    }


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _to_record(content: Content) -> dict[str, Any]:
    """
    Return the record without the common keys. It has every key that the client 0.3.0 reads.
    """
    wire = _without_nulls(codec.content_to_wire(content))
    record = {name: value for name, value in wire.items() if name not in COMMON_KEYS}
    record.get("venue", {}).pop(UNSUPPORTED_VENUE_KEY, None)
    if isinstance(content, Status) and content.location is None:
        record.pop("geolocation", None)
    return codec.complete_record(record)


def _without_nulls(value: Any) -> Any:
    """
    Remove the keys whose value is null: the client 0.3.0 does not accept it.
    """
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
