"""
Files and directories that devices and programs maintain.
"""

import pytest

from django_trove.server.connectors.exclusions import is_excluded, is_excluded_path

EXCLUDED = """
@eaDir #recycle @Recycle @Recently-Snapshot #snapshot .snapshot $RECYCLE.BIN
lost+found .thumbnails .Trash .Trash-1000 .Trashes .@__thumb __MACOSX ._a.jpg .DS_Store Thumbs.db
desktop.ini .picasaoriginals .stversions .stfolder .AppleDouble :2eDS_Store RECYCLER .zfs
"""
SPACED = (
    "System Volume Information",
    "Lightroom Catalog Previews.lrdata",
    "Lightroom Catalog Smart Previews.lrdata",
    "Network Trash Folder",
)


@pytest.mark.parametrize("change", [str, str.lower, str.upper])
@pytest.mark.parametrize("name", [*EXCLUDED.split(), *SPACED])
def test_maintained_names_are_excluded_without_case(name, change):
    assert is_excluded(change(name))
    assert is_excluded(f"2007/{change(name)}")
    assert is_excluded_path(f"2007/{change(name)}/a.jpg")


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "eaDir", "recycle", "Snapshots", "Trash", "Previews", "originals", "a@b.jpg", "…"],
)
def test_other_names_are_not_excluded(name):
    assert not is_excluded(name)
    assert not is_excluded_path(f"2007/{name}/a.jpg")


def test_the_originals_of_a_photos_library_are_imported():
    library = "Pictures/Photos Library.photoslibrary"
    assert not is_excluded_path(f"{library}/originals/A/A1.heic")
    assert not is_excluded_path(f"{library}/Masters/2012/a.jpg")
    for derived in ("resources/derivatives/A1.jpeg", "Thumbnails/a.jpg", "database/a.jpg"):
        assert is_excluded_path(f"{library}/{derived}")
