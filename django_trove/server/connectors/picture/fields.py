"""
The metadata of a picture or video, and the precedence of its sources.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django_trove.client.content import Camera, Location

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
    dated = next((source for source in sources if source.taken), Metadata())
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


def _merge_cameras(cameras: list[Camera]) -> Camera:
    known: dict[str, Any] = {}
    for camera in cameras:
        known = {name: value for name, value in asdict(camera).items() if value} | known
    return Camera(**known)
