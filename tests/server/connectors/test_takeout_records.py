from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.takeout.records import (
    find_media,
    find_sidecar,
    parse_album_title,
    parse_sidecar,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=8,
)
KEYS = ("title", "description", "photoTakenTime", "geoData", "geoDataExif", "people", "url")
stems = st.text(st.sampled_from("ABab 0_-."), min_size=1, max_size=60).filter(
    lambda stem: stem.strip(". ") == stem
)
endings = st.sampled_from([".jpg", ".JPG", ".png", ".mp4", ".heic"])


@pytest.mark.parametrize(
    ("name", "sidecar"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-met.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(2).jpg", "IMG_1(2).jpg.json"),
        (
            "Screenshot_20190919-053857_Google Play Store.jpg",
            "Screenshot_20190919-053857_Google Play Store.j.json",
        ),
        ("Urlaub in Knaufspesch in der Schneifel (38).JPG",
         "Urlaub in Knaufspesch in der Schneifel (38).JP.json"),
        ("PXL_20230518_123456789.MP.jpg", "PXL_20230518_123456789.MP.jpg.supplemental-met.json"),
    ],
)  # fmt: skip
def test_sidecar_of_a_renamed_picture_is_found(name, sidecar):
    assert find_sidecar(name, {sidecar, "metadata.json", "IMG_2.jpg.json"}) == sidecar


@given(stems, endings, st.sampled_from(["", ".supplemental-metadata"]), st.integers(0, 3))
def test_sidecar_is_found_by_truncation(stem, ending, word, counter):
    counted = f"({counter})" if counter else ""
    sidecar = f"{(stem + ending + word)[:46]}{counted}.json"
    assert find_sidecar(f"{stem}{counted}{ending}", {sidecar}) == sidecar


def test_pictures_of_one_name_have_their_own_sidecars():
    names = {
        "IMG_1.jpg", "IMG_1(1).jpg",
        "IMG_1.jpg.supplemental-metadata.json", "IMG_1.jpg.supplemental-metadata(1).json",
    }  # fmt: skip
    assert {medium.name: medium.sidecar for medium in find_media(names)} == {
        "IMG_1.jpg": "IMG_1.jpg.supplemental-metadata.json",
        "IMG_1(1).jpg": "IMG_1.jpg.supplemental-metadata(1).json",
    }


@pytest.mark.parametrize(
    "edited",
    ["IMG_1-edited.jpg", "IMG_1-bearbeitet.jpg", "IMG_1-modifié.jpg", "IMG_1-EDITED.JPG"],
)
def test_edited_picture_replaces_the_original(edited):
    [medium] = find_media({"IMG_1.jpg", edited, "IMG_1.jpg.json"})
    assert (medium.name, medium.sidecar) == (edited, "IMG_1.jpg.json")


def test_picture_named_edited_without_an_original_is_kept():
    names = {"IMG_1.jpg", "IMG_1-edited.jpg", "IMG_1.jpg.json", "IMG_1-edited.jpg.json"}
    assert {medium.name: medium.sidecar for medium in find_media(names)} == {
        "IMG_1.jpg": "IMG_1.jpg.json",
        "IMG_1-edited.jpg": "IMG_1-edited.jpg.json",
    }


def test_edited_picture_with_a_counter_is_matched():
    names = {"IMG_1.jpg", "IMG_1(1).jpg", "IMG_1-edited(1).jpg"}
    sidecars = {"IMG_1.jpg.json", "IMG_1.jpg(1).json"}
    assert {medium.name: medium.sidecar for medium in find_media(names | sidecars)} == {
        "IMG_1.jpg": "IMG_1.jpg.json",
        "IMG_1-edited(1).jpg": "IMG_1.jpg(1).json",
    }


def test_motion_photo_is_one_item():
    [medium] = find_media({"IMG_1.HEIC", "IMG_1.MP4", "IMG_1.HEIC.json"})
    assert medium.name == "IMG_1.HEIC"


def test_video_with_its_own_sidecar_is_an_item():
    names = {"IMG_1.JPG", "IMG_1.3gp", "IMG_1.JPG.json", "IMG_1.3gp.json"}
    assert [medium.is_video for medium in find_media(names)] == [True, False]


def test_early_dates_and_exif_locations_are_parsed():
    facts = parse_sidecar(
        {
            "photoTakenTime": {"timestamp": "-86400"},
            "geoData": {"latitude": 0.0, "longitude": 0.0},
            "geoDataExif": {"latitude": 1.5, "longitude": 2.5},
        }
    )
    assert facts.taken == datetime(1969, 12, 31, tzinfo=UTC)
    assert facts.place == (1.5, 2.5)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_arbitrary_sidecar_is_parsed(data):
    parse_sidecar(data)
    parse_album_title(data)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"title": "Rome &lt;3"}, "Rome <3"),
        ({"title": "Photos from 2007"}, ""),
        ({"title": "Fotos von 2007"}, ""),
        ({"title": "IMG_1.jpg", "photoTakenTime": {}}, ""),
        ({}, ""),
    ],
)
def test_album_is_found_by_content(data, title):
    assert parse_album_title(data) == title
