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
    data = {
        "title": title,
        "description": "",
        "imageViews": "3",
        "creationTime": {"timestamp": "1173100000", "formatted": "Mar 5, 2007, 1:06:40 PM UTC"},
        "photoTakenTime": {"timestamp": str(TAKEN)},
        "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
    }
    return json.dumps(data | facts).encode()


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
    etags = {} if known is None else known
    batches = []
    connector = Takeout({"paths": [str(path) for path in paths]})
    for page in connector.batches(cursor or {}, lambda ids: etags):
        etags.update({found.photo.id: found.etag for found in page.items})
        batches.append(page)
    return batches


def found_in(batches):
    return {found.photo.id: found for page in batches for found in page.items}


def failures_in(batches):
    return {failure.name: failure.reason for page in batches for failure in page.failures}


@pytest.fixture(params=["a folder", "one zip file", "two zip files"])
def export(request, tmp_path):
    if request.param == "a folder":
        return [write(tmp_path / "unpacked", EXPORT)]
    if request.param == "one zip file":
        return [pack(tmp_path / "takeout.zip", EXPORT)]
    parts = [dict(list(EXPORT.items())[number::2]) for number in range(2)]  # pictures, and sidecars
    return [pack(tmp_path / f"takeout-{number}.zip", part) for number, part in enumerate(parts)]


def test_all_fields_of_a_photo_are_converted(export):
    photo = found_in(walk(*export))["AF1Qsnow"].photo
    assert (photo.service, photo.title) == ("google", "snow")
    assert photo.description == "First & last snow"
    assert photo.tags == ("Grace",)
    assert photo.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
    assert photo.location == (40.7, -73.95)
    assert (photo.width, photo.height) == (40, 30)
    assert photo.original_web_url == "https://photos.google.com/photo/AF1Qsnow"


def test_photo_in_an_album_and_a_year_is_one_item(export):
    batches = walk(*export)
    assert set(found_in(batches)) == {"AF1Qsnow", "AF1Qfilm", BARE}
    albums = {album: ids for page in batches for album, ids in page.albums.items()}
    assert albums == {"Winter & snow": ("AF1Qsnow",)}
    assert not found_in(batches)["AF1Qsnow"].has_album


def test_stored_picture_is_served(export):
    assert set(found_in(walk(*export))["AF1Qsnow"].renditions) == {"large", "medium", "thumbnail"}


def test_video_has_metadata(export):
    film = found_in(walk(*export))["AF1Qfilm"]
    assert isinstance(film.photo, Video)
    assert film.photo.title == "film"
    assert not film.renditions


def test_album_assignment_is_stable(tmp_path, monkeypatch):
    name = f"{YEAR}/snow.jpg.supplemental-metadata.json"
    other = told("snow.jpg", url="https://photos.google.com/photo/AF1Qsnow")
    root = write(tmp_path, EXPORT | {name: other})
    etags = {}
    assert found_in(walk(root, known=etags))["AF1Qsnow"].photo.tags == ("Grace",)
    assert found_in(walk(root, known=etags)) == {}


def test_two_photos_of_one_name_without_sidecars_are_two_items(tmp_path):
    files = {f"{YEAR}/bare.jpg": jpeg(), f"{ALBUM}/bare.jpg": jpeg() + b"\0"}
    assert len(found_in(walk(write(tmp_path, files)))) == 2


def test_other_products_and_the_locked_folder_are_ignored(tmp_path):
    others = {
        "Takeout/Drive/scan.jpg": jpeg(),
        "Takeout/Profile/me.jpg": jpeg(),
        "Takeout/Google Photos/Locked Folder/secret.jpg": jpeg(),
        "Takeout/Google Photos/Locked Folder/secret.jpg.json": told("secret.jpg"),
    }
    titles = {
        item.photo.title for item in found_in(walk(write(tmp_path, EXPORT | others))).values()
    }
    assert titles == {"snow", "film", "bare"}


def test_second_sync_reads_nothing(export, monkeypatch):
    etags = {}
    walk(*export, known=etags)
    monkeypatch.setattr("django_trove.server.connectors.takeout.connector.read", None)
    assert found_in(walk(*export, known=etags)) == {}


def test_later_export_imports_only_changes(tmp_path):
    etags = {}
    walk(write(tmp_path / "first", EXPORT), known=etags)
    later = EXPORT | {
        f"{YEAR}/film.mp4.json": told("renamed.mp4", url="https://x.example/AF1Qfilm")
    }
    found = found_in(walk(write(tmp_path / "later", later), known=etags))
    assert [item.photo.title for item in found.values()] == ["renamed"]


def test_photos_missing_in_a_later_export_are_kept(export):
    assert not any(page.full for page in walk(*export))


def test_trashed_photos_are_ignored(tmp_path):
    files = {f"{YEAR}/old.jpg": jpeg(), f"{YEAR}/old.jpg.json": told("old.jpg", trashed=True)}
    assert found_in(walk(write(tmp_path, files))) == {}


def test_damaged_picture_is_reported(tmp_path):
    files = EXPORT | {f"{YEAR}/cut.jpg": jpeg()[:200], f"{YEAR}/phone.heic": b"\0\0\0\x18ftypheic"}
    failures = failures_in(batches := walk(pack(tmp_path / "takeout.zip", files)))
    assert "damaged" in failures[f"{YEAR}/cut.jpg"]
    assert "HEIC" in failures[f"{YEAR}/phone.heic"]
    assert len(found_in(batches)) == 3


def test_damaged_zip_member_is_reported(tmp_path):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    content = path.read_bytes()
    at = content.index(jpeg("black"))
    path.write_bytes(content[:at] + b"\xff" * 40 + content[at + 40 :])
    assert "zip" in failures_in(walk(path))[f"{YEAR}/bare.jpg"]


def test_zip_bomb_is_rejected(tmp_path, monkeypatch):
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
def test_invalid_export_raises(tmp_path, name, content, words):
    path = tmp_path / name
    if isinstance(content, dict):
        path.mkdir()
        write(path, content)
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceFailed, match=words):
        walk(path)


def test_imported_export_may_be_deleted(tmp_path):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    cursor = walk(path)[-1].cursor
    path.unlink()
    [page] = walk(path, cursor=cursor)
    assert not page.full
    assert page.cursor == cursor


def test_interrupted_sync_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.takeout.connector.BATCH_SIZE", 2)
    path = pack(tmp_path / "takeout.zip", EXPORT)
    first, *_rest = walk(path)
    later = found_in(walk(path, cursor=first.cursor))
    assert set(later) | set(found_in([first])) == {"AF1Qsnow", "AF1Qfilm", BARE}
    assert first.total == 4


def test_symbolic_links_are_ignored(tmp_path):
    write(tmp_path / "elsewhere", {"secret.jpg": jpeg()})
    root = write(tmp_path / "export", EXPORT)
    (root / "Takeout/Google Photos/link.jpg").symlink_to(tmp_path / "elsewhere/secret.jpg")
    assert "link.jpg" not in found_in(walk(root))
