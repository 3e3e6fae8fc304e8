"""
The metadata that the fake Nextcloud reads from pictures: `nc:metadata-photos-*`.
"""

from __future__ import annotations

import io
import time
from calendar import timegm
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base


def read_metadata(content: bytes) -> dict[str, str]:
    """
    Return XML by name. As in Nextcloud, the elements of a value have no namespace, and a date
    without offset is treated as UTC.
    """
    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        values = {"size": _build_elements(width=image.width, height=image.height)}
    if date := exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal):
        values["original_date_time"] = str(timegm(time.strptime(date, "%Y:%m:%d %H:%M:%S")))
    if make := exif.get(Base.Make):
        values["ifd0"] = _build_elements(Make=make, Model=exif.get(Base.Model, ""))
    gps = exif.get_ifd(IFD.GPSInfo)
    if GPS.GPSLatitude in gps:
        values["gps"] = _build_elements(
            latitude=_to_decimal(gps[GPS.GPSLatitude], gps[GPS.GPSLatitudeRef]),
            longitude=_to_decimal(gps[GPS.GPSLongitude], gps[GPS.GPSLongitudeRef]),
        )
    return values


def _build_elements(**values: Any) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def _to_decimal(parts: tuple[float, float, float], reference: str) -> float:
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if reference in ("S", "W") else value
