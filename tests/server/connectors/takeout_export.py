"""
Google Takeout exports, created by code, and their import.
"""

import io
import json
import tarfile
import zipfile

from PIL import Image

from django_trove.server.accounts.add import add_takeout

from .index import Index, new_user

PRODUCT = "Takeout/Google Photos"
YEAR = f"{PRODUCT}/Photos from 2007"
ALBUM = f"{PRODUCT}/Williamsburg"
TAKEN = 1_173_042_492  # 2007-03-04 21:08:12 UTC


def jpeg(colour="white", size=(40, 30), **options):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG", **options)
    return content.getvalue()


def make_sidecar(title, *, taken=TAKEN, **facts):
    data = {
        "title": title,
        "description": "",
        "imageViews": "3",
        "creationTime": {"timestamp": "1173100000", "formatted": "Mar 5, 2007, 1:06:40 PM UTC"},
        "photoTakenTime": {"timestamp": str(taken)},
        "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
    }
    return json.dumps(data | facts, ensure_ascii=False).encode()


def album(title, **facts):
    facts = {"description": "", "access": "protected", "date": {"timestamp": "1"}} | facts
    return json.dumps({"title": title, **facts}, ensure_ascii=False).encode()


def photo(folder, name, colour="white", *, id=None, suffix=".supplemental-metadata.json", **facts):
    """
    Return a photo and its sidecar.
    """
    page = {"url": f"https://photos.google.com/photo/{id}"} if id else {}
    return {
        f"{folder}/{name}": jpeg(colour),
        f"{folder}/{name}{suffix}": make_sidecar(name, **page, **facts),
    }


SNOW = {
    "description": "First &amp; last snow",
    "geoData": {"latitude": 40.7, "longitude": -73.95},
    "people": [{"name": "Grace"}],
}
BARE = f"{len(jpeg('black'))} bare.jpg"
EXPORT = {
    **photo(YEAR, "snow.jpg", id="AF1Qsnow", **SNOW),
    **photo(ALBUM, "snow.jpg", id="AF1Qsnow", **SNOW),
    f"{ALBUM}/Metadaten.json": album("Winter &amp; snow"),
    **photo(YEAR, "sea.jpg", "blue", id="AF1Qsea"),
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


def pack_tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as packed:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return path


def import_export(*paths, into=None, account="Google Takeout", **options):
    """
    Import an export with the sync engine.

    :param into: an index with an earlier export of the account.
    """
    user = into.identity.user if into else new_user()
    index = into or Index()
    index.identity = add_takeout(user, paths, account, **options)
    index.run_sync()
    return index


def reasons(index):
    """
    Return the reasons by name of the items that were not imported.
    """
    return {failure.name: failure.reason for failure in (*index.failures, *index.skipped)}


def titles(index):
    return sorted(photo.title for photo in index.photos.values())


def albums(index):
    """
    Return the album titles by photo title.
    """
    return {photo.title: photo.album_title for photo in index.photos.values()}
