"""
Formats of pictures that contain the standards.
"""

from datetime import UTC, datetime

import pytest
from PIL.ExifTags import Base

from .blocks import (
    alternatives,
    ascii,
    avif,
    bag,
    gps,
    heif,
    iptc,
    jpeg,
    metadata,
    png,
    rational,
    tiff,
    tiff_picture,
    webp,
    xmp,
)

DATE = datetime(2012, 12, 22, 15, 37, 28, tzinfo=UTC)
TAGS = {Base.Make: ascii("Canon")}
EXIF_TAGS = {
    Base.DateTimeOriginal: ascii("2012:12:22 10:37:28"),
    Base.OffsetTimeOriginal: ascii("-05:00"),
}
GPS_TAGS = gps(rational((41, 1)), rational((12, 1)))
EXIF = tiff(TAGS, EXIF_TAGS, GPS_TAGS)
XMP = xmp(alternatives("dc:title", "Zürich") + bag("dc:subject", "snow"))


def read(build, **blocks):
    if build is heif:
        pytest.importorskip("pillow_heif")
    return metadata(build(**blocks))


@pytest.mark.parametrize("header", [b"", b"Exif\0\0"])
@pytest.mark.parametrize("build", [jpeg, png, webp, avif, heif])
def test_exif_and_xmp(build, header):
    if build is jpeg or build is heif:
        header = b""  # these formats define the header
    found = read(build, exif=header + EXIF, xmp=XMP)
    assert (found.taken, found.utc_offset) == (DATE, -300)
    assert (found.place, found.camera.make) == ((41, 12), "Canon")
    assert (found.title, found.tags) == ("Zürich", ("snow",))


def test_tiff():
    found = metadata(tiff_picture(tags=TAGS, exif=EXIF_TAGS, gps=GPS_TAGS, xmp=XMP))
    assert (found.taken, found.utc_offset) == (DATE, -300)
    assert (found.place, found.camera.make) == ((41, 12), "Canon")
    assert (found.title, found.tags) == ("Zürich", ("snow",))


@pytest.mark.parametrize("build", [jpeg, png, tiff_picture])
def test_iptc(build):
    assert metadata(build(iptc=iptc((5, "Zürich"), (25, "snow")))).title == "Zürich"
