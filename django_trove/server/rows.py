"""
From what a connector found to a row of the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_trove.client.content import Video

from .connectors.base import FoundItem
from .models import Identity, Item, Kind, latitude_band_of
from .moments import to_epoch_seconds

__all__ = ["CONTENT_BY_TYPE", "build_item"]

MAX_DIMENSION = 2**31 - 1

CONTENT_BY_TYPE = (
    "kind",
    "stamp",
    "round",
    "moment",
    "title",
    "description",
    "owner_name",
    "urls",
    "files",
    "tags",
    "album_id",
    "license",
    "width",
    "height",
    "duration",
    "public",
    "web_url",
    "latitude",
    "longitude",
    "band",
)
"""The columns that an item's service decides on."""


def build_item(
    identity: Identity, found: FoundItem, files: Mapping[str, Any], owner_name: str
) -> Item:
    """
    Return an unsaved row.

    :param files: as `Item.files`.
    :param owner_name: for a photo whose service doesn't tell.
    """
    photo = found.photo
    latitude, longitude = photo.location or (None, None)
    return Item(
        owner_id=identity.user_id,
        identity=identity,
        service=identity.service,
        service_id=photo.id,
        kind=Kind.VIDEO if isinstance(photo, Video) else Kind.PHOTO,
        stamp=found.stamp,
        round=identity.round,
        moment=to_epoch_seconds(photo.date),
        title=photo.title,
        description=photo.description,
        owner_name=photo.owner or owner_name,
        urls=dict(photo.urls),
        files=dict(files),
        tags=[tag for tag in photo.tags if str(tag).strip()],
        album_id=photo.album_id,
        license=photo.license,
        width=min(photo.width, MAX_DIMENSION),
        height=min(photo.height, MAX_DIMENSION),
        duration=getattr(photo, "duration", 0),
        public=photo.public,
        web_url=photo.original_web_url,
        latitude=latitude,
        longitude=longitude,
        band=latitude_band_of(latitude),
    )
