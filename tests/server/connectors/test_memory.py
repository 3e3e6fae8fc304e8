"""
The memory for decoding an image: the estimate, the limit, and the real peak of a process.
"""

import io
import json
import struct
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from django_trove.server.connectors.picture import Unreadable, read
from django_trove.server.connectors.picture.memory import (
    FIXED_BYTES,
    MEGABYTE,
    limit_memory,
    required_memory,
)
from django_trove.server.connectors.picture.poster import FRAME_BYTES
from django_trove.server.connectors.picture.renditions import LARGEST
from django_trove.server.models import Identity
from django_trove.server.sync.engine import sync

from ..media_files import dng, film, heic, save

SIZE = (2800, 2100)
FAST = {"preset": "ultrafast"}  # of the encoder of HEIC
MEASURE = """
import importlib, json, os, re, sys
from pathlib import Path
from PIL import Image
from django_trove.server.connectors.picture import memory, reader
for name in ("pillow_heif", "rawpy", "av"):  # their own size is not part of the peak
    importlib.import_module(name)
Image.init()
required = []
def record(*args):
    required.append(memory.required_memory(*args))
    return required[-1]
reader.required_memory = record
def peak():  # not ru_maxrss, which includes the memory of the parent before exec
    return int(re.search("VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024
def measure(path):
    before = peak()
    with memory.limit_memory(2**40):
        reader.read(Path(path))
    print(json.dumps([peak() - before, *required]), flush=True)
for line in sys.stdin:
    child = os.fork()  # the peak of a new process is its current size
    if not child:
        measure(line.rstrip("\\n"))
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"Cannot read {line}")
"""


@pytest.fixture(scope="module")
def measure():
    """
    Return a function from a file to the peak memory of a process that reads it, and the estimate
    of each image in it.
    """
    for package in ("pillow_heif", "rawpy", "av"):
        pytest.importorskip(package, reason="needs the extras heic, raw and video")
    command = [sys.executable, "-c", MEASURE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:

        def measure_file(path):
            process.stdin.write(f"{path}\n")
            return json.loads(process.stdout.readline())

        yield measure_file


@cache
def gradient(mode="RGB", size=SIZE):
    band = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (band, band.transpose(0), band)).convert(mode)


