"""
The requests of the clients of 2011 (protocol, section 9.3), rebuilt from their sources.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from oauthlib.oauth1 import SIGNATURE_PLAINTEXT

from django_trove.client.codec import CONTENT_CLASSES
from django_trove.client.content import Checkin, Photo, Status
from django_trove.server.models import AccessToken, Identity, Item

from ..conftest import CALLBACK
from ..signed_requests import Caller
from .conftest import AUTHENTICATE

pytestmark = pytest.mark.django_db

PHOTO = {
    "object_type": "photo",
    "id": "7",
    "title": "Pushed",
    "urls": {"original": "https://site.example/7.jpg"},
    "tags": ["sea"],
}


@pytest.fixture(autouse=True)
def folder_root(settings, tmp_path):
    options = {"FOLDER_ROOT": tmp_path, "CONTENT_TYPES": ["status", "checkins"]}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, **options}


@pytest.fixture
def application(make_application):
    return make_application("Site of 2011", allow_legacy_oauth2=True)


def authorize(browser, application):
    """
    The browser flow without state, scope and PKCE. Return the code.
    """
    parameters = {
        "client_id": application.key,
        "response_type": "code",
        "redirect_uri": CALLBACK,
    }
    page = browser.get(AUTHENTICATE, parameters, secure=True)
    assert page.status_code == 200
    url = page.context["action"]
    form = {"decision": "allow", "content_types": ["photos", "status", "checkins"]}
    return dict(parse_qsl(urlsplit(browser.post(url, form, secure=True).url).query))["code"]


class TestPython030:
    @pytest.fixture
    def token(self, browser, application):
        parameters = {
            "client_id": application.key,
            "client_secret": application.secret,
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": authorize(browser, application),
        }
        response = Client().get("/oauth2/access_token/", parameters, secure=True)
        assert response.status_code == 200
        return response.json()["access_token"]

    def post(self, path, **form):
        body = "&".join(f"{name}={value}" for name, value in form.items())
        return Client().post(
            path, body, content_type="application/x-www-form-urlencoded", secure=True
        )

    def test_user(self, token):
        response = Client().get("/v2/user/", {"access_token": token}, secure=True)
        assert response.json()["name"] == "ada"

    @pytest.mark.parametrize("content_type", ["photos", "status", "checkins"])
    def test_content(self, token, index, content_type):
        index(Photo(id="1", title="Snow"), Photo(id="2"), Status(id="1"), Checkin(id="1"))
        query = json.dumps({"count": 1})
        response = self.post(f"/v2/content/{content_type}/", access_token=token, query=query)
        assert response.status_code == 200
        [record] = response.json()["results"]
        assert record["object_type"] == CONTENT_CLASSES[content_type].object_type
        assert "null" not in response.content.decode()

    def test_push(self, token):
        response = self.post(
            "/v2/content/photos/",
            access_token=token,
            user_id="42",
            content_type="photos",
            number_of_items=1,
            object_list=json.dumps([PHOTO]),
        )
        assert response.json() == {"received": 1, "created": 1, "updated": 0, "rejected": []}
        assert Item.objects.get().title == "Pushed"

    def test_services(self, token):
        records = Client().get("/v2/services/", {"access_token": token}, secure=True).json()
        assert [record["slug"] for record in records] == ["folder"]
        assert {
            "object_type",
            "id",
            "name",
            "slug",
            "description",
            "url",
            "service_icon",
        } == set(records[0])

    def test_bounceback(self, token, browser):
        parameters = {"access_token": token, "redirect_url": CALLBACK}
        response = Client().get("/v2/services/folder/bounceback/", parameters, secure=True)
        url = response.content.decode()
        assert url.startswith("https://trove.example/add/")
        assert browser.get(urlsplit(url).path, secure=True).status_code == 200


class TestPHP20:
    def test_all_calls(self, browser, application, index):
        """
        Paths without a trailing slash and with a double slash, and flat parameters.
        """
        index(*(Photo(id=str(number), tags=("sea", f"n{number}")) for number in range(3)))
        form = {
            "client_id": application.key,
            "client_secret": application.secret,
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": authorize(browser, application),
        }
        body = "&".join(f"{name}={value}" for name, value in form.items())
        token = (
            Client()
            .post(
                "/oauth2/access_token",
                body,
                content_type="application/x-www-form-urlencoded",
                secure=True,
            )
            .json()["access_token"]
        )

        def get(path, **parameters):
            parameters["access_token"] = token
            response = Client().get(path, parameters, secure=True)
            assert response.status_code == 200, response.content
            return response.json()

        assert get("/v2//user/")["name"] == "ada"
        service = Identity.objects.get().service
        assert get("/v2//content/photos", services=service, page="2", count="2")["count"] == 1
        assert get("/v2//content/photos/", services="facebook")["count"] == 0
        assert get("/v2//content/photos/", tags="sea,n1")["count"] == 1
        assert get("/v2//content/photos/", geo_near_center="1,2", geo_near_radius="5")["count"] == 0


class TestRuby:
    @pytest.fixture
    def signed(self, make_application, make_token):
        application = make_application("Ruby", allow_legacy_oauth2=True)
        token = make_token(to=application)
        return Caller(application, token, signature_method=SIGNATURE_PLAINTEXT)

    def test_all_calls(self, signed, index):
        """
        Content requests are signed with PLAINTEXT of OAuth 1.0.
        """
        index(Photo(id="1", tags=("a", "b")), Photo(id="2", tags=("a",)))
        assert signed.get("/v2/user/").json()["name"] == "ada"
        photos = signed.get("/v2/content/photos/?tags=a%2Cb&services=web")
        assert photos.status_code == 200
        assert signed.get("/v2/content/photos/?tags=a%2Cb").json()["count"] == 1
        assert signed.get("/v2/services/folder/").json()["slug"] == "folder"
        assert signed.get("/v2/services/folder/bounceback").status_code == 200

    def test_plaintext_requires_the_flag(self, application, make_application, make_token):
        other = make_application("Other")
        caller = Caller(other, make_token(to=other), signature_method=SIGNATURE_PLAINTEXT)
        assert caller.get("/v2/user/").status_code == 401
        assert AccessToken.objects.get().last_used_at is None

    @pytest.mark.parametrize("places", ["secret", "token"])
    def test_a_wrong_secret_is_rejected(self, make_application, make_token, places):
        application = make_application("Ruby", allow_legacy_oauth2=True)
        token = make_token(to=application)
        caller = Caller(application, token, signature_method=SIGNATURE_PLAINTEXT)
        key, secret, token_key, token_secret = caller.keys
        caller.keys = (
            (key, "x" * 32, token_key, token_secret)
            if places == "secret"
            else (key, secret, token_key, "x" * 32)
        )
        assert caller.get("/v2/user/").status_code == 401

    def test_version_1_does_not_accept_plaintext(self, signed):
        assert signed.get("/v1/oauth/user/").status_code == 400
