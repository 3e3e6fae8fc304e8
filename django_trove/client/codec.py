"""
The wire format: objects to JSON and back, for the client and for the server (protocol, sections 4
and 5).

Responses are decoded tolerantly: a missing key gets the default of its field, unknown keys are kept
in `extra`, and a record that cannot be decoded is skipped and counted. Queries are decoded
strictly, because a filter that is ignored would return more than was requested.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import MAXYEAR, MINYEAR, date, datetime
from operator import itemgetter
from typing import Any

from dateutil import parser

from .content import (
    SIZES,
    UNKNOWN_CAMERA,
    Camera,
    Checkin,
    Content,
    Friend,
    Identity,
    Person,
    Photo,
    Size,
    Status,
    Urls,
    Video,
)
from .errors import InvalidResponse, QueryError
from .query import LIST_FIELDS, MAX_UTC_OFFSET, PushResult, Query, Result, as_utc

WEB = ("https://", "http://")
NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - completes partial dates; dateutil would use today
MAX_DATE_LENGTH = 100
DAY_PATTERN = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def date_to_wire(moment: datetime | None) -> str:
    """
    Return "2007-03-04 T 21:08:12", or "" for None (protocol, section 5.2).
    """
    if moment is None:
        return ""
    text = as_utc(moment).isoformat(timespec="seconds")
    return f"{text[:10]} T {text[11:19]}"


def date_from_wire(value: Any) -> datetime | None:
    """
    Parse a date in the protocol's format or in any format of dateutil. Return an aware datetime in
    UTC, or None.
    """
    if not isinstance(value, str) or not value:
        return None
    # The protocol's format: ten times faster than dateutil.
    if len(value) == 21 and value[10:13] == " T ":
        try:
            return datetime.fromisoformat(f"{value[:10]}T{value[13:]}+00:00")
        except ValueError:
            return None
    return parse_date(value)


def parse_date(text: str) -> datetime | None:
    """
    Parse a date in any format of dateutil. Return an aware datetime in UTC, or None. Dates without
    a time zone are in UTC.
    """
    if len(text) > MAX_DATE_LENGTH:
        return None
    try:
        return as_utc(parser.parse(text, default=NO_DATE))
    except (ValueError, OverflowError, TypeError):
        return None


def as_text(value: Any) -> str:
    """
    Return a string. Numbers are converted; all other types become "".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_bool(value: Any) -> bool:
    return value in (True, "true", "True", "1")


