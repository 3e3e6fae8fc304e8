"""
Metadata of MP4, QuickTime and 3GP videos.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from django_trove.client.values import Camera, Location

from .boxes import Box, BoxFile
from .errors import Damaged, UnknownFormat
from .metadata import Metadata, merge_metadata, read_or_default, read_xmp_packet
from .video_texts import read_fixed_numbers, read_texts

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MAX_XMP = 1_000_000
MAX_LIVE_PHOTO_SECONDS = 5
SIDEWAYS = (5, 6, 7, 8)

# Signs of a, b, c and d in the matrix of a track: orientation as in EXIF.
ORIENTATIONS: dict[tuple[int, ...], int] = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}

APPLE = "com.apple.quicktime."
CONTENT_IDENTIFIER = f"{APPLE}content.identifier"

# Keys of the metadata that a field is read from, by priority.
TITLE = (f"{APPLE}title", f"{APPLE}displayname", "\xa9nam")
DESCRIPTION = (f"{APPLE}description", f"{APPLE}comment", "\xa9des", "\xa9cmt", "desc")
KEYWORDS = (f"{APPLE}keywords", "keyw")
DATE = (f"{APPLE}creationdate", "\xa9day")
PLACE = (f"{APPLE}location.ISO6709", "\xa9xyz")
MAKE = (f"{APPLE}make", "com.android.manufacturer", "\xa9mak", "\xa9make")
MODEL = (f"{APPLE}model", "com.android.model", "\xa9mod", "\xa9model")

# "2019-07-04T13:05:01+0200"; a date without a time or a zone is not used
DATE_FORMAT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)? ?(?:(Z)|([+-])(\d\d):?(\d\d))"
)
# ISO 6709: degrees, or with minutes, or with seconds: "+48.8577+002.2950+035.5/"
PLACE_FORMAT = re.compile(r"([+-])(\d{2}|\d{4}|\d{6})(\.\d+)?([+-])(\d{7}|\d{5}|\d{3})(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """
    :param width: in pixels, after rotation.
    :param orientation: as in EXIF, 1 to 8.
    :param duration: in seconds; 0 if it is unknown.
    :param is_live_photo: whether the video may be the moving part of a photo.
    """

    width: int
    height: int
    orientation: int
    duration: float
    metadata: Metadata
    is_live_photo: bool


def read_video_info(file: BinaryIO) -> VideoInfo:
    """
    Read the boxes of a video. The media data is not read.

    :raises Unreadable: if it is damaged, or contains no video.
    """
    try:
        return _read_movie(BoxFile(file))
    except (OSError, ValueError, ArithmeticError, RecursionError):
        raise Damaged from None


def _read_movie(boxes: BoxFile) -> VideoInfo:
    movie = boxes.find(boxes.root, b"moov")
    if movie is None:
        raise Damaged
    width, height, orientation = _read_track_size(boxes, movie)
    created, duration = _read_movie_header(boxes, movie)
    texts = read_texts(boxes, movie)
    return VideoInfo(
        width=height if orientation in SIDEWAYS else width,
        height=width if orientation in SIDEWAYS else height,
        orientation=orientation,
        duration=duration,
        metadata=_build_metadata(boxes, movie, texts, created),
        is_live_photo=CONTENT_IDENTIFIER in texts or 0 < duration <= MAX_LIVE_PHOTO_SECONDS,
    )


def _read_track_size(boxes: BoxFile, movie: Box) -> tuple[int, int, int]:
    """
    Return the width, the height and the orientation of the first video track.
    """
    for track in boxes.find_all(movie, b"trak"):
        handler = boxes.read(boxes.find(track, b"mdia", b"hdlr"), 12)
        header = boxes.read(boxes.find(track, b"tkhd"), 104)
        if handler[8:12] != b"vide" or len(header) < 84:
            continue
        matrix = read_fixed_numbers(header[-44:-8])
        width, height = read_fixed_numbers(header[-8:])
        if width <= 0 or height <= 0:
            width, height = _read_sample_size(boxes, track)
        signs = tuple(round(max(-1, min(matrix[at], 1))) for at in (0, 1, 3, 4))
        return round(width), round(height), ORIENTATIONS.get(signs, 1)
    raise UnknownFormat


def _read_sample_size(boxes: BoxFile, track: Box) -> tuple[int, int]:
    entry = boxes.read(boxes.find(track, b"mdia", b"minf", b"stbl", b"stsd"), 44)
    return int.from_bytes(entry[40:42]), int.from_bytes(entry[42:44])


def _read_movie_header(boxes: BoxFile, movie: Box) -> tuple[datetime | None, float]:
    """
    Return the time of creation, and the duration in seconds. Some cameras write their local time.
    """
    header = boxes.read(boxes.find(movie, b"mvhd"), 32)
    size = 8 if header[:1] == b"\1" else 4
    created = int.from_bytes(header[4 : 4 + size])
    scale = int.from_bytes(header[4 + 2 * size : 8 + 2 * size])
    duration = int.from_bytes(header[8 + 2 * size : 8 + 3 * size])
    if duration == 2 ** (8 * size) - 1 or not duration:  # unknown, or a fragmented file
        duration = _read_fragment_duration(boxes, movie)
    seconds = duration / scale if scale else 0
    return _to_date(created), seconds if seconds < 10**7 else 0


def _read_fragment_duration(boxes: BoxFile, movie: Box) -> int:
    content = boxes.read(boxes.find(movie, b"mvex", b"mehd"), 12)
    return int.from_bytes(content[4 : 12 if content[:1] == b"\1" else 8])


def _to_date(seconds: int) -> datetime | None:
    if not seconds:
        return None
    try:
        date = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    # Some programs use 1970 as the epoch: nothing was recorded before that.
    return date if date.year >= 1970 else date.replace(year=date.year + 66)


def _build_metadata(
    boxes: BoxFile, movie: Box, texts: Mapping[str, str], created: datetime | None
) -> Metadata:
    taken, utc_offset = parse_date(_first(texts, DATE))
    own = Metadata(
        title=_first(texts, TITLE),
        description=_first(texts, DESCRIPTION),
        tags=tuple(filter(None, map(str.strip, _first(texts, KEYWORDS).split(",")))),
        taken=taken or created,
        utc_offset=utc_offset,
        place=_find_place(texts),
        camera=Camera(make=_first(texts, MAKE), model=_first(texts, MODEL)),
    )
    packet = boxes.read(_find_xmp(boxes, movie), MAX_XMP).removeprefix(XMP_UUID)
    return merge_metadata(own, read_or_default(lambda: read_xmp_packet(packet), Metadata()))


def _find_xmp(boxes: BoxFile, movie: Box) -> Box | None:
    for parent in (boxes.root, movie):
        for box in boxes.find_all(parent, b"uuid"):
            if boxes.read(box, 16) == XMP_UUID:
                return box
    return boxes.find(movie, b"udta", b"XMP_")


def _first(texts: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((texts[key] for key in keys if texts.get(key)), "")


def parse_date(text: str) -> tuple[datetime | None, int | None]:
    """
    Return the time in UTC, and the offset in minutes.
    """
    match = DATE_FORMAT.match(text)
    if not match:
        return None, None
    *numbers, _, sign, hours, minutes = match.groups()
    offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1) if hours else 0
    try:
        date = datetime(*map(int, numbers), tzinfo=UTC) - timedelta(minutes=offset)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None, None
    return date, offset if abs(offset) <= 14 * 60 else None


def _find_place(texts: Mapping[str, str]) -> Location | None:
    return next(filter(None, (_parse_place(texts.get(key, "")) for key in (*PLACE, "loci"))), None)


def _parse_place(text: str) -> Location | None:
    match = PLACE_FORMAT.match(text)
    if not match:
        return None
    latitude = _to_degrees(*match.groups()[:3], digits=2)
    longitude = _to_degrees(*match.groups()[3:], digits=3)
    is_valid = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude)
    return (latitude, longitude) if is_valid else None


def _to_degrees(sign: str, whole: str, fraction: str | None, *, digits: int) -> float:
    """
    Convert "DD", "DDMM" or "DDMMSS" with a fraction.
    """
    parts = [whole[:digits], *(whole[at : at + 2] for at in range(digits, len(whole), 2))]
    parts[-1] += fraction or ""
    degrees = math.fsum(float(part) / (1, 60, 3600)[power] for power, part in enumerate(parts))
    return -degrees if sign == "-" else degrees
