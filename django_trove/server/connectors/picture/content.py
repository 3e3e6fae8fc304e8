"""
Photos and videos of the protocol from files.
"""

from __future__ import annotations

from typing import Any

from django_trove.client.content import Photo, Video

from .metadata import Metadata
from .reader import Picture


def build_content(picture: Picture, metadata: Metadata, **fields: Any) -> Photo:
    """
    Return a photo, or a video.

    :param metadata: of the file, merged with that of other sources.
    :param fields: further fields of the content. They have priority.
    """
    place = metadata.place or (None, None)
    values: dict[str, Any] = {
        "title": metadata.title,
        "description": metadata.description,
        "tags": metadata.tags,
        "date": metadata.taken,
        "utc_offset": metadata.utc_offset,
        "latitude": place[0],
        "longitude": place[1],
        "camera": metadata.camera,
        "width": picture.width,
        "height": picture.height,
        "media_type": picture.type,
        "average_color": picture.average_color,
        **fields,
    }
    return Video(duration=picture.duration, **values) if picture.is_video else Photo(**values)
