"""
Damaged, huge and hostile metadata never makes a picture unreadable.
"""

import math
import struct
import time
import tracemalloc
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.ExifTags import GPS, IFD, Base

from django_trove.server.connectors.picture.metadata import Metadata, read_xmp_packet
from django_trove.server.connectors.picture.metadata.exif import open_exif, read_exif
from django_trove.server.connectors.picture.metadata.iptc import read_iptc
from django_trove.server.connectors.picture.metadata.tiff import FORMATS

from .blocks import (
    alternatives,
    ascii,
    avif,
    bag,
    double,
    gps,
    heif,
    iptc,
    jpeg,
    metadata,
    png,
    rational,
    require_encoder,
    short,
    srational,
    tiff,
    tiff_picture,
    undefined,
    webp,
    windows,
    xmp,
)

EXIF_TAGS = {
    Base.DateTimeOriginal: ascii("2012:12:22 12:00:00"),
    Base.OffsetTimeOriginal: ascii("+02:00"),
    Base.UserComment: undefined(b"ASCII\0\0\0Comment"),
    Base.ExposureTime: rational((1, 250)),
    Base.ISOSpeedRatings: short(100),
    Base.LensModel: ascii("EF50mm"),
}
ROOT_TAGS = {
    Base.Make: ascii("Canon"),
    Base.Model: ascii("EOS"),
    Base.ImageDescription: ascii("Zürich"),
    Base.XPTitle: windows("Title"),
    Base.XPKeywords: windows("snow;ice"),
    Base.Orientation: short(1),
}
GPS_TAGS = gps(rational((41, 1), (54, 1), (0, 1)), rational((12, 1), (30, 1), (0, 1)))
EXIF = tiff(ROOT_TAGS, EXIF_TAGS, GPS_TAGS)
XMP = xmp(
    alternatives("dc:title", "Zürich &amp; snow") + bag("lr:hierarchicalSubject", "Places|Rome"),
    'exif:GPSLatitude="40,42.5N" exif:GPSLongitude="74,0.5W" xmp:CreateDate="2012-12-22T12:00Z" '
    'exif:FNumber="28/10"',
)
IPTC = iptc(
    ((1, 90), b"\x1b%G"), (5, "Zürich"), (25, "snow"), (55, "20121222"), (60, "120000+0000")
)


def mutated(block):
    """
    Generate copies of a block in which bytes are replaced, inserted or removed.
    """
    change = st.tuples(st.integers(0, len(block)), st.integers(0, 8), st.binary(max_size=8))
    return st.lists(change, min_size=1, max_size=6).map(lambda changes: _apply(block, changes))


def _apply(block, changes):
    for position, length, content in changes:
        block = block[:position] + content + block[position + length :]
    return block


def blocks_of(block):
    return st.one_of(st.just(b""), st.binary(max_size=300), mutated(block))


numbers = st.sampled_from(sorted([*FORMATS, 0, 14, 99, 65_535]))
special_values = st.sampled_from(
    [
        double(math.nan),
        double(math.inf),
        rational((0, 0)),
        rational((2**32 - 1, 0)),
        srational((-1, 1)),
        short(0),
        ascii(""),
        undefined(b""),
    ]
)
values = st.one_of(
    special_values,
    st.tuples(numbers, st.integers(0, 2**32 - 1), st.binary(max_size=40)),
    st.tuples(numbers, st.integers(0, 20), st.binary(max_size=40)),
)
POINTERS = (IFD.Exif, IFD.GPSInfo, IFD.Interop, IFD.MakerNote)
tags = st.dictionaries(st.sampled_from([*ROOT_TAGS, *EXIF_TAGS, *POINTERS]), values, max_size=8)
gps_tags = st.dictionaries(st.sampled_from(list(GPS)), values, max_size=8)
generated_exif = st.builds(tiff, tags, st.none() | tags, st.none() | gps_tags)
exif_blocks = st.one_of(blocks_of(EXIF), generated_exif)


@settings(max_examples=150, deadline=None)
@given(exif=exif_blocks, xmp=blocks_of(XMP), iptc=blocks_of(IPTC))
@pytest.mark.parametrize("build", [jpeg, png, webp])
def test_pictures_with_any_metadata_are_read(build, exif, xmp, iptc):
    assert isinstance(metadata(build(exif=exif, xmp=xmp, iptc=iptc)), Metadata)


@settings(max_examples=40, deadline=None)
@given(exif=exif_blocks, xmp=blocks_of(XMP))
@pytest.mark.parametrize("build", [avif, heif])
def test_pictures_of_slow_encoders_with_any_metadata_are_read(build, exif, xmp):
    require_encoder(build)
    assert isinstance(metadata(build(exif=exif, xmp=xmp)), Metadata)


