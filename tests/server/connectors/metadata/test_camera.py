import math

import pytest
from PIL.ExifTags import Base

from django_trove.client.values import Camera
from django_trove.server.connectors.picture.metadata.camera import build_camera

from .blocks import ascii, bag, double, jpeg, metadata, rational, short, srational, tiff, xmp

EXPOSURE = {
    Base.ExposureTime: rational((1, 250)),
    Base.FNumber: rational((28, 10)),
    Base.ISOSpeedRatings: short(400),
    Base.FocalLength: rational((50, 1)),
    Base.LensModel: ascii("EF50mm f/1.8"),
}
CAMERA = Camera(
    make="Canon",
    model="Canon EOS 5D",
    lens="EF50mm f/1.8",
    exposure_time=1 / 250,
    aperture=2.8,
    iso=400,
    focal_length=50,
)


def read_exposure(**tags):
    block = tiff(exif={getattr(Base, name): value for name, value in tags.items()})
    return metadata(jpeg(exif=block)).camera


def test_camera_and_exposure_of_exif():
    block = tiff({Base.Make: ascii("Canon"), Base.Model: ascii("Canon EOS 5D")}, exif=EXPOSURE)
    assert metadata(jpeg(exif=block)).camera == CAMERA


def test_camera_and_exposure_of_xmp():
    packet = xmp(
        bag("exif:ISOSpeedRatings", 400),
        'tiff:Make="Canon" tiff:Model="Canon EOS 5D" aux:Lens="EF50mm f/1.8" '
        'exif:ExposureTime="1/250" exif:FNumber="28/10" exif:FocalLength="50/1"',
    )
    assert metadata(jpeg(xmp=packet)).camera == CAMERA


def test_values_that_exif_lacks_are_read_from_xmp():
    block = tiff({Base.Make: ascii("Canon")}, exif={Base.FNumber: rational((4, 1))})
    packet = xmp(attributes='exif:FNumber="28/10" exifEX:LensModel="EF50mm"')
    camera = metadata(jpeg(exif=block, xmp=packet)).camera
    assert (camera.make, camera.aperture, camera.lens) == ("Canon", 4, "EF50mm")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("  Canon  EOS\t5D \0\0garbage", "Canon EOS 5D"),
        ("Canon Canon EOS 5D", "Canon EOS 5D"),
        ("Canon CANON EOS 5D", "CANON EOS 5D"),
        ("D70", "D70"),
        ("300", "300"),
        ("----", ""),
        ("unknown", ""),
        ("   ", ""),
    ],
)
def test_names(name, text):
    block = tiff({Base.Model: ascii(name)})
    assert metadata(jpeg(exif=block)).camera.model == text


def test_placeholder_of_a_lens():
    assert build_camera(lens="0.0 mm f/0.0").lens == ""
    assert build_camera(lens="100.0 mm f/2.8").lens == "100.0 mm f/2.8"


@pytest.mark.parametrize(
    "value",
    [
        rational((0, 0)),
        rational((1, 0)),
        rational((0, 1)),
        rational((4_294_967_295, 1)),
        srational((-1, 250)),
        double(math.nan),
        double(math.inf),
        double(-math.inf),
        double(1e300),
        ascii("fast"),
        rational(),
        (5, 1_000_000, b"\0\0\0\0"),
        (99, 1, b"\0\0\0\0"),
    ],
)
def test_invalid_values_are_unknown(value):
    camera = read_exposure(ExposureTime=value, FNumber=value, FocalLength=value)
    assert camera == Camera()


@pytest.mark.parametrize("text", ["1/0", "-1/250", "1e999", "nan", "inf", "", "9" * 400, "fast"])
def test_invalid_values_of_xmp_are_unknown(text):
    packet = xmp(attributes=f'exif:ExposureTime="{text}" exif:FNumber="{text}"')
    camera = metadata(jpeg(xmp=packet)).camera
    assert camera == Camera()


@pytest.mark.parametrize(
    ("tags", "iso"),
    [
        ({"ISOSpeedRatings": short(100)}, 100),
        ({"ISOSpeedRatings": short(100, 0)}, 100),
        (
            {"ISOSpeedRatings": short(65_535), "RecommendedExposureIndex": (4, 1, b"\0\x90\1\0")},
            102_400,
        ),
        ({"ISOSpeedRatings": short(0)}, 0),
        ({"ISOSpeedRatings": short(65_535)}, 0),
    ],
)
def test_iso_speeds(tags, iso):
    assert read_exposure(**tags).iso == iso


def test_logarithmic_values():
    camera = read_exposure(ShutterSpeedValue=srational((8, 1)), ApertureValue=rational((3, 1)))
    assert (camera.exposure_time, camera.aperture) == (1 / 256, 2.83)
    invalid = read_exposure(
        ExposureTime=rational((0, 1)), ShutterSpeedValue=srational((0, 1)), FNumber=rational()
    )
    assert invalid == Camera()
    absurd = read_exposure(ShutterSpeedValue=srational((-9_999, 1)), ApertureValue=rational((0, 0)))
    assert absurd == Camera()
