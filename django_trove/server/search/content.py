"""
Conversion of rows of the index to content objects and to records of responses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Raw, json

from django_trove.client.codec import PhotoRecord, VideoRecord, date_to_wire
from django_trove.client.content import UNKNOWN_CAMERA, Camera, Photo, Urls, Video

from ..media.signed_urls import media_urls
from ..models import Kind
from ..models.index import from_epoch_seconds

EMPTY = "{}"
ORIGINAL = '"original":'

encode = json.Encoder().encode
decode = json.Decoder().decode
decode_camera = json.Decoder(Camera).decode

COLUMNS = (
    "id",
    "taken_at_seconds",
    "service",
    "service_id",
    "kind",
    "etag",
    "utc_offset",
    "uploaded_at_seconds",
    "title",
    "description",
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
    "public",
    "web_url",
    "latitude",
    "longitude",
)
"""The columns of `Item` for `row_to_content`. The first two are those of a cursor."""


def row_to_content(row: Sequence[Any], base_url: str) -> Photo:
    """
    :param row: the values of `COLUMNS` as they are in the database, with JSON as text.
    """
    (
        pk, taken_at, service, service_id, kind, etag, utc_offset, uploaded_at, title, description,
        owner, urls_text, files, tags, album_id, album_title, license_, width, height, duration,
        media_type, sizes, camera, public, web_url, latitude, longitude,
    ) = row  # fmt: skip
    urls = decode(urls_text) if files == EMPTY else media_urls(pk, etag, decode(files), base_url)
    is_video = kind == Kind.VIDEO
    return (Video if is_video else Photo)(
        trove_id=str(pk),
        service=service,
        id=service_id,
        title=title,
        owner=owner,
        description=description,
        urls=Urls(urls),
        tags=tuple(decode(tags)),
        date=from_epoch_seconds(taken_at),
        album_id=album_id,
        license=license_,
        width=width,
        height=height,
        public=bool(public),
        original_web_url=web_url or urls.get("original", ""),
        latitude=latitude,
        longitude=longitude,
        utc_offset=utc_offset,
        upload_date=from_epoch_seconds(uploaded_at),
        album_title=album_title,
        media_type=media_type,
        sizes={name: (width, height) for name, (width, height) in decode(sizes).items()},
        camera=UNKNOWN_CAMERA if camera == EMPTY else decode_camera(camera),
        **({"duration": duration} if is_video else {}),
    )


def row_to_record(row: Sequence[Any], base_url: str) -> PhotoRecord:
    """
    Return a record for a response. JSON is passed on without decoding it.

    :param row: as for `row_to_content`.
    """
    (
        pk, taken_at, service, service_id, kind, etag, utc_offset, uploaded_at, title, description,
        owner, urls, files, tags, album_id, album_title, license_, width, height, duration,
        media_type, sizes, camera, public, web_url, latitude, longitude,
    ) = row  # fmt: skip
    if files != EMPTY or not web_url or ORIGINAL not in urls:
        by_size = media_urls(pk, etag, decode(files), base_url) if files != EMPTY else decode(urls)
        original = Urls(by_size).original
        web_url = web_url or by_size.get("original", "")
        urls = encode({"original": original, **by_size})
    values: tuple[Any, ...] = (
        str(pk), service, service_id, title, owner, description, Raw(urls), Raw(tags),
        date_to_wire(from_epoch_seconds(taken_at)), album_id, license_, height, width, bool(public),
        web_url, latitude, longitude, utc_offset, date_to_wire(from_epoch_seconds(uploaded_at)),
        album_title, media_type, {} if sizes == EMPTY else Raw(sizes),
        UNKNOWN_CAMERA if camera == EMPTY else Raw(camera),
    )  # fmt: skip
    if kind == Kind.VIDEO:
        return VideoRecord(*values, duration=duration)
    return PhotoRecord(*values)
