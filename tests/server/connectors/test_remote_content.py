"""
Metadata of remote files, of which only parts are fetched.
"""

import io
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from django_trove.server.connectors.errors import NoResponse
from django_trove.server.connectors.picture.errors import UnknownFormat, WholeFileRequired
from django_trove.server.connectors.picture.items import find_metadata
from django_trove.server.connectors.picture.reader import read, read_facts
from django_trove.server.connectors.remote_files.content import (
    BLOCK,
    MAX_FILLED_BYTES,
    FilePart,
    PartMissing,
    RemoteContent,
)
from django_trove.server.connectors.remote_files.entries import FileFailed

from ..images import exif, xmp
from ..media_files import avif, box, dng, film, heic, movie, save

NOISE = Image.effect_noise((1100, 900), 120).convert("RGB")
EXIF = exif(date="2007:05:04 03:02:01", gps=(48.5, 9.5), orientation=6).tobytes()
XMP = xmp(title="Snow", tags=["winter"])


class File:
    """
    A remote file.
    """

    def __init__(self, content):
        self.content, self.fetched = content, []

    def read_range(self, start, length):
        self.fetched.append(start)
        return FilePart(self.content[start : start + length], len(self.content))


def compare(content, name):
    """
    Return the positions of the parts that are fetched to read the same metadata as from the
    complete file.
    """
    file = File(content)
    facts = read_facts(RemoteContent(file.read_range).file, name)
    complete = read(io.BytesIO(content), name)
    for key in ("type", "width", "height", "metadata", "duration"):
        assert getattr(facts, key) == getattr(complete, key)
    assert complete.metadata.taken
    assert facts.renditions == {}
    return file.fetched


@pytest.mark.parametrize("format", ["JPEG", "TIFF", "GIF"])
def test_only_the_start_of_a_picture_is_fetched(format):
    options = {} if format == "GIF" else {"exif": EXIF}
    content = save(NOISE, format, **options)
    file = File(content)
    facts = read_facts(RemoteContent(file.read_range).file, "a")
    complete = read(io.BytesIO(content), "a")
    assert (facts.width, facts.height, facts.metadata) == (
        complete.width,
        complete.height,
        complete.metadata,
    )
    assert len(content) > 3 * BLOCK
    assert file.fetched == [0]


@pytest.mark.parametrize("format", ["heic", "avif"])
def test_metadata_of_a_compressed_picture_is_fetched(format):
    """
    The encoders write EXIF and XMP to the start or the end of the file.
    """
    if format == "heic":
        content = heic(image=NOISE, exif=EXIF, xmp=XMP)
    else:
        content = save(NOISE, "AVIF", exif=EXIF, xmp=XMP)
    assert len(content) > 4 * BLOCK
    assert len(compare(content, f"a.{format}")) <= 2


def test_metadata_of_a_small_picture():
    assert compare(save(NOISE.resize((64, 48)), "JPEG", exif=EXIF, xmp=XMP), "a.jpg") == [0]
    assert compare(avif(exif=EXIF), "a.avif") == [0]


