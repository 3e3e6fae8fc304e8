"""
Links for users without a Trove (protocol, section 3.7).
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


def request_link(application, path=PATH, method="post", **form):
    form = {"app_key": application.key, "app_secret": application.secret, **form}
    if method == "get":
        return Client().get(path, form, secure=True)
    return Client().post(path, urlencode(form), content_type=FORM, secure=True)


@pytest.mark.parametrize("path", [PATH, PATH + "/", "/add/newtrove/service/folder"])
def test_the_response_is_the_path_of_a_link_without_a_user(application, path):
    response = request_link(application, path)
    assert response.status_code == 200
    assert response.content.decode().startswith("/add/")
    link = AddLink.objects.get()
    assert (link.user, link.application, link.redirect_url) == (None, application, CALLBACK)


def test_the_previous_secret_is_valid(application):
    previous = application.secret
    application.rotate_secret()
    assert request_link(application).status_code == 200
    assert request_link(application, app_secret=previous).status_code == 200


@pytest.mark.parametrize(
    "form", [{"app_key": "x"}, {"app_secret": "x"}, {"app_secret": ""}, {"app_key": ""}]
)
def test_wrong_keys_and_secrets_have_the_same_error(application, form):
    response = request_link(application, **form)
    assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
    assert not AddLink.objects.exists()


def test_post_and_https_are_required(application):
    assert request_link(application, method="get").status_code == 405
    form = {"app_key": application.key, "app_secret": application.secret}
    settings = {"URL": "http://trove.example"}
    with override_settings(TROVE_SERVER=settings):
        assert Client().post(PATH, urlencode(form), content_type=FORM).status_code == 403


def test_the_redirect_url_must_be_on_a_host_of_the_application(application):
    url = "https://site.example/welcome/"
    assert request_link(application, redirect_url=url).status_code == 200
    assert AddLink.objects.get().redirect_url == url
    response = request_link(application, redirect_url="https://evil.example/")
    assert (response.status_code, response.json()["field"]) == (400, "redirect_url")


def test_an_unavailable_service_is_not_found(application):
    assert request_link(application, "/v1/add/newtrove/service/orkut").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_client_requests_a_link(live_server, application, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "URL": live_server.url}
    api = TroveAPI(application.key, application.secret, ["photos"], url=live_server.url)
    assert api.get_url_for_new_trove("folder").startswith(f"{live_server.url}/add/")
    with pytest.raises(NotFound):
        api.get_url_for_new_trove("orkut")
    unknown = TroveAPI("x", "y", ["photos"], url=live_server.url)
    with pytest.raises(KeysRejected):
        unknown.get_url_for_new_trove("folder")
