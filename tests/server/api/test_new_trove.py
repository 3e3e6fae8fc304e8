"""
A site sends somebody who has no Trove yet to get one (protocol, "new Trove by a service").
"""

from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings

from django_trove.client import KeysRejected, NotFound, TroveAPI
from django_trove.server.models import AddLink

from ..conftest import CALLBACK
from ..signed_requests import FORM

pytestmark = pytest.mark.django_db

PATH = "/v1/add/newtrove/service/folder"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}


def ask(application, path=PATH, method="post", **form):
    form = {"app_key": application.key, "app_secret": application.secret, **form}
    if method == "get":
        return Client().get(path, form, secure=True)
    return Client().post(path, urlencode(form), content_type=FORM, secure=True)


@pytest.mark.parametrize("path", [PATH, PATH + "/", "/add/newtrove/service/folder"])
def test_the_body_is_the_path_of_a_link_for_anybody(application, path):
    answer = ask(application, path)
    assert answer.status_code == 200
    assert answer.content.decode().startswith("/add/")
    link = AddLink.objects.get()
    assert (link.user, link.application, link.redirect_url) == (None, application, CALLBACK)


def test_an_application_that_has_another_secret_is_known_by_both(application):
    old = application.secret
    application.rotate_secret()
    assert ask(application).status_code == 200
    assert ask(application, app_secret=old).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"app_key": "x"}, {"app_secret": "x"}, {"app_secret": ""}, {"app_key": ""}]
)
def test_a_wrong_key_and_a_wrong_secret_are_told_alike(application, wrong):
    answer = ask(application, **wrong)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert not AddLink.objects.exists()


def test_a_secret_is_taken_by_post_alone_and_by_https(application):
    assert ask(application, method="get").status_code == 405
    form = {"app_key": application.key, "app_secret": application.secret}
    settings = {"URL": "http://trove.example"}
    with override_settings(TROVE_SERVER=settings):
        assert Client().post(PATH, urlencode(form), content_type=FORM).status_code == 403


def test_the_way_back_is_on_a_host_of_the_application(application):
    back = "https://site.example/welcome/"
    assert ask(application, redirect_url=back).status_code == 200
    assert AddLink.objects.get().redirect_url == back
    refused = ask(application, redirect_url="https://evil.example/")
    assert (refused.status_code, refused.json()["field"]) == (400, "redirect_url")


def test_a_service_that_nobody_can_add_is_not_there(application):
    assert ask(application, "/v1/add/newtrove/service/orkut").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_our_client_asks_for_such_a_link(live_server, application, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "URL": live_server.url}
    api = TroveAPI(application.key, application.secret, ["photos"], url=live_server.url)
    assert api.get_url_for_new_trove("folder").startswith(f"{live_server.url}/add/")
    with pytest.raises(NotFound):
        api.get_url_for_new_trove("orkut")
    stranger = TroveAPI("x", "y", ["photos"], url=live_server.url)
    with pytest.raises(KeysRejected):
        stranger.get_url_for_new_trove("folder")
