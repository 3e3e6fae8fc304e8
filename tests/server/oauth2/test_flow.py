"""
The authorization code flow (protocol, section 9.1).
"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import parse_qsl, urlsplit

import pytest

from django_trove.client.content import Photo
from django_trove.server.models import AccessToken

from .conftest import call, parse_parameters

pytestmark = pytest.mark.django_db


def test_application_gets_tokens_and_content(flow, index, person):
    index(Photo(id="1", title="Snow"))
    page = flow.open_consent().content.decode()
    assert "Example site" in page
    callback = parse_parameters(flow.decide())
    assert callback["state"] == "state-of-the-application"
    assert callback["iss"] == "https://trove.example"
    response = flow.exchange(callback["code"])
    assert response.headers["Cache-Control"] == "no-store, private"
    tokens = response.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "photos videos"
    photos = call(tokens["access_token"], "/v2/content/photos/").json()
    assert [photo["title"] for photo in photos["results"]] == ["Snow"]
    assert AccessToken.objects.get().user == person


def test_user_selects_content_types(flow):
    code = flow.get_code(content_types=["videos"])
    tokens = flow.exchange(code).json()
    assert tokens["scope"] == "videos"
    assert call(tokens["access_token"], "/v2/content/photos/").status_code == 403
    assert call(tokens["access_token"], "/v2/content/videos/").status_code == 200


def test_user_denies(flow):
    callback = parse_parameters(flow.decide("deny"))
    assert (callback["error"], callback["state"]) == ("access_denied", "state-of-the-application")
    assert not AccessToken.objects.exists()


def test_refresh(flow):
    first = flow.get_tokens()
    second = flow.refresh(first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert call(second["access_token"]).status_code == 200
    assert call(first["access_token"]).status_code == 401
    assert AccessToken.objects.count() == 1


def test_application_authenticates_with_a_basic_header(flow, application):
    secret = b64encode(f"{application.key}:{application.secret}".encode()).decode()
    keys = {"client_id": None, "client_secret": None}
    response = flow.exchange(flow.get_code(), headers={"Authorization": f"Basic {secret}"}, **keys)
    assert response.status_code == 200


def test_revocation(flow, application):
    tokens = flow.get_tokens()
    keys = {"client_id": application.key, "client_secret": application.secret}
    response = flow.post("/oauth2/revoke/", {"token": tokens["refresh_token"], **keys})
    assert response.status_code == 200
    assert call(tokens["access_token"]).status_code == 401
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("scope", ["photos,videos", "photos, videos", "photos videos"])
def test_content_types_are_separated_by_commas_or_spaces(flow, scope):
    tokens = flow.exchange(flow.get_code(scope=scope)).json()
    assert tokens["scope"].split() == ["photos", "videos"]


def test_state_may_contain_commas(flow):
    assert parse_parameters(flow.decide(state="a,b"))["state"] == "a,b"


def test_types_that_are_not_offered_are_left_out(flow, offer):
    offer("status")
    page = flow.open_consent(scope="photos status friends").content.decode()
    assert page.count('name="content_types"') == 2
    code = flow.get_code(scope="photos status friends", content_types=["photos", "friends"])
    assert flow.exchange(code).json()["scope"] == "photos"


@pytest.mark.parametrize("scope", ["friends", "status friends", "photos unknown"])
def test_a_scope_of_which_nothing_is_offered_is_rejected(flow, scope):
    response = flow.open_consent(scope=scope)
    error = dict(parse_qsl(urlsplit(response.url).query))
    assert (response.status_code, error["error"]) == (302, "invalid_scope")


def test_the_default_of_clients_of_2011_contains_only_offered_types(flow, application, offer):
    application.allow_legacy_oauth2 = True
    application.save()
    page = flow.open_consent(scope=None).content.decode()
    assert page.count('name="content_types"') == 1
    offer("checkins", "friends")
    page = flow.open_consent(scope=None).content.decode()
    assert page.count('name="content_types"') == 2


def test_metadata_lists_the_offered_types(client, offer):
    path = "/.well-known/oauth-authorization-server"
    assert client.get(path, secure=True).json()["scopes_supported"] == ["photos", "videos"]
    offer("friends")
    types = ["photos", "videos", "friends"]
    assert client.get(path, secure=True).json()["scopes_supported"] == types
