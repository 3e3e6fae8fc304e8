"""
The data of a photo's page for previews of links (Open Graph) and for search engines (schema.org).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.duration import duration_iso_string
from django.utils.safestring import SafeString, mark_safe

from ..client import Photo, Video

ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


class SharedPage(NamedTuple):
    """
    :param url: the absolute URL of the page.
    :param image: the absolute URL of a still picture, or "".
    :param width: of the image, in pixels; 0 if it is unknown.
    :param structured_data: JSON-LD, escaped for a `<script>` element.
    """

    url: str
    image: str
    width: int
    height: int
    structured_data: SafeString


def build_shared_page(request: HttpRequest, photo: Photo) -> SharedPage:
    """
    :param photo: a public photo or video.
    """
    image = photo.pictures.large
    width, height = photo.sizes.get("large", (0, 0))
    return SharedPage(
        url=request.build_absolute_uri(request.path),
        image=request.build_absolute_uri(image) if image else "",
        width=width,
        height=height,
        structured_data=_encode(build_structured_data(photo)),
    )


def build_structured_data(photo: Photo) -> dict[str, Any]:
    """
    Return an `ImageObject` or a `VideoObject` of schema.org, without unknown values.
    """
    license_url = photo.license if photo.license.startswith(("http://", "https://")) else ""
    is_video = isinstance(photo, Video)
    values: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject" if is_video else "ImageObject",
        "contentUrl": photo.file_url if isinstance(photo, Video) else photo.pictures.original,
        "thumbnailUrl": photo.pictures.thumbnail,
        "name": photo.title,
        "description": photo.description,
        "creator": {"@type": "Person", "name": photo.owner} if photo.owner else None,
        "creditText": photo.owner,
        "license": license_url,
        "acquireLicensePage": photo.original_web_url if license_url else "",
        "dateCreated": photo.local_date.isoformat() if photo.local_date else "",
        "uploadDate": photo.upload_date.isoformat() if photo.upload_date else "",
        "width": photo.width,
        "height": photo.height,
        "encodingFormat": photo.media_type,
        "keywords": list(photo.tags),
        "contentLocation": _build_place(photo),
    }
    if isinstance(photo, Video) and photo.duration:
        values["duration"] = duration_iso_string(timedelta(seconds=round(photo.duration)))
    return {name: value for name, value in values.items() if value}


def _build_place(photo: Photo) -> dict[str, Any] | None:
    if photo.location is None:
        return None
    latitude, longitude = photo.location
    coordinates = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    return {"@type": "Place", "geo": coordinates}


def _encode(data: dict[str, Any]) -> SafeString:
    return mark_safe(json.dumps(data).translate(ESCAPES))  # noqa: S308 - escaped
