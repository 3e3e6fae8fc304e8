"""
A Google Takeout export, in a folder and in zip files.
"""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from PIL import Image

from django_trove.client.content import Video
from django_trove.server.connectors.base import ServiceFailed
from django_trove.server.connectors.takeout.connector import Takeout

YEAR = "Takeout/Google Photos/Photos from 2007"
ALBUM = "Takeout/Google Photos/Williamsburg"
TAKEN = 1_173_042_492  # 2007-03-04 21:08:12 UTC


def jpeg(colour="white"):
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "JPEG")
    return content.getvalue()


def told(title, **facts):
    """
    Return a sidecar as Google writes them.
    """
    said = {
        "title": title,
        "description": "",
        "imageViews": "3",
        "creationTime": {"timestamp": "1173100000", "formatted": "Mar 5, 2007, 1:06:40 PM UTC"},
        "photoTakenTime": {"timestamp": str(TAKEN)},
        "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
    }
    return json.dumps(said | facts).encode()


BARE = f"{len(jpeg('black'))} bare.jpg"
EXPORT = {
    f"{YEAR}/snow.jpg": jpeg(),
    f"{YEAR}/snow.jpg.supplemental-metadata.json": told(
        "snow.jpg",
        description="First &amp; last snow",
        geoData={"latitude": 40.7, "longitude": -73.95},
        people=[{"name": "Grace"}],
        url="https://photos.google.com/photo/AF1Qsnow",
    ),
    f"{ALBUM}/snow.jpg": jpeg(),
    f"{ALBUM}/snow.jpg.supplemental-metadata.json": told(
        "snow.jpg",
        description="First &amp; last snow",
        geoData={"latitude": 40.7, "longitude": -73.95},
        people=[{"name": "Grace"}],
        url="https://photos.google.com/photo/AF1Qsnow",
    ),
    f"{ALBUM}/Metadaten.json": json.dumps({"title": "Winter &amp; snow", "access": ""}).encode(),
    f"{YEAR}/film.mp4": b"no film that anybody reads",
    f"{YEAR}/film.mp4.json": told("film.mp4", url="https://photos.google.com/photo/AF1Qfilm"),
    f"{YEAR}/bare.jpg": jpeg("black"),
    "Takeout/archive_browser.html": b"<html>",
}