def interlaced_png(width, height):
    """
    Pillow cannot write one.
    """

    def chunk(name, data):
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = bytearray()
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        rows += bytes(1 + -(-(width - x) // dx) * 3) * -(-(height - y) // dy)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    data = zlib.compress(rows, 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, part) for name, part in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )


CASES = {
    "baseline.jpg": ("RGB", {}),
    "progressive.jpg": ("RGB", {"progressive": True, "subsampling": 0}),
    "progressive-420.jpg": ("RGB", {"progressive": True, "subsampling": 2}),
    "progressive-gray.jpg": ("L", {"progressive": True}),
    "progressive-cmyk.jpg": ("CMYK", {"progressive": True}),
    "rgb.png": ("RGB", {}),
    "rgba.png": ("RGBA", {}),
    "palette.png": ("P", {"transparency": 3}),
    "bilevel.png": ("1", {}),
    "16-bit.png": ("I;16", {}),
    "lossy.webp": ("RGB", {"method": 0}),
    "transparent.webp": ("RGBA", {"method": 0}),
    "strips.tif": ("RGB", {"compression": "tiff_lzw"}),
    "one-strip.tif": ("RGB", {"compression": "tiff_lzw", "strip_size": 1 << 30}),
    "cmyk.tif": ("CMYK", {"compression": "tiff_lzw"}),
    "palette.gif": ("P", {}),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("name", [*CASES, "interlaced.png"])
def test_the_estimate_is_an_upper_bound_of_the_real_peak(tmp_path, measure, name):
    path = tmp_path / name
    if name in CASES:
        mode, options = CASES[name]
        image = gradient("L" if mode == "I;16" else mode).convert(mode)
        image.save(path, **options)
    else:
        path.write_bytes(interlaced_png(*SIZE))
    used, required = measure(path)
    assert used <= required
    assert required <= 3 * used + FIXED_BYTES


def deep_heic(mode):
    import pillow_heif

    channels = len(mode)
    data = bytes(SIZE[0] * SIZE[1] * channels * 2)
    file = pillow_heif.from_bytes(mode=f"{mode};16", size=SIZE, data=data)
    buffer = io.BytesIO()
    file.save(buffer, quality=30, chroma=444, enc_params=FAST)
    return buffer.getvalue()


PACKAGED = {
    "8-bit.heic": lambda: heic(image=gradient(), chroma=420, enc_params=FAST),
    "8-bit-444.heic": lambda: heic(image=gradient(), chroma=444, enc_params=FAST),
    "transparent.heic": lambda: heic(image=gradient("RGBA"), enc_params=FAST),
    "10-bit.heic": lambda: deep_heic("RGB"),
    "transparent-10-bit.heic": lambda: deep_heic("RGBA"),
    "lossy.avif": lambda: save(gradient(), "AVIF", speed=10),
    "444.avif": lambda: save(gradient(), "AVIF", speed=10, subsampling="4:4:4"),
    "transparent.avif": lambda: save(gradient("RGBA"), "AVIF", speed=10),
    "preview.dng": lambda: dng(SIZE, preview=save(gradient(), "JPEG")),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("name", PACKAGED)
def test_the_estimate_is_an_upper_bound_for_formats_with_packages(tmp_path, measure, name):
    for package in ("pillow_heif", "rawpy", "av"):
        pytest.importorskip(package, reason="needs the extras heic, raw and video")
    path = tmp_path / name
    path.write_bytes(PACKAGED[name]())
    used, required = measure(path)
    assert used <= required
    assert required <= 3 * used + FIXED_BYTES


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_poster_requires_less_memory_than_the_estimate(tmp_path, measure, codec):
    size = (3840, 2160)
    path = film(tmp_path / "a.mp4", size, seconds=0.4, codec=codec)
    [used] = measure(path)
    assert used <= size[0] * size[1] * FRAME_BYTES + FIXED_BYTES


def test_a_video_with_frames_above_the_limit_has_a_placeholder(tmp_path):
    path = film(tmp_path / "a.mp4", (640, 480))
    assert shown_color(read(path)) == "red"
    with limit_memory(640 * 480):
        assert shown_color(read(path)) == "gray"


def shown_color(picture):
    image = Image.open(io.BytesIO(picture.renditions["large"].content)).convert("RGB")
    red, _, blue = image.getpixel((40, 240))
    return "red" if red > blue + 100 else "gray"


def saved(size, **options):
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, **options)
    file.seek(0)
    return file


def test_progressive_jpeg_above_the_limit_is_rejected_before_it_is_decoded(monkeypatch):
    """
    Reading it at a reduced size does not help: all coefficients are kept.
    """
    file = saved((6000, 4000), format="JPEG", progressive=True, subsampling=0)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("decoded"))
    with (
        limit_memory(100 * MEGABYTE),
        pytest.raises(Unreadable, match=r"requires 195 MB of memory. The limit .* is 100 MB."),
    ):
        read(file)


def test_baseline_jpeg_of_the_same_size_is_read_at_a_reduced_size():
    with limit_memory(100 * MEGABYTE):
        picture = read(saved((6000, 4000), format="JPEG"))
    assert (picture.width, picture.height) == (6000, 4000)


def test_png_is_not_decoded_for_its_metadata(monkeypatch):
    """
    Pillow loads a PNG to read EXIF that follows the image data.
    """
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("decoded"))
    with limit_memory(100 * MEGABYTE), pytest.raises(Unreadable, match="MB of memory"):
        read(saved((6000, 4000), format="PNG"))


def test_components_in_separate_scans_are_recognized():
    """
    A JPEG that is not progressive can have several scans.
    """
    content = saved((64, 64), format="JPEG", subsampling=0).getvalue()
    scan = content.index(b"\xff\xda") + 4
    assert content[scan] == 3
    for changed, expected in ((content, 0), (content[:scan] + b"\1" + content[scan + 1 :], 1)):
        with Image.open(io.BytesIO(changed)) as image:
            image.draft("RGB", LARGEST)
            needed = required_memory(image, (6000, 4000)) - required_memory(image, (0, 0))
        assert needed == expected * 6000 * 4000 * 3 * 2


@pytest.mark.django_db
def test_the_setting_limits_a_sync(person, settings, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "large.jpg").write_bytes(
        saved((6000, 4000), format="JPEG", progressive=True, subsampling=0).getvalue()
    )
    (folder / "small.jpg").write_bytes(saved((60, 40), format="JPEG").getvalue())
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "IMAGE_MEMORY": 64}
    identity = Identity.objects.create(
        user=person, service="folder", service_id="1", settings={"path": str(folder)}
    )
    report = sync(identity)
    assert report.added == 1
    assert [failure.name for failure in report.failures] == ["large.jpg"]
    assert "The limit of this Trove is 64 MB." in report.failures[0].reason
