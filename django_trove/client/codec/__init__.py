"""
The wire format: objects to JSON and back, for the client and for the server (protocol, sections 4
and 5).

msgspec decodes pages and records with valid values. Others are decoded tolerantly, each record
separately: a missing key gets the default of its field, unknown keys are kept in `extra`, and a
record that cannot be decoded is skipped and counted. Queries are decoded strictly.
"""

from .items import (
    COLLECTION_CLASSES,
    CONTENT_CLASSES,
    RESULT_CLASSES,
    PhotoRecord,
    VideoRecord,
    complete_record,
    content_from_wire,
    content_to_wire,
    encode_items,
    encode_json,
)
from .queries import query_from_wire, query_to_wire
from .results import decode_json, decode_result, encode_result, object_from_wire
from .values import date_to_wire

__all__ = [
    "COLLECTION_CLASSES",
    "CONTENT_CLASSES",
    "RESULT_CLASSES",
    "PhotoRecord",
    "VideoRecord",
    "complete_record",
    "content_from_wire",
    "content_to_wire",
    "date_to_wire",
    "decode_json",
    "decode_result",
    "encode_items",
    "encode_json",
    "encode_result",
    "object_from_wire",
    "query_from_wire",
    "query_to_wire",
]
