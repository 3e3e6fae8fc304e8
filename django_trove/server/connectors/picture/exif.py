"""
What a camera wrote into a picture: EXIF 2.32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

from django_trove.client.content import Location

from .captions import Caption, clean_text

DATES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
)
"""Where the date is, the best first. `DateTime` is when the file was changed."""


def read_orientation(exif: Image.Exif) -> int:
    """
    Return how the picture is turned, 1 to 8; 1 is upright.
    """
    value = exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_date(exif: Image.Exif) -> datetime | None:
    """
    Return when the picture was taken; a date without an offset is taken as UTC.
    """
    details = exif.get_ifd(ExifTags.IFD.Exif)
    for date, offset in DATES:
        moment = _parse_datetime(clean_text(details.get(date)), clean_text(details.get(offset)))
        if moment:
            return moment
    return None


def read_location(exif: Image.Exif) -> Location | None:
    """
    Return where the picture was taken; None for a GPS block without a position, or nonsense.
    """
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _parse_degrees(gps.get(ExifTags.GPS.GPSLatitude), 90)
    longitude = _parse_degrees(gps.get(ExifTags.GPS.GPSLongitude), 180)
    south_north = clean_text(gps.get(ExifTags.GPS.GPSLatitudeRef)).upper()
    west_east = clean_text(gps.get(ExifTags.GPS.GPSLongitudeRef)).upper()
    if latitude is None or longitude is None:
        return None
    if south_north not in ("N", "S") or west_east not in ("E", "W"):
        return None
    return (
        -latitude if south_north == "S" else latitude,
        -longitude if west_east == "W" else longitude,
    )


def read_caption(exif: Image.Exif) -> Caption:
    """
    Return the title, description and keywords, as Windows and cameras write them.
    """
    words = _decode_windows_text(exif.get(ExifTags.Base.XPKeywords)).replace(",", ";").split(";")
    return Caption(
        title=_decode_windows_text(exif.get(ExifTags.Base.XPTitle)),
        description=clean_text(exif.get(ExifTags.Base.ImageDescription))
        or _decode_windows_text(exif.get(ExifTags.Base.XPComment)),
        tags=tuple(filter(None, map(clean_text, words))),
    )


def _parse_datetime(written: str, offset: str) -> datetime | None:
    # "2008:10:22 16:28:39" and "+02:00"; unset is "0000:00:00 00:00:00" or spaces
    try:
        moment = datetime.strptime(written[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        return moment.replace(tzinfo=_parse_offset(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse_offset(offset: str) -> timezone:
    try:
        hours, minutes = int(offset[1:3]), int(offset[4:6])
    except ValueError:
        return UTC
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if offset.startswith("-") else ahead)


def _parse_degrees(written: Any, bound: int) -> float | None:
    """
    Return degrees from degrees, minutes and seconds as rationals.
    """
    if not isinstance(written, Sequence) or len(written) != 3:
        return None
    try:
        degrees, minutes, seconds = map(float, written)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return value if math.isfinite(value) and 0 <= value <= bound else None


def _decode_windows_text(written: Any) -> str:
    """
    Read a text as Windows writes it: UTF-16, little end first, as bytes.
    """
    if isinstance(written, (tuple, list)):
        written = bytes(written)
    return clean_text(written.decode("utf-16-le", "replace")) if isinstance(written, bytes) else ""
