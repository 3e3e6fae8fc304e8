"""
Metadata, posters and playback files of videos.
"""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from django_trove.client.content import Video
from django_trove.server.connectors.picture import Unreadable, read
from django_trove.server.connectors.picture.boxes import MAX_BOXES
from django_trove.server.connectors.picture.video import read_video_info

from ..images import xmp
from ..media_files import (
    IDENTITY,
    SIDEWAYS,
    apple_metadata,
    box,
    film,
    full_box,
    movie,
    movie_header,
    place_3gpp,
    rotate,
    track,
    user_text,
)
from .folder_reader import read_folder

NOON = datetime(2019, 7, 4, 12, 0, 1, tzinfo=UTC)


def info(*parts, **options):
    return read_video_info(io.BytesIO(movie(*parts, **options)))


def metadata(*parts):
    return info(*parts).metadata


@pytest.mark.parametrize(
    ("written", "moment", "offset"),
    [
        ("2019-07-04T13:05:01+0200", (2019, 7, 4, 11, 5, 1), 120),
        ("2019-07-04T13:05:01-07:00", (2019, 7, 4, 20, 5, 1), -420),
        ("2019-07-04T13:05:01.25+0530", (2019, 7, 4, 7, 35, 1), 330),
        ("2023-12-31T23:30:00-0800", (2024, 1, 1, 7, 30, 0), -480),
        ("2019-07-04 13:05:01 +0200", (2019, 7, 4, 11, 5, 1), 120),
    ],
)
def test_the_date_of_an_apple_video_has_the_zone(written, moment, offset):
    found = metadata(movie_header(NOON), apple_metadata(creationdate=written))
    assert (found.taken, found.utc_offset) == (datetime(*moment, tzinfo=UTC), offset)


@pytest.mark.parametrize("written", ["", "yesterday", "2019-13-04T13:05:01+0200", "0000-00-00T"])
def test_an_invalid_date_is_replaced_by_that_of_the_header(written):
    found = metadata(movie_header(NOON), apple_metadata(creationdate=written))
    assert (found.taken, found.utc_offset) == (NOON, None)


@pytest.mark.parametrize("version", [0, 1])
def test_date_and_duration_of_the_header(version):
    found = info(movie_header(NOON, 65.5, version=version))
    assert (found.metadata.taken, found.metadata.utc_offset) == (NOON, None)
    assert found.duration == 65.5


def test_the_header_of_1904_is_no_date():
    assert metadata(movie_header()).taken is None


@pytest.mark.parametrize("scale", [0, 1])
def test_an_unknown_duration_is_zero(scale):
    header = bytes(8) + scale.to_bytes(4) + b"\xff" * 4 + bytes(80)
    assert info(full_box(b"mvhd", header)).duration == 0


def test_the_duration_of_a_fragmented_video():
    extends = box(b"mvex", full_box(b"mehd", (1200).to_bytes(4)))
    assert info(movie_header(NOON, 0), extends).duration == 2


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("matrix", "size", "orientation"),
    [
        (IDENTITY, (640, 360), 1),
        (SIDEWAYS, (360, 640), 6),
        ((-1, 0, 0, -1), (640, 360), 3),
        ((0, -1, 1, 0), (360, 640), 8),
        ((0, 0, 0, 0), (640, 360), 1),
    ],
)
def test_a_video_is_rotated_by_its_matrix(matrix, size, orientation, version):
    found = info(track((640, 360), matrix, version=version))
    assert ((found.width, found.height), found.orientation) == (size, orientation)


