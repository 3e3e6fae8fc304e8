"""
Pushed items (protocol, section 3.4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ..client import Friend, InvalidResponse, Photo, PushResult, QueryError
from ..client.codec import CONTENT_CLASSES, content_from_wire
from ..client.content import Content
from ..client.values import UNKNOWN_PLACE
from .data import FakeLibrary

SERVICE = "fake-site"
"""The name of the service that pushed items belong to."""


def push_records(library: FakeLibrary, user: Any, form: Mapping[str, str]) -> PushResult:
    """
    Add the items of a request to a user's Trove, or replace those with the same type and id.

    :raises QueryError: if the request is invalid.
    """
    records = json.loads(form.get("object_list", "null"))
    if not isinstance(records, list) or not form.get("user_id"):
        field = "user_id" if isinstance(records, list) else "object_list"
        raise QueryError(f"{field} is missing.", field=field)
    items, rejected = {}, []
    for index, record in enumerate(records):
        item, error = _parse_record(record, form["content_type"])
        if item is None:
            rejected.append({"index": index, "error": error})
        else:
            items[item.id] = item
    updated = [_replace_item(library, user, item) for item in items.values()]
    return PushResult(
        received=len(records),
        created=updated.count(False),
        updated=updated.count(True),
        rejected=tuple(rejected),
    )


def _parse_record(record: Any, content_type: str) -> tuple[Content | None, str]:
    """
    Return an item, or None and the reason.
    """
    try:
        item: Content = content_from_wire(record, content_type)
    except InvalidResponse as error:
        return None, error.detail
    object_type = CONTENT_CLASSES[content_type].object_type
    if record.get("object_type", object_type) != object_type:
        return None, f"The record is not a {object_type}."
    if not item.id:
        return None, "The record has no id."
    if isinstance(item, Photo) and not item.urls:
        return None, "urls must contain at least one http or https URL, and no other URL."
    if isinstance(item, Friend) and not item.name.strip():
        return None, "name must not be empty."
    own = {"place": UNKNOWN_PLACE} if isinstance(item, Photo) else {}
    return replace(item, extra={}, trove_id="", service=SERVICE, **own), ""


def _replace_item(library: FakeLibrary, user: Any, item: Content) -> bool:
    """
    Add an item, and return whether another one was replaced.
    """
    key = (SERVICE, item.id, item.object_type)
    previous = [
        record.item
        for record in library.get_records(user, *CONTENT_CLASSES)
        if (record.item.service, record.item.id, record.item.object_type) == key
    ]
    for other in previous:
        library.remove(other)
        item = replace(item, trove_id=other.trove_id)
    library.add(user, item, None)
    return bool(previous)