def test_tags_at_the_end_of_a_tiff_are_fetched():
    content = save(NOISE, "TIFF", exif=EXIF)
    position = int.from_bytes(content[4:8], "little")
    end = len(content).to_bytes(4, "little")
    length = 2 + 12 * int.from_bytes(content[position : position + 2], "little") + 4
    moved = content[:4] + end + content[8:] + content[position : position + length]
    assert compare(moved, "a.tif") == [0, len(content) // BLOCK * BLOCK]


def test_movie_box_at_the_end_is_fetched():
    from datetime import UTC, datetime

    from ..media_files import movie_header

    header = movie_header(datetime(2007, 5, 4, tzinfo=UTC))
    content = movie(header, before=box(b"mdat", bytes(5 * BLOCK)))
    assert compare(content, "a.mov") == [0, 5 * BLOCK]


@pytest.mark.parametrize("name", ["a.webm", "a.avi"])
def test_start_of_a_video_in_another_format_is_sufficient(tmp_path, name):
    codec = "libvpx" if name.endswith("webm") else "mpeg4"
    path = film(tmp_path / name, seconds=1, codec=codec)
    file = File(path.read_bytes())
    facts = read_facts(RemoteContent(file.read_range).file, name)
    assert (facts.width, facts.height, facts.is_video) == (320, 240, True)


def test_poster_is_created_from_parts_of_a_video(tmp_path):
    content = film(tmp_path / "a.mp4", seconds=2).read_bytes()
    large = content + box(b"free", bytes(50 * BLOCK))
    file = File(large)
    picture = read(RemoteContent(file.read_range).file, "a.mp4")
    assert picture.renditions == read(io.BytesIO(large), "a.mp4").renditions
    assert len(file.fetched) <= 3


@pytest.mark.parametrize(
    ("content", "name"), [(dng(), "a.dng"), (save(NOISE, "WEBP", exif=EXIF), "a.webp")]
)
def test_complete_file_is_required_for_some_formats(content, name):
    with pytest.raises(WholeFileRequired):
        read_facts(RemoteContent(File(content).read_range).file, name)


def test_webp_without_metadata():
    content = save(NOISE, "WEBP")
    file = File(content)
    facts = read_facts(RemoteContent(file.read_range).file, "a.webp")
    assert (facts.width, facts.height, file.fetched) == (1100, 900, [0])


def test_other_file_is_no_picture():
    with pytest.raises(UnknownFormat):
        read_facts(RemoteContent(File(b"text").read_range).file, "a.jpg")


def test_limit_of_the_fetched_bytes():
    content = RemoteContent(File(bytes(9 * BLOCK)).read_range, max_bytes=2 * BLOCK)
    content.seek(5 * BLOCK)
    assert content.read(10) == bytes(10)
    content.seek(7 * BLOCK)
    with pytest.raises(PartMissing):
        content.read(10)
    assert content.is_exhausted


def test_failure_is_kept():
    class Failing(File):
        def read_range(self, start, length):
            if start:
                raise NoResponse("late")
            return super().read_range(start, length)

    content = RemoteContent(Failing(bytes(9 * BLOCK)).read_range)
    content.seek(-5, io.SEEK_END)
    with pytest.raises(PartMissing):
        content.read(5)
    assert content.failure.reason == "late"
    assert not content.is_exhausted


def test_file_that_is_larger_than_the_memory():
    content = RemoteContent(lambda start, length: FilePart(bytes(length), 10**15))
    with pytest.raises(PartMissing):
        content.read()
    assert content.is_exhausted


@pytest.mark.parametrize("position", [0, 5])
def test_memory_of_a_read_of_the_complete_file(position):
    """
    Four files are read at the same time, and the server states their size.
    """
    size = MAX_FILLED_BYTES + position
    content = RemoteContent(lambda start, length: FilePart(b"a" * length, size))
    content.seek(position)
    tracemalloc.start()
    try:
        data = content.read()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    start = BLOCK - position
    assert (data[:start], data[start:].strip(b"\0")) == (b"a" * start, b"")
    assert len(data) == MAX_FILLED_BYTES
    assert peak < 1.05 * MAX_FILLED_BYTES < 30_000_000


@pytest.mark.parametrize("start", [0, BLOCK])
def test_part_that_is_too_short(start):
    """
    The server may limit the length of a range.
    """

    def read_range(position, length):
        return FilePart(bytes(length if position != start else length - 1), 9 * BLOCK)

    with pytest.raises((FileFailed, PartMissing)) as failure:
        RemoteContent(read_range).read(BLOCK + 1)
    assert failure.value


def test_server_without_sizes_and_short_parts():
    content = RemoteContent(lambda start, length: FilePart(b"abc"[start : start + length], 0))
    assert (content.read(), content.size, content.read(1)) == (b"abc", 3, b"")


@given(st.integers(0, 5_000), st.lists(st.tuples(st.integers(0, 6_000), st.integers(0, 900))))
def test_reads_are_those_of_the_file(size, reads):
    data = random.Random(size).randbytes(size)
    content = RemoteContent(File(data).read_range, block=128, max_bytes=8_000)
    local = io.BytesIO(data)
    found = [(content.seek(position), content.read(length)) for position, length in reads]
    assert found == [(local.seek(position), local.read(length)) for position, length in reads]


@given(st.binary(max_size=40), st.integers(0, 400))
def test_damaged_tables_of_items(noise, position):
    content = avif(exif=EXIF)
    found = find_metadata(io.BytesIO(content[:position] + noise + content[position + len(noise) :]))
    assert all(start >= 0 and length >= 0 for start, length in found)
