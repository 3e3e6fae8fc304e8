from datetime import UTC, datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.values import Camera
from django_trove.server.connectors.errors import RetryLater
from django_trove.server.connectors.nextcloud.search import (
    build_files,
    build_search,
    parse_entries,
)
from fake_services.file_tree import Node
from fake_services.nextcloud_dav import NC, OC, Search, build_multistatus, build_response

NAMES = [f"{OC}fileid", f"{OC}size", "{DAV:}getetag", "{DAV:}resourcetype"] + [
    f"{NC}metadata-photos-{name}" for name in ("original_date_time", "size", "gps", "ifd0", "exif")
]
PREFIX = "/remote.php/dav/files/ada/"
parts = st.text(st.characters(exclude_categories=["C"], exclude_characters="/"), min_size=1)
paths = st.lists(parts.filter(lambda part: part.strip(".")), min_size=1, max_size=4).map("/".join)


def build_node(**metadata):
    return Node(
        id=7, etag="e1", modified=datetime(2026, 1, 1, tzinfo=UTC), content=b"x", metadata=metadata
    )


def parse(path, node, base=""):
    content = build_multistatus([build_response(base + PREFIX + path, path, node, NAMES, "oc")])
    return build_files(parse_entries(content.encode()))


@given(paths, st.sampled_from(["", "/cloud", "https://cloud.example.com/next cloud"]))
def test_files_have_decoded_paths_and_ids(path, base):
    (file,) = parse(path, build_node(), base)
    assert (file.path, file.id, file.size, file.picture) == (path, "7", 1, None)
    assert file.stamp.startswith('"e1"-')


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_invalid_listings_are_retried(content):
    with pytest.raises(RetryLater):
        parse_entries(content)


def test_entities_are_refused():
    content = '<!DOCTYPE x [<!ENTITY a "b">]><d:multistatus xmlns:d="DAV:">&a;</d:multistatus>'
    with pytest.raises(RetryLater):
        parse_entries(content.encode())


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_unexpected_values_do_not_fail(date, width, latitude):
    texts = [escape("".join(filter(str.isprintable, text))) for text in (date, width, latitude)]
    node = build_node(
        original_date_time=texts[0],
        size=f"<width>{texts[1]}</width><height>2</height>",
        gps=f"<latitude>{texts[2]}</latitude>",
    )
    (file,) = parse("a.jpg", node)
    assert file.id == "7"


def test_photo_metadata_is_read():
    node = build_node(
        original_date_time="1136192400",
        size="<width>4000</width><height>3000</height>",
        gps="<latitude>59.5</latitude><longitude>-10.25</longitude>",
        ifd0="<Make>Nikon</Make><Model>D70</Model><Orientation>6</Orientation>",
        exif="<ExposureTime>1/250</ExposureTime><FNumber>28/10</FNumber>"
        "<ISOSpeedRatings>200</ISOSpeedRatings><FocalLength>50/1</FocalLength>",
    )
    picture = parse("a.jpg", node)[0].picture
    assert (picture.width, picture.height, picture.type) == (3000, 4000, "image/jpeg")
    assert picture.metadata.taken == datetime(2006, 1, 2, 9, tzinfo=UTC)
    assert picture.metadata.place == (59.5, -10.25)
    assert picture.metadata.camera == Camera(
        make="Nikon", model="D70", exposure_time=1 / 250, aperture=2.8, iso=200, focal_length=50
    )


def test_moved_file_has_another_stamp():
    assert parse("a.jpg", build_node())[0].stamp != parse("b/a.jpg", build_node())[0].stamp


@pytest.mark.parametrize("href", ["/remote.php/dav/files/ada/../x.jpg", "/other/x.jpg", "//["])
def test_entries_outside_of_the_account_are_ignored(href):
    content = build_multistatus([build_response("HREF", "x.jpg", build_node(), NAMES, "oc")])
    assert parse_entries(content.replace("HREF", quote(href)).encode()) == []


@given(paths, st.integers(0, 10_000))
def test_search_is_valid(user, position):
    search = Search(build_search(user, position).decode())
    assert search.scope == f"/files/{user}"
    node = build_node()
    assert (
        search.select({"a.jpg": node, "b.txt": node} | {"c.mp4": node})
        == ([("a.jpg", node), ("c.mp4", node)][position:])
    )
