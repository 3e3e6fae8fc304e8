"""
Signing in, my Trove, my applications.
"""

import pytest
from django.test import Client
from django.utils import translation

from django_trove.client.content import Photo
from django_trove.server import signals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/identity/login", "/identity/login/"])
def test_the_sign_in_page_answers_with_and_without_a_slash(path):
    page = Client().get(path, {"next": "/applications/"}, secure=True)
    assert page.status_code == 200
    assert b'name="next" value="/applications/"' in page.content


def test_a_wrong_password_says_so_and_keeps_the_way(person):
    form = {"username": "ada", "password": "no", "next": "/applications/"}
    page = Client().post("/identity/login", form, secure=True)
    assert b"match" in page.content
    assert b'value="/applications/"' in page.content


def test_signing_in_leads_home_and_never_off_this_site(person):
    form = {"username": "ada", "password": "pass-word"}
    assert Client().post("/identity/login", form, secure=True).url == "/"
    form["next"] = "https://evil.example/"
    assert Client().post("/identity/login", form, secure=True).url == "/"


def test_signing_out_is_a_post(browser):
    assert browser.get("/identity/logout/", secure=True).status_code == 405
    assert browser.post("/identity/logout/", secure=True).url == "/identity/login"
    assert browser.get("/", secure=True).url == "/identity/login?next=/"


def test_my_trove_shows_my_accounts_and_applications(
    browser, index, token, django_assert_max_num_queries
):
    index(Photo(id="1"), Photo(id="2"))
    with django_assert_max_num_queries(5):
        page = browser.get("/", secure=True).content.decode()
    for words in ("flickr 1", "2 photos", "Its turn comes soon", "Example site"):
        assert words in page


def test_an_empty_trove_says_what_to_do(browser, settings, tmp_path):
    assert b"trove_add_folder" in browser.get("/", secure=True).content
    settings.TROVE_SERVER = {"FOLDER_ROOT": tmp_path}
    assert b"Add a folder" in browser.get("/", secure=True).content


def test_an_application_is_there_until_it_is_revoked(
    browser, token, caller, django_capture_on_commit_callbacks
):
    heard = []

    def hear(sender, **said):
        heard.append((said["user"].username, said["application"].name))

    signals.application_revoked.connect(hear)
    caller.get("/v1/oauth/photos/")
    assert b"Last used" in browser.get("/applications/", secure=True).content
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
    assert b"Example site" not in browser.get("/applications/", secure=True).content
    assert heard == [("ada", "Example site")]


def test_a_yes_that_was_not_fetched_yet_is_revoked_too(browser, token, dance):
    request = dance.allowed(browser)
    browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
    assert dance.exchange(request).status_code == 401


def test_revoke_says_what_it_does_not_take_back(browser, token):
    page = browser.get("/applications/", secure=True).content.decode()
    assert "asks nothing more from that moment on" in page
    assert "stay reachable" in page


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/applications/",
        "/applications/mine/",
        "/applications/mine/register/",
        "/delete/",
        "/identities/progress/",
        "/identity/login",
        "/photos/",
        "/v1/oauth/authorize/?oauth_token=never",
        "/add/never/",
    ],
)
def test_every_page_holds_a_strict_policy_without_inline_parts(browser, path):
    page = browser.get(path, secure=True)
    policy = page["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert page["Cache-Control"] == "no-store, private"
    html = page.content.decode()
    assert html.count("<script") == html.count("<script src=")
    assert "style=" not in html
    assert "<style" not in html


def test_a_style_sheet_from_elsewhere_is_let_in(browser, settings):
    settings.STATIC_URL = "https://static.example/s/"
    policy = browser.get("/", secure=True)["Content-Security-Policy"]
    assert "style-src 'self' https://static.example;" in policy


def test_pages_have_one_heading_and_a_language(browser):
    with translation.override("en"):
        html = browser.get("/", secure=True).content.decode()
    assert html.count("<h1") == 1
    assert '<html lang="en' in html