def test_the_size_is_that_of_the_video_track():
    found = info(track((0, 0), handler=b"soun"), track((640, 360)))
    assert (found.width, found.height) == (640, 360)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (apple_metadata(location_ISO6709="+32.0929+034.8620+028.516/"), (32.0929, 34.862)),
        (box(b"udta", user_text(b"xyz", "-33.5000-070.2500/")), (-33.5, -70.25)),
        (box(b"udta", place_3gpp(52.5, -6.75)), (52.5, -6.75)),
        (box(b"udta", place_3gpp(52.5, 6.75, b"\xfe\xff\0H\0i\0\0")), (52.5, 6.75)),
        (box(b"udta", user_text(b"xyz", "+4030.00-07330.00/")), (40.5, -73.5)),
        (box(b"udta", user_text(b"xyz", "+403030-0733030+10/")), (40.508333, -73.508333)),
        (box(b"udta", user_text(b"xyz", "+00.0000+000.0000/")), None),
        (box(b"udta", place_3gpp(0, 0)), None),
        (box(b"udta", user_text(b"xyz", "+95.0000+000.0000/")), None),
        (box(b"udta", user_text(b"xyz", "nan,nan")), None),
        (box(b"udta", full_box(b"loci", b"\x15\xc7Home\0")), None),
    ],
    ids=[
        "apple",
        "user data",
        "3gpp",
        "3gpp with a name in utf-16",
        "minutes",
        "seconds",
        "zero",
        "zero of 3gpp",
        "out of range",
        "not a number",
        "incomplete",
    ],
)
def test_the_place_is_read_from_all_locations(part, place):
    found = metadata(part).place
    assert found == (place and pytest.approx(place, abs=1e-5))
    assert metadata(track()[:-8] + part).place is None  # not in the boxes of a track's media


def test_a_place_of_a_track_is_read():
    """
    Some programs write user data to the track.
    """
    content = track() + box(b"udta", user_text(b"xyz", "-33.5000-070.2500/"))
    size = len(content).to_bytes(4)
    assert metadata(size + content[4:]).place == (-33.5, -70.25)


def test_the_camera_and_the_texts():
    found = metadata(
        apple_metadata(
            make="Apple", model="iPhone 15", title="Sea", description="At noon", keywords="sea, sun"
        )
    )
    assert (found.camera.make, found.camera.model) == ("Apple", "iPhone 15")
    assert (found.title, found.description, found.tags) == ("Sea", "At noon", ("sea", "sun"))
    found = metadata(box(b"udta", user_text(b"mak", "Acme") + user_text(b"mod", "One")))
    assert (found.camera.make, found.camera.model) == ("Acme", "One")


def test_xmp_of_a_video_is_read():
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    found = info(after=box(b"uuid", uuid + xmp("Sea", tags=["sun"]))).metadata
    assert (found.title, found.tags) == ("Sea", ("sun",))
    assert metadata(box(b"udta", box(b"XMP_", xmp("Sea")))).title == "Sea"


@pytest.mark.parametrize("seconds", [4.9, 60])
def test_a_live_photo_is_recognized_by_its_identifier_or_its_duration(seconds):
    assert info(movie_header(NOON, seconds)).is_live_photo == (seconds < 5)
    marked = apple_metadata(content_identifier="C7E7…")
    assert info(movie_header(NOON, seconds), marked).is_live_photo


def test_boxes_with_64_bit_sizes_and_without_an_end():
    content = movie(movie_header(NOON, 9))
    moov = content[content.index(b"moov") + 4 :]
    wide = box(b"ftyp", b"qt  " + bytes(4)) + box(b"mdat", bytes(9), wide=True)
    assert read_video_info(io.BytesIO(wide + box(b"moov", moov, wide=True))).duration == 9
    endless = bytes(4) + b"moov" + moov
    assert read_video_info(io.BytesIO(wide + endless)).duration == 9


class Recorder(io.BytesIO):
    """
    A file that records which bytes are read.
    """

    def read(self, size=-1):
        self.read_ranges = [*getattr(self, "read_ranges", []), (self.tell(), size)]
        return super().read(size)


