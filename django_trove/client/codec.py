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
from datetime import datetime
from operator import itemgetter
from typing import Any

from dateutil import parser

from .content import Checkin, Content, Friend, Identity, Person, Photo, Status, Urls, Video
from .errors import InvalidResponse, QueryError
from .query import LIST_FIELDS, PushResult, Query, Result, as_utc

WEB = ("https://", "http://")
NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - what fills up a partial date, instead of today
MAX_DATE_LENGTH = 100


def date_to_wire(moment: datetime | None) -> str:
    """
    Write a date in Trove's own form, a T with a space on both sides; "" for None.
    """
    if moment is None:
        return ""
    written = as_utc(moment).isoformat(timespec="seconds")
    return f"{written[:10]} T {written[11:19]}"


def date_from_wire(value: Any) -> datetime | None:
    """
    Read a date in Trove's own form or any other that dateutil reads; None where it can't be read.

    :returns: an aware datetime in UTC.
    """
    if not isinstance(value, str) or not value:
        return None
    # Trove's own form: ten times faster than by dateutil.
    if len(value) == 21 and value[10:13] == " T ":
        try:
            return datetime.fromisoformat(f"{value[:10]}T{value[13:]}+00:00")
        except ValueError:
            return None
    return parse_date(value)


def parse_date(written: str) -> datetime | None:
    """
    Read any date that dateutil reads; None for what it doesn't.

    :returns: an aware datetime in UTC; a date without a zone is taken as UTC.
    """
    if len(written) > MAX_DATE_LENGTH:
        return None
    try:
        return as_utc(parser.parse(written, default=NO_DATE))
    except (ValueError, OverflowError, TypeError):
        return None


def as_text(value: Any) -> str:
    """
    Return a text; a number is written out, and anything else is "".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_bool(value: Any) -> bool:
    """
    Return whether `value` is one of the ways in which services write true.
    """
    return value in (True, "true", "True", "1")


def as_mapping(value: Any) -> Mapping[str, Any]:
    """
    Return an object, empty for anything else.
    """
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """
    Return a list, empty for anything else.
    """
    return value if isinstance(value, list) else []


def as_positive_float(value: Any) -> float:
    """
    Return a finite number above 0, and 0 for anything else.
    """
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return read if math.isfinite(read) and read > 0 else 0


def as_count(value: Any) -> int:
    """
    Return a whole number from 0, and 0 for anything else.
    """
    return value if type(value) is int and value >= 0 else int(as_positive_float(value))


def as_degrees(value: Any, bound: int) -> float | None:
    """
    Return a latitude (`bound` 90) or a longitude (180) in degrees; None for what can't be one.
    """
    if value is None:
        return None
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return read if -bound <= read <= bound else None


def as_web_url(value: Any) -> str:
    """
    Return an http or https address, and "" for any other scheme: it ends up in a page's href.
    """
    if type(value) is not str:
        return ""
    return value if value.startswith(WEB) or value[:8].lower().startswith(WEB) else ""


def unknown_keys(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """
    Return what `data` has beyond the `known` keys.
    """
    return {} if known.issuperset(data) else {k: v for k, v in data.items() if k not in known}


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


def query_to_wire(query: Query) -> dict[str, Any]:
    """
    Write a query.

    :raises QueryError: if it makes no sense.
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
    if query.geo_sw and query.geo_ne:
        wire |= {"geo_sw": list(query.geo_sw), "geo_ne": list(query.geo_ne)}
    if query.geo_near_center:
        wire["geo_near_center"] = list(query.geo_near_center)
        wire["geo_near_radius"] = query.geo_near_radius
    return wire


def query_from_wire(data: Any) -> Query:
    """
    Read a query from a client that may never have been seen before: absent and null fields get
    their defaults, unknown ones are passed over, and what doesn't read is refused.

    :raises QueryError: naming the field as it is spelled on the wire.
    """
    if not isinstance(data, dict):
        raise QueryError("query is not a JSON object.", field="query")
    if data.get("trove_id") not in (None, ""):
        return Query(trove_id=_parse_id(data["trove_id"]))
    values: dict[str, Any] = {}
    for attr, (name, read) in FIELDS.items():
        if data.get(name) is not None:
            values[attr] = read(name, data[name])
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
        raise QueryError(f"{name} is not a date that can be read.", field=name)
    return moment


def _parse_location(name: str, value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value


def _parse_int(name: str, value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


FIELDS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    **{attr: (name, _parse_ids) for attr, name in LIST_FIELDS.items()},
    "services": ("services", _pass_through),
    "date_from": ("date-from", _parse_date),
    "date_to": ("date-to", _parse_date),
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
"""Attributes of a query: their names on the wire, and how each is read."""


def result_from_wire(
    data: Mapping[str, Any], query: Query | None = None, content_type: str = "photos"
) -> Result[Any]:
    """
    Read one page of an answer. Records that can't be read are left out and counted in `skipped`.

    :param query: what was asked.
    :raises UnreadableAnswer: if it is no answer at all.
    """
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise InvalidResponse("The answer has no list of results.")
    query = query or Query()
    read = READERS[content_type]
    items = []
    for record in data["results"]:
        try:
            items.append(read(record))
        except InvalidResponse:
            continue  # counted below, and never takes the page down
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
    """
    A Trove that wasn't asked for the total may leave it open.
    """
    total = data.get("total_number_of_results")
    return None if total is None and not query.total else as_count(total)


def result_to_wire(result: Result[Any]) -> dict[str, Any]:
    """
    Write one page of an answer.
    """
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
    Read the answer to the "push" call.

    :raises UnreadableAnswer: if it isn't one.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The answer is not an object.")
    return PushResult(
        received=as_count(data.get("received")),
        created=as_count(data.get("created")),
        updated=as_count(data.get("updated")),
        rejected=tuple(r for r in as_list(data.get("rejected")) if isinstance(r, dict)),
    )
