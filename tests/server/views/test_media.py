"""
Images served by a Trove (protocol, section 3.8).
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


def get(url, **kwargs):
    """
    Return the response with its body as `body`.
    """
    response = Client().get(url, secure=True, **kwargs)
    response.body = response.getvalue()
    return response


@pytest.mark.parametrize("size", ["thumbnail", "medium", "large", "original"])
def test_an_image_needs_no_session_and_may_be_cached(urls, size):
    response = get(urls[size])
    assert response.status_code == 200
    assert response["Content-Type"] == ("image/webp" if size == "original" else "image/jpeg")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response.body
    cached = get(urls[size], headers={"If-None-Match": response["ETag"]})
    assert (cached.status_code, cached.body) == (304, b"")


def test_urls_are_stable(person, urls):
    [photo] = search(person, Query(), "")
    assert photo.urls == urls


def test_urls_begin_with_the_origin_of_the_trove(ask, folder):
    [photo] = ask()["results"]
    assert set(photo["urls"]) == {"thumbnail", "medium", "large", "original"}
    assert all(url.startswith("https://trove.example/files/") for url in photo["urls"].values())
    assert photo["original_web_url"] == photo["urls"]["original"]


def test_a_forged_url_is_not_found(urls):
    signed = urls["large"].split("/")[2]
    item, _, rest = signed.partition(".")
    for forged in (f"{int(item) + 1}.{rest}", signed[:-1], "1", "x:y", "1.2:3"):
        assert get(f"/files/{forged}/large").status_code == 404
    assert get(f"/files/{signed}/huge").status_code == 404
    assert get(f"/files/{signed}/../../etc/passwd").status_code == 404


@pytest.mark.parametrize("size", ["medium", "large", "original"])
def test_a_url_is_valid_for_one_size(urls, size):
    assert get(urls["thumbnail"].replace("/thumbnail", f"/{size}")).status_code == 404


def test_the_images_of_an_inactive_user_are_not_found(person, urls):
    person.is_active = False
    person.save()
    assert {get(url).status_code for url in urls.values()} == {404}


def test_a_changed_image_has_a_new_url(person, folder, urls):
    draw(folder / "a.png", (500, 300), format="WEBP")
    assert get(urls["original"]).status_code == 404
    sync(person.trove_identities.get())
    [photo] = search(person, Query(), "")
    assert photo.urls["original"] != urls["original"]
    assert get(urls["thumbnail"]).status_code == 404
    assert get(photo.urls["original"]).status_code == 200


def test_a_file_that_was_replaced_by_a_symlink_is_not_found(folder, urls, tmp_path):
    (folder / "a.png").rename(tmp_path / "a.png")
    (folder / "a.png").symlink_to(tmp_path / "a.png")
    assert get(urls["original"]).status_code == 404


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_file_that_was_deleted_after_the_check_is_not_found(monkeypatch, urls, error):
    def raise_error(*args, **kwargs):
        raise error

    monkeypatch.setattr(Path, "open", raise_error)
    assert Client().get(urls["original"], secure=True).status_code == 404


def test_a_folder_that_was_replaced_by_a_symlink_is_not_found(folder, urls, tmp_path):
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert get(urls["original"]).status_code == 404


def test_the_image_of_a_deleted_item_is_not_found(urls):
    Item.objects.all().delete()
    assert get(urls["thumbnail"]).status_code == 404


def test_only_the_original_contains_metadata(urls):
    assert b"2007:03:04" in get(urls["original"]).body
    assert b"2007:03:04" not in get(urls["large"]).body
    assert b"Exif" not in get(urls["large"]).body


def test_post_is_not_allowed(urls):
    assert Client().post(urls["large"], secure=True).status_code == 405
