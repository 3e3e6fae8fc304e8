"""
Adding a folder by a one-time link.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from django_trove.server.accounts.add import available_folders
from django_trove.server.models import AddLink, Identity

from ..images import draw

pytestmark = pytest.mark.django_db

BACK = "https://site.example/done/"


@pytest.fixture
def root(settings, tmp_path):
    root = tmp_path / "root"
    draw(root / "ada" / "winter" / "snow.jpg")
    draw(root / "ada" / "summer" / "sea.jpg")
    draw(root / "bob" / "private" / "secret.jpg")
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": root}
    return root


@pytest.fixture
def link(caller, root):
    """
    Ask for a link as an application does.
    """

    def ask(redirect_url=BACK):
        services = caller.post("/v1/oauth/get_add_urls_for_services/").json()
        form = {"redirect_url": redirect_url} if redirect_url else {}
        return caller.post(services["folder"], form)

    return ask


def test_an_application_asks_for_a_link_and_the_person_adds_a_folder(browser, link):
    """
    Protocol, "add a service": a path, once, and back.
    """
    path = link().content.decode()
    assert path.startswith("/add/")
    page = browser.get(path, secure=True)
    assert b"summer" in page.content
    assert "form-action 'self' https://site.example;" in page["Content-Security-Policy"]
    answer = browser.post(path, {"folder": "winter"}, secure=True)
    assert answer.url == BACK
    identity = Identity.objects.get()
    assert (identity.name, identity.items.get().title) == ("winter", "snow")
    assert browser.get(path, secure=True).status_code == 400
    assert b"summer" in browser.get(link().content.decode(), secure=True).content


def test_without_an_address_the_person_goes_to_the_callback(browser, link):
    path = link(redirect_url=None).content.decode()
    answer = browser.post(path, {"folder": "winter"}, secure=True)
    assert answer.url == "https://site.example/trove/callback/"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://site.example/",
        "https://site.example:8443/",
        "//site.example",
        "javascript:alert(1)",
        "https://site.example@evil.example/",
        "https://site.example.evil.example/",
        "https://evil.example\\@site.example/",
        "https://ada:pass@site.example/",
        "https://site.example/\t",
    ],
)
def test_nobody_is_sent_elsewhere(link, address):
    """
    Scheme, host and port are those of a registered callback.
    """
    response = link(address)
    assert response.status_code == 400
    assert response.json()["field"] == "redirect_url"


@pytest.mark.parametrize(
    "name",
    ["", "autumn", "../bob/private", "..", ".", "/etc", "winter/../../bob/private", "bob", "a\0b"],
)
def test_a_person_picks_and_never_names_a_path(browser, link, name):
    path = link().content.decode()
    page = browser.post(path, {"folder": name}, secure=True)
    assert page.status_code == 200
    assert b"Pick one of these" in page.content
    assert not Identity.objects.exists()


def test_a_link_in_the_folder_leads_nowhere(person, root):
    """
    Neither to another person's folder nor out of the root.
    """
    (root / "ada" / "theirs").symlink_to(root / "bob" / "private")
    (root / "ada" / ".hidden").mkdir()
    assert list(available_folders(person)) == ["summer", "winter"]


@pytest.mark.parametrize("name", ["..", ".", "ada/winter", "/etc", "bob\0"])
def test_a_user_name_is_no_path(person, root, name):
    person.username = name
    assert available_folders(person) == {}


def test_a_persons_own_folder_can_be_added_if_it_holds_pictures(person, root):
    draw(root / "ada" / "loose.jpg")
    assert list(available_folders(person)) == ["ada", "summer", "winter"]


def test_a_folder_whose_name_is_not_utf8_is_not_offered(browser, link, root):
    os.mkdir(os.fsencode(root / "ada") + b"/caf\xe9")
    page = browser.get(link().content.decode(), secure=True)
    assert page.status_code == 200
    assert page.context["folders"] == ["summer", "winter"]


@pytest.mark.parametrize("call", ["iterdir", "is_dir"])
def test_a_folder_that_may_not_be_listed_offers_nothing(monkeypatch, browser, link, call):
    path = link().content.decode()

    def forbidden(self):
        raise PermissionError

    monkeypatch.setattr(Path, call, forbidden)
    page = browser.get(path, secure=True)
    assert (page.status_code, page.context["folders"]) == (200, [])


def test_a_long_name_is_cut(browser, link, root):
    draw(root / "ada" / ("n" * 230) / "snow.jpg")
    answer = browser.post(link().content.decode(), {"folder": "n" * 230}, secure=True)
    assert answer.url == BACK
    assert Identity.objects.get().name == "n" * 200


def test_somebody_elses_link_is_of_no_use(link, make_person):
    other = Client()
    other.force_login(make_person("bob"))
    path = link().content.decode()
    for page in (
        other.get(path, secure=True),
        other.post(path, {"folder": "private"}, secure=True),
    ):
        assert page.status_code == 403
        assert b"signed in as bob" in page.content
    assert AddLink.objects.get().used_at is None


def test_a_visitor_signs_in_first(link):
    path = link().content.decode()
    assert Client().get(path, secure=True).url == f"/identity/login?next={path}"


def test_a_late_link_says_so(browser, link):
    path = link().content.decode()
    AddLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    page = browser.get(path, secure=True)
    assert page.status_code == 400
    assert b"ask for a new one" in page.content


def test_files_that_can_not_be_read_are_shown_by_name(browser, link, root):
    (root / "ada" / "winter" / "broken.jpg").write_bytes(b"no picture")
    page = browser.post(link().content.decode(), {"folder": "winter"}, secure=True)
    assert b"broken.jpg" in page.content
    assert BACK.encode() in page.content


def test_a_person_can_begin_at_home(browser, root):
    start = browser.post("/add/", secure=True)
    assert browser.post(start.url, {"folder": "winter"}, secure=True).url == "/"
    assert Identity.objects.exists()


def test_without_a_root_nothing_can_be_added(caller, browser):
    assert caller.post("/v1/oauth/get_add_urls_for_services/").json() == {}
    assert caller.post("/v1/add/service/folder/").status_code == 404
    assert browser.post("/add/", secure=True).status_code == 400
