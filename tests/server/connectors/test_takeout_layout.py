"""
Folders of a Takeout export: any folder as the root, albums, folders by date, and hidden folders.
"""

import pytest

from django_trove.server.sync import SyncFailed

from .takeout_export import (
    ALBUM,
    EXPORT,
    PRODUCT,
    YEAR,
    album,
    albums,
    import_export,
    jpeg,
    make_sidecar,
    pack,
    pack_tar,
    photo,
    reasons,
    titles,
    write,
)

PARTS = {
    "takeout-20260318T202441Z-3-001/Takeout/Google Foto/Foto da 2002": {
        "a.jpg.json": make_sidecar("a.jpg", description="said"),
        "c.jpg": jpeg("red"),
        "c.jpg.json": make_sidecar("c.jpg"),
    },
    "takeout-20260318T202441Z-3-002/Takeout/Google Foto/Foto da 2002": {
        "a.jpg": jpeg("blue"),
        "b.jpg": jpeg("white"),
    },
}


def flatten(folders):
    return {
        f"{path}/{name}": data for path, files in folders.items() for name, data in files.items()
    }


@pytest.mark.parametrize("above", ["", "Takeout", "Downloads/Takeout/more"])
def test_parts_side_by_side_are_read_from_the_outer_folder(tmp_path, above):
    write(tmp_path / above, flatten(PARTS))
    index = import_export(tmp_path)
    assert titles(index) == ["a", "b", "c"]
    [photo] = [photo for photo in index.photos.values() if photo.title == "a"]
    assert photo.description == "said"  # its sidecar is in the other part
    assert not reasons(index)


@pytest.mark.parametrize(
    "root", ["", "Takeout", PRODUCT, ALBUM], ids=["outer", "Takeout", "Google Photos", "album"]
)
def test_any_folder_is_the_root(tmp_path, root):
    write(tmp_path, EXPORT)
    index = import_export(tmp_path / root)
    photo = index.photos["AF1Qsnow"]
    assert (photo.album_id, photo.album_title) == ("Williamsburg", "Winter & snow")
    assert len(index.photos) == (1 if root == ALBUM else 3)


def test_parts_with_different_roots_are_one_export(tmp_path):
    write(tmp_path, flatten(PARTS))
    first, second = (tmp_path / folder for folder in PARTS)
    assert titles(import_export(first.parent.parent, second.parent)) == ["a", "b", "c"]
    assert titles(import_export(first, second)) == ["a", "b", "c"]


@pytest.mark.parametrize("pack_part", [pack, pack_tar])
def test_archives_in_a_folder_are_read(tmp_path, pack_part):
    suffix = ".zip" if pack_part is pack else ".tgz"
    for number, (path, files) in enumerate(PARTS.items(), 1):
        inner = path.partition("/")[2]
        pack_part(tmp_path / f"takeout-2026-{number:03}{suffix}", flatten({inner: files}))
    (tmp_path / "other.zip").write_bytes(b"not an export")
    index = import_export(tmp_path)
    assert titles(index) == ["a", "b", "c"]
    assert not reasons(index)


def test_archive_in_a_sub_folder_is_reported(tmp_path):
    write(tmp_path, EXPORT)
    (tmp_path / "more").mkdir()
    pack(tmp_path / "more" / "takeout-002.zip", photo(YEAR, "new.jpg"))
    index = import_export(tmp_path)
    assert "Specify it" in reasons(index)["more/takeout-002.zip"]


def test_different_files_of_one_name_in_two_parts_are_reported(tmp_path):
    first = write(tmp_path / "1", photo(YEAR, "a.jpg", "white"))
    second = write(tmp_path / "2", photo(YEAR, "a.jpg", "white"))
    third = write(tmp_path / "3", {f"{YEAR}/a.jpg": jpeg("black") + b"\0"})
    index = import_export(first, second, third)
    assert titles(index) == ["a"]
    assert "different file" in reasons(index)[f"{YEAR}/a.jpg"]