def test_the_media_data_is_not_read():
    media = box(b"mdat", bytes(10_000_000))
    file = Recorder(movie(before=media))
    read_video_info(file)
    start = file.getvalue().index(b"mdat") + 4
    assert not [at for at, size in file.read_ranges if start + 16 < at < start + 10_000_000]
    assert sum(size for _, size in file.read_ranges) < 100_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        box(b"ftyp", b"qt  "),
        movie()[:-10].replace(b"trak", b"free"),
        box(b"ftyp", b"qt  ") + box(b"moov", movie_header()),
        box(b"ftyp", b"qt  ") + b"\0\0\0\1moov" + b"\xff" * 8,
        box(b"ftyp", b"qt  ") + b"\0\0\0\2moov",
    ],
)
def test_a_damaged_video_is_reported(content):
    with pytest.raises(Unreadable):
        read_video_info(io.BytesIO(content))


def test_the_number_of_boxes_is_limited():
    file = Recorder(movie(before=box(b"free") * (2 * MAX_BOXES)))
    with pytest.raises(Unreadable):
        read_video_info(file)
    assert len(file.read_ranges) < 2 * MAX_BOXES


NAMES = "moov trak mdia udta meta keys ilst data mvhd tkhd hdlr loci uuid XMP_ mvex mehd mdat"
TYPES = [*map(str.encode, NAMES.split()), b"\xa9xyz", b"\0\0\0\1"]
RICH = movie(
    movie_header(NOON),
    track((640, 360), SIDEWAYS),
    apple_metadata(creationdate="2019-07-04T13:05:01+0200", location_ISO6709="+01.0+001.0/"),
    box(b"udta", user_text(b"xyz", "+01.0+001.0/") + place_3gpp(1, 1) + box(b"XMP_", xmp("a"))),
)
TREES = st.recursive(
    st.builds(box, st.sampled_from(TYPES), st.binary(max_size=60)),
    lambda inner: st.builds(
        lambda kind, parts, start: box(kind, start + b"".join(parts)),
        st.sampled_from(TYPES),
        st.lists(inner, max_size=4),
        st.sampled_from([b"", bytes(4), bytes(8)]),
    ),
    max_leaves=20,
)


def assert_readable_or_reported(content):
    file = Recorder(content)
    try:
        found = read_video_info(file)
    except Unreadable:
        pass
    else:
        assert found.duration >= 0
        assert 1 <= found.orientation <= 8
    assert len(getattr(file, "read_ranges", ())) <= 3 * MAX_BOXES


@given(st.lists(TREES, max_size=5))
def test_random_boxes_raise_only_unreadable(trees):
    assert_readable_or_reported(box(b"ftyp", b"qt  ") + b"".join(trees))


@given(st.binary(max_size=300))
def test_random_bytes_raise_only_unreadable(content):
    assert_readable_or_reported(content)


