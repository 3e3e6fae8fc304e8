"""
Validation of pushed records (protocol, section 3.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from django_trove.client import codec
from django_trove.client.codec.values import WEB
from django_trove.client.content import Content, Friend, Photo
from django_trove.client.errors import InvalidResponse
from django_trove.client.query import UNSTORABLE_CHARACTERS

from ..connectors.base import to_service_id

MAX_TAGS = 100
MAX_ID_LENGTH = 500
MAX_VALUES = 100  # keys and values in a nested object, such as `venue`
MAX_INTEGER = 2**63 - 1
URL_FIELDS = ("original_web_url", "url", "avatar_url")
NESTED_FIELDS = ("place", "geolocation", "subfields", "venue")
PREFIXES = tuple(
    to_service_id(content.object_type, "")
    for content in codec.CONTENT_CLASSES.values()
    if not issubclass(content, Photo)
)


class RejectedRecord(Exception):
    """
    The record is invalid; the message is the reason.
    """


def parse_record(record: Any, content_type: str) -> Content:
    """
    :raises RejectedRecord: if the record is not an acceptable item of the content type.
    """
    try:
        content: Content = codec.content_from_wire(record, content_type)
    except InvalidResponse as error:
        raise RejectedRecord(str(error)) from None
    object_type = codec.CONTENT_CLASSES[content_type].object_type
    if record.get("object_type", object_type) != object_type:
        raise RejectedRecord(f"The record is not a {object_type}.")
    content = replace(content, extra={})
    _check_id(content)
    if isinstance(content, Photo):
        _check_photo(content, record)
    if isinstance(content, Friend) and not content.name.strip():
        raise RejectedRecord("name must not be empty.")
    for name in URL_FIELDS:
        if record.get(name) and getattr(content, name, None) == "":
            raise RejectedRecord(f"{name} must be an http or https URL.")
    _check_nested(content)
    if not all(map(_is_storable, _iter_scalars(codec.content_to_wire(content)))):
        raise RejectedRecord("A string contains a character that cannot be stored.")
    return content


def _check_id(content: Content) -> None:
    if not content.id:
        raise RejectedRecord("The record has no id.")
    if len(content.id) > MAX_ID_LENGTH:
        raise RejectedRecord(f"id must have at most {MAX_ID_LENGTH} characters.")


def _check_photo(photo: Photo, record: Mapping[str, Any]) -> None:
    """
    Reject a record with an unsafe URL, which the parser has dropped, an id that would be the
    indexed id of an item of another type, and an id of an album that databases cannot store.
    """
    if len(photo.album_id) > MAX_ID_LENGTH:
        raise RejectedRecord(f"album_id must have at most {MAX_ID_LENGTH} characters.")
    if photo.id.startswith(PREFIXES):
        raise RejectedRecord(f"id must not begin with {', '.join(PREFIXES)}.")
    if len(photo.tags) > MAX_TAGS:
        raise RejectedRecord(f"tags must contain at most {MAX_TAGS} values.")
    urls = record.get("urls")
    sent = urls.items() if isinstance(urls, dict) else ()
    if not photo.urls or any(url and size not in photo.urls for size, url in sent):
        raise RejectedRecord("urls must contain at least one http or https URL, and no other URL.")


def _check_nested(content: Content) -> None:
    """
    Check the objects whose keys the protocol does not limit.
    """
    for name in NESTED_FIELDS:
        nested = getattr(content, name, None) or {}
        values = list(_iter_scalars(nested))
        if len(values) > MAX_VALUES:
            raise RejectedRecord(f"{name} must have at most {MAX_VALUES} keys and values.")
        if not all(map(_is_plain_number, values)):
            raise RejectedRecord(f"{name} contains a number that is too large.")
        if not all(_iter_url_checks(nested)):
            raise RejectedRecord(f"The URLs in {name} must be http or https URLs.")


def _iter_scalars(value: Any) -> Iterator[Any]:
    """
    Yield all keys and scalar values in JSON data, and each empty list or object.
    """
    if isinstance(value, Mapping) and value:
        yield from value
        value = list(value.values())
    if isinstance(value, (list, tuple)) and value:
        for item in value:
            yield from _iter_scalars(item)
    else:
        yield value


def _iter_url_checks(value: Any) -> Iterator[bool]:
    """
    Yield for each string whose key ends in "url" whether it is empty or an http or https URL. Pages
    may use it in `href`.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and str(key).lower().endswith("url"):
                yield not item or item.lower().startswith(WEB)
            else:
                yield from _iter_url_checks(item)
    elif isinstance(value, list):
        for item in value:
            yield from _iter_url_checks(item)


def _is_plain_number(value: Any) -> bool:
    """
    Return False for numbers that JSON columns or the response's encoder reject.
    """
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= MAX_INTEGER


def _is_storable(value: Any) -> bool:
    """
    Return False for NUL and lone surrogates: JSON can contain them, databases cannot store them.
    """
    return not (isinstance(value, str) and UNSTORABLE_CHARACTERS.search(value))
