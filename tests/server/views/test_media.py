"""
The pictures that a Trove serves.
"""

from pathlib import Path

import pytest
from django.test import Client

from django_trove.client.query import Query
from django_trove.server.accounts.add import add_folder
from django_trove.server.models import Item
from django_trove.server.search.engine import search
from django_trove.server.sync.engine import sync

from ..images import draw, exif

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(person, tmp_path):
    folder = tmp_path / "pictures"
    draw(folder / "a.png", (400, 300), format="WEBP", exif=exif("2007:03:04 21:08:12"))
    sync(add_folder(person, folder)[0])
    return folder


@pytest.fixture
def urls(person, folder):
    [photo] = search(person, Query(), "")
    return photo.urls


def get(url, **more):
    """
    Return the answer with its whole body read.
    """
    response = Client().get(url, secure=True, **more)
    response.body = response.getvalue()
    return response


@pytest.mark.parametrize("size", ["thumbnail", "medium", "large", "original"])
def test_whoever_has_the_address_sees_the_picture_and_may_keep_it(urls, size):
    """
    No session; the address changes when the picture does.
    """
    response = get(urls[size])
    assert response.status_code == 200
    assert response["Content-Type"] == ("image/webp" if size == "original" else "image/jpeg")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response.body
    again = get(urls[size], headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.body) == (304, b"")


def test_addresses_are_the_same_from_one_answer_to_the_next(person, urls):
    """
    Or nobody could keep anything.
    """
    [photo] = search(person, Query(), "")
    assert photo.urls == urls


def test_addresses_begin_with_the_troves_own(ask, folder):
    [photo] = ask()["results"]
    assert set(photo["urls"]) == {"thumbnail", "medium", "large", "original"}
    assert all(url.startswith("https://trove.example/files/") for url in photo["urls"].values())
    assert photo["original_web_url"] == photo["urls"]["original"]


def test_an_address_can_not_be_made_up(urls):
    signed = urls["large"].split("/")[2]
    item, _, rest = signed.partition(".")
    for wrong in (f"{int(item) + 1}.{rest}", signed[:-1], "1", "x:y", "1.2:3"):
        assert get(f"/files/{wrong}/large").status_code == 404
    assert get(f"/files/{signed}/huge").status_code == 404
    assert get(f"/files/{signed}/../../etc/passwd").status_code == 404


@pytest.mark.parametrize("size", ["medium", "large", "original"])
def test_an_address_opens_its_own_size_alone(urls, size):
    """
    Whoever was shown a thumbnail wasn't shown where it was taken.
    """
    assert get(urls["thumbnail"].replace("/thumbnail", f"/{size}")).status_code == 404


def test_a_person_who_is_shut_out_shows_nothing(person, urls):
    type(person).objects.update(is_active=False)
    for url in urls.values():
        assert get(url).status_code == 404


def test_a_picture_that_changed_has_another_address(person, folder, urls):
    """
    The old one is gone, even before the folder is looked at again.
    """
    draw(folder / "a.png", (500, 300), format="WEBP")
    assert get(urls["original"]).status_code == 404
    sync(person.trove_identities.get())
    [photo] = search(person, Query(), "")
    assert photo.urls["original"] != urls["original"]
    assert get(urls["thumbnail"]).status_code == 404
    assert get(photo.urls["original"]).status_code == 200


def test_a_file_that_became_a_way_out_is_not_served(folder, urls, tmp_path):
    """
    Checked when it is served, not only when it was read.
    """
    (folder / "a.png").rename(tmp_path / "a.png")
    (folder / "a.png").symlink_to(tmp_path / "a.png")
    assert get(urls["original"]).status_code == 404


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_file_that_goes_away_at_the_last_moment_is_not_found(monkeypatch, urls, error):
    def gone(*args, **more):
        raise error

    monkeypatch.setattr(Path, "open", gone)
    assert Client().get(urls["original"], secure=True).status_code == 404


def test_a_folder_that_became_a_way_out_is_not_served(folder, urls, tmp_path):
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert get(urls["original"]).status_code == 404


def test_what_left_the_index_is_gone(urls):
    Item.objects.all().delete()
    assert get(urls["thumbnail"]).status_code == 404


def test_sizes_carry_no_metadata(urls):
    """
    Where and when stays in the original.
    """
    assert b"2007:03:04" in get(urls["original"]).body
    assert b"2007:03:04" not in get(urls["large"]).body
    assert b"Exif" not in get(urls["large"]).body


def test_a_picture_is_read_and_never_posted(urls):
    assert Client().post(urls["large"], secure=True).status_code == 405
