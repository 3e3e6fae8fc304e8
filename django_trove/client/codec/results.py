"""
Responses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Raw, Struct

from ..errors import InvalidResponse
from ..query import Query
from ..result import Result
from ..values import Count
from .items import (
    PhotoRecord,
    VideoRecord,
    content_from_wire,
    encode_json,
    photo_from_record,
    to_encodable,
)
from .values import convert_values, lock

ENCODED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
SURROGATE = re.compile("[\ud800-\udfff]")
UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
RECORD_CLASSES: dict[str, Any] = {"photos": PhotoRecord | VideoRecord, "videos": VideoRecord}
Object = TypeVar("Object", bound=Struct)
Record = TypeVar("Record")


class Page(Struct, Generic[Record], omit_defaults=True):
    results: list[Record]
    count: Count
    page: Count
    total_number_of_results: Count | None
    more: bool | None = None
    after: str = ""
    updating: bool = False


def decode_result(
    body: bytes, query: Query | None = None, content_type: str = "photos"
) -> Result[Any]:
    """
    Decode a page of results. Invalid records are skipped and counted in `skipped`.

    :raises InvalidResponse: if the body contains no list of results.
    """
    query = query or Query()
    page, decode_record = _decode_page(body, content_type)
    items = tuple(_iter_valid(decode_record, page.results))
    total = page.total_number_of_results
    return Result(
        count=len(page.results),
        page=page.page or query.page,
        total_number_of_results=0 if total is None and query.total else total,
        results=items,
        query=query,
        skipped=len(page.results) - len(items),
        more=page.more,
        after=page.after,
        updating=page.updating,
    )


def _decode_page(body: bytes, content_type: str) -> tuple[Page[Any], Callable[[Any], Any]]:
    """
    Decode a page, and return the function that decodes its records. If one record is invalid, each
    is decoded separately. If the page is invalid, the records are decoded JSON.
    """
    if content_type in RECORD_CLASSES:
        decoders = _get_decoders(content_type)
        with suppress(*UNDECODABLE):
            return decoders.page.decode(body), photo_from_record
        with suppress(*UNDECODABLE):
            page = decoders.raw_page.decode(body)
            return page, partial(_decode_raw, decoders.record, content_type)
    data = decode_json(body)
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise InvalidResponse("The response contains no list of results.")
    counts = {"count": 0, "page": 0, "total_number_of_results": None}
    page = Page(**counts | convert_values(Page[Any], data))
    return page, partial(content_from_wire, content_type=content_type)


class Decoders(NamedTuple):
    page: msgspec.json.Decoder[Page[Any]]
    raw_page: msgspec.json.Decoder[Page[Raw]]
    record: msgspec.json.Decoder[Any]


def _get_decoders(content_type: str) -> Decoders:
    """
    msgspec reads the fields of a class when it is first used, and crashes the process if two
    threads do so at the same time.
    """
    with lock:
        return _build_decoders(content_type)


@cache
def _build_decoders(content_type: str) -> Decoders:
    record_class = RECORD_CLASSES[content_type]
    return Decoders(
        msgspec.json.Decoder(Page[record_class]),  # type: ignore[valid-type]
        msgspec.json.Decoder(Page[Raw]),
        msgspec.json.Decoder(record_class),
    )


def _decode_raw(decoder: msgspec.json.Decoder[Any], content_type: str, record: Raw) -> Any:
    try:
        return photo_from_record(decoder.decode(record))
    except UNDECODABLE:
        return content_from_wire(decode_json(bytes(record)), content_type)


def _iter_valid(decode_record: Callable[[Any], Any], records: list[Any]) -> Iterator[Any]:
    for record in records:
        try:
            yield decode_record(record)
        except InvalidResponse:
            continue  # counted in `skipped`


def decode_json(body: bytes) -> Any:
    """
    Decode JSON. Lone surrogates are replaced, because a page cannot contain them.

    :raises InvalidResponse: if the body is not JSON.
    """
    try:
        data = json.loads(body)
        if ENCODED_SURROGATE.search(body):
            text = json.dumps(data, ensure_ascii=False)
            data = json.loads(SURROGATE.sub("\ufffd", text))
    except (ValueError, RecursionError):
        raise InvalidResponse("The response is not JSON.") from None
    return data


def encode_result(result: Result[Any]) -> bytes:
    records = [to_encodable(item) for item in result]
    counts = (result.count, result.page, result.total_number_of_results)
    return encode_json(Page(records, *counts, result.more, result.after, result.updating))


def object_from_wire(kind: type[Object], data: Any) -> Object:
    """
    Decode an object tolerantly.

    :raises InvalidResponse: if the data is not an object.
    """
    if not isinstance(data, dict):
        raise InvalidResponse("The response is not an object.")
    return kind(**convert_values(kind, data))
