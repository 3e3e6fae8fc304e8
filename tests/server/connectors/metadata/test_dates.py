from datetime import UTC, datetime

import pytest
from PIL.ExifTags import Base

from django_trove.server.connectors.picture.metadata import Metadata, merge_metadata
from django_trove.server.connectors.picture.metadata.dates import parse_date, parse_offset

from .blocks import ascii, iptc, jpeg, metadata, tiff, xmp

NOON = datetime(2012, 12, 22, 12, 0, tzinfo=UTC)


def exif_date(date, offset=None, **others):
    tags = {Base.DateTimeOriginal: ascii(date)} if date is not None else {}
    if offset is not None:
        tags[Base.OffsetTimeOriginal] = ascii(offset)
    tags |= {getattr(Base, name): ascii(text) for name, text in others.items()}
    return tiff(exif=tags)


def read_date(**blocks):
    found = metadata(jpeg(**blocks))
    return found.taken, found.utc_offset


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2012:12:22 10:37:28", (2012, 12, 22, 10, 37, 28)),
        ("2012-12-22 10:37:28", (2012, 12, 22, 10, 37, 28)),
        ("2012/12/22 10:37:28", (2012, 12, 22, 10, 37, 28)),
        ("2012.12.22 10.37.28", (2012, 12, 22, 10, 37, 28)),
        ("2012-12-22T10:37:28", (2012, 12, 22, 10, 37, 28)),
        ("2012-12-22T10:37", (2012, 12, 22, 10, 37)),
        ("2012:12:22 10:37:28.125", (2012, 12, 22, 10, 37, 28)),
        ("2012:12:22 10:37:28,125", (2012, 12, 22, 10, 37, 28)),
        ("2012:12:22:10:37:28", (2012, 12, 22, 10, 37, 28)),
        ("20121222", (2012, 12, 22)),
        ("20121222T103728", (2012, 12, 22, 10, 37, 28)),
        ("20121222103728", (2012, 12, 22, 10, 37, 28)),
        ("2012:1:2 3:4:5", (2012, 1, 2, 3, 4, 5)),
        ("2012: 1: 2  3: 4: 5", (2012, 1, 2, 3, 4, 5)),
        ("  2012:12:22 10:37:28  ", (2012, 12, 22, 10, 37, 28)),
        ("2012:12:22 10:37:28 PM", (2012, 12, 22, 22, 37, 28)),
        ("2012:12:22 12:37:28 a.m.", (2012, 12, 22, 0, 37, 28)),
        ("2012:12:22", (2012, 12, 22)),
        ("2012-12", (2012, 12, 1)),
        ("2012", (2012, 1, 1)),
        ("2012:12:00 00:00:00", (2012, 12, 1)),
        ("2012:00:00 00:00:00", (2012, 1, 1)),
        ("2012:12:  :  :  :  ", (2012, 12, 1)),
        ("2012:12:22 24:00:00", (2012, 12, 23)),
        ("2012:12:31 23:59:60", (2013, 1, 1)),
        ("2012:12:22 99:99:99", (2012, 12, 22)),
        ("2012:12:22   :  :  ", (2012, 12, 22)),
        ("1899:12:30 00:00:00", (1899, 12, 30)),
    ],
)
def test_formats_of_dates(text, local):
    assert parse_date(text) == (datetime(*local, tzinfo=UTC), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "0001:01:01 00:00:00",
        "2012:13:22 10:37:28",
        "2012:02:30 10:37:28",
        "1356172648000",
        "1356172648",
        "12/22/2012",
        "Saturday",
        "----:--:-- --:--:--",
        "²012:12:22",
        "99999:12:22",
        "2005:0?:03 15:31:45",
        "2012 or earlier",
    ],
)
def test_text_without_a_date_is_unknown(text):
    assert parse_date(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("+02:00", 120),
        ("-5:00", -300),
        ("-05:00", -300),
        ("+0530", 330),
        ("+530", 330),
        ("+5", 300),
        ("-09", -540),
        ("\u221203:30", -210),
        (" +01:00 ", 60),
        ("+01:00:00", 60),
        ("UTC+1", 60),
        ("Z", 0),
        ("z", 0),
        ("UTC", 0),
        ("+00:00", 0),
        ("-00:00", 0),
        ("+14:00", 840),
        ("-14:00", -840),
        ("+14:01", None),
        ("+15:00", None),
        ("+01:75", None),
        ("   :  ", None),
        ("05:00", None),
        ("+", None),
        ("+123456", None),
        ("CEST", None),
        ("", None),
    ],
)
def test_offsets(text, minutes):
    assert parse_offset(text) == minutes


