"""
OAuth 1.0a over HTTP between a site and a Trove in two processes, without a browser.
"""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from demo.processes import TROVE, run_command
from demo.workspace import USERNAME, Workspace
from django_trove.client import Query, TokenRejected, TroveAPI


class BrowserlessUser(requests.Session):
    """
    A user with an HTTP session that can submit forms.
    """

    def submit(self, url: str, *, follow: bool = True, **fields: str) -> requests.Response:
        """
        Open a page and submit its form with these fields.
        """
        page = self.get(url, timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {name: unescape(value) for name, value in hidden.items()}
        form |= {"csrfmiddlewaretoken": token} | fields
        headers = {"Referer": page.url}
        return self.post(page.url, form, headers=headers, timeout=20, allow_redirects=follow)


@pytest.fixture(scope="module")
def ada(demo: Workspace):
    with BrowserlessUser() as person:
        person.submit(f"{demo.trove_url}/identity/login", username=USERNAME, password=USERNAME)
        yield person


def test_script_without_site_gets_photos(demo, ada):
    """
    The script in the README: out-of-band callback, the user enters the verifier.
    """
    made = run_command(demo, TROVE, "trove_add_application", "A script", "--oob")
    key, secret = (re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))
    api = TroveAPI(key, secret, ["photos"], url=demo.trove_url)
    request_token = api.get_request_token()
    page = ada.submit(
        api.get_authorization_url(request_token), decision="allow", content_types="photos"
    )
    message = re.search(r'id="auth_response"[^>]*>(.*?)</div>', page.text, re.S)[1]
    verifier = re.sub(r"<[^>]+>", " ", message).split()[-1]
    api.get_access_token(request_token, verifier)

    everything = list(api.iter_photos(Query(count=3)))
    assert api.get_user_info().name == "Ada"
    assert len(everything) == api.get_photos().total_number_of_results > 3
    dates = [photo.date for photo in everything if photo.date]
    assert dates == sorted(dates, reverse=True)
    photo = everything[0]
    assert api.get_photo(photo.trove_id) == photo
    assert api.get_photos(Query(tags_required=[photo.tags[0].upper()])).count >= 1
    for size in ("thumbnail", "medium", "large", "original"):
        picture = requests.get(photo.urls[size], timeout=20)
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert "immutable" in picture.headers["Cache-Control"]


def test_site_connects_and_shows_photos(demo, ada):
    ada.submit(f"{demo.site_url}/sign-in/", username=USERNAME, password=USERNAME)
    token = ada.cookies.get("photoblog_csrf")
    start = ada.post(
        f"{demo.site_url}/trove/connect/",
        {"csrfmiddlewaretoken": token},
        headers={"Referer": demo.site_url},
        timeout=20,
    )
    assert urlsplit(start.url).netloc == urlsplit(demo.trove_url).netloc
    assert "oauth_token" in parse_qs(urlsplit(start.url).query)
    confirmation = ada.submit(start.url, decision="allow", content_types="photos")
    assert "You authorized the Trove of <strong>Ada</strong>" in confirmation.text
    response = ada.submit(confirmation.url, answer="confirm")
    assert response.url == f"{demo.site_url}/"
    assert "Your Trove is connected" in response.text
    assert f"{demo.trove_url}/files/" in response.text


def test_site_database_has_no_application_secret(demo):
    """
    Compares the bytes of the database files.
    """
    secret = json.loads((demo.path / "application.json").read_text())["secret"]
    for database in demo.path.glob("*.sqlite3*"):
        assert secret.encode() not in database.read_bytes()


def test_unknown_token_is_rejected(demo):
    from django_trove.client import Token

    key, secret = demo.load_app_credentials()
    api = TroveAPI(key, secret, url=demo.trove_url, access_token=Token("x" * 32, "y" * 32))
    with pytest.raises(TokenRejected):
        api.get_photos()
