"""
Names of media files and sidecars.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.takeout.pairs import (
    find_companions,
    find_edited_copies,
    pair_sidecars,
    select_edited_words,
)

from .takeout_export import PRODUCT, YEAR, import_export, jpeg, make_sidecar, photo, titles, write

stems = st.text(st.sampled_from("ABab 0_-.\u00e9\U0001f600"), min_size=1, max_size=60).filter(
    lambda stem: stem.strip(". ") == stem
)
endings = st.sampled_from([".jpg", ".JPG", ".png", ".mp4", ".heic"])


def no_titles(sidecar):
    return ""


def truncate(name):
    return name.encode("utf-16-le")[:92].decode("utf-16-le", "ignore")


def is_pair(name, sidecar, title=""):
    names = {name, sidecar, "metadata.json", "IMG_2.jpg.json"}
    read_title = {sidecar: title, "IMG_2.jpg.json": "IMG_2.jpg"}.get
    return pair_sidecars(names, read_title) == {name: sidecar}


@pytest.mark.parametrize(
    ("name", "sidecar"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-met.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1.jpg", "IMG_1.jpg..json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("IMG_1.jpg", "IMG_1.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.suppl.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(1).jpg", "IMG_1(1).json"),
        ("IMG_1(1).jpg", "IMG_1(1).jpg.supplemental-metadata.json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).supplemental-metadata.json"),
        ("IMG_1(2).jpg", "IMG_1.supplemental-metadata(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-me(2).json"),
        ("IMG_1(2).jpg", "IMG_1(2).jpg.json"),
        ("image", "image.json"),
        (
            "Screenshot_20190919-053857_Google Play Store.jpg",
            "Screenshot_20190919-053857_Google Play Store.j.json",
        ),
        ("Urlaub in Knaufspesch in der Schneifel (38).JPG",
         "Urlaub in Knaufspesch in der Schneifel (38).JP.json"),
        ("PXL_20230518_123456789.MP.jpg", "PXL_20230518_123456789.MP.jpg.supplemental-met.json"),
        ("original_1d4caa6f-16c6-4c3d-901b-9387de10e528_P.jpg",
         "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_.json"),
        ("\U0001f600" * 30 + ".jpg", "\U0001f600" * 23 + ".json"),  # 46 units, 23 characters
        ("a" + "\U0001f600" * 30 + ".jpg", "a" + "\U0001f600" * 22 + ".json"),
        ("a" + "\U0001f600" * 30 + ".jpg", "a" + "\U0001f600" * 22 + "\ufffd.json"),
    ],
)  # fmt: skip
def test_sidecar_is_found_by_its_name(name, sidecar):
    assert is_pair(name, sidecar)


@given(stems, endings, st.sampled_from(["", ".supplemental-metadata"]), st.integers(0, 3))
def test_sidecar_is_found_by_truncation(stem, ending, word, counter):
    counted = f"({counter})" if counter else ""
    assert is_pair(f"{stem}{counted}{ending}", f"{truncate(stem + ending + word)}{counted}.json")


@pytest.mark.parametrize(
    ("name", "sidecar", "title"),
    [
        ("Peanut Butter Balls.jpg", "wrong.json", "Peanut Butter Balls"),
        ("photo.jpg", "wrong.supplemental-metadata.json", "photo.jpg"),
        ("who_ what_.jpg", "x.json", "who? what&.jpg"),
        ("Caf\u00e9.jpg", "x.json", "Cafe\u0301.jpg"),
        ("IMG_1(1).jpg", "y(1).json", "IMG_1.jpg"),
    ],
)
def test_sidecar_is_found_by_its_title(name, sidecar, title):
    assert is_pair(name, sidecar, title)


def test_long_names_with_the_same_start_are_distinguished_by_their_titles():
    start = "A very long name that Google truncates in the export of "
    names = {f"{start}1.jpg", f"{start}2.jpg"}
    sidecars = {f"{start[:46]}.json": f"{start}2.jpg", f"{start[:46]}(1).json": f"{start}1.jpg"}
    assert pair_sidecars(names | sidecars.keys(), sidecars.get)[f"{start}2.jpg"] == (
        f"{start[:46]}.json"
    )


def test_other_json_files_are_no_sidecars():
    assert pair_sidecars({"metadata.jpg", "metadata.json"}, lambda name: None) == {}


def test_pictures_of_one_name_have_their_own_sidecars():
    names = {
        "IMG_1.jpg", "IMG_1(1).jpg",
        "IMG_1.jpg.supplemental-metadata.json", "IMG_1.jpg.supplemental-metadata(1).json",
    }  # fmt: skip
    assert pair_sidecars(names, no_titles) == {
        "IMG_1.jpg": "IMG_1.jpg.supplemental-metadata.json",
        "IMG_1(1).jpg": "IMG_1.jpg.supplemental-metadata(1).json",
    }


@pytest.mark.parametrize(
    "word", ["edited", "bearbeitet", "modifié", "编辑", "編集済み", "đã chỉnh sửa", "संपादित", "edi"]
)
@pytest.mark.parametrize("counter", ["", "(1)"])
def test_edited_copy_replaces_the_original_in_any_language(word, counter, tmp_path):
    edited = f"IMG_1-{word}{counter}.jpg"
    files = photo(YEAR, f"IMG_1{counter}.jpg", "white", id="A") | {f"{YEAR}/{edited}": jpeg("red")}
    index = import_export(write(tmp_path, files))
    assert list(index.photos) == ["A"]
    size = len(jpeg("red"))
    index.wrote.clear()
    (tmp_path / YEAR / edited).write_bytes(jpeg("red") + b"\0")
    import_export(tmp_path, into=index)
    assert index.wrote == ["A"]  # the edited copy was imported
    assert size != len(jpeg("red")) + 1


@pytest.mark.parametrize(
    "other",
    [
        "IMG_1-2.jpg",
        "IMG_1-COLLAGE.jpg",
        "IMG_1-ANIMATION.gif",
        "IMG_1_edited.jpg",
        "IMG_1-edited.mp4",
    ],
)
def test_other_photos_do_not_replace_a_photo(other):
    assert not list(find_edited_copies({"IMG_1.jpg", other}, {"IMG_1.jpg": "IMG_1.jpg.json"}))


def test_edited_copy_with_a_sidecar_is_a_photo(tmp_path):
    files = photo(YEAR, "IMG_1.jpg", "red", id="A") | photo(YEAR, "IMG_1-edited.jpg", id="B")
    assert set(import_export(write(tmp_path, files)).photos) == {"A", "B"}


def test_only_the_most_frequent_word_marks_edited_copies(tmp_path):
    """
    An export has one language. "beach-sunset.jpg" may be a photo whose sidecar is in another part.
    """
    is_edited = select_edited_words(["edited", "edited", "edi", "sunset"])
    assert [is_edited(word) for word in ("edited", "edi", "sunset")] == [True, True, False]
    files = {}
    for name in ("a", "b", "beach"):
        files |= photo(YEAR, f"{name}.jpg", "red", id=name)
    for name in ("a-edited", "b-edited", "beach-sunset"):
        files[f"{YEAR}/{name}.jpg"] = jpeg("blue")
    assert titles(import_export(write(tmp_path, files))) == ["a", "b", "beach", "beach-sunset"]


@pytest.mark.parametrize(
    ("picture", "companion"),
    [
        ("IMG_1.HEIC", "IMG_1.MP4"),
        ("IMG_1(1).HEIC", "IMG_1(1).MOV"),
        ("PXL_1.MP.jpg", "PXL_1.MP"),
        ("PXL_1.MP.jpg", "PXL_1.MP.mp4"),
        ("IMG_1.jpg", "IMG_1.dng"),
    ],
)
def test_file_of_a_pair_without_a_sidecar_belongs_to_the_picture(picture, companion):
    pairs = pair_sidecars({picture, companion, f"{picture}.json"}, no_titles)
    assert find_companions({picture, companion}, pairs) == {companion}


def test_video_with_its_own_sidecar_is_an_item():
    names = {"IMG_1.JPG", "IMG_1.3gp", "IMG_1.JPG.json", "IMG_1.3gp.json"}
    assert not find_companions({"IMG_1.JPG", "IMG_1.3gp"}, pair_sidecars(names, no_titles))


def test_motion_photo_is_one_item(tmp_path):
    files = photo(YEAR, "IMG_1.jpg", id="A") | {f"{YEAR}/IMG_1.MP4": b"\0\0\0\x18ftypmp42"}
    index = import_export(write(tmp_path, files))
    assert (list(index.photos), index.failures) == (["A"], [])


def test_sidecars_are_not_shared_between_folders(tmp_path):
    files = photo(YEAR, "a.jpg", "red") | {
        f"{PRODUCT}/Photos from 2008/b.jpg": jpeg("blue"),
        f"{PRODUCT}/Photos from 2008/c.jpg.json": make_sidecar("a.jpg", description="other"),
    }
    index = import_export(write(tmp_path, files))
    assert {photo.title: photo.description for photo in index.photos.values()} == {"a": "", "b": ""}