def as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_positive_float(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if math.isfinite(number) and number > 0 else 0


def as_count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else int(as_positive_float(value))


def as_degrees(value: Any, bound: int) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -bound <= number <= bound else None


def as_utc_offset(value: Any) -> int | None:
    """
    Return an offset in minutes, or None if it is missing or invalid.
    """
    is_valid = type(value) is int and abs(value) <= MAX_UTC_OFFSET
    return value if is_valid else None


def as_web_url(value: Any) -> str:
    """
    Return an http or https URL, or "". Pages use the value in `href`.
    """
    if type(value) is not str:
        return ""
    return value if value.startswith(WEB) or value[:8].lower().startswith(WEB) else ""


def unknown_keys(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {} if known.issuperset(data) else {k: v for k, v in data.items() if k not in known}


PHOTO_DECODERS: dict[str, Callable[[Any], Any]] = {
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
"""The keys of a photo record, and the conversion of values with another type than `PHOTO_TYPES`."""

PHOTO_TYPES = (str, str, str, str, str, str, dict, list, str, str, str, int, int, bool, str)
OPTIONAL_KEYS = frozenset(
    ("utc_offset", "upload_date", "album_title", "media_type", "sizes", "camera")
)
PHOTO_KEYS = frozenset(PHOTO_DECODERS) | OPTIONAL_KEYS | {"object_type", "latitude", "longitude"}
read_photo_fields = itemgetter(*PHOTO_DECODERS)


def photo_from_wire(data: Mapping[str, Any]) -> Photo:
    """
    :raises InvalidResponse: if the data is not a record with an id.
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
    photo = Photo(  # positional: keyword arguments take three times as long
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
    if not OPTIONAL_KEYS.isdisjoint(data):
        _read_optional_fields(photo, data)
    return photo


def _read_optional_fields(photo: Photo, data: Mapping[str, Any]) -> None:
    photo.utc_offset = as_utc_offset(data.get("utc_offset"))
    photo.upload_date = drop_extreme_year(date_from_wire(data.get("upload_date")))
    photo.album_title = as_text(data.get("album_title"))
    photo.media_type = as_text(data.get("media_type"))
    if "sizes" in data:
        photo.sizes = _read_sizes(data["sizes"])
    if "camera" in data:
        photo.camera = camera_from_wire(data["camera"])


def drop_extreme_year(moment: datetime | None) -> datetime | None:
    """
    Return None for a moment in year 1 or 9999: templates convert it to a time zone, which may fail.
    """
    return moment if moment and MINYEAR < moment.year < MAXYEAR else None


def _read_sizes(data: Any) -> dict[str, Size]:
    return {
        name: (pair[0], pair[1])
        for name, pair in as_mapping(data).items()
        if name in SIZES
        and type(pair) is list
        and len(pair) == 2
        and all(map(_is_pixel_count, pair))
    }


def _is_pixel_count(value: Any) -> bool:
    return type(value) is int and value > 0


def camera_from_wire(data: Any) -> Camera:
    get = as_mapping(data).get
    return Camera(  # positional, as for photos
        as_text(get("make")),
        as_text(get("model")),
        as_text(get("lens")),
        as_positive_float(get("exposure_time")),
        as_positive_float(get("aperture")),
        as_count(get("iso")),
        as_positive_float(get("focal_length")),
    )


def camera_to_wire(camera: Camera) -> dict[str, Any]:
    """
    Unknown values are omitted.
    """
    return {name: value for name, value in asdict(camera).items() if value}


def _read_values(data: Mapping[str, Any]) -> Sequence[Any]:
    try:
        values: Sequence[Any] = read_photo_fields(data)
    except KeyError:
        values = tuple(map(data.get, PHOTO_DECODERS))
    if tuple(map(type, values)) == PHOTO_TYPES:
        return values
    return [convert(value) for convert, value in zip(PHOTO_DECODERS.values(), values, strict=True)]


def photo_to_wire(photo: Photo) -> dict[str, Any]:
    """
    The keys of 2010 are present, because old clients use no defaults, except an unknown location.
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
    return record | _optional_fields_to_wire(photo)


def _optional_fields_to_wire(photo: Photo) -> dict[str, Any]:
    values = {
        "upload_date": date_to_wire(photo.upload_date),
        "album_title": photo.album_title,
        "media_type": photo.media_type,
        "sizes": {name: list(size) for name, size in photo.sizes.items()},
        "camera": {} if photo.camera is UNKNOWN_CAMERA else camera_to_wire(photo.camera),
    }
    present = {name: value for name, value in values.items() if value}
    return present if photo.utc_offset is None else present | {"utc_offset": photo.utc_offset}


def _video_from_wire(data: Mapping[str, Any]) -> Video:
    photo = photo_from_wire(data)
    values = {field.name: getattr(photo, field.name) for field in fields(photo)}
    extra = {key: value for key, value in photo.extra.items() if key != "duration"}
    return Video(
        **values | {"extra": extra}, duration=as_positive_float(photo.extra.get("duration"))
    )


def _make_decoder(kind: type[Content]) -> Callable[[Mapping[str, Any]], Content]:
    """
    Return a decoder that converts each field according to its annotation.
    """

    def decode(data: Mapping[str, Any]) -> Content:
        if not isinstance(data, dict):
            raise InvalidResponse("A record is not an object.")
        values = {
            field.name: DECODER_BY_ANNOTATION[str(field.type)](data.get(field.name))
            for field in fields(kind)
            if field.name != "extra"
        }
        if not (values["trove_id"] or values["id"]):
            raise InvalidResponse("A record has no id.")
        return kind(**values, extra=unknown_keys(data, frozenset(values) | {"object_type"}))

    return decode


def _encode_object(item: Content) -> dict[str, Any]:
    """
    Missing optional objects are omitted, never null (protocol, section 5.4).
    """
    record = {f.name: getattr(item, f.name) for f in fields(item) if f.name != "extra"}
    if "service_date" in record:
        record["service_date"] = date_to_wire(record["service_date"])
    present = {name: value for name, value in record.items() if value != {}}
    return {**item.extra, "object_type": item.object_type, **present}


def content_from_wire(data: Mapping[str, Any], content_type: str = "photos") -> Content:
    """
    :param content_type: "photos", "videos", "status", "checkins" or "friends".
    :raises InvalidResponse: if the data is not a record with an id.
    """
    return DECODERS[content_type](data)


def content_to_wire(item: Content) -> dict[str, Any]:
    if isinstance(item, Video):
        return {**photo_to_wire(item), "duration": item.duration}
    return photo_to_wire(item) if isinstance(item, Photo) else _encode_object(item)


def person_from_wire(data: Any) -> Person:
    """
    :raises InvalidResponse: if the data is not an object.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The response is not an object.")
    identities = [item for item in as_list(data.get("identities")) if isinstance(item, dict)]
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
    return asdict(person) | {"identities": [asdict(i) for i in person.identities]}


DECODER_BY_ANNOTATION: dict[str, Callable[[Any], Any]] = {
    "str": as_text,
    "bool": as_bool,
    "datetime | None": date_from_wire,
    "Mapping[str, Any]": as_mapping,
}

DECODERS: dict[str, Callable[[Mapping[str, Any]], Content]] = {
    "photos": photo_from_wire,
    "videos": _video_from_wire,
    "status": _make_decoder(Status),
    "checkins": _make_decoder(Checkin),
    "friends": _make_decoder(Friend),
}


def query_to_wire(query: Query) -> dict[str, Any]:
    """
    :raises QueryError: if the query is invalid.
    """
    query.check()
    if query.trove_id:
        return {"trove_id": query.trove_id}
    wire: dict[str, Any] = {
        "services": None if query.services is None else list(query.services),
        "force-update": query.force_update,
        "count": query.count,
        "page": query.page,
        "attributes": query.attributes,
    }
    wire |= {} if query.total else {"total": False}
    wire |= {"after": query.after} if query.after else {}
    wire |= {name: list(getattr(query, attr)) for attr, name in LIST_FIELDS.items()}
    for name, moment in (("date-from", query.date_from), ("date-to", query.date_to)):
        if moment:
            wire[name] = as_utc(moment).isoformat(" ", "seconds")[:19] + " "
    for name, day in (("day-from", query.day_from), ("day-to", query.day_to)):
        if day:
            wire[name] = day.isoformat()
    if query.geo_sw and query.geo_ne:
        wire |= {"geo_sw": list(query.geo_sw), "geo_ne": list(query.geo_ne)}
    if query.geo_near_center:
        wire["geo_near_center"] = list(query.geo_near_center)
        wire["geo_near_radius"] = query.geo_near_radius
    return wire


def query_from_wire(data: Any) -> Query:
    """
    Missing and null fields get their defaults, and unknown fields are ignored (protocol, section
    4.2).

    :raises QueryError: if a value is invalid. `field` is its name in the protocol.
    """
    if not isinstance(data, dict):
        raise QueryError("query must be a JSON object.", field="query")
    if data.get("trove_id") not in (None, ""):
        return Query(trove_id=_parse_id(data["trove_id"]))
    values: dict[str, Any] = {}
    for attr, (name, parse) in QUERY_FIELDS.items():
        if data.get(name) is not None:
            values[attr] = parse(name, data[name])
    return Query(**values)


def _pass_through(name: str, value: Any) -> Any:
    return value


def _parse_id(value: Any) -> Any:
    return str(value) if type(value) is int and abs(value) < 10**18 else value


def _parse_ids(name: str, value: Any) -> Any:
    return [_parse_id(item) for item in value] if isinstance(value, list) else value


def _parse_date(name: str, value: Any) -> datetime | None:
    if isinstance(value, str) and not value.strip():
        return None
    moment = parse_date(value.strip()) if isinstance(value, str) else None
    if moment is None:
        raise QueryError(f"{name} is not a valid date.", field=name)
    return moment


def _parse_day(name: str, value: Any) -> date | None:
    if isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, str) and DAY_PATTERN.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise QueryError(f"{name} is not a valid day, such as 2007-03-04.", field=name)


def _parse_location(name: str, value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value


def _parse_int(name: str, value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


QUERY_FIELDS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    **{attr: (name, _parse_ids) for attr, name in LIST_FIELDS.items()},
    "services": ("services", _pass_through),
    "date_from": ("date-from", _parse_date),
    "date_to": ("date-to", _parse_date),
    "day_from": ("day-from", _parse_day),
    "day_to": ("day-to", _parse_day),
    "geo_sw": ("geo_sw", _parse_location),
    "geo_ne": ("geo_ne", _parse_location),
    "geo_near_center": ("geo_near_center", _parse_location),
    "geo_near_radius": ("geo_near_radius", _pass_through),
    "page": ("page", _parse_int),
    "count": ("count", _parse_int),
    "force_update": ("force-update", _pass_through),
    "attributes": ("attributes", _pass_through),
    "total": ("total", _pass_through),
    "after": ("after", _pass_through),
}
"""The name of each attribute in the protocol, and its parser."""


def result_from_wire(
    data: Mapping[str, Any], query: Query | None = None, content_type: str = "photos"
) -> Result[Any]:
    """
    Decode a page of results. Invalid records are skipped and counted in `skipped`.

    :raises InvalidResponse: if the data contains no list of results.
    """
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise InvalidResponse("The response contains no list of results.")
    query = query or Query()
    decode = DECODERS[content_type]
    items = []
    for record in data["results"]:
        try:
            items.append(decode(record))
        except InvalidResponse:
            continue  # counted in `skipped`
    return Result(
        count=len(data["results"]),
        page=as_count(data.get("page")) or query.page,
        total_number_of_results=_read_total(data, query),
        results=tuple(items),
        query=query,
        skipped=len(data["results"]) - len(items),
        more=data["more"] if isinstance(data.get("more"), bool) else None,
        after=as_text(data.get("after")),
        updating=data.get("updating") is True,
    )


def _read_total(data: Mapping[str, Any], query: Query) -> int | None:
    total = data.get("total_number_of_results")
    return None if total is None and not query.total else as_count(total)


def result_to_wire(result: Result[Any]) -> dict[str, Any]:
    return {
        "count": result.count,
        "page": result.page,
        "total_number_of_results": result.total_number_of_results,
        "results": [content_to_wire(item) for item in result],
        **({} if result.more is None else {"more": result.more}),
        **({"after": result.after} if result.after else {}),
        **({"updating": True} if result.updating else {}),
    }


def push_result_from_wire(data: Any) -> PushResult:
    """
    :raises InvalidResponse: if the data is not an object.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The response is not an object.")
    return PushResult(
        received=as_count(data.get("received")),
        created=as_count(data.get("created")),
        updated=as_count(data.get("updated")),
        rejected=tuple(r for r in as_list(data.get("rejected")) if isinstance(r, dict)),
    )
