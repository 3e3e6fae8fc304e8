import os
import warnings
from pathlib import Path

import pytest
from PIL import Image

from django_trove.server.connectors.folder import Folder
from django_trove.server.connectors.folder.files import compute_stamp
from django_trove.server.sync import SyncFailed

from ..images import draw
from .folder_reader import read_folder, read_photo


def test_file_name_is_the_title_and_sub_folder_the_album(folder):
    draw(folder / "2007" / "New York" / "IMG 1.jpg")
    seen = read_photo(folder)
    assert (seen.title, seen.album_id, seen.id) == (
        "IMG 1",
        "2007/New York",
        "2007/New York/IMG 1.jpg",
    )


@pytest.mark.parametrize(
    ("format", "type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
    ],
)
def test_format_is_detected_by_content(folder, format, type):
    draw(folder / "picture.dat", format=format)
    found, _ = read_folder(folder)
    assert found["picture.dat"].type == type


def test_damaged_files_are_reported(folder):
    whole = draw(folder / "whole.jpg", (200, 200)).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.png").write_text("<html>")
    (folder / "notes.txt").write_text("no picture")
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, failures = read_folder(folder)
    assert list(found) == ["whole.jpg"]
    assert failures == {
        "bomb.png": "The picture has too many pixels.",
        "cut.jpg": "The file is damaged or incomplete.",
        "empty.jpg": "The file is not a picture or video in a supported format.",
        "page.png": "The file is not a picture or video in a supported format.",
    }


def test_hidden_files_and_external_links_are_ignored(folder, tmp_path):
    draw(tmp_path / "outside" / "secret.jpg")
    draw(folder / "seen.jpg")
    draw(folder / ".hidden.jpg")
    draw(folder / ".thumbs" / "a.jpg")
    (folder / "link.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (folder / "links").symlink_to(tmp_path / "outside")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "inside.jpg").symlink_to(folder / "seen.jpg")
    found, failures = read_folder(folder)
    assert (sorted(found), failures) == (["inside.jpg", "seen.jpg"], {})


def test_undecodable_name_is_reported_escaped(folder):
    name = os.fsencode(folder) + b"/caf\xe9.jpg"
    with open(name, "wb") as file:
        file.write(draw(folder / "a.jpg").read_bytes())
    found, failures = read_folder(folder)
    assert list(found) == ["a.jpg"]
    assert failures == {r"caf\xe9.jpg": "The file name is not UTF-8."}


def test_folder_without_permission_raises(folder, monkeypatch):
    def forbidden(path):
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", forbidden)
    with pytest.raises(SyncFailed):
        read_folder(folder)
    assert Folder({"path": str(folder)}).original("a.jpg", "1") is None


def test_unchanged_files_are_compared_in_large_batches(folder):
    for number in range(501):
        (folder / f"{number:03}.jpg").write_bytes(b"")
    asked = []

    def know_all(names):
        asked.append(len(names))
        return {name: compute_stamp((folder / name).stat()) for name in names}

    batches = list(Folder({"path": str(folder)}).batches({}, know_all))
    assert asked == [500, 1]
    assert [len(batch.seen) for batch in batches] == [500, 1]
    assert [batch.cursor for batch in batches] == [{"after": "499.jpg"}, {}]


def test_known_files_are_not_read(folder):
    draw(folder / "a.jpg")
    known = {name: item.etag for name, item in read_folder(folder)[0].items()}
    assert read_folder(folder, known)[0] == {}
    os.utime(folder / "a.jpg", ns=(1, 1))
    assert list(read_folder(folder, known)[0]) == ["a.jpg"]


def test_missing_folder_raises(folder, tmp_path):
    folder.rmdir()
    with pytest.raises(SyncFailed):
        read_folder(folder)
    folder.symlink_to(tmp_path)
    with pytest.raises(SyncFailed):
        read_folder(folder)