@settings(max_examples=150, deadline=None)
@given(
    tags=tags,
    exif=st.none() | tags,
    gps=st.none() | gps_tags,
    xmp=blocks_of(XMP),
    iptc=blocks_of(IPTC),
)
def test_tiff_pictures_with_any_metadata_are_read(tags, exif, gps, xmp, iptc):
    picture = tiff_picture(tags=tags, exif=exif, gps=gps, xmp=xmp, iptc=iptc)
    assert isinstance(metadata(picture), Metadata)


@settings(max_examples=300, deadline=None)
@given(block=mutated(XMP))
def test_sidecars_with_any_content_are_read(block):
    assert isinstance(read_xmp_packet(block), Metadata)


FIELDS_OF_TAGS = {
    Base.DateTimeOriginal: ("taken", "utc_offset"),
    Base.OffsetTimeOriginal: ("taken", "utc_offset"),
    Base.ImageDescription: ("description",),
    **dict.fromkeys([Base.Make, Base.Model, Base.LensModel], ("camera",)),
    **dict.fromkeys([Base.ExposureTime, Base.ISOSpeedRatings], ("camera",)),
}


@pytest.mark.parametrize("tag", FIELDS_OF_TAGS)
@settings(max_examples=20, deadline=None)
@given(value=values)
def test_one_damaged_tag_does_not_affect_the_others(tag, value):
    root = {key: value if key is tag else original for key, original in ROOT_TAGS.items()}
    exif = {key: value if key is tag else original for key, original in EXIF_TAGS.items()}
    expected = asdict(read_exif(open_exif(EXIF)))
    found = asdict(read_exif(open_exif(tiff(root, exif, GPS_TAGS))))
    for name in FIELDS_OF_TAGS[tag]:
        del expected[name], found[name]
    assert found == expected


def test_damaged_pointers_do_not_affect_the_first_directory():
    for position in (0, 1, 8, 10**6, 2**32 - 1):
        block = EXIF.replace(_pointer(EXIF, 0x8769), struct.pack("<L", position))
        block = block.replace(_pointer(EXIF, 0x8825), struct.pack("<L", position))
        found = metadata(jpeg(exif=block))
        assert (found.title, found.camera.make) == ("Title", "Canon")


def _pointer(block, tag):
    start = block.index(struct.pack("<HHL", tag, 4, 1))
    return block[start + 8 : start + 12]


@pytest.mark.parametrize("value", [double(math.nan), double(math.inf), rational((1, 0)), short(9)])
def test_numbers_that_are_not_finite(value):
    """
    Neither the orientation nor the positions of directories are numbers.
    """
    tags = ROOT_TAGS | {Base.Orientation: value, 0x8769: value, 0x8825: value}
    found = [metadata(jpeg(exif=tiff(tags))), metadata(tiff_picture(tags=tags))]
    assert [data.title for data in found] == ["Title", "Title"]


def test_other_byte_order_and_big_tiff():
    make = b"Canon\0"
    big_endian = b"MM\0*" + struct.pack(">LHHHLLL", 8, 1, Base.Make, 2, 6, 26, 0) + make
    assert metadata(jpeg(exif=big_endian)).camera.make == "Canon"
    entry = struct.pack("<HHQ8s", Base.Make, 2, 6, make)
    big_tiff = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 1) + entry + bytes(8)
    assert metadata(webp(exif=big_tiff)).camera.make == "Canon"


def test_damaged_field_of_iptc_does_not_affect_the_others():
    damaged = b"\x1c\x02\x78\x7f\xff" + b"Description"  # its size is too large
    found = read_iptc(iptc((5, "Title")) + damaged + iptc((25, "snow")))
    assert (found.title, found.description, found.tags) == ("Title", "Description", ("snow",))
    assert read_iptc(iptc((5, "Title")) + b"junk" + iptc((25, "snow"))).tags == ("snow",)
    extended = b"\x1c\x02\x78\x80\x04" + struct.pack(">L", 5) + b"Large"
    assert read_iptc(extended + iptc((25, "snow"))) == Metadata(description="Large", tags=("snow",))


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    body = alternatives("dc:title", "&b;")
    inside = xmp(f"{bomb}{body}")
    outside = bomb.encode() + xmp(body)
    external = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + xmp(
        alternatives("dc:title", "&a;")
    )
    titles = [read_xmp_packet(packet).title for packet in (inside, outside, external)]
    assert titles == ["", "&b;", "&a;"]


