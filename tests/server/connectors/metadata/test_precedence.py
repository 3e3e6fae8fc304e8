"""
Precedence of the standards according to the Metadata Working Group.
"""

import pytest
from PIL.ExifTags import Base

from django_trove.client.values import Camera
from django_trove.server.connectors.picture.metadata import (
    Metadata,
    merge_metadata,
    read_xmp_packet,
)

from .blocks import (
    alternatives,
    ascii,
    gps,
    iptc,
    jpeg,
    metadata,
    rational,
    tiff,
    tiff_picture,
    windows,
    xmp,
)

EXIF = tiff({Base.ImageDescription: ascii("EXIF"), Base.XPTitle: windows("Windows")})
XMP = xmp(alternatives("dc:title", "XMP") + alternatives("dc:description", "XMP"))
IPTC = iptc((5, "IPTC"), (120, "IPTC"))
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"


@pytest.mark.parametrize(
    ("blocks", "title", "description"),
    [
        ({"exif": EXIF, "xmp": XMP, "iptc": IPTC}, "XMP", "EXIF"),
        ({"exif": EXIF, "iptc": IPTC}, "IPTC", "EXIF"),
        ({"exif": EXIF}, "Windows", "EXIF"),
        ({"xmp": XMP, "iptc": IPTC}, "XMP", "XMP"),
        ({"xmp": XMP, "iptc": IPTC, "digest": True}, "XMP", "XMP"),
        ({"xmp": XMP, "iptc": IPTC, "digest": b"0123456789abcdef"}, "IPTC", "IPTC"),
        ({"iptc": IPTC}, "IPTC", "IPTC"),
    ],
)
def test_standards(blocks, title, description):
    """
    EXIF precedes XMP, and XMP precedes IPTC unless a digest shows that IPTC was changed later.
    """
    found = metadata(jpeg(**blocks))
    assert (found.title, found.description) == (title, description)


def test_each_field_is_read_from_the_first_standard_that_has_it():
    first = Metadata(title="a", tags=("x",), camera=Camera(make="Canon"))
    second = Metadata(
        title="b", description="c", tags=("X", "y"), camera=Camera(make="Nikon", iso=100)
    )
    assert merge_metadata(first, second) == Metadata(
        title="a", description="c", tags=("x", "y"), camera=Camera(make="Canon", iso=100)
    )
    assert merge_metadata() == Metadata()


def test_headline_is_the_title_if_there_is_none():
    assert metadata(jpeg(iptc=iptc((105, "Headline")))).title == "Headline"
    packet = xmp(attributes='photoshop:Headline="Headline"')
    assert metadata(jpeg(xmp=packet)).title == "Headline"


def test_sidecars_are_read_like_embedded_packets():
    assert read_xmp_packet(XMP).title == "XMP"
    assert read_xmp_packet(XMP.decode().encode("utf-16")).title == "XMP"
    assert read_xmp_packet(b"") == read_xmp_packet(b"<xml/>") == Metadata()


def test_extended_xmp_in_several_segments():
    """
    A packet of more than 64 KB is divided into parts, in any order.
    """
    extended = xmp(alternatives("dc:title", "x" * 70_000)).replace(b"x" * 70_000, b"long " * 100)
    middle = len(extended) // 2
    header = EXTENSION + b"0123456789abcdef" * 2 + len(extended).to_bytes(4)
    parts = [
        header + middle.to_bytes(4) + extended[middle:],
        header + bytes(4) + extended[:middle],
    ]
    segments = b"".join(b"\xff\xe1" + (len(part) + 2).to_bytes(2) + part for part in parts)
    content = jpeg(xmp=xmp(alternatives("dc:description", "Main")))
    found = metadata(content[:2] + segments + content[2:])
    assert (found.title[:9], found.description) == ("long long", "Main")


def test_all_standards_of_tiff():
    picture = tiff_picture(
        tags={Base.Make: ascii("Canon")},
        exif={Base.DateTimeOriginal: ascii("2012:12:22 12:00:00")},
        gps=gps(rational((41, 1)), rational((12, 1))),
        xmp=XMP,
        iptc=iptc((25, "snow")),
    )
    found = metadata(picture)
    assert (found.title, found.tags, found.place) == ("XMP", ("snow",), (41, 12))
    assert (found.camera.make, found.taken.year) == ("Canon", 2012)
