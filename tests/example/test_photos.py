"""
The example photos and their metadata.
"""

from __future__ import annotations

from collections import Counter

import pytest

from demo.setup import PHOTOS
from django_trove.server.connectors.picture import Picture, read


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return {path.relative_to(PHOTOS).as_posix(): read(path) for path in PHOTOS.rglob("*.*")}


def test_folders_contain_forty_photos(pictures):
    assert Counter(path.split("/")[0] for path in pictures) == {"travels": 28, "home": 12}
    assert all(max(picture.width, picture.height) == 1024 for picture in pictures.values())


def test_total_size():
    assert sum(path.stat().st_size for path in PHOTOS.rglob("*.jpg")) < 4_000_000


def test_captions(pictures):
    captions = [picture.metadata for picture in pictures.values()]
    assert all(caption.title and 2 <= len(caption.tags) <= 6 for caption in captions)
    assert any("<" in caption.description and "&" in caption.description for caption in captions)


def test_dates(pictures):
    dates = [picture.metadata.taken for picture in pictures.values() if picture.metadata.taken]
    assert len(dates) == 38
    assert {date.year for date in dates} == set(range(2014, 2026))
    assert len({date.month for date in dates}) >= 11


def test_places(pictures):
    places = [picture.metadata.place for picture in pictures.values() if picture.metadata.place]
    assert len(places) == 27
    assert {(round(latitude, -1), round(longitude, -1)) for latitude, longitude in places} == {
        (40, -10),  # Lisbon
        (40, 140),  # Kyoto
        (30, 140),  # Kyoto, south of 35°
        (-30, -70),  # Valparaíso
    }


def test_orientations(pictures):
    """
    Two portrait photos are stored in landscape with an EXIF orientation.
    """
    portraits = [picture for picture in pictures.values() if picture.height > picture.width]
    assert len(portraits) == 5
