import math

import pytest

from django_trove.server.connectors.picture.metadata.places import (
    parse_location,
    parse_location_texts,
)

from .blocks import ascii, double, gps, jpeg, metadata, rational, srational, tiff, xmp

ROME = rational((41, 1), (54, 1), (0, 1)), rational((12, 1), (30, 1), (0, 1))
REFERENCES = ("N", "E")


def read_place(tags):
    return metadata(jpeg(exif=tiff(gps=tags))).place


@pytest.mark.parametrize(
    ("references", "place"),
    [
        (("N", "E"), (41.9, 12.5)),
        (("S", "W"), (-41.9, -12.5)),
        (("n", "w"), (41.9, -12.5)),
        (("North", "West"), (41.9, -12.5)),
        (("SOUTH", "east"), (-41.9, 12.5)),
        ((" S ", "E"), (-41.9, 12.5)),
        (("N", "O"), None),  # East in German, West in Spanish
        (("?", "E"), None),
        ((None, "E"), None),
        (("", ""), None),
    ],
)
def test_reference_letters_in_any_spelling(references, place):
    assert read_place(gps(*ROME, *references)) == place


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        (gps(srational((-419, 10)), srational((125, 10)), None, None), (-41.9, 12.5)),
        (gps(srational((-419, 10)), srational((-125, 10)), None, None), (-41.9, -12.5)),
        (gps(srational((-419, 10)), srational((125, 10))), (-41.9, 12.5)),
        (gps(srational((-419, 10)), srational((125, 10)), "S"), (-41.9, 12.5)),
        (gps(rational((419, 10)), rational((125, 10)), None, None), None),
    ],
)
def test_signed_degrees(tags, place):
    """
    Without references, positive numbers may have lost their sign.
    """
    assert read_place(tags) == place


@pytest.mark.parametrize(
    ("latitude", "place"),
    [
        (rational((419, 10)), (41.9, 12.5)),
        (rational((41, 1), (54, 1)), (41.9, 12.5)),
        (rational((41, 1), (5400, 100), (0, 0)), (41.9, 12.5)),
        (rational((41, 1), (0, 0), (0, 0)), (41, 12.5)),
        (rational((41, 1), (53, 1), (60, 1)), (41.9, 12.5)),
        (double(41.9), (41.9, 12.5)),
        (ascii("41.9"), None),
        (rational((0, 0), (0, 0), (0, 0)), None),
        (rational((41, 0), (54, 1), (0, 1)), None),
        (double(math.nan), None),
        (double(math.inf), None),
        (rational((91, 1), (0, 1), (0, 1)), None),
        (rational(), None),
        (rational((1, 1), (1, 1), (1, 1), (1, 1)), None),
    ],
)
def test_degrees_in_any_format(latitude, place):
    found = read_place(gps(latitude, ROME[1]))
    assert found == (pytest.approx(place) if place else None)


@pytest.mark.parametrize("references", [REFERENCES, ("North", "East"), ("S", "W"), ("", "")])
def test_zero_is_no_place(references):
    zero = rational((0, 1), (0, 1), (0, 1))
    assert read_place(gps(zero, zero, *references)) is None
    equator = read_place(gps(zero, ROME[1]))
    assert equator == (0, 12.5)


def test_block_without_a_position_is_no_place():
    assert read_place({5: (1, 1, b"\0")}) is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        ("40,42.5N", "74,0.5W", (40 + 42.5 / 60, -74 - 0.5 / 60)),
        ("40,42,30N", "74,0,30W", (40 + 42.5 / 60, -74 - 0.5 / 60)),
        ("40,42.5S", "74,0.5E", (-40 - 42.5 / 60, 74 + 0.5 / 60)),
        ("40.5n", "74.25w", (40.5, -74.25)),
        ("40.5", "-74.25", (40.5, -74.25)),
        ("-40.5", "74.25", (-40.5, 74.25)),
        ("+40.5", "+74.25", (40.5, 74.25)),
        ("40° 42' 30\" N", "74° 0' 30\" W", (40 + 42.5 / 60, -74 - 0.5 / 60)),
        ("0,0.0N", "0,0.0E", None),
        ("91,0.0N", "0,0.0E", None),
        ("40,42.5E", "74,0.5W", None),
        ("40,42.5N", "", None),
        ("NaN", "NaN", None),
        ("", "", None),
    ],
)
def test_places_of_xmp(latitude, longitude, place):
    approximate = pytest.approx(place) if place else None
    assert parse_location_texts(latitude, longitude) == approximate
    escaped = latitude.replace('"', "&quot;"), longitude.replace('"', "&quot;")
    attributes = 'exif:GPSLatitude="{}" exif:GPSLongitude="{}"'.format(*escaped)
    assert metadata(jpeg(xmp=xmp(attributes=attributes))).place == approximate


def test_references_of_xmp_in_properties_of_their_own():
    packet = xmp(
        attributes='exif:GPSLatitude="40.5" exif:GPSLatitudeRef="S" '
        'exif:GPSLongitude="74.25" exif:GPSLongitudeRef="West"'
    )
    assert metadata(jpeg(xmp=packet)).place == (-40.5, -74.25)


def test_invalid_place_of_exif_does_not_hide_that_of_xmp():
    zero = rational((0, 1), (0, 1), (0, 1))
    packet = xmp(attributes='exif:GPSLatitude="40.5" exif:GPSLongitude="74.25"')
    found = metadata(jpeg(exif=tiff(gps=gps(zero, zero)), xmp=packet))
    assert found.place == (40.5, 74.25)


def test_numbers_of_any_length():
    assert parse_location([], [], REFERENCES) is None
    assert parse_location([1e308] * 3, [1.0], REFERENCES) is None