@given(
    st.lists(
        st.tuples(st.integers(0, len(RICH) - 1), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    st.integers(0, len(RICH)),
)
@example([], len(RICH))
def test_mutated_videos_raise_only_unreadable(changes, length):
    content = bytearray(RICH)
    for position, replacement in changes:
        content[position : position + len(replacement)] = replacement
    assert_readable_or_reported(bytes(content[:length]))


# ---- Videos of encoders

CONTAINERS = {
    "a.mp4": ("libx264", None, "video/mp4"),
    "a.mov": ("libx264", None, "video/quicktime"),
    "a.m4v": ("libx264", "mp4", "video/mp4"),
    "a.3gp": ("h263", None, "video/3gpp"),
    "a.webm": ("libvpx", None, "video/webm"),
    "a.mkv": ("libx264", None, "video/matroska"),
    "a.avi": ("mpeg4", None, "video/x-msvideo"),
    "a.mts": ("mpeg2video", "mpegts", "video/mp2t"),
    "a.mpg": ("mpeg2video", None, "video/mpeg"),
    "a.wmv": ("wmv2", "asf", "video/x-ms-wmv"),
    "a.flv": ("flv", None, "video/x-flv"),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_video_is_an_item_with_a_poster(folder, name):
    codec, container, kind = CONTAINERS[name]
    size, rate = ((352, 288), 25) if codec == "h263" else ((320, 240), 25)
    film(folder / name, size, codec=codec, container=container, rate=rate)
    found, failures = read_folder(folder)
    assert not failures
    item = found[name]
    assert isinstance(item.content, Video)
    assert (item.content.width, item.content.height) == size
    assert item.content.duration == pytest.approx(3, abs=0.2)
    assert (item.type, item.content.media_type) == (kind, kind)
    poster = Image.open(io.BytesIO(item.renditions["large"].content))
    assert poster.size == size
    red, _, blue = poster.getpixel((20, 120))
    assert red > blue + 100


def test_a_title_in_windows_1252_is_decoded(folder):
    path = film(folder / "a.avi", codec="mpeg4", metadata={"title": "Zoe in Rome"})
    path.write_bytes(path.read_bytes().replace(b"Zoe in Rome", b"Zo\xeb in Rome"))
    found, failures = read_folder(folder)
    assert not failures
    assert found["a.avi"].content.title == "Zo\xeb in Rome"


def test_a_rotated_video_has_an_upright_poster(folder):
    texts = {"creation_time": "2019-07-04T11:05:01Z", "location": "+10.5000+020.2500/"}
    rotate(film(folder / "a.mp4", metadata=texts))
    found, _ = read_folder(folder)
    photo = found["a.mp4"].content
    assert (photo.width, photo.height) == (240, 320)
    assert photo.date == datetime(2019, 7, 4, 11, 5, 1, tzinfo=UTC)
    assert photo.location == (10.5, 20.25)
    poster = Image.open(io.BytesIO(found["a.mp4"].renditions["large"].content))
    assert poster.size == (240, 320)
    assert [color_at(poster, point) for point in ((120, 20), (120, 300))] == ["red", "blue"]


def color_at(image, point):
    red, _, blue = image.getpixel(point)
    return "red" if red > blue + 100 else "blue" if blue > red + 100 else "other"


def test_a_video_without_a_frame_has_a_placeholder(folder):
    (folder / "a.mov").write_bytes(movie(movie_header(NOON, 60)))
    found, _ = read_folder(folder)
    item = found["a.mov"]
    assert isinstance(item.content, Video)
    assert item.content.duration == 60
    large = item.renditions["large"]
    assert (large.width, large.height, large.type) == (800, 450, "image/jpeg")


def test_a_video_is_read_again_once_the_package_for_posters_is_installed(folder, monkeypatch):
    (folder / "a.mov").write_bytes(movie())
    monkeypatch.setattr("django_trove.server.connectors.folder.parts.has_package", lambda: False)
    known = {name: item.etag for name, item in read_folder(folder)[0].items()}
    assert read_folder(folder, known)[0] == {}
    monkeypatch.setattr("django_trove.server.connectors.folder.parts.has_package", lambda: True)
    assert list(read_folder(folder, known)[0]) == ["a.mov"]


def test_a_playlist_does_not_open_other_files(folder, tmp_path):
    """
    FFmpeg reads playlists, which name files of the server and URLs.
    """
    secret = film(tmp_path / "secret.mp4")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    for name in ("a.mp4", "b.mkv", "c.mts"):
        (folder / name).write_text(playlist)
    found, failures = read_folder(folder)
    assert not found
    assert len(failures) == 3


def test_a_sound_file_is_no_video(folder):
    content = movie(movie_header(), track(handler=b"soun"), brand=b"mp42")
    (folder / "a.mp4").write_bytes(content)
    (folder / "b.bin").write_bytes(content)
    found, failures = read_folder(folder)
    assert (found, list(failures)) == ({}, ["a.mp4"])


def test_an_open_file_is_read():
    assert read(io.BytesIO(movie())).type == "video/quicktime"
