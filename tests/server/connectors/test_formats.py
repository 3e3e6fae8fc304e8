"""
Formats of pictures: all are read with one function, and a file that is not read is reported.
"""

import io
import random
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from django_trove.server.connectors.picture import Unreadable, read
from django_trove.server.connectors.picture.formats import (
    PICTURES,
    RAW,
    VIDEOS,
    detect_type,
    is_media_name,
    is_video_name,
)

from ..images import draw, exif, xmp
from ..media_files import avif, dng, film, heic, movie, save, two_colors
from .folder_reader import read_folder, read_photo

NOISE = Image.frombytes("RGB", (320, 240), random.Random(1).randbytes(320 * 240 * 3))
CHANGES = st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=6)), max_size=5)


def shown(picture, size="large"):
    """
    Return the size, and the colors of the left and the right side.
    """
    image = Image.open(io.BytesIO(picture.renditions[size].content)).convert("RGB")
    width, height = image.size
    points = {"left": (width // 8, height // 2), "right": (width * 7 // 8, height // 2)}
    points |= {"top": (width // 2, height // 8), "bottom": (width // 2, height * 7 // 8)}
    names = {}
    for name, point in points.items():
        red, _, blue = image.getpixel(point)
        names[name] = "red" if red > 150 > blue else "blue" if blue > 150 > red else "other"
    return image.size, names


def raw_exif(orientation=1):
    return exif("2019:07:04 13:05:01", "+02:00", orientation, gps=(43.5, 11.25)).tobytes()


@pytest.mark.parametrize(
    ("name", "build", "kind"),
    [
        ("a.heic", heic, "image/heic"),
        ("a.avif", avif, "image/avif"),
        ("a.webp", lambda **options: save(two_colors(), "WEBP", **options), "image/webp"),
        ("a.jpg", lambda **options: save(two_colors(), "JPEG", **options), "image/jpeg"),
        ("a.png", lambda **options: save(two_colors(), "PNG", **options), "image/png"),
    ],
)
def test_a_picture_and_its_metadata_are_read(folder, name, build, kind):
    (folder / name).write_bytes(build(exif=raw_exif()))
    found, failures = read_folder(folder)
    assert not failures
    [item] = found.values()
    assert (item.type, item.content.media_type) == (kind, kind)
    assert (item.content.width, item.content.height) == (64, 48)
    assert item.content.date == datetime(2019, 7, 4, 11, 5, 1, tzinfo=UTC)
    assert item.content.utc_offset == 120
    assert item.content.location == (43.5, 11.25)
    assert {rendition.type for rendition in item.renditions.values()} == {"image/jpeg"}
    for rendition in item.renditions.values():
        assert (rendition.width, rendition.height) == (64, 48)


@pytest.mark.parametrize("build", [heic, avif])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_with_a_rotation_of_its_container_is_rotated_once(build, orientation):
    """
    HEIC and AVIF store a rotation in the container, and cameras in addition in EXIF.
    """
    picture = read(io.BytesIO(build((64, 48), exif=raw_exif(orientation))))
    size, sides = shown(picture)
    red = {1: "left", 2: "right", 3: "right", 4: "left"}
    red |= {5: "top", 6: "top", 7: "bottom", 8: "bottom"}
    assert size == (picture.width, picture.height) == ((48, 64) if orientation > 4 else (64, 48))
    assert sides[red[orientation]] == "red"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_preview_of_a_raw_file_is_rotated_by_its_orientation(orientation):
    pytest.importorskip("rawpy", reason="needs django-trove[raw]")
    picture = read(io.BytesIO(dng(orientation=orientation)), "a.dng")
    size, sides = shown(picture)
    assert size == ((480, 640) if orientation > 4 else (640, 480))
    assert sides[{1: "left", 3: "right", 6: "top", 8: "bottom"}[orientation]] == "red"


def test_a_preview_that_is_upright_is_not_rotated():
    pytest.importorskip("rawpy", reason="needs django-trove[raw]")
    preview = save(two_colors((480, 640)), "JPEG")
    picture = read(io.BytesIO(dng(preview=preview, orientation=6)), "a.dng")
    size, sides = shown(picture)
    assert (size, sides["left"], picture.width, picture.height) == ((480, 640), "red", 48, 64)


@pytest.mark.parametrize("suffix", ["dng", "DNG"])
def test_metadata_of_a_raw_file_is_read(folder, suffix):
    pytest.importorskip("rawpy", reason="needs django-trove[raw]")
    (folder / f"a.{suffix}").write_bytes(dng(date="2019:07:04 13:05:01", offset="+02:00"))
    photo = read_photo(folder)
    assert photo.media_type == "image/x-adobe-dng"
    assert (photo.date, photo.utc_offset) == (datetime(2019, 7, 4, 11, 5, 1, tzinfo=UTC), 120)
    assert (photo.camera.make, photo.camera.model) == ("Acme", "One")


def test_a_raw_file_is_not_shown_as_a_tiff():
    """
    Most RAW formats are TIFF files, whose first picture is a small thumbnail.
    """
    content = dng()
    assert detect_type(content, "a.tif") == "image/tiff"
    assert detect_type(content, "a.NEF") == "image/x-nikon-nef"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_is_rotated_once(folder, orientation):
    draw(folder / "a.tif", (60, 30), format="TIFF", tiffinfo={274: orientation})
    photo = read_photo(folder)
    assert (photo.width, photo.height) == ((30, 60) if orientation > 4 else (60, 30))


# ---- Incomplete files


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [1, 2, 3, 20])
def test_a_jpeg_without_its_last_bytes_is_shown(lost, progressive):
    image = two_colors((640, 480))
    image.paste(NOISE, (320, 120))
    content = save(image, "JPEG", progressive=progressive)
    picture = read(io.BytesIO(content[:-lost]))
    assert shown(picture)[1]["left"] == "red"


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(("share", "is_shown"), [(0.3, False), (0.6, False), (0.98, True)])
def test_a_jpeg_is_shown_only_if_it_is_nearly_complete(share, is_shown, progressive):
    content = save(NOISE, "JPEG", progressive=progressive, quality=90)
    file = io.BytesIO(content[: int(len(content) * share)])
    if is_shown:
        assert read(file).width == 320
    else:
        with pytest.raises(Unreadable, match="damaged or incomplete"):
            read(file)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_other_incomplete_pictures_are_reported(format):
    content = save(NOISE, format)
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        read(io.BytesIO(content[: len(content) // 2]))


def test_an_incomplete_heic_is_reported():
    content = heic(image=NOISE)
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        read(io.BytesIO(content[: len(content) // 2]))


# ---- Size

LARGE = """
import io, re, resource, sys
from PIL import Image
from django_trove.server.connectors.picture.reader import read
Image.MAX_IMAGE_PIXELS = None
file = io.BytesIO()
Image.new("L", (15_800, 15_800)).save(file, "JPEG")
picture = read(file)
print(picture.width, picture.height, picture.renditions["large"].width)
"""


def test_a_jpeg_of_250_megapixels_is_read_at_a_reduced_size():
    command = [sys.executable, "-c", LARGE]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert output.split() == ["15800", "15800", "1600"]


def test_a_jpeg_with_more_pixels_is_reported():
    content = bytearray(save(two_colors(), "JPEG"))
    frame = content.index(b"\xff\xc0") + 5
    content[frame : frame + 4] = (16_000).to_bytes(2) + (16_000).to_bytes(2)
    with pytest.raises(Unreadable, match="too many pixels"):
        read(io.BytesIO(bytes(content)))


def test_a_jpeg_with_many_scans_is_not_decoded():
    content = save(two_colors(), "JPEG", progressive=True)
    start = content.rindex(b"\xff\xda")
    head, scan, end = content[:start], content[start:-2], content[-2:]
    assert read(io.BytesIO(head + scan * 100 + end)).width == two_colors().width
    with pytest.raises(Unreadable, match="too many scans"):
        read(io.BytesIO(head + scan * 300 + end))


# ---- Files that are not read

WITHOUT = """
import sys
for name in ("pillow_heif", "rawpy", "av"):
    sys.modules[name] = None
from pathlib import Path
from django_trove.server.connectors.folder import Folder
[batch] = Folder({"path": sys.argv[1]}).batches({}, lambda names: {})
print(*sorted(item.content.id for item in batch.items))
for failure in batch.failures:
    print(failure.name, failure.reason, sep=": ")
"""


def test_the_missing_package_is_reported(folder):
    """
    Without the extras, AVIF and the videos with boxes are read, and the others are reported.
    """
    (folder / "a.heic").write_bytes(heic())
    (folder / "b.avif").write_bytes(avif())
    (folder / "c.dng").write_bytes(dng())
    (folder / "d.mov").write_bytes(movie())
    film(folder / "e.webm", codec="libvpx")
    command = [sys.executable, "-c", WITHOUT, str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert output.splitlines() == [
        "b.avif d.mov",
        'a.heic: HEIC and HEIF pictures require a package: pip install "django-trove[heic]".',
        'c.dng: RAW pictures require a package: pip install "django-trove[raw]".',
        'e.webm: Videos in this format require a package: pip install "django-trove[video]".',
    ]


def test_the_packages_are_not_imported_with_the_server():
    code = (
        "import sys, django_trove.server.connectors.folder\n"
        "print(*{'pillow_heif', 'rawpy', 'av', 'numpy'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "\n"


SUFFIXES = "jpg png heic HEIF avif nef CR3 dng mp4 MOV m4v 3gp webm mkv avi mts mpg bmp jxl psd svg"


@pytest.mark.parametrize("suffix", SUFFIXES.split())
def test_unreadable_media_are_reported_without_the_list_of_the_machine(folder, suffix, monkeypatch):
    monkeypatch.setattr("mimetypes.knownfiles", [])
    (folder / f"a.{suffix}").write_bytes(b"nonsense")
    found, failures = read_folder(folder)
    assert not found
    assert failures == {f"a.{suffix}": "The file is not a picture or video in a supported format."}


NAMES = "notes.txt a.json b.zip song.mp3 song.m4a film.srt edits.aae catalog.lrcat noend .nomedia"


def test_other_files_are_skipped_silently(folder):
    for name in NAMES.split():
        (folder / name).write_bytes(b"nonsense")
    (folder / "audio.m4a").write_bytes(movie(brand=b"M4A "))
    assert read_folder(folder) == ({}, {})


def test_the_table_of_formats_has_each_suffix_once():
    assert not PICTURES.keys() & RAW.keys()
    assert not VIDEOS.keys() & (PICTURES.keys() | RAW.keys())
    assert all(is_media_name(f"a{suffix.upper()}") for suffix in {**PICTURES, **RAW, **VIDEOS})
    assert is_video_name("a.MOV")
    assert not is_video_name("a.jpg")


def test_the_content_decides_the_format(folder):
    """
    Phones rename files: many names do not have the suffix of their format.
    """
    (folder / "a.jpg").write_bytes(heic())
    (folder / "b.heic").write_bytes(save(two_colors(), "JPEG"))
    (folder / "c.jpg").write_bytes(movie(brand=b"mp42"))
    found, _ = read_folder(folder)
    types = [item.type for item in found.values()]
    assert types == ["image/heic", "image/jpeg", "video/mp4"]


def test_a_heic_with_damaged_metadata_is_shown():
    picture = read(io.BytesIO(heic(exif=b"Exif\0\0II*\0\xff\xff\xff\xff", xmp=b"<broken")))
    assert (picture.width, picture.metadata.title) == (64, "")


def test_xmp_of_a_heic_is_read(folder):
    (folder / "a.heic").write_bytes(heic(xmp=xmp("Snow", tags=["Alps"])))
    photo = read_photo(folder)
    assert (photo.title, photo.tags) == ("Snow", ("Alps",))


SAMPLES = {
    "heic": heic,
    "avif": avif,
    "dng": dng,
    "mov": movie,
    "jpg": lambda: save(two_colors(), "JPEG", exif=raw_exif(6)),
    "png": lambda: save(two_colors(), "PNG"),
    "webp": lambda: save(two_colors(), "WEBP"),
    "gif": lambda: save(two_colors(), "GIF"),
    "tif": lambda: save(two_colors(), "TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("suffix", SAMPLES)
@given(changes=CHANGES, share=st.floats(0.1, 1))
def test_mutated_files_are_shown_or_reported(suffix, changes, share):
    original = SAMPLES[suffix]()
    content = bytearray(original)
    for position, replacement in changes:
        start = position % len(original)
        content[start : start + len(replacement)] = replacement
    try:
        picture = read(io.BytesIO(bytes(content[: int(len(original) * share)])), f"a.{suffix}")
    except Unreadable:
        return
    assert set(picture.renditions) == {"large", "medium", "thumbnail"}