@pytest.mark.parametrize(
    ("product", "template"),
    [
        ("Google Photos", "Photos from {}"),
        ("Google Foto", "Foto da {}"),
        ("Google フォト", "{} 年の写真"),
        ("صور Google", "صور من {}"),
        ("Google Photos", "{}"),
    ],
)
@pytest.mark.parametrize("described", [False, True], ids=["new", "with metadata files"])
def test_album_is_not_displaced_by_the_folder_of_the_year(tmp_path, product, template, described):
    """
    Older exports contain a metadata file in each folder; its content is like that of an album.
    """
    root = f"Takeout/{product}"
    year, other, trip = (template.format(2007), template.format(2006), "A trip")
    files = {
        **photo(f"{root}/{year}", "a.jpg", "red", id="A"),
        **photo(f"{root}/{year}", "b.jpg", "blue", id="B"),
        **photo(f"{root}/{other}", "c.jpg", "white", id="C", taken=1_150_000_000),
        **photo(f"{root}/{trip}", "a.jpg", "red", id="A"),
        f"{root}/{trip}/métadonnées.json": album("Trip"),
    }
    if described:
        files |= {f"{root}/{name}/métadonnées.json": album(name) for name in (year, other)}
    index = import_export(write(tmp_path, files))
    assert albums(index) == {"a": "Trip", "b": "", "c": ""}


def test_album_with_a_year_in_its_name_is_an_album(tmp_path):
    rome, years = f"{PRODUCT}/Rome 2007", f"{PRODUCT}/Photos from"
    shots = {
        **photo(f"{years} 2007", "a.jpg", "red", id="A"),
        **photo(f"{years} 2007", "b.jpg", "blue", id="B"),
        **photo(f"{years} 2006", "c.jpg", "white", id="C", taken=1_150_000_000),
        **photo(rome, "a.jpg", "red", id="A"),
        f"{rome}/metadata.json": album("Rome 2007"),
    }
    assert albums(import_export(write(tmp_path / "new", shots)))["a"] == "Rome 2007"
    for year in (2006, 2007):
        shots[f"{years} {year}/metadata.json"] = album(f"Photos from {year}")
    index = import_export(write(tmp_path / "old", shots))
    assert albums(index) == {"a": "Rome 2007", "b": "", "c": ""}


def test_selected_albums_without_folders_by_date_keep_their_titles(tmp_path):
    rome, zoo = f"{PRODUCT}/Rome 2007", f"{PRODUCT}/Zoo"
    files = {
        **photo(rome, "a.jpg", "red", id="A"),
        **photo(rome, "b.jpg", "blue", id="B"),
        f"{rome}/metadata.json": album("Rome 2007"),
        **photo(zoo, "c.jpg", "white", id="C"),
        f"{zoo}/metadata.json": album("Zoo"),
    }
    write(tmp_path, files)
    assert albums(import_export(tmp_path)) == {"a": "Rome 2007", "b": "Rome 2007", "c": "Zoo"}
    assert albums(import_export(tmp_path / rome)) == {"a": "Rome 2007", "b": "Rome 2007"}


def test_album_that_may_be_a_folder_by_date_does_not_displace_another_album(tmp_path):
    """
    One folder by date with a metadata file cannot be distinguished from the album "Rome 2007".
    """
    year, trip = f"{PRODUCT}/Foto da 2007", f"{PRODUCT}/Vacanze"
    files = {
        **photo(year, "a.jpg", "red", id="A"),
        **photo(year, "b.jpg", "blue", id="B"),
        f"{year}/metadati.json": album("Foto da 2007"),
        **photo(trip, "a.jpg", "red", id="A"),
        **photo(trip, "c.jpg", "green", id="C"),
        **photo(trip, "d.jpg", "black", id="D"),
        f"{trip}/metadati.json": album("Vacanze"),
    }
    assert albums(import_export(write(tmp_path, files)))["a"] == "Vacanze"


