"""
Metadata in EXIF 2.32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import ExifTags, Image

from django_trove.client.content import Location

from .fields import Metadata
from .text import clean_text

# Tags of the date, by priority. `DateTime` is the time of the last change of the file.
DATES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
)


def read_orientation(exif: Image.Exif) -> int:
    """
    Return the orientation, 1 to 8; 1 is upright.
    """
    value = exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_exif(exif: Image.Exif) -> Metadata:
    taken, utc_offset = _read_date(exif)
    keywords = _decode_windows_text(exif.get(ExifTags.Base.XPKeywords)).replace(",", ";").split(";")
    return Metadata(
        title=_decode_windows_text(exif.get(ExifTags.Base.XPTitle)),
        description=clean_text(exif.get(ExifTags.Base.ImageDescription))
        or _decode_windows_text(exif.get(ExifTags.Base.XPComment)),
        tags=tuple(filter(None, map(clean_text, keywords))),
        taken=taken,
        utc_offset=utc_offset,
        place=_read_location(exif),
    )


def _read_date(exif: Image.Exif) -> tuple[datetime | None, int | None]:
    """
    Return the time at which the picture was taken, in UTC, and the offset.
    """
    details = exif.get_ifd(ExifTags.IFD.Exif)
    for date, offset in DATES:
        taken = _parse_datetime(clean_text(details.get(date)), clean_text(details.get(offset)))
        if taken:
            return taken
    return None, None


def _read_location(exif: Image.Exif) -> Location | None:
    """
    Return the location; None if it is missing or invalid.
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


def _parse_datetime(text: str, offset: str) -> tuple[datetime, int | None] | None:
    # "2008:10:22 16:28:39" and "+02:00"; unset is "0000:00:00 00:00:00" or spaces
    try:
        date = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        minutes = _parse_offset(offset)
        return date - timedelta(minutes=minutes or 0), minutes
    except (ValueError, OverflowError):
        return None


def _parse_offset(offset: str) -> int | None:
    try:
        minutes = 60 * int(offset[1:3]) + int(offset[4:6])
    except ValueError:
        return None
    return -minutes if offset.startswith("-") else minutes


def _parse_degrees(value: Any, bound: int) -> float | None:
    """
    Convert degrees, minutes and seconds as rationals.
    """
    if not isinstance(value, Sequence) or len(value) != 3:
        return None
    try:
        degrees, minutes, seconds = map(float, value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    result = degrees + minutes / 60 + seconds / 3600
    return result if math.isfinite(result) and 0 <= result <= bound else None


def _decode_windows_text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        value = bytes(value)
    return clean_text(value.decode("utf-16-le", "replace")) if isinstance(value, bytes) else ""
