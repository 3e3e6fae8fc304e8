"""
Files that are one item: RAW and JPEG, live photos, and XMP sidecars.
"""

import os
from pathlib import Path

import pytest

from django_trove.server.connectors.folder.connector import Folder
from django_trove.server.connectors.folder.groups import FileGroup, group_files
from django_trove.server.models import Identity, Item
from django_trove.server.sync.engine import sync

from ..images import draw, xmp
from ..media_files import apple_metadata, dng, heic, movie, movie_header
from .folder_reader import read_folder, read_photo


def group(*names):
    groups = group_files(names)
    return {found.name: found.companions for found in groups}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.jpg", "a.nef"], {"a.jpg": ("a.nef",)}),
        (["IMG_1.JPG", "img_1.NEF"], {"IMG_1.JPG": ("img_1.NEF",)}),
        (["x/a.jpg", "y/a.nef"], {"x/a.jpg": (), "y/a.nef": ()}),
        (["a.nef"], {"a.nef": ()}),
        (["a.heic", "a.mov"], {"a.heic": ("a.mov",)}),
        (["a.heic", "a.jpg", "a.mov", "a.dng"], {"a.heic": ("a.mov",), "a.jpg": ("a.dng",)}),
        (["a.jpg", "a.png", "b.jpg"], {"a.jpg": (), "a.png": (), "b.jpg": ()}),
        (["a.png", "a.nef", "a.mov"], {"a.mov": (), "a.nef": (), "a.png": ()}),
        (["a.mov", "a.mp4"], {"a.mov": (), "a.mp4": ()}),
        (["P.MP", "P.MP.jpg"], {"P.MP.jpg": ("P.MP",)}),
        (["a.jpg", "a.xmp"], {"a.jpg": ("a.xmp",)}),
        (["a.jpg", "a.jpg.xmp", "A.XMP"], {"a.jpg": ("a.jpg.xmp", "A.XMP")}),
        (["a.jpg", "a.nef", "a.nef.xmp"], {"a.jpg": ("a.nef", "a.nef.xmp")}),
        (["b.xmp", "b.c.jpg"], {"b.c.jpg": ()}),
        (["mov", "a", ".jpg"], {".jpg": (), "a": (), "mov": ()}),
    ],
)
def test_files_of_one_name_are_one_item(names, expected):
    assert group(*names) == group(*reversed(names)) == expected


def test_groups_are_sorted_by_name():
    names = [f"{number}.{suffix}" for number in range(30) for suffix in ("jpg", "nef", "xmp")]
    found = [item.name for item in group_files(names)]
    assert found == sorted(found)


def test_only_a_heic_and_a_mov_are_a_live_photo_by_name():
    assert FileGroup("a.heic", motion="a.MOV").is_live_photo
    assert not FileGroup("a.jpg", motion="a.mov").is_live_photo
    assert not FileGroup("a.heic", motion="a.mp4").is_live_photo


@pytest.mark.parametrize(
    ("still", "video", "seconds", "is_one"),
    [
        ("a.heic", "a.mov", 60, True),
        ("a.jpg", "a.mov", 3, True),
        ("a.jpg", "a.mov", 60, False),
        ("a.jpg", "a.mp4", 60, False),
        ("a.jpg", "a.mp4", 2, True),
    ],
)
def test_a_long_video_with_the_name_of_a_picture_is_an_item(folder, still, video, seconds, is_one):
    content = heic() if still == "a.heic" else draw(folder / still).read_bytes()
    (folder / still).write_bytes(content)
    (folder / video).write_bytes(movie(movie_header(seconds=seconds)))
    found, failures = read_folder(folder)
    assert not failures
    assert list(found) == ([still] if is_one else [still, video])
    known = {name: item.etag for name, item in found.items()}
    assert read_folder(folder, known)[0] == {}


def test_a_marked_video_is_part_of_the_photo(folder):
    draw(folder / "a.jpg")
    marked = apple_metadata(content_identifier="C7E7")
    (folder / "a.mov").write_bytes(movie(movie_header(seconds=60), marked))
    assert list(read_folder(folder)[0]) == ["a.jpg"]


