"""
Metadata in EXIF 3.0.
"""

from __future__ import annotations

import io
import math
import re

from PIL.ExifTags import GPS, IFD, Base

from django_trove.client.values import Camera, Location

from .camera import build_camera
from .dates import UNKNOWN_DATE, DateTaken, parse_date, parse_offset
from .fields import UNKNOWN_CAMERA, Metadata, read_or_default
from .places import parse_location
from .tags import build_tags
from .text import clean_caption, decode_text, decode_user_comment, decode_utf_16
from .tiff import Directory, TiffFile

# Tags of the date, by priority. `DateTime` is the time of the last change of the file; its offset
# is used if it is equal to the date.
DATES = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
)
DATES_AND_CHANGE = (*DATES, (Base.DateTime, Base.OffsetTime))
KEYWORD_SEPARATORS = re.compile("[;,]")
WINDOWS_TAGS = (Base.XPTitle, Base.XPComment, Base.XPSubject, Base.XPKeywords)
ISO_TAGS = (Base.ISOSpeedRatings, Base.RecommendedExposureIndex, Base.ISOSpeed)
NO_ISO = 65_535  # the value is in one of the other tags
MAX_EXPONENT = 40
HEADER = re.compile(rb"(?:Exif\0\0)*(?=II|MM)")


def open_exif(block: bytes) -> TiffFile:
    """
    :raises Exception: if it is damaged.
    """
    header = HEADER.search(block[:64])
    return TiffFile(io.BytesIO(block), header.end() if header else 0)


def read_exif(file: TiffFile) -> Metadata:
    """
    Read the fields that the standard defines.
    """
    tags = _all_tags(file)
    date = read_or_default(lambda: _read_date(tags), UNKNOWN_DATE)
    return Metadata(
        description=clean_caption(decode_text(tags.content(Base.ImageDescription))),
        taken=date.taken,
        utc_offset=date.utc_offset,
        place=read_or_default(lambda: _read_place(file.child(IFD.GPSInfo)), None),
        camera=read_or_default(lambda: _read_camera(tags), UNKNOWN_CAMERA),
    )


def read_windows_fields(file: TiffFile) -> Metadata:
    """
    Read the tags of Windows, and the comment, which many programs fill by themselves.
    """
    tags = _all_tags(file)
    title, comment, subject, keywords = (decode_utf_16(tags.content(tag)) for tag in WINDOWS_TAGS)
    user_comment = tags.get(Base.UserComment)
    captions = (
        clean_caption(comment),
        clean_caption(subject),
        decode_user_comment(user_comment.content, user_comment.order) if user_comment else "",
    )
    return Metadata(
        title=clean_caption(title),
        description=next(filter(None, map(clean_caption, captions)), ""),
        tags=build_tags(KEYWORD_SEPARATORS.split(keywords)),
    )


def _all_tags(file: TiffFile) -> Directory:
    """
    Return the tags of the first directory and of the one for EXIF. RAW files mix them.
    """
    return Directory(file, {**file.root.entries, **file.child(IFD.Exif).entries})


def _read_date(tags: Directory) -> DateTaken:
    texts = {tag: decode_text(tags.content(tag)) for pair in DATES_AND_CHANGE for tag in pair}
    for date, offset in DATES:
        same = [other for day, other in DATES_AND_CHANGE if texts[day] == texts[date]]
        offsets = (texts[tag] for tag in (offset, *same) if parse_offset(texts[tag]) is not None)
        taken = parse_date(texts[date], next(offsets, ""))
        if taken.taken:
            return taken
    return UNKNOWN_DATE


def _read_place(gps: Directory) -> Location | None:
    return parse_location(
        gps.numbers(GPS.GPSLatitude),
        gps.numbers(GPS.GPSLongitude),
        (
            decode_text(gps.content(GPS.GPSLatitudeRef)),
            decode_text(gps.content(GPS.GPSLongitudeRef)),
        ),
    )


def _read_camera(tags: Directory) -> Camera:
    make, model, lens = (
        decode_text(tags.content(tag)) for tag in (Base.Make, Base.Model, Base.LensModel)
    )
    return build_camera(
        make=make,
        model=model,
        lens=lens,
        exposure_time=_read_exposure_time(tags),
        aperture=_read_aperture(tags),
        iso=next(filter(_is_known_iso, map(tags.number, ISO_TAGS)), 0),
        focal_length=tags.number(Base.FocalLength),
    )


def _read_exposure_time(tags: Directory) -> float:
    if Base.ExposureTime in tags.entries:
        return tags.number(Base.ExposureTime)
    return _power_of_two(-_logarithm(tags, Base.ShutterSpeedValue))


def _read_aperture(tags: Directory) -> float:
    if Base.FNumber in tags.entries:
        return tags.number(Base.FNumber)
    return _power_of_two(_logarithm(tags, Base.ApertureValue) / 2)


def _logarithm(tags: Directory, tag: int) -> float:
    return next(iter(tags.numbers(tag)), math.nan)


def _power_of_two(exponent: float) -> float:
    """
    Return 0 if the exponent is unknown or absurd.
    """
    return 2**exponent if abs(exponent) <= MAX_EXPONENT else 0


def _is_known_iso(value: float) -> bool:
    return value > 0 and value != NO_ISO
