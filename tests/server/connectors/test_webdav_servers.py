"""
Different WebDAV servers have the same index: WsgiDAV, copyparty and rclone.
"""

import os
import random
import shutil
from contextlib import ExitStack

import pytest

from demo.setup import PHOTOS

from ..images import draw, xmp
from ..media_files import avif, dng, film, heic
from .webdav_account import add_webdav
from .webdav_servers import run_copyparty, run_rclone, run_wsgidav

SERVERS = ("wsgidav", "digest", "copyparty", "rclone")
FOLDERS = ("", "New York", "Zürich/Süd", "100%", "a#b&c+d", "sub;x=1/deep er", "[1] (2)")
COLUMNS = (
    "service_id",
    "kind",
    "title",
    "tags",
    "taken_at_seconds",
    "latitude",
    "longitude",
    "width",
    "height",
    "duration",
    "camera",
    "album_id",
    "album_title",
    "media_type",
)
PICTURES = int(os.environ.get("TEST_WEBDAV_PICTURES", "60"))


@pytest.fixture
def serve(folder, tmp_path):
    """
    Return a function that starts a server by name.
    """
    with ExitStack() as stack:

        def start(name):
            managers = {
                "wsgidav": lambda: run_wsgidav(folder),
                "digest": lambda: run_wsgidav(folder, authentication="digest"),
                "copyparty": lambda: run_copyparty(folder, tmp_path),
                "rclone": lambda: run_rclone(folder),
            }
            return stack.enter_context(managers[name]())

        yield start


def copy_library(folder):
    """
    Copy some of the example's photos, and files of all kinds, to folders with unusual names.
    """
    photos = sorted(PHOTOS.rglob("*.jpg"))[::12]
    for number, photo in enumerate(photos):
        target = folder / FOLDERS[number % len(FOLDERS)] / photo.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, target)
    draw(folder / "100%" / "50% + 50% = ü#1?.jpg")
    draw(folder / "100%" / "%41.png", format="PNG")
    (folder / "100%" / "50% + 50% = ü#1?.xmp").write_bytes(xmp(title="Half", tags=["a&b"]))
    (folder / "raw.dng").write_bytes(dng())
    (folder / "a.heic").write_bytes(heic())
    (folder / "a.avif").write_bytes(avif())
    film(folder / "New York" / "film.mp4", seconds=1)
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("no picture")
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff")


def read_rows(index):
    return sorted(index.identity.items.values_list(*COLUMNS), key=str)


@pytest.fixture(scope="module")
def rows():
    """
    The index of each server that was tested before.
    """
    return {}


@pytest.mark.parametrize("name", SERVERS)
def test_servers_have_the_same_index(folder, serve, rows, name):
    copy_library(folder)
    index = add_webdav(serve(name).address)
    index.run_sync()
    found = read_rows(index)
    assert found == rows.setdefault("first", found)
    assert {failure.name for failure in index.failures} == {"damaged.jpg"}
    ids = {row[0] for row in found}
    assert {"100%/50% + 50% = ü#1?.jpg", "100%/%41.png", "a.heic", "raw.dng"} <= ids
    before = dict(index.identity.items.values_list("service_id", "etag"))
    index.run_sync()
    assert [item.service_id for batch in index.batches for item in batch.items] == index.wrote
    assert dict(index.identity.items.values_list("service_id", "etag")) == before


class Library:
    """
    Pictures that change. Each has a different size.
    """

    def __init__(self, folder, count):
        self.folder, self.random = folder, random.Random(7)
        self.widths = {}
        for number in range(count):
            self.draw(f"{self.random.choice(FOLDERS)}/{number}.jpg".lstrip("/"))

    def draw(self, name):
        self.widths[name] = 40 + len(self.widths) % 7 + 10 * self.random.randrange(9)
        draw(self.folder / name, (self.widths[name], 48))
        path = self.folder / name
        path.write_bytes(path.read_bytes() + self.random.randbytes(self.random.randrange(1, 400)))

    def change(self):
        """
        Change, move, delete and add a tenth of the pictures each, and move a folder.
        """
        names = sorted(self.widths)
        self.random.shuffle(names)
        share = max(len(names) // 10, 1)
        for name in names[:share]:
            self.draw(name)
        for name in names[share : 2 * share]:
            self.move(name, f"moved/{name.replace('/', ' ')}")
        for name in names[2 * share : 3 * share]:
            (self.folder / name).unlink()
            del self.widths[name]
        for number in range(share):
            self.draw(f"new {len(self.widths)}/{number}.jpg")
        if (self.folder / "100%").exists():
            (self.folder / "100%").rename(self.folder / "renamed %25")
            for name in [name for name in self.widths if name.startswith("100%/")]:
                self.widths[name.replace("100%", "renamed %25")] = self.widths.pop(name)

    def move(self, name, target):
        (self.folder / target).parent.mkdir(exist_ok=True)
        (self.folder / name).rename(self.folder / target)
        self.widths[target] = self.widths.pop(name)


def read_widths(index):
    return dict(index.identity.items.values_list("service_id", "width"))


@pytest.mark.parametrize("name", ["wsgidav", "copyparty", "rclone"])
def test_index_equals_the_server_after_each_sync(folder, serve, name):
    library = Library(folder, PICTURES)
    index = add_webdav(serve(name).address)
    index.run_sync()
    assert read_widths(index) == library.widths
    library.change()
    index.run_sync()
    assert read_widths(index) == library.widths
    library.change()
    index.run_process(2)  # killed
    index.run_sync()
    assert read_widths(index) == library.widths
