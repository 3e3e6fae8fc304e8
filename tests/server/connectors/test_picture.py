import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from ..images import draw, exif, iptc, xmp
from .folder_reader import read_folder, read_photo


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (("2007:03:04 21:08:12", None), datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)),
        (("2007:03:04 21:08:12", "+02:00"), datetime(2007, 3, 4, 19, 8, 12, tzinfo=UTC)),
        (("2007:03:04 21:08:12", "-03:30"), datetime(2007, 3, 5, 0, 38, 12, tzinfo=UTC)),
        (("2007:03:04 21:08:12", "   :  "), datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)),
        (("0000:00:00 00:00:00", None), None),
        (("    :  :     :  :  ", None), None),
        (("0001:01:01 00:00:00", "+05:00"), None),
    ],
)
def test_date_is_read(folder, written, moment):
    draw(folder / "a.jpg", exif=exif(*written))
    assert read_photo(folder).date == moment


@pytest.mark.parametrize(
    ("gps", "place"),
    [((43.25, 11.5), (43.25, 11.5)), ((-33.5, -70.25), (-33.5, -70.25)), ((91.0, 0.0), None)],
)
def test_location_is_read(folder, gps, place):
    draw(folder / "a.jpg", exif=exif(gps=gps))
    assert read_photo(folder).location == place


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("RGB", (63, 110, 140), "#3f6e8c"),
        ("L", 128, "#808080"),
        ("RGBA", (63, 110, 140, 255), ""),
    ],
)
def test_average_color(folder, mode, color, expected):
    Image.new(mode, (400, 300), color).save(folder / "a.png")
    assert read_photo(folder).average_color == expected


def test_average_color_of_two_halves(folder):
    picture = Image.new("RGB", (400, 300), (200, 0, 0))
    picture.paste((0, 0, 100), (0, 0, 200, 300))
    picture.save(folder / "a.png")
    assert read_photo(folder).average_color == "#640032"


def test_gps_block_without_a_position_is_ignored(folder):
    written = exif(gps=(1.0, 1.0))
    place = written.get_ifd(0x8825)
    del place[2]
    draw(folder / "a.jpg", exif=written)
    assert read_photo(folder).location is None


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_rotated_by_their_orientation(folder, orientation, format):
    draw(folder / "a.jpg", (400, 300), format=format, exif=exif(orientation=orientation))
    found, _ = read_folder(folder)
    item = found["a.jpg"]
    size = (300, 400) if orientation > 4 else (400, 300)
    assert (item.content.width, item.content.height) == size
    shown = Image.open(io.BytesIO(item.renditions["thumbnail"].content))
    assert shown.size == ((240, 320) if orientation > 4 else (320, 240))
    assert not shown.getexif()
    middle = {
        1: "left",
        2: "right",
        3: "right",
        4: "left",
        5: "top",
        6: "top",
        7: "bottom",
        8: "bottom",
    }
    x, y = shown.width // 2, shown.height // 2
    points = {
        "left": (9, y),
        "right": (-9 % shown.width, y),
        "top": (x, 9),
        "bottom": (x, -9 % shown.height),
    }
    red, _, blue = shown.convert("RGB").getpixel(points[middle[orientation]])
    assert red > 200 > blue


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_is_read_in_all_formats(folder, format):
    packet = xmp("Schnee", "Es schneit", ["Schnee", "Wald &amp; Eis"])
    if format == "PNG":
        from PIL.PngImagePlugin import PngInfo

        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
        draw(folder / "a.png", format=format, pnginfo=text)
    else:
        draw(folder / "a", format=format, xmp=packet) if format != "TIFF" else draw(
            folder / "a", format=format, tiffinfo={700: packet}
        )
    seen = read_photo(folder)
    assert (seen.title, seen.description, seen.tags) == (
        "Schnee",
        "Es schneit",
        ("Schnee", "Wald & Eis"),
    )


def test_iptc_is_read(folder):
    segment = iptc(title="Übersee", description="Am Meer", tags=["Meer", "Sand"])
    draw(folder / "a.jpg", iptc=segment)
    seen = read_photo(folder)
    assert (seen.title, seen.description, seen.tags) == ("Übersee", "Am Meer", ("Meer", "Sand"))


def test_windows_tags_are_read(folder):
    draw(folder / "a.jpg", exif=exif(title="Łódź", tags="city;river", description="By the river"))
    seen = read_photo(folder)
    assert (seen.title, seen.description, seen.tags) == ("Łódź", "By the river", ("city", "river"))


def test_titles_have_priorities_and_tags_are_merged(folder):
    draw(
        folder / "a.jpg",
        xmp=xmp("From XMP", tags=["sea"]),
        iptc=iptc(title="From IPTC", tags=["sea", "sand"]),
        exif=exif(title="From EXIF", tags="sun"),
    )
    seen = read_photo(folder)
    assert (seen.title, seen.tags) == ("From XMP", ("sea", "sand", "sun"))


def test_damaged_metadata_is_ignored(folder):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    draw(folder / "a.jpg", xmp=bomb, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_photo(folder).title == "a"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_all_pixel_modes_are_converted(folder, mode):
    image = Image.new("RGB", (40, 30), "red").convert("L" if mode == "I;16" else mode)
    image = Image.new("I;16", (40, 30), 40_000) if mode == "I;16" else image
    image.save(folder / "a", "TIFF" if mode == "CMYK" else "PNG")
    found, failures = read_folder(folder)
    assert not failures
    types = {rendition.type for rendition in found["a"].renditions.values()}
    assert types == {"image/webp" if mode in ("RGBA", "LA") else "image/jpeg"}


def test_sizes_are_not_larger_than_the_picture(folder):
    draw(folder / "large.jpg", (2000, 1000))
    draw(folder / "small.jpg", (100, 50))
    found, _ = read_folder(folder)

    def sizes(name):
        made = found[name].renditions
        return {size: Image.open(io.BytesIO(r.content)).size for size, r in made.items()}

    assert sizes("large.jpg") == {
        "large": (1600, 800),
        "medium": (800, 400),
        "thumbnail": (320, 160),
    }
    assert set(sizes("small.jpg").values()) == {(100, 50)}
