"""
Conversion of rows of the index to content objects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec.json import decode

from django_trove.client.content import UNKNOWN_CAMERA, Camera, Photo, Urls, Video

from ..media.signed_urls import media_urls
from ..models import Kind
from ..models.index import from_epoch_seconds

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
        owner, urls_text, files_text, tags, album_id, album_title, license_, width, height,
        duration, media_type, sizes, camera, public, web_url, latitude, longitude,
    ) = row  # fmt: skip
    urls = json.loads(urls_text) if files_text == "{}" else {}
    if files_text != "{}":
        urls = media_urls(pk, etag, json.loads(files_text), base_url)
    is_video = kind == Kind.VIDEO
    return (Video if is_video else Photo)(
        trove_id=str(pk),
        service=service,
        id=service_id,
        title=title,
        owner=owner,
        description=description,
        urls=Urls(urls),
        tags=tuple(json.loads(tags)),
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
        sizes={name: (width, height) for name, (width, height) in json.loads(sizes).items()},
        camera=decode(camera, type=Camera) if camera != "{}" else UNKNOWN_CAMERA,
        **({"duration": duration} if is_video else {}),
    )
