"""
Export and deletion of the user's data.
"""

import json

import pytest
from django.contrib.auth import get_user_model

from django_trove.client.content import Photo, Video
from django_trove.server.models import AccessToken, Identity, Item

from ..conftest import put_photos

pytestmark = pytest.mark.django_db


def test_the_export_without_time_zones(browser, settings):
    settings.USE_TZ = False
    response = browser.get("/download/", secure=True)
    assert response["Content-Disposition"].startswith('attachment; filename="trove-')


@pytest.fixture
def library(index, token, make_identity, make_person):
    index(
        *(Photo(id=str(number), title=f"Photo {number}", tags=("sea",)) for number in range(5)),
        Video(id="v", duration=2.5),
    )
    put_photos(make_identity(user=make_person("grace")), Photo(id="1", title="Hers"))


def test_the_export_contains_all_data_of_the_user_and_no_secrets(
    browser, library, token, monkeypatch
):
    monkeypatch.setattr("django_trove.server.search.engine.BATCH_SIZE", 2)
    response = browser.get("/download/", secure=True)
    assert response["Content-Disposition"].startswith('attachment; filename="trove-')
    text = b"".join(response.streaming_content).decode()
    data = json.loads(text)
    assert data["person"]["name"] == "ada"
    assert [account["service"] for account in data["person"]["identities"]] == ["flickr"]
    assert [application["name"] for application in data["applications"]] == ["Example site"]
    assert len(data["items"]) == 6
    assert data["items"][0]["tags"] == ["sea"]
    assert data["items"][-1]["duration"] == 2.5
    assert "Hers" not in text
    assert token.secret not in text
    assert token.key not in text


def test_the_export_of_an_empty_trove(browser):
    response = browser.get("/download/", secure=True)
    assert json.loads(b"".join(response.streaming_content))["items"] == []


def test_a_trove_is_deleted_after_confirmation(
    browser, library, django_capture_on_commit_callbacks
):
    """
    Tokens and items are deleted; the user and the data of other users are not.
    """
    assert b"enter your username, ada" in browser.get("/delete/", secure=True).content
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post("/delete/", {"name": "ada"}, secure=True)
    assert response.url == "/"
    assert b"Your Trove was deleted" in browser.get("/", secure=True).content
    assert not AccessToken.objects.exists()
    assert [item.title for item in Item.objects.all()] == ["Hers"]
    assert get_user_model().objects.filter(username="ada").exists()


@pytest.mark.parametrize("name", ["", "grace", "ADA", "ada!"])
def test_another_name_is_rejected(browser, library, name):
    page = browser.post("/delete/", {"name": name}, secure=True)
    assert b"nothing was deleted" in page.content
    assert Identity.objects.count() == 2
