"""
Compares the import of a folder with Pillow alone, and a sync of an unchanged folder with
`os.scandir` and `stat` alone.

    python -m tests.benchmarks.folder [--photos 12] [--files 5000]
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.db import connection
from PIL import Image, ImageChops, ImageFilter

from .ratios import ratio

SIZE = (4000, 3000)
SIDES = (1600, 800, 320)
PER_DIRECTORY = 1000
BATCH = 500
MAX_CPU_RATIO = 0.75  # of the CPU time of Pillow alone
MIN_SPEED_UP = 1.8 / MAX_CPU_RATIO  # on two CPUs
MAX_UNCHANGED_SECONDS = 60  # for 1,000,000 files
MAX_SCAN_RATIO = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--files", type=int, default=5_000)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory() as temporary:
        django.setup()
        from django.conf import settings

        settings.MEDIA_ROOT = Path(temporary, "media")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            root = Path(temporary).resolve()
            _compare_pictures(root / "photos", arguments.photos)
            _compare_unchanged(root / "files", arguments.files)
        finally:
            connection.creation.destroy_test_db(":memory:", verbosity=0)


def _compare_pictures(folder: Path, count: int) -> None:
    from django_trove.server.connectors.picture.reader import read

    path = _draw_photo(folder / "0.jpg")
    content = path.read_bytes()
    ratio(
        "photo of 12 MP / Pillow alone",
        lambda: read(path),
        lambda: _resize_with_pillow(path),
        aim=MAX_CPU_RATIO,
        rounds=5,
    )
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for copy in paths:
        copy.write_bytes(content)
    bare = _measure(lambda: [_resize_with_pillow(copy) for copy in paths])
    ours = _measure(lambda: _sync(_create_account(folder)))
    mark = "" if bare / ours >= MIN_SPEED_UP else "   MISSED"
    print(
        f"sync of {count} photos ({connection.vendor}, {os.cpu_count()} CPUs): {ours / count:.3f} s"
        f" per photo, {bare / ours:.2f}x as fast as Pillow alone in one process"
        f" (aim {MIN_SPEED_UP:.1f}x on two CPUs){mark}"
    )


def _draw_photo(path: Path) -> Path:
    """
    Draw a picture whose JPEG has the size of a photograph, about 5 MB.
    """
    path.parent.mkdir(parents=True)
    colors = Image.linear_gradient("L").resize(SIZE)
    noise = Image.effect_noise(SIZE, 60).filter(ImageFilter.GaussianBlur(0.7))
    channels = (ImageChops.overlay(colors, noise), noise, ImageChops.invert(noise))
    Image.merge("RGB", channels).save(path, quality=90)
    return path


def _resize_with_pillow(path: Path) -> None:
    with Image.open(path) as image:
        for side in SIDES:
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            image.save(io.BytesIO(), "JPEG", quality=82, optimize=True, progressive=True)


def _compare_unchanged(folder: Path, count: int) -> None:
    paths = [folder / f"{n // PER_DIRECTORY:04}" / f"{n:06}.jpg" for n in range(count)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    account = _create_account(folder)
    _index(account, folder, paths)
    measured = ratio(
        "unchanged folder / scandir and stat alone",
        lambda: _sync(account),
        lambda: _scan(str(folder)),
        aim=MAX_SCAN_RATIO,
        rounds=5,
    )
    seconds = _measure(lambda: _sync(account)) / count * 1e6
    mark = "" if seconds <= MAX_UNCHANGED_SECONDS else "   MISSED"
    print(
        f"1,000,000 unchanged files ({connection.vendor}): {seconds:.0f} s, {measured:.0f}x scandir"
        f" (aim {MAX_UNCHANGED_SECONDS} s){mark}"
    )


def _scan(path: str) -> int:
    count = 0
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                count += _scan(entry.path)
            else:
                count += entry.stat().st_size >= 0
    return count


def _create_account(folder: Path) -> Any:
    from django.contrib.auth.models import User

    from django_trove.server.accounts.add import add_folder

    user, _ = User.objects.get_or_create(username="ada")
    return add_folder(user, folder)[0]


def _index(account: Any, folder: Path, paths: list[Path]) -> None:
    """
    Add the files to the index. They are empty, so a sync could not read them.
    """
    from django_trove.client.content import Photo
    from django_trove.server.connectors.base import FoundItem
    from django_trove.server.connectors.folder.files import compute_stamp
    from django_trove.server.index.items import build_item
    from django_trove.server.index.write import write_items

    for start in range(0, len(paths), BATCH):
        photos = [
            FoundItem(
                content=Photo(id=str(path.relative_to(folder)), service="folder"),
                etag=compute_stamp(path.stat()),
            )
            for path in paths[start : start + BATCH]
        ]
        write_items(account, [build_item(account, item, {}, "Ada") for item in photos])


def _sync(account: Any) -> None:
    from django_trove.server.sync.engine import sync

    account.refresh_from_db()
    report = sync(account)
    assert report.complete
    assert not report.failures


def _measure(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
