"""
Metadata in XMP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

from django_trove.client.values import Camera, Location

from .camera import build_camera
from .dates import UNKNOWN_DATE, DateTaken, parse_date
from .fields import UNKNOWN_CAMERA, Metadata, read_or_default
from .packet import parse_packets
from .places import parse_location_texts
from .properties import ITEM, MAX_ITEMS, Properties, read_structure, text_of
from .tags import build_tags
from .text import clean_caption

TITLES = ("dc:title", "photoshop:Headline")
DESCRIPTIONS = ("dc:description", "tiff:ImageDescription", "exif:UserComment")
DATES = (
    ("exif:DateTimeOriginal", "exif:OffsetTimeOriginal"),
    ("photoshop:DateCreated", ""),
    ("exif:DateTimeDigitized", "exif:OffsetTimeDigitized"),
    ("xmp:CreateDate", ""),
)
BAR_PATHS = ("lr:hierarchicalSubject", "mediapro:CatalogSets")
SLASH_PATHS = ("digiKam:TagsList", "MicrosoftPhoto:LastKeywordXMP")
KEYWORDS = ("dc:subject", "acdsee:keywords")
CATEGORIES, PEOPLE = "acdsee:categories", "Iptc4xmpExt:PersonInImage"
KEYWORD_TREE = "mwg-kw:Keywords"
REGIONS = ("mwg-rs:Regions", "MP:RegionInfo")
NOT_PEOPLE = ("focus", "barcode")  # types of regions

CATEGORY = re.compile(r'Assigned="1"[^<>]*>([^<>]+)')
FRACTION = re.compile(r"\s*(-?\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?))?(?![\w.])")


def read_xmp_packet(packet: bytes) -> Metadata:
    """
    Read the packets of a file or a sidecar. Damaged packets are read as far as possible.
    """
    properties = read_or_default(lambda: Properties(parse_packets(packet)), Properties(()))
    date = read_or_default(lambda: _read_date(properties), UNKNOWN_DATE)
    return Metadata(
        title=read_or_default(lambda: _read_caption(properties, TITLES), ""),
        description=read_or_default(lambda: _read_caption(properties, DESCRIPTIONS), ""),
        tags=read_or_default(lambda: _read_tags(properties), ()),
        taken=date.taken,
        utc_offset=date.utc_offset,
        place=read_or_default(lambda: _read_place(properties), None),
        camera=read_or_default(lambda: _read_camera(properties), UNKNOWN_CAMERA),
    )


def read_packet_orientation(packet: bytes) -> int:
    """
    Return the orientation; 0 if it is missing.
    """
    text = Properties(parse_packets(packet)).text("tiff:Orientation")
    return int(text) if text.isdecimal() else 0


def _read_caption(properties: Properties, names: tuple[str, ...]) -> str:
    captions = (clean_caption(properties.default_language_text(name)) for name in names)
    return next(filter(None, captions), "")


def _read_date(properties: Properties) -> DateTaken:
    for name, offset in DATES:
        date = parse_date(properties.text(name), properties.text(offset))
        if date.taken:
            return date
    return UNKNOWN_DATE


def _read_place(properties: Properties) -> Location | None:
    latitude, longitude = (
        properties.text(name) + properties.text(f"{name}Ref")[:1]
        for name in ("exif:GPSLatitude", "exif:GPSLongitude")
    )
    return parse_location_texts(latitude, longitude)


def _read_tags(properties: Properties) -> tuple[str, ...]:
    keywords = chain(
        _read_keywords(properties),
        CATEGORY.findall(properties.text(CATEGORIES)),
        properties.texts(PEOPLE),
        _read_keyword_tree(properties),
        _read_region_names(properties),
    )
    return build_tags(keywords, properties.texts(*BAR_PATHS), properties.texts(*SLASH_PATHS))


def _read_keywords(properties: Properties) -> Iterator[str]:
    """
    Yield the keywords. Some programs write them into one text.
    """
    for item in chain.from_iterable(map(properties.items, KEYWORDS)):
        yield from re.split(";" if item.tag == ITEM else "[,;]", text_of(item))


def _read_keyword_tree(properties: Properties) -> Iterator[str]:
    for item in islice(properties.all_items(KEYWORD_TREE), MAX_ITEMS):
        yield read_structure(item).get("mwg-kw:Keyword", "")


def _read_region_names(properties: Properties) -> Iterator[str]:
    """
    Yield the names of the people in regions of the picture.
    """
    regions = chain.from_iterable(map(properties.all_items, REGIONS))
    for values in map(read_structure, islice(regions, MAX_ITEMS)):
        if values.get("mwg-rs:Type", "").casefold() not in NOT_PEOPLE:
            yield values.get("mwg-rs:Name") or values.get("MPReg:PersonDisplayName", "")


def _read_camera(properties: Properties) -> Camera:
    return build_camera(
        make=properties.text("tiff:Make"),
        model=properties.text("tiff:Model"),
        lens=properties.text("exifEX:LensModel", "aux:LensModel", "aux:Lens"),
        exposure_time=_parse_number(properties.text("exif:ExposureTime")),
        aperture=_parse_number(properties.text("exif:FNumber")),
        iso=_parse_number(
            properties.text("exifEX:PhotographicSensitivity", "exif:ISOSpeedRatings")
        ),
        focal_length=_parse_number(properties.text("exif:FocalLength")),
    )


def _parse_number(text: str) -> float:
    """
    Parse a rational number, such as "28/10"; 0 if it is invalid.
    """
    match = FRACTION.match(text)
    denominator = float(match[2] or 1) if match else 0
    return float(match[1]) / denominator if match and denominator else 0