def write(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def pack(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def walk(*paths, known=None, cursor=None):
    """
    Return all pages, with what is known so far.
    """
    stamps = {} if known is None else known
    pages = []
    connector = Takeout({"paths": [str(path) for path in paths]})
    for page in connector.batches(cursor or {}, lambda ids: stamps):
        stamps.update({found.photo.id: found.etag for found in page.items})
        pages.append(page)
    return pages


def found_in(pages):
    return {found.photo.id: found for page in pages for found in page.items}


def failures_in(pages):
    return {failure.name: failure.reason for page in pages for failure in page.failures}


@pytest.fixture(params=["a folder", "one zip file", "two zip files"])
def export(request, tmp_path):
    if request.param == "a folder":
        return [write(tmp_path / "unpacked", EXPORT)]
    if request.param == "one zip file":
        return [pack(tmp_path / "takeout.zip", EXPORT)]
    parts = [dict(list(EXPORT.items())[number::2]) for number in range(2)]  # pictures, and sidecars
    return [pack(tmp_path / f"takeout-{number}.zip", part) for number, part in enumerate(parts)]


def test_everything_that_google_says_of_a_photo_is_kept(export):
    photo = found_in(walk(*export))["AF1Qsnow"].photo
    assert (photo.service, photo.title) == ("google", "snow")
    assert photo.description == "First & last snow"
    assert photo.tags == ("Grace",)
    assert photo.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
    assert photo.location == (40.7, -73.95)
    assert (photo.width, photo.height) == (40, 30)
    assert photo.original_web_url == "https://photos.google.com/photo/AF1Qsnow"


def test_what_lies_in_an_album_and_in_its_year_is_one_photo_of_the_album(export):
    pages = walk(*export)
    assert set(found_in(pages)) == {"AF1Qsnow", "AF1Qfilm", BARE}
    albums = {album: ids for page in pages for album, ids in page.albums.items()}
    assert albums == {"Winter & snow": ("AF1Qsnow",)}
    assert not found_in(pages)["AF1Qsnow"].has_album


def test_a_picture_can_be_shown_from_what_is_kept(export):
    assert set(found_in(walk(*export))["AF1Qsnow"].renditions) == {"large", "medium", "thumbnail"}


def test_a_video_comes_with_what_is_said_of_it(export):
    film = found_in(walk(*export))["AF1Qfilm"]
    assert isinstance(film.photo, Video)
    assert film.photo.title == "film"
    assert not film.renditions


def test_an_album_whose_copy_is_told_otherwise_settles(tmp_path, monkeypatch):
    """
    The first is taken, whatever is said of the second.
    """
    name = f"{YEAR}/snow.jpg.supplemental-metadata.json"
    other = told("snow.jpg", url="https://photos.google.com/photo/AF1Qsnow")
    root = write(tmp_path, EXPORT | {name: other})
    stamps = {}
    assert found_in(walk(root, known=stamps))["AF1Qsnow"].photo.tags == ("Grace",)
    assert found_in(walk(root, known=stamps)) == {}


def test_two_of_one_name_that_nothing_is_said_of_are_two(tmp_path):
    files = {f"{YEAR}/bare.jpg": jpeg(), f"{ALBUM}/bare.jpg": jpeg() + b"\0"}
    assert len(found_in(walk(write(tmp_path, files)))) == 2


def test_pictures_of_googles_other_products_and_the_locked_folder_stay_out(tmp_path):
    others = {
        "Takeout/Drive/scan.jpg": jpeg(),
        "Takeout/Profile/me.jpg": jpeg(),
        "Takeout/Google Photos/Locked Folder/secret.jpg": jpeg(),
        "Takeout/Google Photos/Locked Folder/secret.jpg.json": told("secret.jpg"),
    }
    titles = {one.photo.title for one in found_in(walk(write(tmp_path, EXPORT | others))).values()}
    assert titles == {"snow", "film", "bare"}


def test_a_second_time_nothing_is_read_again(export, monkeypatch):
    stamps = {}
    walk(*export, known=stamps)
    monkeypatch.setattr("django_trove.server.connectors.takeout.connector.read", None)
    assert found_in(walk(*export, known=stamps)) == {}


def test_a_later_export_brings_what_changed_alone(tmp_path):
    stamps = {}
    walk(write(tmp_path / "first", EXPORT), known=stamps)
    later = EXPORT | {
        f"{YEAR}/film.mp4.json": told("renamed.mp4", url="https://x.example/AF1Qfilm")
    }
    found = found_in(walk(write(tmp_path / "later", later), known=stamps))
    assert [one.photo.title for one in found.values()] == ["renamed"]


def test_what_a_later_export_doesnt_hold_stays(export):
    assert not any(page.full for page in walk(*export))


def test_what_lies_in_the_bin_at_google_is_left_out(tmp_path):
    files = {f"{YEAR}/old.jpg": jpeg(), f"{YEAR}/old.jpg.json": told("old.jpg", trashed=True)}
    assert found_in(walk(write(tmp_path, files))) == {}


def test_a_damaged_picture_is_named_and_the_rest_comes(tmp_path):
    files = EXPORT | {f"{YEAR}/cut.jpg": jpeg()[:200], f"{YEAR}/phone.heic": b"\0\0\0\x18ftypheic"}
    failures = failures_in(pages := walk(pack(tmp_path / "takeout.zip", files)))
    assert "damaged" in failures[f"{YEAR}/cut.jpg"]
    assert "HEIC" in failures[f"{YEAR}/phone.heic"]
    assert len(found_in(pages)) == 3


def test_a_file_that_is_broken_in_its_zip_is_named(tmp_path):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    content = path.read_bytes()
    at = content.index(jpeg("black"))
    path.write_bytes(content[:at] + b"\xff" * 40 + content[at + 40 :])
    assert "zip" in failures_in(walk(path))[f"{YEAR}/bare.jpg"]


def test_what_unpacks_to_more_than_it_may_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.takeout.connector.MAX_PICTURE_BYTES", 100)
    assert set(failures_in(walk(pack(tmp_path / "takeout.zip", EXPORT))).values()) == {
        "The file is too large."
    }


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("takeout.zip", b"no zip file", "Download this part"),
        ("gone.zip", None, "does not exist"),
        ("empty", {}, "contains no photos"),
        ("letters", {"Takeout/Mail/all.mbox": b""}, "contains no photos"),
    ],
)
def test_what_is_no_export_is_refused_with_a_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    if isinstance(content, dict):
        path.mkdir()
        write(path, content)
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceFailed, match=words):
        walk(path)


def test_an_export_may_go_once_it_was_taken_in(tmp_path):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    cursor = walk(path)[-1].cursor
    path.unlink()
    [page] = walk(path, cursor=cursor)
    assert not page.full
    assert page.cursor == cursor


def test_a_look_that_was_stopped_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.takeout.connector.BATCH_SIZE", 2)
    path = pack(tmp_path / "takeout.zip", EXPORT)
    first, *_rest = walk(path)
    later = found_in(walk(path, cursor=first.cursor))
    assert set(later) | set(found_in([first])) == {"AF1Qsnow", "AF1Qfilm", BARE}
    assert first.total == 4


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    write(tmp_path / "elsewhere", {"secret.jpg": jpeg()})
    root = write(tmp_path / "export", EXPORT)
    (root / "Takeout/Google Photos/link.jpg").symlink_to(tmp_path / "elsewhere/secret.jpg")
    assert "link.jpg" not in found_in(walk(root))
