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
    require_encoder,
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


@pytest.mark.parametrize("build", [jpeg, png, webp, avif, heif])
def test_exif_and_xmp(build):
    require_encoder(build)
    found = metadata(build(exif=EXIF, xmp=XMP))
    assert (found.taken, found.utc_offset) == (DATE, -300)
    assert (found.place, found.camera.make) == ((41, 12), "Canon")
    assert (found.title, found.tags) == ("Zürich", ("snow",))


def test_exif_with_a_second_header():
    """
    Some programs write the header of JPEG in other formats, or twice.
    """
    pictures = [webp(exif=b"Exif\0\0" + EXIF), jpeg(exif=b"Exif\0\0" + EXIF)]
    assert [metadata(picture).taken for picture in pictures] == [DATE, DATE]


def test_tiff():
    found = metadata(tiff_picture(tags=TAGS, exif=EXIF_TAGS, gps=GPS_TAGS, xmp=XMP))
    assert (found.taken, found.utc_offset) == (DATE, -300)
    assert (found.place, found.camera.make) == ((41, 12), "Canon")
    assert (found.title, found.tags) == ("Zürich", ("snow",))


@pytest.mark.parametrize("build", [jpeg, png, tiff_picture])
def test_iptc(build):
    assert metadata(build(iptc=iptc((5, "Zürich"), (25, "snow")))).title == "Zürich"
