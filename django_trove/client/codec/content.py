"""
Photos, videos and the rest, and the person they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from operator import itemgetter
from typing import Any

from ..content import Checkin, Content, Friend, Identity, Person, Photo, Status, Urls, Video
from ..errors import InvalidResponse
from .values import (
    as_bool,
    as_count,
    as_degrees,
    as_list,
    as_mapping,
    as_positive_float,
    as_text,
    as_web_url,
    date_from_wire,
    date_to_wire,
    unknown_keys,
)

READ: dict[str, Callable[[Any], Any]] = {
    "trove_id": as_text,
    "service": as_text,
    "id": as_text,
    "title": as_text,
    "owner": as_text,
    "description": as_text,
    "urls": as_mapping,
    "tags": as_list,
    "date": as_text,
    "album_id": as_text,
    "license": as_text,
    "height": as_count,
    "width": as_count,
    "public": as_bool,
    "original_web_url": as_text,
}
"""The keys that a photo's record always has, and how each is read where its type is another."""

TYPES = (str, str, str, str, str, str, dict, list, str, str, str, int, int, bool, str)
PHOTO_KEYS = frozenset(READ) | {"object_type", "latitude", "longitude"}
read_photo_fields = itemgetter(*READ)


def photo_from_wire(data: Mapping[str, Any]) -> Photo:
    """
    Read a photo's record.

    :raises UnreadableAnswer: if it isn't one.
    """
    # {"object_type": "photo", "trove_id": "7", "service": "flickr", "id": "1", "title": "Snow",
    #  "urls": {"original": "https://…"}, "tags": ["snow"], "date": "2007-03-04 T 21:08:12", …}
    if not isinstance(data, dict):
        raise InvalidResponse("A record is not an object.")
    (
        trove_id, service, id_, title, owner, description, urls, tags, date,
        album_id, license_, height, width, public, web_url,
    ) = _read_values(data)  # fmt: skip
    if not (trove_id or id_):
        raise InvalidResponse("A record has no id.")
    return Photo(  # in the fields' order: by keyword it takes three times as long
        trove_id,
        service,
        id_,
        {} if PHOTO_KEYS.issuperset(data) else unknown_keys(data, PHOTO_KEYS),
        title,
        owner,
        description,
        Urls({size: url for size, url in urls.items() if as_web_url(url)}),
        tuple([tag if type(tag) is str else as_text(tag) for tag in tags if tag]),
        date_from_wire(date),
        album_id,
        license_,
        height if height > 0 else 0,
        width if width > 0 else 0,
        public,
        as_web_url(web_url),
        as_degrees(data.get("latitude"), 90),
        as_degrees(data.get("longitude"), 180),
    )


def _read_values(data: Mapping[str, Any]) -> Sequence[Any]:
    """
    Return the values of `READ`, each of its right type.
    """
    try:
        values: Sequence[Any] = read_photo_fields(data)
    except KeyError:
        values = tuple(map(data.get, READ))
    if tuple(map(type, values)) == TYPES:
        return values
    return [read(value) for read, value in zip(READ.values(), values, strict=True)]


def photo_to_wire(photo: Photo) -> dict[str, Any]:
    """
    Write a photo's record. Old clients read every key without a default, so none is left out but
    the place, where it is unknown.
    """
    record = {
        **photo.extra,
        "object_type": photo.object_type,
        "trove_id": photo.trove_id,
        "service": photo.service,
        "id": photo.id,
        "title": photo.title,
        "owner": photo.owner,
        "description": photo.description,
        "urls": {"original": photo.urls.original, **photo.urls},
        "tags": list(photo.tags),
        "date": date_to_wire(photo.date),
        "album_id": photo.album_id,
        "license": photo.license,
        "height": photo.height,
        "width": photo.width,
        "public": photo.public,
        "original_web_url": photo.original_web_url,
    }
    if photo.location:
        record["latitude"], record["longitude"] = photo.location
    return record


def _video_from_wire(data: Mapping[str, Any]) -> Video:
    photo = photo_from_wire(data)
    values = {field.name: getattr(photo, field.name) for field in fields(photo)}
    extra = {key: value for key, value in photo.extra.items() if key != "duration"}
    return Video(
        **values | {"extra": extra}, duration=as_positive_float(photo.extra.get("duration"))
    )


def _make_decoder(kind: type[Content]) -> Callable[[Mapping[str, Any]], Content]:
    """
    Return the reader of a type whose fields are read by what they are annotated with.
    """

    def read(data: Mapping[str, Any]) -> Content:
        if not isinstance(data, dict):
            raise InvalidResponse("A record is not an object.")
        named = [f for f in fields(kind) if f.name != "extra"]
        values = {f.name: BY_ANNOTATION[str(f.type)](data.get(f.name)) for f in named}
        if not (values["trove_id"] or values["id"]):
            raise InvalidResponse("A record has no id.")
        return kind(**values, extra=unknown_keys(data, frozenset(values) | {"object_type"}))

    return read


def _encode_object(item: Content) -> dict[str, Any]:
    """
    Absent optional objects are left out, never null (protocol, "Version 2").
    """
    record = {f.name: getattr(item, f.name) for f in fields(item) if f.name != "extra"}
    if "service_date" in record:
        record["service_date"] = date_to_wire(record["service_date"])
    kept = {name: value for name, value in record.items() if value != {}}
    return {**item.extra, "object_type": item.object_type, **kept}


def content_from_wire(data: Mapping[str, Any], content_type: str = "photos") -> Content:
    """
    Read one record of any content type.

    :param content_type: as in a scope: "photos", "videos", "status", "checkins", "friends".
    :raises UnreadableAnswer: if it isn't one.
    """
    return READERS[content_type](data)


def content_to_wire(item: Content) -> dict[str, Any]:
    """
    Write one record of any content type.
    """
    if isinstance(item, Video):
        return {**photo_to_wire(item), "duration": item.duration}
    return photo_to_wire(item) if isinstance(item, Photo) else _encode_object(item)


def person_from_wire(data: Any) -> Person:
    """
    Read the answer to the "user" call.

    :raises UnreadableAnswer: if it isn't one.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The answer is not an object.")
    listed = data.get("identities")
    identities = [i for i in listed if isinstance(i, dict)] if isinstance(listed, list) else []
    return Person(
        name=as_text(data.get("name")),
        email=as_text(data.get("email")),
        identities=tuple(
            Identity(
                id=as_text(i.get("id")),
                service=as_text(i.get("service")),
                name=as_text(i.get("name")),
                url=as_web_url(i.get("url")),
            )
            for i in identities
        ),
    )


def person_to_wire(person: Person) -> dict[str, Any]:
    """
    Write the answer to the "user" call.
    """
    return asdict(person) | {"identities": [asdict(i) for i in person.identities]}


BY_ANNOTATION: dict[str, Callable[[Any], Any]] = {
    "str": as_text,
    "bool": as_bool,
    "datetime | None": date_from_wire,
    "Mapping[str, Any]": as_mapping,
}

READERS: dict[str, Callable[[Mapping[str, Any]], Content]] = {
    "photos": photo_from_wire,
    "videos": _video_from_wire,
    "status": _make_decoder(Status),
    "checkins": _make_decoder(Checkin),
    "friends": _make_decoder(Friend),
}
"""How a record of each content type is read."""
