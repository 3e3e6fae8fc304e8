"""
Videos and formats that require packages in Takeout exports.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from django_trove.client.content import Video
from django_trove.server.media.cleanup import find_unused_files
from django_trove.server.media.signed_urls import media_urls
from django_trove.server.models import Item
from django_trove.server.sync import SyncFailed

from ..media_files import avif, dng, film, heic
from .takeout_export import (
    YEAR,
    album,
    import_export,
    jpeg,
    make_sidecar,
    pack,
    pack_tar,
    photo,
    reasons,
    write,
)

PAGE = "https://photos.google.com/photo/AF1Qfilm"


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "film.mp4"
    film(path)
    return path.read_bytes()


@pytest.fixture(params=["folder", "zip", "tgz"])
def export(request, tmp_path, video):
    sidecar = make_sidecar("film.mp4", url=PAGE, people=[{"name": "Grace"}])
    files = {f"{YEAR}/film.mp4": video, f"{YEAR}/film.mp4.json": sidecar}
    if request.param == "folder":
        return write(tmp_path / "unpacked", files)
    return {"zip": pack, "tgz": pack_tar}[request.param](tmp_path / f"a.{request.param}", files)


def stored_videos():
    return list(Path(default_storage.location).rglob("*.mp4"))


def test_video_is_imported_with_its_file(export, video, tmp_path):
    """
    The export may be deleted after the import: the video is in the storage.
    """
    index = import_export(export)
    [item] = index.items.values()
    film = index.photos["AF1Qfilm"]
    assert isinstance(film, Video)
    assert (film.title, film.tags, film.original_web_url) == ("film", ("Grace",), PAGE)
    assert film.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
    assert film.duration > 0
    assert (film.width, film.height, film.media_type) == (320, 240, "video/mp4")
    assert set(item.files) == {"thumbnail", "medium", "large", "original"}
    assert film.sizes["original"] == (320, 240)
    path = media_urls(item.pk, item.etag, item.files, "")["original"]
    response = Client().get(path, headers={"range": "bytes=4-11"}, secure=True)
    assert (response.status_code, response.getvalue()) == (206, video[4:12])
    assert response["Content-Type"] == "video/mp4"
    assert Client().get(path, secure=True).getvalue() == video
    assert not list(find_unused_files(timedelta(0)))


def test_video_is_deleted_with_its_item(export, django_capture_on_commit_callbacks):
    import_export(export)
    assert len(stored_videos()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        Item.objects.all().delete()
    assert not stored_videos()


def test_video_files_are_optional(export, django_capture_on_commit_callbacks):
    index = import_export(export, stores_videos=False)
    assert set(index.items["AF1Qfilm"].files) == {"thumbnail", "medium", "large"}
    assert index.photos["AF1Qfilm"].original_web_url == PAGE
    import_export(export, into=index)
    assert "original" in index.items["AF1Qfilm"].files
    with django_capture_on_commit_callbacks(execute=True):
        import_export(export, into=index, stores_videos=False)
    assert not stored_videos()


def test_full_storage_is_reported_and_the_sync_resumes(export, monkeypatch):
    def fail(self, name, content, *args, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.files.storage.FileSystemStorage._save", fail)
        with pytest.raises(SyncFailed, match="cannot store"):
            import_export(export)
    assert not Item.objects.exists()
    index = import_export(export)
    assert "original" in index.items["AF1Qfilm"].files


def test_live_photo_is_one_item(tmp_path, video):
    files = {
        f"{YEAR}/IMG_1.HEIC": heic(),
        f"{YEAR}/IMG_1.MP4": video,
        f"{YEAR}/IMG_1.HEIC.supplemental-metadata.json": make_sidecar("IMG_1.HEIC"),
    }
    index = import_export(write(tmp_path / "export", files))
    [photo] = index.photos.values()
    assert (photo.title, photo.media_type) == ("IMG_1", "image/heic")
    assert not reasons(index)


def test_all_formats_of_the_reader_are_imported(tmp_path):
    """
    The folder, Takeout and pushed files have one reader.
    """
    files = {"a.heic": heic(), "b.avif": avif(), "c.dng": dng(), "d.jpg": jpeg()}
    export = {f"{YEAR}/{name}": content for name, content in files.items()}
    export |= {f"{YEAR}/{name}.json": make_sidecar(name) for name in files}
    for path in (write(tmp_path / "export", export), pack(tmp_path / "a.zip", export)):
        index = import_export(path)
        types = {photo.title: photo.media_type for photo in index.photos.values()}
        assert types == {
            "a": "image/heic",
            "b": "image/avif",
            "c": "image/x-adobe-dng",
            "d": "image/jpeg",
        }
        assert not reasons(index)


def test_missing_package_is_reported(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    files = {f"{YEAR}/a.heic": heic_header(), f"{YEAR}/a.heic.json": make_sidecar("a.heic")}
    index = import_export(write(tmp_path, files | photo(YEAR, "b.jpg")))
    assert 'pip install "django-trove[heic]"' in reasons(index)[f"{YEAR}/a.heic"]


def heic_header():
    return b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(100)


def test_long_video_of_the_name_of_a_picture_is_an_item(tmp_path, video, monkeypatch):
    """
    Only the short video of a motion photo has no sidecar. A long one is not hidden.
    """
    limit = "django_trove.server.connectors.takeout.layout.MAX_MOTION_BYTES"
    monkeypatch.setattr(limit, len(video) - 1)
    files = photo(YEAR, "IMG_1.jpg", id="A") | {f"{YEAR}/IMG_1.MP4": video}
    assert len(import_export(write(tmp_path, files)).photos) == 2


def test_video_in_an_album(tmp_path, video):
    folder = "Takeout/Google Photos/Films"
    files = {
        f"{folder}/film.mp4": video,
        f"{folder}/film.mp4.json": make_sidecar("film.mp4"),
        f"{folder}/metadata.json": album("Films"),
    }
    [film] = import_export(pack(tmp_path / "a.zip", files)).photos.values()
    assert film.album_title == "Films"