def test_known_videos_are_not_read_again(folder, monkeypatch):
    for name, seconds in (("a", 3), ("b", 60)):
        draw(folder / f"{name}.jpg")
        (folder / f"{name}.mov").write_bytes(movie(movie_header(seconds=seconds)))
    found, _ = read_folder(folder)
    assert list(found) == ["a.jpg", "b.jpg", "b.mov"]
    known = {name: item.etag for name, item in found.items()}
    opened = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *args: opened.append(path) or real(path, *args))
    assert read_folder(folder, known)[0] == {}
    assert not opened


# ---- Sidecars


@pytest.mark.parametrize("name", ["a.xmp", "a.jpg.xmp", "A.XMP"])
def test_a_sidecar_is_read(folder, name):
    draw(folder / "a.jpg", xmp=xmp("Embedded", tags=["sea"]))
    (folder / name).write_bytes(xmp("Sidecar", tags=["sun"]))
    photo = read_photo(folder)
    assert (photo.title, set(photo.tags)) == ("Sidecar", {"sea", "sun"})


def test_the_sidecar_of_a_video_is_read(folder):
    (folder / "a.mov").write_bytes(movie())
    (folder / "a.mov.xmp").write_bytes(xmp("Waves"))
    assert read_photo(folder).title == "Waves"


def test_a_damaged_sidecar_is_ignored(folder):
    draw(folder / "a.jpg", xmp=xmp("Embedded"))
    (folder / "a.xmp").write_bytes(b"<x:xmpmeta")
    assert read_photo(folder).title == "Embedded"


def test_a_changed_sidecar_changes_the_item(folder):
    draw(folder / "a.jpg")
    known = {}

    def read_changed():
        [item] = read_folder(folder, dict(known))[0].values()
        known["a.jpg"] = item.etag
        assert read_folder(folder, dict(known))[0] == {}
        assert Folder({"path": str(folder)}).original("a.jpg", item.etag) == folder / "a.jpg"
        return item.content.title

    assert read_changed() == "a"
    (folder / "a.xmp").write_bytes(xmp("First"))
    assert read_changed() == "First"
    (folder / "a.xmp").write_bytes(xmp("Other"))
    os.utime(folder / "a.xmp", ns=(1, 1))
    assert read_changed() == "Other"
    (folder / "a.xmp").unlink()
    assert read_changed() == "a"


# ---- The index


@pytest.fixture
def account(person, folder):
    return Identity.objects.create(
        user=person, service="folder", service_id="1", settings={"path": str(folder)}
    )


def indexed():
    return sorted(Item.objects.values_list("service_id", flat=True))


@pytest.mark.django_db
def test_a_raw_file_is_an_item_until_its_jpeg_exists(account, folder):
    pytest.importorskip("rawpy", reason="needs django-trove[raw]")
    (folder / "a.dng").write_bytes(dng())
    draw(folder / "b.jpg")
    sync(account)
    assert indexed() == ["a.dng", "b.jpg"]
    draw(folder / "a.jpg")
    sync(account)
    assert indexed() == ["a.jpg", "b.jpg"]
    (folder / "a.jpg").unlink()
    sync(account)
    assert indexed() == ["a.dng", "b.jpg"]


@pytest.mark.django_db
def test_groups_are_complete_across_batches(account, folder, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.folder.parts.BATCH_SIZE", 2)
    for number in range(5):
        draw(folder / f"{number}.jpg")
        (folder / f"{number}.nef").write_bytes(b"RAW")
        (folder / f"{number}.mov").write_bytes(movie(movie_header(seconds=60)))
    report = sync(account)
    assert (report.added, report.failures) == (10, [])
    assert indexed() == sorted(f"{n}.{suffix}" for n in range(5) for suffix in ("jpg", "mov"))


@pytest.mark.django_db
def test_thumbnails_of_a_nas_are_not_imported(account, folder):
    for name in ("@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", "#recycle/b.jpg", "x/.@__thumb/s.jpg"):
        draw(folder / name)
    draw(folder / "x" / "a.jpg")
    draw(folder / "Thumbs.db")
    report = sync(account)
    assert (indexed(), report.failures) == (["x/a.jpg"], [])
