"""
The metadata of a file, and the precedence of its sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, TypeVar

from msgspec import structs

from django_trove.client.values import Camera, Location, to_local_time

T = TypeVar("T")

MAX_BLOCK_BYTES = 2_000_000
"""The rest of a longer value is not read: 200 times the longest text."""

MAX_TAGS = 100
UNKNOWN_CAMERA = Camera()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """
    Metadata of a file.

    :param taken: aware and in UTC. Without an offset, it contains the clock of the camera.
    :param utc_offset: minutes east of UTC; None if it is unknown.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    taken: datetime | None = None
    utc_offset: int | None = None
    place: Location | None = None
    camera: Camera = UNKNOWN_CAMERA


def merge_metadata(*sources: Metadata) -> Metadata:
    """
    Return the first known value of each field, and the union of the tags.

    :param sources: the one with the highest precedence first.
    """
    dated = _select_date([source for source in sources if source.taken])
    return Metadata(
        title=next((source.title for source in sources if source.title), ""),
        description=next((source.description for source in sources if source.description), ""),
        tags=unique_tags(tag for source in sources for tag in source.tags),
        taken=dated.taken,
        utc_offset=dated.utc_offset,
        place=next((source.place for source in sources if source.place), None),
        camera=_merge_cameras([source.camera for source in sources]),
    )


def unique_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """
    Return the tags without empty ones and case-insensitive duplicates.
    """
    by_key: dict[str, str] = {}
    for tag in tags:
        by_key.setdefault(tag.casefold(), tag)
    by_key.pop("", None)
    return tuple(by_key.values())[:MAX_TAGS]


def read_or_default(reader: Callable[[], T], default: T) -> T:
    """
    Read one kind of metadata. Damaged metadata must not make the picture unreadable.
    """
    try:
        return reader()
    except Exception:  # damaged metadata raises many types
        return default


def _select_date(dated: list[Metadata]) -> Metadata:
    """
    Return the first date, or a later one that is the same but more precise.
    """
    selected = dated[0] if dated else Metadata()
    for source in dated[1:]:
        if _is_more_precise(source, selected):
            selected = source
    return selected


def _is_more_precise(source: Metadata, selected: Metadata) -> bool:
    local, selected_local = _local_time(source), _local_time(selected)
    if local == selected_local:
        return selected.utc_offset is None and source.utc_offset is not None
    return selected_local.time() == time.min and local.date() == selected_local.date()


def _local_time(source: Metadata) -> datetime:
    return to_local_time(source.taken or datetime.min.replace(tzinfo=UTC), source.utc_offset)


def _merge_cameras(cameras: list[Camera]) -> Camera:
    known: dict[str, Any] = {}
    for camera in cameras:
        known = {name: value for name, value in structs.asdict(camera).items() if value} | known
    return Camera(**known)
