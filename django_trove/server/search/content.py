"""
Conversion of rows of the index to content objects and to records of responses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Raw, json

from django_trove.client.codec import (
    PhotoRecord,
    VideoRecord,
    content_from_wire,
    date_to_wire,
)
from django_trove.client.content import Content, Photo, Video
from django_trove.client.values import UNKNOWN_CAMERA, UNKNOWN_PLACE, Camera, Urls

from ..media.signed_urls import media_urls
from ..models import Kind, parse_place
from ..models.index import KINDS
from ..models.values import from_epoch_seconds

RECORD_TYPES: dict[int, str] = {
    kind: name for name, kind in KINDS.items() if name not in ("photos", "videos")
}
"""The content types whose records are stored as JSON."""

EMPTY = "{}"
ORIGINAL = '"original":'

encode = json.Encoder().encode
decode = json.Decoder().decode
decode_camera = json.Decoder(Camera).decode


class ItemRow(NamedTuple):
    """
    Columns of `Item` as they are in the database, with JSON as text. The first two are those of a
    cursor.
    """

    id: int
    taken_at_seconds: int
    service: str
    service_id: str
    kind: int
    etag: str
    utc_offset: int | None
    uploaded_at_seconds: int
    title: str
    description: str
    owner_name: str
    urls: str
    files: str
    tags: str
    album_id: str
    album_title: str
    license: str
    width: int
    height: int
    duration: float
    media_type: str
    sizes: str
    camera: str
    record: str
    public: bool
    web_url: str
    latitude: float | None
    longitude: float | None
    place: str
    average_color: str


COLUMNS = ItemRow._fields


def row_to_content(values: Sequence[Any], origin: str) -> Content:
    """
    :param values: the values of `COLUMNS`.
    """
    row = ItemRow._make(values)
    if row.kind in RECORD_TYPES:
        content: Content = content_from_wire(_build_record(row), RECORD_TYPES[row.kind])
        return content
    return _row_to_photo(row, origin)


def _row_to_photo(row: ItemRow, origin: str) -> Photo:
    urls = decode(row.urls) if row.files == EMPTY else _media_urls(row, origin)
    is_video = row.kind == Kind.VIDEO
    extra: dict[str, Any] = {"duration": row.duration} if is_video else {}
    return (Video if is_video else Photo)(
        trove_id=str(row.id),
        service=row.service,
        id=row.service_id,
        title=row.title,
        owner=row.owner_name,
        description=row.description,
        urls=Urls(urls),
        tags=tuple(decode(row.tags)),
        date=from_epoch_seconds(row.taken_at_seconds),
        album_id=row.album_id,
        license=row.license,
        width=row.width,
        height=row.height,
        public=bool(row.public),
        original_web_url=row.web_url or urls.get("original", ""),
        latitude=row.latitude,
        longitude=row.longitude,
        utc_offset=row.utc_offset,
        upload_date=from_epoch_seconds(row.uploaded_at_seconds),
        album_title=row.album_title,
        media_type=row.media_type,
        sizes={name: (width, height) for name, (width, height) in decode(row.sizes).items()},
        camera=UNKNOWN_CAMERA if row.camera == EMPTY else decode_camera(row.camera),
        place=parse_place(row.place) if row.place else UNKNOWN_PLACE,
        average_color=row.average_color,
        **extra,
    )


def row_to_record(values: Sequence[Any], origin: str) -> PhotoRecord | dict[str, Any]:
    """
    Return a record for a response.

    :param values: the values of `COLUMNS`.
    """
    row = ItemRow._make(values)
    return _build_record(row) if row.kind in RECORD_TYPES else _build_photo_record(row, origin)


def _build_record(row: ItemRow) -> dict[str, Any]:
    object_type, _, wire_id = row.service_id.partition(":")  # to_service_id
    common = {"trove_id": str(row.id), "service": row.service, "id": wire_id}
    return {"object_type": object_type, **common, **decode(row.record)}


def _build_photo_record(row: ItemRow, origin: str) -> PhotoRecord:
    """
    JSON is passed on without decoding it.
    """
    urls: str | bytes = row.urls
    web_url = row.web_url
    if row.files != EMPTY or not web_url or ORIGINAL not in row.urls:
        by_size = _media_urls(row, origin) if row.files != EMPTY else decode(row.urls)
        web_url = web_url or by_size.get("original", "")
        urls = encode({"original": Urls(by_size).original, **by_size})
    fields: dict[str, Any] = {
        "trove_id": str(row.id),
        "service": row.service,
        "id": row.service_id,
        "title": row.title,
        "owner": row.owner_name,
        "description": row.description,
        "urls": Raw(urls),
        "tags": Raw(row.tags),
        "date": date_to_wire(from_epoch_seconds(row.taken_at_seconds)),
        "album_id": row.album_id,
        "license": row.license,
        "height": row.height,
        "width": row.width,
        "public": bool(row.public),
        "original_web_url": web_url,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "utc_offset": row.utc_offset,
        "upload_date": date_to_wire(from_epoch_seconds(row.uploaded_at_seconds)),
        "album_title": row.album_title,
        "media_type": row.media_type,
        "sizes": {} if row.sizes == EMPTY else Raw(row.sizes),
        "camera": UNKNOWN_CAMERA if row.camera == EMPTY else Raw(row.camera),
        "place": parse_place(row.place) if row.place else UNKNOWN_PLACE,
        "average_color": row.average_color,
    }
    if row.kind == Kind.VIDEO:
        return VideoRecord(**fields, duration=row.duration)
    return PhotoRecord(**fields)


def _media_urls(row: ItemRow, origin: str) -> dict[str, str]:
    return media_urls(row.id, row.etag, decode(row.files), origin)