def test_folders_by_day_of_the_oldest_exports_are_no_albums(tmp_path):
    days = ["2007-03-04", "2007-03-04 #2", "2007-03-05"]
    files = {}
    for number, day in enumerate(days):
        files |= photo(f"{PRODUCT}/{day}", f"{number}.jpg", ("red", "blue", "white")[number])
        files[f"{PRODUCT}/{day}/metadata.json"] = b'{"albumData": {"title": "%b"}}' % day.encode()
    trip = f"{PRODUCT}/Trip"
    files |= photo(trip, "0.jpg", "red") | {
        f"{trip}/metadata.json": b'{"albumData": {"title": "Trip"}}'
    }
    assert albums(import_export(write(tmp_path, files))) == {"0": "Trip", "1": "", "2": ""}


def test_export_without_sidecars_is_imported(tmp_path):
    files = {
        f"{PRODUCT}/Photos from 2023/a.jpg": jpeg("red"),
        f"{PRODUCT}/Trip/a.jpg": jpeg("red"),
        f"{PRODUCT}/Trip/metadata.json": album("Trip"),
        f"{PRODUCT}/Photos from 2023/b.jpg": jpeg("blue"),
    }
    assert albums(import_export(write(tmp_path, files))) == {"a": "Trip", "b": ""}


def test_untitled_album_has_the_name_of_its_folder(tmp_path):
    files = photo(f"{PRODUCT}/Untitled(1)", "a.jpg") | {
        f"{PRODUCT}/Untitled(1)/metadata.json": album("")
    }
    assert albums(import_export(write(tmp_path, files))) == {"a": "Untitled(1)"}


def test_photos_of_other_products_are_ignored(tmp_path):
    others = {"Takeout/Drive/2007/scan.jpg": jpeg(), "Takeout/Profile/me.jpg": jpeg()}
    index = import_export(write(tmp_path, EXPORT | others))
    assert titles(index) == ["bare", "sea", "snow"]
    assert not reasons(index)


HIDDEN = {"inLockedFolder": True}, {"trashed": True}


@pytest.mark.parametrize("name", ["Locked Folder", "Cartella bloccata", "ロックされたフォルダ"])
def test_folder_that_may_be_the_locked_folder_is_not_imported(tmp_path, name):
    """
    Its photos are in no folder by date, and it has no metadata file; its name is localized.
    """
    locked = photo(f"{PRODUCT}/{name}", "secret.jpg", "red") | {
        f"{PRODUCT}/{name}/secret-copy.jpg": jpeg("green")
    }
    index = import_export(pack(tmp_path / "takeout.zip", EXPORT | locked))
    assert titles(index) == ["bare", "sea", "snow"]
    [skipped] = index.skipped
    assert (skipped.name, skipped.count) == (name, 2)
    assert "specify the folder itself" in skipped.reason
    assert not index.failures


@pytest.mark.parametrize("flags", HIDDEN)
@pytest.mark.parametrize("folder", [YEAR, ALBUM, f"{PRODUCT}/Papierkorb"])
def test_locked_and_trashed_items_are_never_imported(tmp_path, flags, folder):
    hidden = photo(folder, "old.jpg", "red", id="old", **flags)
    index = import_export(write(tmp_path, EXPORT | hidden))
    assert titles(index) == ["bare", "sea", "snow"]
    word = "trash" if "trashed" in flags else "Locked"
    assert word in reasons(index)[folder.rpartition("/")[2]]
    assert "old" not in titles(import_export(tmp_path / folder))


@pytest.mark.parametrize("flags", HIDDEN)
def test_an_item_in_a_hidden_folder_of_a_later_export_is_removed(tmp_path, flags):
    index = import_export(write(tmp_path / "first", EXPORT))
    assert titles(index) == ["bare", "sea", "snow"]
    later = {path: content for path, content in EXPORT.items() if "sea" not in path}
    later |= photo(f"{PRODUCT}/Papierkorb", "sea.jpg", "blue", id="AF1Qsea", **flags)
    import_export(write(tmp_path / "later", later), into=index)
    assert titles(index) == ["bare", "snow"]


