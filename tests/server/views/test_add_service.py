"""
Adding a folder with a one-time link.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from django_trove.server.accounts.add import available_folders
from django_trove.server.models import AddLink, GrantedFolder, Identity

from ..images import draw

pytestmark = pytest.mark.django_db

REDIRECT_URL = "https://site.example/done/"


@pytest.fixture
def root(settings, tmp_path, person):
    root = tmp_path / "root"
    draw(root / "ada" / "winter" / "snow.jpg")
    draw(root / "ada" / "summer" / "sea.jpg")
    draw(root / "bob" / "private" / "secret.jpg")
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": root}
    GrantedFolder.objects.create(user=person, path="ada")
    return root


@pytest.fixture
def request_link(caller, root):
    """
    Request a link as an application.
    """

    def request_link(redirect_url=REDIRECT_URL):
        services = caller.post("/v1/oauth/get_add_urls_for_services/").json()
        form = {"redirect_url": redirect_url} if redirect_url else {}
        return caller.post(services["folder"], form)

    return request_link


def test_an_application_requests_a_link_and_the_user_adds_a_folder(browser, request_link):
    """
    Protocol, section 3.6: the response is a path, and the link can be used once.
    """
    path = request_link().content.decode()
    assert path.startswith("/add/")
    page = browser.get(path, secure=True)
    assert b"summer" in page.content
    assert "form-action 'self' https://site.example;" in page["Content-Security-Policy"]
    answer = browser.post(path, {"folder": "winter"}, secure=True)
    assert answer.url == REDIRECT_URL
    identity = Identity.objects.get()
    assert (identity.name, identity.items.get().title) == ("winter", "snow")
    assert browser.get(path, secure=True).status_code == 400
    assert b"summer" in browser.get(request_link().content.decode(), secure=True).content


def test_the_default_redirect_url_is_the_callback(browser, request_link):
    path = request_link(redirect_url=None).content.decode()
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
def test_other_redirect_urls_are_rejected(request_link, address):
    """
    Scheme, host and port must be those of a registered callback.
    """
    response = request_link(address)
    assert response.status_code == 400
    assert response.json()["field"] == "redirect_url"


@pytest.mark.parametrize(
    "name",
    ["", "autumn", "../bob/private", "..", ".", "/etc", "winter/../../bob/private", "bob", "a\0b"],
)
def test_only_an_offered_folder_can_be_added(browser, request_link, name):
    path = request_link().content.decode()
    page = browser.post(path, {"folder": name}, secure=True)
    assert page.status_code == 200
    assert b"Select one of these" in page.content
    assert not Identity.objects.exists()


def test_symlinks_and_hidden_folders_are_not_offered(person, root):
    (root / "ada" / "theirs").symlink_to(root / "bob" / "private")
    (root / "ada" / ".hidden").mkdir()
    (root / "ada" / "@eaDir").mkdir()
    (root / "ada" / "#Recycle").mkdir()
    assert list(available_folders(person)) == ["summer", "winter"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        ".",
        "../root/ada",
        "ada/../bob",
        "/etc",
        "bob\0",
        "nobody",
        ".hidden",
        "@eaDir",
        "link",
        "x.jpg",
    ],
)
def test_only_a_folder_below_the_root_can_be_granted(person, root, path):
    (root / ".hidden").mkdir()
    (root / "@eaDir").mkdir()
    (root / "link").symlink_to(root / "bob")
    draw(root / "x.jpg")
    grant = GrantedFolder(user=person, path=path)
    assert grant.folder is None
    with pytest.raises(ValidationError):
        grant.full_clean()


def test_a_user_name_grants_no_folder(make_person, root):
    """
    Visitors may choose their name, if sign-up is open.
    """
    bob = make_person("bob")
    assert available_folders(bob) == {}
    browser = Client()
    browser.force_login(bob)
    link = browser.post("/add/", {"service": "folder"}, secure=True).url
    assert b"No folder on this server is assigned to you" in browser.get(link, secure=True).content
    browser.post(link, {"folder": "private"}, secure=True)
    browser.post(link, {"folder": "bob"}, secure=True)
    assert not Identity.objects.exists()


def test_folders_of_several_grants_have_different_names(person, root):
    draw(root / "family" / "winter" / "ski.jpg")
    GrantedFolder.objects.create(user=person, path="family")
    folders = available_folders(person)
    assert list(folders) == ["summer", "winter", "family/winter"]
    assert folders["family/winter"] == root / "family" / "winter"


def test_the_command_grants_and_revokes_a_folder(make_person, root, capsys):
    bob = make_person("bob")
    call_command("trove_grant_folder", "bob", "bob/")
    call_command("trove_grant_folder", "bob", "bob")
    assert list(available_folders(bob)) == ["private"]
    call_command("trove_grant_folder", "bob", "bob", "--revoke")
    assert available_folders(bob) == {}
    with pytest.raises(CommandError, match="no grant"):
        call_command("trove_grant_folder", "bob", "bob", "--revoke")
    with pytest.raises(CommandError, match="FOLDER_ROOT"):
        call_command("trove_grant_folder", "bob", "../root/bob")
    with pytest.raises(CommandError, match="does not exist"):
        call_command("trove_grant_folder", "eve", "bob")


def test_a_grant_ends_with_its_user(make_person, root):
    bob = make_person("bob")
    GrantedFolder.objects.create(user=bob, path="bob")
    bob.delete()
    assert available_folders(make_person("bob")) == {}


def test_the_admin_grants_a_folder(make_person, root, person):
    person.is_staff = person.is_superuser = True
    person.save()
    browser = Client()
    browser.force_login(person)
    bob, url = make_person("bob"), "/admin/trove_server/grantedfolder/add/"
    response = browser.post(url, {"user": bob.pk, "path": "../x"}, secure=True)
    assert b"Enter the path of a folder in FOLDER_ROOT." in response.content
    browser.post(url, {"user": bob.pk, "path": "bob"}, secure=True)
    assert list(available_folders(bob)) == ["private"]


def test_the_users_directory_is_offered_if_it_contains_images(person, root):
    draw(root / "ada" / "loose.jpg")
    assert list(available_folders(person)) == ["ada", "summer", "winter"]


def test_a_folder_whose_name_is_not_utf8_is_not_offered(browser, request_link, root):
    os.mkdir(os.fsencode(root / "ada") + b"/caf\xe9")
    page = browser.get(request_link().content.decode(), secure=True)
    assert page.status_code == 200
    assert page.context["folders"] == ["summer", "winter"]


@pytest.mark.parametrize("call", ["iterdir", "is_dir"])
def test_an_unreadable_folder_is_not_offered(monkeypatch, browser, request_link, call):
    path = request_link().content.decode()

    def forbidden(self):
        raise PermissionError

    monkeypatch.setattr(Path, call, forbidden)
    page = browser.get(path, secure=True)
    assert (page.status_code, page.context["folders"]) == (200, [])


def test_a_long_name_is_truncated(browser, request_link, root):
    draw(root / "ada" / ("n" * 230) / "snow.jpg")
    answer = browser.post(request_link().content.decode(), {"folder": "n" * 230}, secure=True)
    assert answer.url == REDIRECT_URL
    assert Identity.objects.get().name == "n" * 200


def test_another_users_link_is_rejected(request_link, make_person):
    other = Client()
    other.force_login(make_person("bob"))
    path = request_link().content.decode()
    for page in (
        other.get(path, secure=True),
        other.post(path, {"folder": "private"}, secure=True),
    ):
        assert page.status_code == 403
        assert b"signed in as bob" in page.content
    assert AddLink.objects.get().used_at is None


def test_a_visitor_signs_in_first(request_link):
    path = request_link().content.decode()
    assert Client().get(path, secure=True).url == f"/identity/login?next={path}"


def test_an_expired_link_is_rejected(browser, request_link):
    path = request_link().content.decode()
    AddLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    page = browser.get(path, secure=True)
    assert page.status_code == 400
    assert b"Request a new link" in page.content


def test_unreadable_files_are_listed(browser, request_link, root):
    (root / "ada" / "winter" / "broken.jpg").write_bytes(b"no picture")
    page = browser.post(request_link().content.decode(), {"folder": "winter"}, secure=True)
    assert b"broken.jpg" in page.content
    assert REDIRECT_URL.encode() in page.content


def test_a_user_adds_a_folder_from_the_home_page(browser, root):
    start = browser.post("/add/", secure=True)
    assert browser.post(start.url, {"folder": "winter"}, secure=True).url == "/"
    assert Identity.objects.exists()


def test_without_a_folder_root_no_folder_can_be_added(caller, browser):
    assert caller.post("/v1/oauth/get_add_urls_for_services/").json() == {}
    assert caller.post("/v1/add/service/folder/").status_code == 404
    assert browser.post("/add/", secure=True).status_code == 400
