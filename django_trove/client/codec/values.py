"""
Dates (protocol, section 5.2), and tolerant conversion of values to the types of fields.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import cache
from typing import Any

from dateutil import parser
from msgspec import Struct, ValidationError, convert
from msgspec.json import Decoder
from msgspec.structs import fields

from ..content import Photo, Video
from ..person import Identity
from ..query import as_utc
from ..values import SIZES, Camera, Place, Size, UploadDate, Urls, UtcOffset, WebUrl

lock = threading.Lock()
"""Held while msgspec reads the fields of a class."""

WEB = ("https://", "http://")
NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - completes partial dates; dateutil would use today
MAX_DATE_LENGTH = 100
INVALID = (ValidationError, UnicodeEncodeError)  # the latter for a lone surrogate


def date_to_wire(moment: datetime | None) -> str:
    """
    Return "2007-03-04 T 21:08:12", or "" for None.
    """
    if moment is None:
        return ""
    moment = moment if moment.tzinfo is UTC else as_utc(moment)
    return f"{moment.date().isoformat()} T {moment.time().isoformat()}"[:21]


def date_from_wire(text: str) -> datetime | None:
    """
    Parse a date in the protocol's format or in any format of dateutil. Return an aware datetime in
    UTC, or None.
    """
    # The protocol's format: ten times faster than dateutil.
    if len(text) == 21 and text[10:13] == " T ":
        try:
            return datetime.fromisoformat(f"{text[:10]}T{text[13:]}+00:00")
        except ValueError:
            return None
    return parse_date(text) if text else None


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


def drop_extreme_year(moment: datetime | None) -> datetime | None:
    """
    Return None for a moment in year 1 or 9999: templates convert it to a time zone, which may fail.
    """
    return moment if moment and MINYEAR < moment.year < MAXYEAR else None


def convert_values(kind: type[Struct], data: Any) -> dict[str, Any]:
    """
    Return the values of an object for the fields of a class, except `extra`. A value of a wrong
    type is converted, as "480" to 480, or omitted.
    """
    values = {}
    with lock:
        field_types = _get_types(kind)
    for name, field_type in field_types.items():
        if isinstance(data, dict) and name in data:
            with suppress(*INVALID):
                values[name] = _convert_value(field_type, data[name])
    return values


@cache
def _get_types(kind: type[Struct]) -> dict[str, Any]:
    types = {field.name: field.type for field in fields(kind) if field.name != "extra"}
    for field_type in types.values():
        if isinstance(field_type, type) and issubclass(field_type, Struct):
            Decoder(field_type)  # reads its fields; see `results._get_decoders`
    return types


def _convert_value(field_type: Any, value: Any) -> Any:
    converter = CONVERTERS.get(field_type)
    return converter(value) if converter else convert(value, field_type, strict=False)


def is_nested_deeper(value: Any, levels: int) -> bool:
    """
    Return whether decoded JSON has more levels of lists and objects.
    """
    level = [value]
    for _ in range(levels):
        containers = (item for item in level if isinstance(item, (dict, list)))
        level = [
            item
            for container in containers
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    return any(isinstance(item, (dict, list)) for item in level)


def as_text(value: Any) -> str:
    """
    Return a string. Numbers are converted; all other types become "".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_web_url(value: Any) -> str:
    """
    Return an http or https URL, or "". Pages use the value in `href`.
    """
    if type(value) is not str:
        return ""
    return value if value.startswith(WEB) or value[:8].lower().startswith(WEB) else ""


def as_urls(value: Any) -> Urls:
    found = value.items() if isinstance(value, dict) else ()
    return Urls({size: url for size, url in found if as_web_url(url)})


def as_sizes(value: Any) -> dict[str, Size]:
    sizes: dict[str, Size] = {}
    for name in SIZES:
        with suppress(ValidationError, KeyError, TypeError):
            sizes[name] = convert(value[name], Size)
    return sizes


def as_tags(value: Any) -> tuple[str, ...]:
    return tuple(as_text(tag) for tag in _as_list(value) if tag)


def photo_class(record: Mapping[str, Any]) -> type[Photo]:
    return Video if record.get("object_type") == Video.object_type else Photo


def _as_photo(value: Any) -> Photo | None:
    if not isinstance(value, dict):
        return None
    kind = photo_class(value)
    photo = kind(**convert_values(kind, value))
    return photo if photo.trove_id or photo.id else None


def _as_identities(value: Any) -> tuple[Identity, ...]:
    return tuple(Identity(**convert_values(Identity, item)) for item in _as_objects(value))


def _as_objects(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(item for item in _as_list(value) if isinstance(item, dict))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


CONVERTERS: dict[Any, Callable[[Any], Any]] = {
    str: as_text,
    WebUrl: as_web_url,
    Urls: as_urls,
    Mapping[str, Size]: as_sizes,
    UtcOffset | None: lambda value: convert(value, UtcOffset | None),  # no strings
    datetime | None: lambda value: date_from_wire(as_text(value)),
    UploadDate | None: lambda value: drop_extreme_year(date_from_wire(as_text(value))),
    tuple[str, ...]: as_tags,
    Camera: lambda value: Camera(**convert_values(Camera, value)),
    Place: lambda value: Place(**convert_values(Place, value)),
    tuple[Identity, ...]: _as_identities,
    Photo | None: _as_photo,
    tuple[Mapping[str, Any], ...]: _as_objects,
}
"""The conversion for the types that msgspec does not convert."""
