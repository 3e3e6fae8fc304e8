"""
What is mine goes with me, or goes.
"""

import json

import pytest
from django.contrib.auth import get_user_model

from django_trove.client.content import Photo, Video
from django_trove.server.models import AccessToken, Identity, Item

from ..conftest import put_photos

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything(index, token, make_identity, make_person):
    index(
        *(Photo(id=str(number), title=f"Photo {number}", tags=("sea",)) for number in range(5)),
        Video(id="v", duration=2.5),
    )
    put_photos(make_identity(user=make_person("grace")), Photo(id="1", title="Hers"))


def test_all_that_is_here_of_me_comes_in_one_file(browser, everything, token, monkeypatch):
    """
    In parts; what is other people's, and every secret, stays.
    """
    monkeypatch.setattr("django_trove.server.views.personal_data.BATCH", 2)
    answer = browser.get("/download/", secure=True)
    assert answer["Content-Disposition"].startswith('attachment; filename="trove-')
    text = b"".join(answer.streaming_content).decode()
    said = json.loads(text)
    assert said["person"]["name"] == "ada"
    assert [account["service"] for account in said["person"]["identities"]] == ["flickr"]
    assert [one["name"] for one in said["applications"]] == ["Example site"]
    assert len(said["items"]) == 6
    assert said["items"][0]["tags"] == ["sea"]
    assert said["items"][-1]["duration"] == 2.5
    assert "Hers" not in text
    assert token.secret not in text
    assert token.key not in text


def test_an_empty_trove_is_a_file_too(browser):
    answer = browser.get("/download/", secure=True)
    assert json.loads(b"".join(answer.streaming_content))["items"] == []


def test_a_trove_is_deleted_when_its_name_was_typed(
    browser, everything, django_capture_on_commit_callbacks
):
    """
    Tokens end, items go, the user stays and is told; nobody else's is touched.
    """
    assert b"type your user name, ada" in browser.get("/delete/", secure=True).content
    with django_capture_on_commit_callbacks(execute=True):
        back = browser.post("/delete/", {"name": "ada"}, secure=True)
    assert back.url == "/"
    assert b"Your Trove is deleted" in browser.get("/", secure=True).content
    assert not AccessToken.objects.exists()
    assert [item.title for item in Item.objects.all()] == ["Hers"]
    assert get_user_model().objects.filter(username="ada").exists()


@pytest.mark.parametrize("typed", ["", "grace", "ADA", "ada!"])
def test_another_name_deletes_nothing(browser, everything, typed):
    page = browser.post("/delete/", {"name": typed}, secure=True)
    assert b"nothing was deleted" in page.content
    assert Identity.objects.count() == 2
