"""
Exports from public bug reports of other programs, through the command.
"""

import io

import pytest
from django.core.management import call_command

from django_trove.server.models import Identity, Item

from ..connectors.index import Index
from ..connectors.takeout_export import (
    PRODUCT,
    YEAR,
    album,
    jpeg,
    make_sidecar,
    pack,
    pack_tar,
    photo,
    write,
)

pytestmark = pytest.mark.django_db
OLD = {"suffix": ".json"}


def import_with_command(path, *options):
    out, err = io.StringIO(), io.StringIO()
    call_command("trove_add_takeout", "ada", str(path), *options, stdout=out, stderr=err)
    return Index(Identity.objects.get()).photos, out.getvalue().strip(), err.getvalue()


def test_year_folder_of_any_language_does_not_displace_an_album(person, tmp_path):
    root = "Takeout/Google Foto"
    files = {
        **photo(f"{root}/Foto da 2002", "a.jpg", id="X1", **OLD),
        f"{root}/Foto da 2002/metadati.json": album("Foto da 2002"),
        **photo(f"{root}/Vacanze", "a.jpg", id="X1", **OLD),
        f"{root}/Vacanze/metadati.json": album("Vacanze"),
    }
    photos, out, err = import_with_command(pack(tmp_path / "takeout.zip", files))
    assert (list(photos), photos["X1"].album_title, err) == (["X1"], "Vacanze", "")
    assert out == "1 added, 0 changed, 0 removed, 0 unchanged, 0 unreadable."


def test_parts_in_one_folder_are_all_read(person, tmp_path):
    first, second = (
        f"Takeout/takeout-20260318T202441Z-3-00{number}/Takeout/Google Foto/Foto da 2002"
        for number in (1, 2)
    )
    files = {f"{first}/a.jpg.json": make_sidecar("a.jpg"), f"{second}/a.jpg": jpeg()}
    files |= photo(first, "c.jpg", "red", **OLD) | {f"{second}/b.jpg": jpeg("blue")}
    photos, _, err = import_with_command(write(tmp_path, files))
    assert (sorted(photo.title for photo in photos.values()), err) == (["a", "b", "c"], "")


def test_sidecar_without_the_suffix_and_edited_copy(person, tmp_path):
    name, number = "Peanut Butter Balls", "2234089303984509579"
    files = {
        f"{YEAR}/{name}.jpg": jpeg(),
        f"{YEAR}/{name}.supplemental-metadata.json": make_sidecar(name, description="said"),
        f"{YEAR}/{number}.jpg": jpeg("red"),
        f"{YEAR}/{number}-edited.jpg": jpeg("blue", (50, 20)),
        f"{YEAR}/{number}.supplemental-metadata.json": make_sidecar(number, description="said"),
    }
    photos, _, _ = import_with_command(pack(tmp_path / "takeout.zip", files))
    by_title = {photo.title: photo for photo in photos.values()}
    assert sorted(by_title) == [number, name]
    assert all(photo.description == "said" and photo.date for photo in photos.values())
    assert by_title[number].width == 50


def test_media_files_of_unusual_suffixes_are_imported_or_reported(person, tmp_path):
    names = ("d.wmv", "e.m2ts", "f.cr3", "g.mpeg", "h.jxl", "j.mod", "k.divx", "l.3g2", "m.orf")
    files = {f"{YEAR}/{name}": b"x" for name in names}
    files |= {f"{YEAR}/{name}.json": make_sidecar(name) for name in names}
    for name in ("a.jpg", "image", "i.jfif"):
        files |= photo(YEAR, name, "red", id=name, **OLD)
    photos, out, err = import_with_command(pack(tmp_path / "takeout.zip", files))
    assert sorted(photos) == ["a.jpg", "i.jfif", "image"]
    assert out.endswith("9 unreadable.")
    assert all(f"{YEAR}/{name}: " in err for name in names)


def test_appledouble_files_are_excluded(person, tmp_path):
    files = photo(YEAR, "a.jpg", id="A", **OLD)
    files |= {f"{YEAR}/._a.jpg": b"\0\5\x16\7", f"__MACOSX/{YEAR}/._a.jpg": b"\0\5\x16\7"}
    photos, out, err = import_with_command(pack(tmp_path / "takeout.zip", files))
    assert (list(photos), err) == (["A"], "")
    assert out.endswith("0 unreadable.")


def test_tgz_is_imported(person, tmp_path):
    photos, _, _ = import_with_command(
        pack_tar(tmp_path / "takeout.tgz", photo(YEAR, "a.jpg", id="A"))
    )
    assert list(photos) == ["A"]


def test_items_that_are_not_imported_are_counted(person, tmp_path):
    files = photo(YEAR, "a.jpg", id="A") | {
        f"{YEAR}/{number}.jpg": f"no picture {number}".encode() for number in range(30)
    }
    for number in range(3):
        files |= photo(f"{PRODUCT}/Tresor", f"{number}.jpg", "red", id=str(number))
        files |= photo(YEAR, f"old-{number}.jpg", "red", id=f"old-{number}", trashed=True)
    photos, out, err = import_with_command(pack(tmp_path / "takeout.zip", files))
    assert list(photos) == ["A"]
    assert out == "1 added, 0 changed, 0 removed, 0 unchanged, 30 unreadable, 6 skipped."
    assert len(err.splitlines()) == 20 + 1 + 2
    assert "10 more items: The file is not a picture" in err
    assert "Tresor (3 items): The folder is neither an album" in err
    assert "Photos from 2007 (3 items): The items are in the trash." in err
    assert Identity.objects.get().unreadable_count == 30


def test_control_characters_in_names_are_not_printed(person, tmp_path):
    files = photo(YEAR, "a.jpg") | {f"{YEAR}/\x1b[2J\r.jpg": b"no picture"}
    _, _, err = import_with_command(pack(tmp_path / "a.zip", files))
    assert f"{YEAR}/?[2J?.jpg: " in err


def test_videos_are_optional(person, tmp_path):
    import_with_command(pack(tmp_path / "a.zip", photo(YEAR, "a.jpg")), "--without-videos")
    assert Identity.objects.get().settings["videos"] is False
    assert Item.objects.count() == 1