HUGE = 64_000_000
HOSTILE_PACKETS = {
    "spaces": lambda: XMP + b" " * HUGE,
    "one text": lambda: xmp(alternatives("dc:description", "x" * HUGE)),
    "nested elements": lambda: XMP.replace(b"<dc:title>", b"<a>" * 5_000_000),
    "siblings": lambda: xmp(bag("dc:subject", "x").replace("<rdf:li>", "<rdf:li/>" * 5_000_000)),
    "attributes": lambda: xmp(attributes=" ".join(f'a{n}="x"' for n in range(1_000_000))),
    "starts": lambda: b"<x:xmpmeta " * 5_000_000,
    "packets": lambda: XMP * 30_000,
    "ampersands": lambda: xmp(alternatives("dc:title", "&" * HUGE)),
    "numbers": lambda: xmp(attributes=f'exif:GPSLatitude="{"1" * HUGE}"'),
    "control characters": lambda: XMP.replace(b"snow", b"\1" * HUGE),
    "UTF-16": lambda: XMP.decode().encode("utf-16") + b"<\0" * (HUGE // 2),
    "descriptions": lambda: XMP.replace(
        b"</rdf:RDF>", b'<rdf:Description xmp:a="1"/>' * 2_000_000 + b"</rdf:RDF>"
    ),
}


@pytest.mark.parametrize("build", HOSTILE_PACKETS.values(), ids=HOSTILE_PACKETS)
def test_memory_and_time_of_huge_packets_are_bounded(build):
    packet = build()
    tracemalloc.start()
    try:
        started = time.process_time()
        assert isinstance(read_xmp_packet(packet), Metadata)
        duration = time.process_time() - started
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150_000_000
    assert duration < 15


@pytest.mark.parametrize(
    "text",
    [
        "2012" + " " * 10_000,
        "2012:12:22" + " " * 10_000 + "x",
        "2012:12:22 10:37:28" + " " * 10_000 + "x",
        "+" + " " * 10_000,
        "<" + "samsung " * 2_000,
        "A " * 5_000,
        "{" * 10_000,
        "9" * 10_000,
        "N " * 5_000,
        'Assigned="1"' * 1_000,
    ],
)
def test_time_of_long_texts_is_bounded(text):
    names = ("DateTimeOriginal", "GPSLatitude", "GPSLongitude", "ExposureTime")
    escaped = text.replace("<", "&lt;").replace('"', "&quot;")
    attributes = " ".join(f'exif:{name}="{escaped}"' for name in names)
    packet = xmp(bag("dc:subject", escaped), f'dc:title="{escaped}" {attributes}')
    started = time.process_time()
    read_xmp_packet(packet)
    assert time.process_time() - started < 1


def tags_with_shared_content(size):
    """
    Return EXIF in which thousands of tags share the same content.
    """
    count = 20_000
    start = 10 + 12 * count
    rows = (struct.pack("<HHLL", 300 + index, 7, size, start) for index in range(count))
    return struct.pack("<2sHLH", b"II", 42, 8, count) + b"".join(rows) + b"\1" * size


def test_memory_of_shared_content_is_bounded():
    """
    Pillow before version 13 copies it for each tag.
    """
    block = tags_with_shared_content(2_000_000)
    parts = [b"Exif\0\0" + block[at : at + 65_000] for at in range(0, len(block), 65_000)]
    segments = b"".join(b"\xff\xe1" + (len(part) + 2).to_bytes(2) + part for part in parts)
    content = jpeg()
    without_resolution = content[:2] + segments + content[20:]
    tracemalloc.start()
    try:
        pictures = [without_resolution, png(exif=block), webp(exif=block)]
        assert list(map(metadata, pictures)) == [Metadata()] * 3
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000


def test_memory_of_shared_content_in_tiff_is_bounded():
    shared = {60_000 + index: (7, 1_000_000, b"\0" * 8) for index in range(1_000)}
    picture = tiff_picture(tags=shared) + bytes(1_000_000)
    tracemalloc.start()
    try:
        assert metadata(picture) == Metadata()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000


def test_memory_of_huge_tags_is_bounded():
    """
    Many tags may share the same content.
    """
    content = b"\1\0\0\0" * 4_000_000
    block = tiff(dict.fromkeys(ROOT_TAGS, (5, 2000000, b"")), EXIF_TAGS, GPS_TAGS)
    shared = struct.pack("<L", len(block))
    for tag in ROOT_TAGS:
        start = block.index(struct.pack("<HHL", tag, 5, 2_000_000))
        block = block[: start + 8] + shared + block[start + 12 :]
    tracemalloc.start()
    try:
        found = read_exif(open_exif(block + content))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.place == (41.9, 12.5)
    assert peak < 50_000_000
