"""
JSON Schemas of the data that front ends and other clients receive.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .client.codec import PhotoRecord, VideoRecord
from .photos.json_types import PageData

SCHEMAS: dict[str, tuple[str, Any]] = {
    "photos-json": ("PhotosPage", PageData),
    "photo-record": ("PhotoOrVideo", PhotoRecord | VideoRecord),
}
"""Title and type by name: a page of `PhotosJSON`, and a record of the protocol."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build_schema(name: str) -> dict[str, Any]:
    """
    Return a JSON Schema. It allows further keys, which later versions may add.

    :param name: a key of `SCHEMAS`.
    """
    title, data_type = SCHEMAS[name]
    (schema,), components = msgspec.json.schema_components(
        [data_type], ref_template="#/$defs/{name}"
    )
    definitions = {key: _allow_further_keys(value) for key, value in components.items()}
    return {"$schema": DIALECT, "title": title, **schema, "$defs": definitions}


def _allow_further_keys(definition: dict[str, Any]) -> dict[str, Any]:
    if definition.get("additionalProperties") is False:
        return {key: value for key, value in definition.items() if key != "additionalProperties"}
    return definition
