"""
Sign-up, and links for users without a Trove (protocol, section 3.7).
"""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_trove.server.models import AddLink, GrantedFolder

pytestmark = pytest.mark.django_db

PATH = "/identity/signup/"


@pytest.fixture
def sign_up_open(settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "open"}


def form_data(name="grace", **data):
    """
    Return form data for any user model.
    """
    fields = [get_user_model().USERNAME_FIELD, *get_user_model().REQUIRED_FIELDS]
    texts = {field: f"{name}@site.example" if "mail" in field else name for field in fields}
    return {**texts, "password1": "a long pass-word", "password2": "a long pass-word", **data}


def test_without_sign_up_the_page_is_not_found(client):
    assert client.get(PATH, secure=True).status_code == 404
    assert PATH.encode() not in client.get("/identity/login", secure=True).content


def test_sign_up_redirects_to_next(client, sign_up_open):
    assert PATH.encode() in client.get("/identity/login", secure=True).content
    response = client.post(PATH, form_data(next="/applications/"), secure=True)
    assert response.url == "/applications/"
    assert client.get("/", secure=True).status_code == 200


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_sign_up_rejects_external_redirects(client, sign_up_open, url):
    assert url.encode() not in client.get(PATH, {"next": url}, secure=True).content
    assert client.post(PATH, form_data(next=url), secure=True).url == "/"


@pytest.mark.parametrize("name", ["ada", "Ada", "ADA", "\uff21da"])
def test_a_name_may_not_differ_by_case_only(client, sign_up_open, person, name):
    page = client.post(PATH, form_data(name), secure=True)
    assert page.status_code == 200
    assert b"already exists" in page.content
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("url", ["?page=2", "#top", "home", "trove_server:home"])
def test_relative_next_is_ignored(client, sign_up_open, person, url):
    assert client.post(PATH, form_data(next=url), secure=True).url == "/"
    form = {"username": person.get_username(), "password": "pass-word", "next": url}
    assert Client().post("/identity/login", form, secure=True).url == "/"


def test_errors_are_shown(client, sign_up_open):
    page = client.post(PATH, form_data(password2="another"), secure=True)
    assert page.status_code == 200
    assert b"match" in page.content
    assert not get_user_model().objects.exists()


@pytest.fixture
def link(settings, tmp_path, application):
    """
    A link that is not bound to a user.
    """
    (tmp_path / "ada" / "trip").mkdir(parents=True)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
    redirect_url = "https://site.example/welcome/"
    return (
        "/add/"
        + AddLink.objects.issue(
            application=application, service="folder", redirect_url=redirect_url
        )
        + "/"
    )


def test_a_link_for_a_new_trove_belongs_to_the_first_user(browser, person, link, make_person):
    response = Client().get(link, secure=True)
    assert response.url.startswith("/identity/login?next=/add/")
    assert browser.get(link, secure=True).status_code == 200
    other = Client()
    other.force_login(make_person("grace"))
    assert other.get(link, secure=True).status_code == 403
    GrantedFolder.objects.create(user=person, path="ada")
    response = browser.post(link, {"folder": "trip"}, secure=True)
    assert response.url == "https://site.example/welcome/"
    assert AddLink.objects.get().used_at
