"""
Signing up, and the links for people who have no Trove yet.
"""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_trove.server.models import AddLink

pytestmark = pytest.mark.django_db

PATH = "/identity/signup/"


@pytest.fixture
def open_to_all(settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "open"}


def details(name="grace", **more):
    """
    What the form asks for, whatever the user model.
    """
    fields = [get_user_model().USERNAME_FIELD, *get_user_model().REQUIRED_FIELDS]
    texts = {field: f"{name}@site.example" if "mail" in field else name for field in fields}
    return {**texts, "password1": "a long pass-word", "password2": "a long pass-word", **more}


def test_a_closed_trove_has_no_such_page(client):
    assert client.get(PATH, secure=True).status_code == 404
    assert PATH.encode() not in client.get("/identity/login", secure=True).content


def test_somebody_signs_up_and_goes_on(client, open_to_all):
    assert PATH.encode() in client.get("/identity/login", secure=True).content
    back = client.post(PATH, details(next="/applications/"), secure=True)
    assert back.url == "/applications/"
    assert client.get("/", secure=True).status_code == 200


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_up_leads_nowhere_else(client, open_to_all, evil):
    assert evil.encode() not in client.get(PATH, {"next": evil}, secure=True).content
    assert client.post(PATH, details(next=evil), secure=True).url == "/"


def test_a_mistake_is_said_at_its_field(client, open_to_all):
    page = client.post(PATH, details(password2="another"), secure=True)
    assert page.status_code == 200
    assert b"match" in page.content
    assert not get_user_model().objects.exists()


@pytest.fixture
def link(settings, tmp_path, application):
    """
    A link for whoever opens it, as an application asks for it.
    """
    (tmp_path / "ada" / "trip").mkdir(parents=True)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
    back = "https://site.example/welcome/"
    return (
        "/add/"
        + AddLink.objects.issue(application=application, service="folder", redirect_url=back)
        + "/"
    )


def test_a_link_for_a_new_trove_is_the_first_ones_who_opens_it(browser, link, make_person):
    """
    They sign in, or up, come back, and are sent on when the service is added.
    """
    asked = Client().get(link, secure=True)
    assert asked.url.startswith("/identity/login?next=/add/")
    assert browser.get(link, secure=True).status_code == 200
    other = Client()
    other.force_login(make_person("grace"))
    assert other.get(link, secure=True).status_code == 403
    back = browser.post(link, {"folder": "trip"}, secure=True)
    assert back.url == "https://site.example/welcome/"
    assert AddLink.objects.get().used_at
