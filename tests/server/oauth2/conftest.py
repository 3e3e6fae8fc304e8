from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from ..conftest import CALLBACK
from ..signed_requests import FORM

AUTHENTICATE, TOKEN = "/oauth2/authenticate/", "/oauth2/access_token/"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


@pytest.fixture
def flow(browser, application):
    """
    The steps of the authorization code flow. Each accepts changes of its parameters; None omits a
    parameter.
    """

    def build_url(**changes):
        parameters = {
            "client_id": application.key,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "state": "state-of-the-application",
            "scope": "photos videos",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        present = {name: value for name, value in parameters.items() if value is not None}
        return f"{AUTHENTICATE}?{urlencode(present)}"

    def open_consent(**changes):
        return browser.get(build_url(**changes), secure=True)

    def decide(decision="allow", content_types=("photos", "videos"), **changes):
        form = {"decision": decision, "content_types": content_types}
        return browser.post(build_url(**changes), form, secure=True)

    def get_code(**changes):
        return parse_parameters(decide(**changes))["code"]

    def post(path, form, **options):
        present = {name: value for name, value in form.items() if value is not None}
        return Client().post(path, urlencode(present), FORM, secure=True, **options)

    def exchange(code, headers=None, **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": application.key,
            "client_secret": application.secret,
            "code_verifier": VERIFIER,
        }
        return post(TOKEN, form | changes, headers=headers)

    def refresh(token, **changes):
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": application.key,
            "client_secret": application.secret,
        }
        return post(TOKEN, form | changes)

    def get_tokens(**changes):
        response = exchange(get_code(**changes))
        assert response.status_code == 200, response.content
        return response.json()

    return SimpleNamespace(
        build_url=build_url,
        open_consent=open_consent,
        decide=decide,
        get_code=get_code,
        exchange=exchange,
        refresh=refresh,
        get_tokens=get_tokens,
        post=post,
    )


def parse_parameters(response):
    """
    Return the parameters of a redirect to the application.
    """
    assert response.status_code == 302, response.content
    assert response.url.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(response.url).query))


def call(token, path="/v2/user/", **options):
    return Client().get(path, headers={"Authorization": f"Bearer {token}"}, secure=True, **options)
