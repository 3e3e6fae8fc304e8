"""
Photos and other content (protocol, section 5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, to_builtins
from msgspec.structs import asdict, astuple

from ..collections import Album, Cluster, Month, PlaceCount
from ..content import Checkin, Content, Friend, Photo, Status, Video
from ..errors import InvalidResponse
from ..values import (
    UNKNOWN_CAMERA,
    UNKNOWN_PLACE,
    Camera,
    Color,
    Count,
    Latitude,
    Longitude,
    Place,
    Quantity,
    Size,
    Urls,
    UtcOffset,
)
from .values import (
    WEB,
    as_urls,
    as_web_url,
    convert_values,
    date_from_wire,
    date_to_wire,
    drop_extreme_year,
    is_nested_deeper,
    photo_class,
)


class PhotoRecord(
    Struct, tag_field="object_type", tag="photo", forbid_unknown_fields=True, omit_defaults=True
):
    """
    The keys of 2010 have no defaults and are always sent, because old clients require them.
    """

    trove_id: str
    service: str
    id: str
    title: str
    owner: str
    description: str
    urls: dict[str, str]
    tags: tuple[Annotated[str, Meta(min_length=1)], ...]
    date: str
    album_id: str
    license: str
    height: Count
    width: Count
    public: bool
    original_web_url: str
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    utc_offset: UtcOffset | None = None
    upload_date: str = ""
    album_title: str = ""
    media_type: str = ""
    sizes: dict[Literal["thumbnail", "medium", "large", "original"], Size] = {}
    camera: Camera = UNKNOWN_CAMERA
    place: Place = UNKNOWN_PLACE
    average_color: Color = ""


class VideoRecord(PhotoRecord, tag="video", kw_only=True):
    duration: Quantity


MAX_LEVELS = 50  # of a value that is kept; caches cannot pickle several hundred

CONTENT_CLASSES: dict[str, type[Content]] = {
    "photos": Photo,
    "videos": Video,
    "status": Status,
    "checkins": Checkin,
    "friends": Friend,
}
"""The class of each content type."""

COLLECTION_CLASSES: dict[str, type[Content]] = {
    "albums": Album,
    "timeline": Month,
    "places": PlaceCount,
    "clusters": Cluster,
}
"""The class of the records of each collection of photos and videos."""

RESULT_CLASSES = {**CONTENT_CLASSES, **COLLECTION_CLASSES}
"""The class of the records of each content type and each collection."""

NESTED_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "place": dict.fromkeys(("country_code", "full_name", "name", "id", "type"), ""),
    "geolocation": {"geohash": ""},
    "subfields": dict.fromkeys(("name", "caption", "description"), ""),
    "venue": {
        **dict.fromkeys(("name", "address", "cross_street", "city", "state", "postal_code"), ""),
        **dict.fromkeys(("phone_number", "category"), ""),
        "verified": False,
    },
}
"""The keys of nested objects (protocol, section 5.4)."""

URLS, DATE, UPLOAD_DATE, WEB_URL, LATITUDE, LONGITUDE = map(
    PhotoRecord.__struct_fields__.index,
    ("urls", "date", "upload_date", "original_web_url", "latitude", "longitude"),
)
"""The positions of fields. Photos and records have their fields in the same order."""


def content_from_wire(data: Any, content_type: str = "photos") -> Any:
    """
    Decode a record tolerantly: a missing key gets the default of its field, a value of a wrong type
    is converted, and unknown keys are kept in `extra`, except values with more than `MAX_LEVELS`.

    :param data: decoded JSON.
    :param content_type: a content type or a collection.
    :raises InvalidResponse: if the data is not a record with an id.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("A record is not an object.")
    kind = RESULT_CLASSES[content_type]
    if kind is Photo:
        kind = photo_class(data)
    known = {*kind.__struct_fields__, "object_type"} - {"extra"}
    extra = {key: value for key, value in data.items() if key not in known}
    extra = {key: value for key, value in extra.items() if not is_nested_deeper(value, MAX_LEVELS)}
    item = kind(**convert_values(kind, data), extra=extra)
    _require_id(item)
    return item


def photo_from_record(record: PhotoRecord) -> Photo:
    """
    :raises InvalidResponse: if the record has no id.
    """
    _require_id(record)
    values: list[Any] = list(astuple(record))
    values[URLS] = _urls_from_record(record.urls)
    values[DATE] = date_from_wire(record.date)
    values[UPLOAD_DATE] = drop_extreme_year(date_from_wire(record.upload_date))
    values[WEB_URL] = as_web_url(record.original_web_url)
    if isinstance(record, VideoRecord):
        return Video({}, *values[:-1], duration=record.duration)
    return Photo({}, *values)


def _require_id(item: PhotoRecord | Content) -> None:
    if not (item.trove_id or item.id):
        raise InvalidResponse("A record has no id.")


def _urls_from_record(urls: dict[str, str]) -> Urls:
    for url in urls.values():
        if not url.startswith(WEB):
            return as_urls(urls)
    return Urls(urls)


def photo_to_record(photo: Photo) -> PhotoRecord:
    values: list[Any] = list(astuple(photo)[1:])
    values[URLS] = _urls_to_record(photo.urls)
    values[DATE] = date_to_wire(photo.date)
    values[UPLOAD_DATE] = date_to_wire(photo.upload_date)
    if photo.location is None:
        values[LATITUDE] = values[LONGITUDE] = None
    if isinstance(photo, Video):
        return VideoRecord(*values[:-1], duration=photo.duration)
    return PhotoRecord(*values)


def _urls_to_record(urls: Urls) -> Mapping[str, str]:
    return urls.by_size if "original" in urls.by_size else {"original": urls.original, **urls}


def content_to_wire(item: Content) -> dict[str, Any]:
    """
    Return JSON data. Missing optional values are omitted, never null (protocol, section 5.4).
    """
    if isinstance(item, Photo):
        return {**item.extra, **to_builtins(photo_to_record(item))}
    values = asdict(item)
    for name in ("cover", "photo"):  # of an album or a cluster
        if isinstance(values.get(name), Photo):
            values[name] = content_to_wire(values[name])
    if "service_date" in values:
        values["service_date"] = date_to_wire(values["service_date"])
    values = {name: value for name, value in values.items() if value is not None and value != {}}
    return {**values.pop("extra", {}), "object_type": item.object_type, **values}


def complete_record(record: dict[str, Any]) -> dict[str, Any]:
    """
    Return a record whose nested objects have all keys of the protocol.
    """
    nested = NESTED_DEFAULTS.keys() & record.keys()
    return record | {name: {**NESTED_DEFAULTS[name], **record[name]} for name in nested}


def to_encodable(
    item: Content | PhotoRecord | dict[str, Any],
) -> PhotoRecord | dict[str, Any]:
    if isinstance(item, (PhotoRecord, dict)):
        return item
    if isinstance(item, Photo) and not item.extra:
        return photo_to_record(item)
    return content_to_wire(item)


def encode_json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(msgspec.to_builtins(value)).encode()


def encode_items(items: Iterable[Content | PhotoRecord | dict[str, Any]]) -> bytes:
    """
    Return a JSON list of records.
    """
    return encode_json([to_encodable(item) for item in items])
