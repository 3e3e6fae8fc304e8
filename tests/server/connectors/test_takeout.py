"""
Import of Google Takeout exports with the sync engine.
"""

from datetime import UTC, datetime

import pytest
from PIL import ExifTags, Image

from django_trove.server.accounts.add import add_takeout
from django_trove.server.connectors.picture.metadata import Metadata
from django_trove.server.connectors.takeout import connector
from django_trove.server.connectors.takeout.items import find_time
from django_trove.server.sync import SyncFailed, sync

from .index import Index, new_user
from .takeout_export import (
    ALBUM,
    BARE,
    EXPORT,
    TAKEN,
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


@pytest.fixture(params=["a folder", "one zip file", "two zip files", "a tgz file"])
def export(request, tmp_path):
    if request.param == "a folder":
        return [write(tmp_path / "unpacked", EXPORT)]
    if request.param == "one zip file":
        return [pack(tmp_path / "takeout.zip", EXPORT)]
    if request.param == "a tgz file":
        return [pack_tar(tmp_path / "takeout.tgz", EXPORT)]
    parts = [dict(list(EXPORT.items())[number::2]) for number in range(2)]  # pictures, and sidecars
    return [pack(tmp_path / f"takeout-{number}.zip", part) for number, part in enumerate(parts)]


def test_all_fields_of_a_photo_are_converted(export):
    photo = import_export(*export).photos["AF1Qsnow"]
    assert (photo.service, photo.title) == ("google", "snow")
    assert photo.description == "First & last snow"
    assert photo.tags == ("Grace",)
    assert photo.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
    assert photo.upload_date == datetime(2007, 3, 5, 13, 6, 40, tzinfo=UTC)
    assert photo.location == (40.7, -73.95)
    assert (photo.width, photo.height, photo.media_type) == (40, 30, "image/jpeg")
    assert photo.original_web_url == "https://photos.google.com/photo/AF1Qsnow"
    assert (photo.album_id, photo.album_title) == ("Williamsburg", "Winter & snow")


def test_photo_in_an_album_and_a_year_is_one_item(export):
    index = import_export(*export)
    assert set(index.photos) == {"AF1Qsnow", "AF1Qsea", BARE}
    assert albums(index) == {"snow": "Winter & snow", "sea": "", "bare": ""}
    assert set(index.items["AF1Qsnow"].files) == {"large", "medium", "thumbnail"}
    assert not reasons(index)


def test_metadata_of_the_file_completes_that_of_google(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Canon", "EOS R5"
    exif[ExifTags.Base.ImageDescription] = "In the file"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2007:03:04 13:08:12",
        ExifTags.Base.OffsetTimeOriginal: "-08:00",
    }
    files = photo(YEAR, "a.jpg", id="A", description="At Google")
    files[f"{YEAR}/a.jpg"] = jpeg(exif=exif)
    files |= photo(YEAR, "b.jpg", id="B")
    files[f"{YEAR}/b.jpg"] = jpeg("blue", exif=exif)
    photos = import_export(write(tmp_path, files)).photos
    assert photos["A"].description == "At Google"
    assert photos["B"].description == "In the file"
    assert photos["A"].camera.name == "Canon EOS R5"
    assert photos["A"].utc_offset == -8 * 60
    assert photos["A"].local_date == datetime(2007, 3, 4, 13, 8, 12)


@pytest.mark.parametrize(
    ("clock", "offset", "expected"),
    [
        ("2007-03-04 13:08:12", None, -8 * 60),  # Google computed UTC from the place
        ("2007-03-05 02:53:12", None, 5 * 60 + 45),
        ("2007-03-04 21:08:12", None, None),  # Google does not know the time zone
        ("2007-03-04 21:09:12", None, None),  # the user corrected the time at Google
        ("2007-03-06 13:08:12", None, None),
        ("2007-03-04 21:08:12", 60, 60),
    ],
)
def test_utc_offset_is_the_difference_to_the_clock_of_the_camera(clock, offset, expected):
    taken = datetime.fromtimestamp(TAKEN, UTC)
    metadata = Metadata(
        taken=datetime.fromisoformat(clock).replace(tzinfo=UTC, microsecond=5), utc_offset=offset
    )
    assert find_time(taken, metadata) == (taken, expected)
    assert find_time(None, metadata) == (metadata.taken, offset)
    assert find_time(taken, Metadata()) == (taken, None)


def test_album_is_stable_if_its_sidecar_differs(tmp_path):
    files = EXPORT | photo(YEAR, "snow.jpg", id="AF1Qsnow")  # without a description
    root = write(tmp_path, files)
    index = import_export(root)
    assert index.photos["AF1Qsnow"].tags == ("Grace",)
    index.wrote.clear()
    import_export(root, into=index)
    assert index.wrote == []


def test_distinct_photos_of_one_name_or_time_are_distinct_items(tmp_path):
    """
    Photos of a burst have the same title and second; without a URL, the size distinguishes them.
    """
    files = {
        f"{YEAR}/bare.jpg": jpeg(),
        f"{ALBUM}/bare.jpg": jpeg() + b"\0",
        f"{ALBUM}/metadata.json": album("Williamsburg"),
        f"{YEAR}/IMG_1.jpg": jpeg("red"),
        f"{YEAR}/IMG_1.jpg.json": make_sidecar("IMG_1.jpg"),
        f"{YEAR}/IMG_1(1).jpg": jpeg("red") + b"\0",
        f"{YEAR}/IMG_1.jpg(1).json": make_sidecar("IMG_1.jpg"),
    }
    assert titles(import_export(write(tmp_path, files))) == ["IMG_1", "IMG_1", "bare", "bare"]


def test_url_without_an_id_does_not_identify_a_photo(tmp_path):
    files = {}
    for name, colour, url in (
        ("a.jpg", "red", "https://photos.google.com/"),
        ("b.jpg", "blue", "https://photos.google.com/photo/"),
        ("c.jpg", "green", "https://photos.google.com/photo/C?key=1"),
        ("d.jpg", "black", "https://photos.google.com/share/S/photo/D"),
    ):
        files |= photo(YEAR, name, colour, url=url)
    index = import_export(write(tmp_path, files))
    assert titles(index) == ["a", "b", "c", "d"]
    assert {"C", "D"} < set(index.photos)


def test_second_import_reads_no_pictures(export, monkeypatch):
    index = import_export(*export)
    index.wrote.clear()
    monkeypatch.setattr("django_trove.server.connectors.picture.processes.read", None)
    import_export(*export, into=index)
    assert index.wrote == []
    assert index.batches[-1].total == 4


def test_imported_export_is_not_read_by_later_syncs(export, monkeypatch):
    index = import_export(*export)
    monkeypatch.setattr(connector, "open_parts", None)
    index.run_sync()
    assert len(index.photos) == 3


def test_later_export_imports_only_changes(tmp_path):
    index = import_export(write(tmp_path / "first", EXPORT))
    index.wrote.clear()
    later = EXPORT | photo(YEAR, "sea.jpg", "blue", id="AF1Qsea", description="Ocean")
    import_export(write(tmp_path / "later", later), into=index)
    assert index.wrote == ["AF1Qsea"]
    assert len(index.photos) == 3


def test_later_export_without_albums_keeps_albums_and_photos(tmp_path):
    index = import_export(write(tmp_path / "first", EXPORT))
    later = photo(YEAR, "snow.jpg", id="AF1Qsnow", description="Changed")
    import_export(write(tmp_path / "later", later), into=index)
    assert len(index.photos) == 3
    assert index.photos["AF1Qsnow"].description == "Changed"
    assert albums(index)["snow"] == "Winter & snow"


def test_item_moved_to_the_trash_is_removed_by_a_later_export(tmp_path):
    index = import_export(write(tmp_path / "first", EXPORT))
    later = photo(YEAR, "sea.jpg", "blue", id="AF1Qsea", trashed=True)
    import_export(write(tmp_path / "later", EXPORT | later), into=index)
    assert titles(index) == ["bare", "snow"]


def test_albums_of_one_title_stay_separate(tmp_path):
    files = {
        **photo(f"{YEAR}/../Rome", "a.jpg", "red", id="A"),
        **photo(f"{YEAR}/../Rome(1)", "b.jpg", "blue", id="B"),
        f"{YEAR}/../Rome/metadata.json": album("Rome"),
        f"{YEAR}/../Rome(1)/metadata.json": album("Rome"),
    }
    (tmp_path / YEAR).mkdir(parents=True)
    photos = import_export(write(tmp_path, files)).photos
    assert [photos[name].album_title for name in "AB"] == ["Rome", "Rome"]
    assert [photos[name].album_id for name in "AB"] == ["Rome", "Rome(1)"]


def test_album_that_contains_only_a_sidecar_of_the_photo(tmp_path):
    files = photo(YEAR, "a.jpg", id="A") | {
        f"{ALBUM}/a.jpg.supplemental-metadata.json": make_sidecar(
            "a.jpg", url="https://x.example/photo/A"
        ),
        f"{ALBUM}/lost.jpg.supplemental-metadata.json": make_sidecar("lost.jpg"),
        f"{ALBUM}/metadata.json": album("Williamsburg"),
    }
    index = import_export(write(tmp_path, files))
    assert albums(index) == {"a": "Williamsburg"}
    assert "all parts" in reasons(index)["Williamsburg"]


def test_damaged_pictures_are_reported(tmp_path):
    files = EXPORT | {f"{YEAR}/cut.jpg": jpeg()[:200], f"{YEAR}/phone.heic": b"\0\0\0\x18ftypheic"}
    index = import_export(pack(tmp_path / "takeout.zip", files))
    assert set(reasons(index)) == {f"{YEAR}/cut.jpg", f"{YEAR}/phone.heic"}
    assert len(index.photos) == 3


def test_file_of_any_suffix_is_imported_or_reported(tmp_path):
    """
    Files with a sidecar are items, whatever their suffix is. The content decides.
    """
    names = ["a.jpg", "i.jfif", "image", "d.wmv", "e.m2ts", "f.cr3", "h.jxl", "j.mod", "k.divx"]
    files = {}
    for name in names:
        content = jpeg(name.encode().hex()[:6].join(["#", ""])) if name in names[:3] else b"\0"
        files |= {f"{YEAR}/{name}": content, f"{YEAR}/{name}.json": make_sidecar(name)}
    files |= {f"{YEAR}/notes.txt": b"", f"{YEAR}/print-subscriptions.json": b"{}"}
    index = import_export(pack(tmp_path / "takeout.zip", files))
    assert titles(index) == ["a", "i", "image"]
    assert set(reasons(index)) == {f"{YEAR}/{name}" for name in names[3:]}


def test_interrupted_sync_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr(connector, "BATCH_SIZE", 1)
    index = import_export(pack(tmp_path / "takeout.zip", EXPORT))
    assert [batch.total for batch in index.batches] == [4] * 5
    for stop in range(1, 5):
        index = import_export_in_two_processes(tmp_path / "takeout.zip", stop)
        assert set(index.photos) == {"AF1Qsnow", "AF1Qsea", BARE}
        assert albums(index) == {"snow": "Winter & snow", "sea": "", "bare": ""}


def test_a_part_that_is_added_during_an_interruption_is_imported(tmp_path, monkeypatch):
    """
    Its items may be before the position at which the import was interrupted.
    """
    monkeypatch.setattr(connector, "BATCH_SIZE", 1)
    user, index = new_user(), Index()
    write(tmp_path / "1", EXPORT)
    for _ in range(2):
        assert not sync(add_takeout(user, [tmp_path], "Google Takeout"), seconds=0).complete
    folder = "Takeout/Google Photos/Arezzo"
    added = photo(folder, "new.jpg", "red", id="new") | {f"{folder}/metadata.json": album("Arezzo")}
    write(tmp_path / "2", added)
    index.identity = add_takeout(user, [tmp_path], "Google Takeout")
    index.run_sync()
    assert titles(index) == ["bare", "new", "sea", "snow"]


def import_export_in_two_processes(path, stop):
    user, index = new_user(), Index()
    for _ in range(stop):
        identity = add_takeout(user, [path], "Google Takeout")
        assert not sync(identity, seconds=0).complete
    index.identity = add_takeout(user, [path], "Google Takeout")
    index.run_sync()
    return index


def test_imported_export_may_be_deleted(tmp_path):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    index = import_export(path)
    path.unlink()
    index.run_sync()
    assert len(index.photos) == 3


def test_missing_export_is_reported(tmp_path):
    with pytest.raises(SyncFailed, match=r"does not exist\. Indexed photos were kept\."):
        import_export(tmp_path / "gone.zip")


@pytest.mark.parametrize("files", [{}, {"Takeout/Mail/all.mbox": b""}])
def test_export_without_photos_is_reported(tmp_path, files):
    with pytest.raises(SyncFailed, match="contains no photos"):
        import_export(write(tmp_path, files))


def test_symbolic_links_are_ignored(tmp_path):
    write(tmp_path / "elsewhere", {"secret.jpg": jpeg()})
    root = write(tmp_path / "export", EXPORT)
    (root / YEAR / "link.jpg").symlink_to(tmp_path / "elsewhere/secret.jpg")
    (root / f"{YEAR}/../linked").symlink_to(tmp_path / "elsewhere")
    assert titles(import_export(root)) == ["bare", "sea", "snow"]
