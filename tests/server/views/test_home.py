"""
Sign-in, the home page and the authorized applications.
"""

import pytest
from django.test import Client
from django.utils import translation

from django_trove.client.content import Photo
from django_trove.server import signals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/identity/login", "/identity/login/"])
def test_the_sign_in_page_has_an_optional_slash(path):
    page = Client().get(path, {"next": "/applications/"}, secure=True)
    assert page.status_code == 200
    assert b'name="next" value="/applications/"' in page.content


def test_a_wrong_password_shows_an_error_and_keeps_next(person):
    form = {"username": "ada", "password": "no", "next": "/applications/"}
    page = Client().post("/identity/login", form, secure=True)
    assert b"match" in page.content
    assert b'value="/applications/"' in page.content


def test_sign_in_redirects_to_home_and_to_no_other_site(person):
    form = {"username": "ada", "password": "pass-word"}
    assert Client().post("/identity/login", form, secure=True).url == "/"
    form["next"] = "https://evil.example/"
    assert Client().post("/identity/login", form, secure=True).url == "/"


def test_sign_out_requires_post(browser):
    assert browser.get("/identity/logout/", secure=True).status_code == 405
    assert browser.post("/identity/logout/", secure=True).url == "/identity/login"
    assert browser.get("/", secure=True).url == "/identity/login?next=/"


def test_home_shows_accounts_and_applications(browser, index, token, django_assert_max_num_queries):
    index(Photo(id="1"), Photo(id="2"))
    with django_assert_max_num_queries(6):
        page = browser.get("/", secure=True).content.decode()
    for text in ("flickr 1", "2 photos", "Waiting for sync", "Example site"):
        assert text in page


def test_an_empty_trove_shows_the_next_step(browser, settings, tmp_path):
    assert b"trove_add_folder" in browser.get("/", secure=True).content
    settings.TROVE_SERVER = {"FOLDER_ROOT": tmp_path}
    assert b"Add a folder" in browser.get("/", secure=True).content


def test_an_application_is_listed_until_it_is_revoked(
    browser, token, caller, django_capture_on_commit_callbacks
):
    received = []

    def receiver(sender, **kwargs):
        received.append((kwargs["user"].username, kwargs["application"].name))

    signals.application_revoked.connect(receiver)
    caller.get("/v1/oauth/photos/")
    assert b"Last used" in browser.get("/applications/", secure=True).content
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
    assert b"Example site" not in browser.get("/applications/", secure=True).content
    assert received == [("ada", "Example site")]


def test_an_authorized_request_token_is_revoked_too(browser, token, dance):
    request = dance.allowed(browser)
    browser.post(f"/applications/{token.application.pk}/revoke/", secure=True)
    assert dance.exchange(request).status_code == 401


def test_the_page_describes_the_limits_of_revoking(browser, token):
    page = browser.get("/applications/", secure=True).content.decode()
    assert "loses access immediately" in page
    assert "remain valid" in page


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/applications/",
        "/applications/own/",
        "/applications/own/register/",
        "/delete/",
        "/identities/progress/",
        "/identity/login",
        "/photos/",
        "/v1/oauth/authorize/?oauth_token=never",
        "/add/never/",
    ],
)
def test_every_page_has_a_strict_policy_and_no_inline_code(browser, path):
    page = browser.get(path, secure=True)
    policy = page["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert page["Cache-Control"] == "no-store, private"
    html = page.content.decode()
    assert html.count("<script") == html.count("<script src=")
    assert "style=" not in html
    assert "<style" not in html


def test_the_policy_includes_the_static_host(browser, settings):
    settings.STATIC_URL = "https://static.example/s/"
    policy = browser.get("/", secure=True)["Content-Security-Policy"]
    assert "style-src 'self' https://static.example;" in policy


def test_a_page_has_one_heading_and_a_language(browser):
    with translation.override("en"):
        html = browser.get("/", secure=True).content.decode()
    assert html.count("<h1") == 1
    assert '<html lang="en' in html
