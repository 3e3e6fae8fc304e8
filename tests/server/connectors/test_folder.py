"""
A folder of pictures, as its connector reads it.
"""

import os
import warnings
from pathlib import Path

import pytest
from PIL import Image

from django_trove.server.connectors.base import ServiceFailed
from django_trove.server.connectors.folder import Folder

from ..images import draw
from .read import photo, read


def test_without_a_title_there_is_the_files_name_and_the_album_is_the_sub_folder(folder):
    draw(folder / "2007" / "New York" / "IMG 1.jpg")
    seen = photo(folder)
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
def test_the_content_tells_the_format_and_not_the_name(folder, format, type):
    draw(folder / "picture.dat", format=format)
    found, _ = read(folder)
    assert found["picture.dat"].type == type


def test_damaged_files_are_named_with_a_reason_and_passed_over(folder):
    """
    Each in its own way; the others come through, and no warning leaks.
    """
    whole = draw(folder / "whole.jpg", (200, 200)).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.png").write_text("<html>")
    (folder / "film.mp4").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture")
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, failures = read(folder)
    assert list(found) == ["whole.jpg"]
    assert failures == {
        "bomb.png": "The picture has too many pixels.",
        "cut.jpg": "The file is damaged or incomplete.",
        "empty.jpg": "The file is not a JPEG, PNG, WebP, GIF or TIFF picture.",
        "page.png": "The file is not a JPEG, PNG, WebP, GIF or TIFF picture.",
    }


def test_hidden_files_and_ways_out_are_not_taken(folder, tmp_path):
    """
    Nothing outside of the folder comes in by a link.
    """
    draw(tmp_path / "outside" / "secret.jpg")
    draw(folder / "seen.jpg")
    draw(folder / ".hidden.jpg")
    draw(folder / ".thumbs" / "a.jpg")
    (folder / "link.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (folder / "links").symlink_to(tmp_path / "outside")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "inside.jpg").symlink_to(folder / "seen.jpg")
    found, failures = read(folder)
    assert (sorted(found), failures) == (["inside.jpg", "seen.jpg"], {})


def test_a_name_that_is_not_utf8_is_reported_as_far_as_it_goes(folder):
    name = os.fsencode(folder) + b"/caf\xe9.jpg"
    with open(name, "wb") as file:
        file.write(draw(folder / "a.jpg").read_bytes())
    found, failures = read(folder)
    assert list(found) == ["a.jpg"]
    assert failures == {r"caf\xe9.jpg": "The file name is not UTF-8."}


@pytest.fixture
def forbid(monkeypatch):
    """
    Let nobody look at a path, not even whom permissions don't hold.
    """

    def forbid(*forbidden):
        look = Path.stat

        def stat(path, **more):
            if path in forbidden:
                raise PermissionError(13, "Permission denied", str(path))
            return look(path, **more)

        monkeypatch.setattr(Path, "stat", stat)

    return forbid


def test_a_file_that_may_not_be_looked_at_is_reported_and_kept(folder, forbid):
    """
    The others come through, and what the index knows of it stays.
    """
    draw(folder / "seen.jpg")
    draw(folder / "album" / "locked.jpg")
    forbid(folder / "album" / "locked.jpg")
    pages = list(Folder({"path": str(folder)}).batches({}, lambda names: {}))
    assert [item.photo.id for page in pages for item in page.items] == ["seen.jpg"]
    assert {name for page in pages for name in page.seen} == {"album/locked.jpg", "seen.jpg"}
    [failure] = [failure for page in pages for failure in page.failures]
    assert failure.name == "album/locked.jpg"
    assert "permission" in failure.reason


def test_a_folder_that_may_not_be_looked_at_is_an_error(folder, monkeypatch):
    def forbidden(path):
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", forbidden)
    with pytest.raises(ServiceFailed):
        read(folder)
    assert Folder({"path": str(folder)}).original("a.jpg", "1") is None


def test_what_the_index_knows_is_not_read_again(folder):
    """
    By the time and size of the file.
    """
    draw(folder / "a.jpg")
    known = {name: item.etag for name, item in read(folder)[0].items()}
    assert read(folder, known)[0] == {}
    os.utime(folder / "a.jpg", ns=(1, 1))
    assert list(read(folder, known)[0]) == ["a.jpg"]


def test_a_folder_that_went_away_is_an_error_and_not_an_empty_folder(folder, tmp_path):
    """
    A disk that isn't mounted must not empty the index; a link in its place is another folder.
    """
    folder.rmdir()
    with pytest.raises(ServiceFailed):
        read(folder)
    folder.symlink_to(tmp_path)
    with pytest.raises(ServiceFailed):
        read(folder)