@pytest.mark.parametrize("flags", HIDDEN)
def test_an_edited_copy_of_a_hidden_item_is_hidden_whatever_its_word_is(tmp_path, flags):
    """
    The language of an account may change, so that an export contains several words.
    """
    files = EXPORT | photo(YEAR, "secret.jpg", "red", id="secret", **flags)
    files |= {f"{YEAR}/secret-bearbeitet.jpg": jpeg("green")}
    for name in ("one", "two"):
        files |= photo(YEAR, f"{name}.jpg", "red", id=name)
        files |= {f"{YEAR}/{name}-edited.jpg": jpeg("green")}
    assert titles(import_export(write(tmp_path, files))) == ["bare", "one", "sea", "snow", "two"]


def test_archive_and_known_photos_of_other_folders_are_imported(tmp_path):
    """
    Items of the archive are marked; copies of photos in folders by date need no report.
    """
    files = {
        **EXPORT,
        **photo(f"{PRODUCT}/Archiv", "bill.jpg", "red", archived=True),
        **photo(f"{PRODUCT}/Sonstiges", "sea.jpg", "blue", id="AF1Qsea"),
    }
    index = import_export(write(tmp_path, files))
    assert titles(index) == ["bare", "bill", "sea", "snow"]
    assert not reasons(index)


def test_folder_that_the_operator_specifies_is_imported(tmp_path):
    write(tmp_path, EXPORT | photo(f"{PRODUCT}/Other", "new.jpg", "red"))
    index = import_export(tmp_path)
    assert "new" not in titles(index)
    import_export(tmp_path / PRODUCT / "Other", into=index)
    assert titles(index) == ["bare", "new", "sea", "snow"]
    plain = write(tmp_path / "plain", {"new.jpg": jpeg("green")})
    import_export(plain, into=index)
    assert titles(index) == ["bare", "new", "new", "sea", "snow"]


def test_pictures_next_to_an_export_are_not_part_of_it(tmp_path):
    write(tmp_path, {"private.jpg": jpeg("red")})
    pack(tmp_path / "takeout-001.zip", EXPORT)
    assert titles(import_export(tmp_path)) == ["bare", "sea", "snow"]


def test_only_hidden_folders_are_an_error_with_the_remedy(tmp_path):
    with pytest.raises(SyncFailed, match="Tresor: The folder is neither an album"):
        import_export(write(tmp_path, photo(f"{PRODUCT}/Tresor", "a.jpg")))


def test_system_files_are_excluded(tmp_path):
    files = {
        f"{YEAR}/._snow.jpg": b"\0\5\x16\7",
        f"__MACOSX/{YEAR}/._snow.jpg": b"\0\5\x16\7",
        f"{YEAR}/@eaDir/snow.jpg/SYNOPHOTO_THUMB_M.jpg": jpeg(),
        f"{YEAR}/.DS_Store": b"",
        f"{YEAR}/Thumbs.db": b"",
    }
    for path in (write(tmp_path / "a", EXPORT | files), pack(tmp_path / "a.zip", EXPORT | files)):
        index = import_export(path, account=str(path))
        assert titles(index) == ["bare", "sea", "snow"]
        assert not reasons(index)


def test_names_of_macos_and_google_are_equal(tmp_path):
    """
    macOS writes names in NFD, in folders and zip files.
    """
    decomposed = f"{PRODUCT}/Cafe\u0301"
    files = {
        f"{decomposed}/E\u0301te\u0301.jpg": jpeg("red"),
        f"{PRODUCT}/Caf\u00e9/\u00c9t\u00e9.jpg.json": make_sidecar(
            "\u00c9t\u00e9.jpg", description="said"
        ),
        f"{PRODUCT}/Caf\u00e9/metadata.json": album("Caf\u00e9"),
    }
    [photo] = import_export(write(tmp_path, files)).photos.values()
    assert (photo.description, photo.album_id) == ("said", "Caf\u00e9")