@pytest.mark.parametrize(
    ("date", "offset", "expected"),
    [
        ("2012:12:22 12:00:00", "-5:00", (NOON.replace(hour=17), -300)),
        ("2012:12:22 12:00:00", "+05:30", (NOON.replace(hour=6, minute=30), 330)),
        ("2012:12:22 12:00:00", None, (NOON, None)),
        ("2012:12:22 12:00:00", "+99:00", (NOON, None)),
        ("2012:12:22 12:00:00", "nonsense", (NOON, None)),
        ("2012:12:22 12:00:00+02:00", None, (NOON.replace(hour=10), 120)),
        ("2012:12:22 12:00:00Z", "+05:00", (NOON, 0)),
        ("2012-12-22 12:00:00", "+02:00", (NOON.replace(hour=10), 120)),
        ("2012:12:22 12:00:00\0garbage", "+02:00\0", (NOON.replace(hour=10), 120)),
        ("9999:12:31 23:59:59", "-05:00", (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), None)),
    ],
)
def test_offset_of_exif_never_discards_the_date(date, offset, expected):
    assert read_date(exif=exif_date(date, offset)) == expected


def test_new_years_eve_in_california():
    """
    The instant is in the next year, the day of the camera is not.
    """
    taken, offset = read_date(exif=exif_date("2023:12:31 23:30:00", "-08:00"))
    assert (taken, offset) == (datetime(2024, 1, 1, 7, 30, tzinfo=UTC), -480)


def test_digitization_is_used_if_the_original_date_is_unset():
    block = exif_date("0000:00:00 00:00:00", DateTimeDigitized="2012:12:22 12:00:00")
    assert read_date(exif=block) == (NOON, None)


def test_change_date_is_not_the_date_taken():
    block = tiff({Base.DateTime: ascii("2020:01:01 00:00:00")}, exif={})
    assert read_date(exif=block) == (None, None)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("2012:12:22 12:00:00", (NOON.replace(hour=10), 120)),
        ("2013:01:01 00:00:00", (NOON, None)),
    ],
)
def test_offset_of_the_change_applies_only_to_an_equal_date(changed, expected):
    block = tiff(
        {Base.DateTime: ascii(changed)},
        exif={
            Base.DateTimeOriginal: ascii("2012:12:22 12:00:00"),
            Base.OffsetTime: ascii("+02:00"),
        },
    )
    assert read_date(exif=block) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('photoshop:DateCreated="2012-12-22T12:00:00+02:00"', (NOON.replace(hour=10), 120)),
        ('photoshop:DateCreated="2012-12-22T12:00:00.25Z"', (NOON, 0)),
        ('photoshop:DateCreated="2012-12-22T12:00"', (NOON, None)),
        ('photoshop:DateCreated="2012-12"', (datetime(2012, 12, 1, tzinfo=UTC), None)),
        ('xmp:CreateDate="2012-12-22T12:00:00-01:00"', (NOON.replace(hour=13), -60)),
        ('exif:DateTimeOriginal="2012-12-22T12:00:00" xmp:CreateDate="2020-01-01"', (NOON, None)),
        ('exif:DateTimeOriginal="" photoshop:DateCreated="2012-12-22T12:00"', (NOON, None)),
        ('xmp:ModifyDate="2020-01-01" xmp:MetadataDate="2020-01-01"', (None, None)),
    ],
)
def test_dates_of_xmp(attributes, expected):
    assert read_date(xmp=xmp(attributes=attributes)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([(55, "20121222"), (60, "120000+0200")], (NOON.replace(hour=10), 120)),
        ([(55, "20121222"), (60, "120000-0330")], (NOON.replace(hour=15, minute=30), -210)),
        ([(55, "20121222"), (60, "120000")], (NOON, None)),
        ([(55, "20121222")], (NOON.replace(hour=0), None)),
        ([(55, "20120000")], (datetime(2012, 1, 1, tzinfo=UTC), None)),
        ([(55, "00000000"), (62, "20121222"), (63, "120000+0000")], (NOON, 0)),
        ([(60, "120000+0200")], (None, None)),
    ],
)
def test_dates_of_iptc(fields, expected):
    assert read_date(iptc=iptc(*fields)) == expected


def test_original_date_precedes_those_of_xmp_and_iptc():
    found = read_date(
        exif=exif_date("2012:12:22 12:00:00"),
        xmp=xmp(attributes='photoshop:DateCreated="2011-01-01T00:00:00Z"'),
        iptc=iptc((55, "20100101")),
    )
    assert found == (NOON, None)


def test_offset_is_taken_from_the_same_date_in_another_standard():
    found = read_date(
        exif=exif_date("2012:12:22 12:00:00"),
        xmp=xmp(attributes='xmp:CreateDate="2012-12-22T12:00:00-04:00"'),
    )
    assert found == (NOON.replace(hour=16), -240)


def test_time_is_taken_from_the_same_day_in_another_standard():
    sidecar = Metadata(taken=NOON.replace(hour=0))
    embedded = Metadata(taken=NOON.replace(hour=1), utc_offset=60)
    assert merge_metadata(sidecar, embedded) == embedded
    other_day = Metadata(taken=NOON.replace(day=23))
    assert merge_metadata(sidecar, other_day) == sidecar
