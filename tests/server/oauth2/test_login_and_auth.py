"""
Links for users without a Trove, in version 2 (protocol, section 9.2).
"""

from __future__ import annotations

import base64
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from django_trove.server.models import AddLink, AuthorizationCode

from ..conftest import CALLBACK
from ..signed_requests import FORM
from .conftest import CHALLENGE, parse_parameters

pytestmark = pytest.mark.django_db

PATH = "/v2/services/folder/login_and_auth/"


@pytest.fixture(autouse=True)
def sign_up_open(settings, tmp_path):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path, "SIGN_UP": "open"}


@pytest.fixture
def request_link(application):
    def request_link(path=PATH, headers=None, query="", **changes):
        form = {
            "client_id": application.key,
            "client_secret": application.secret,
            "redirect_url": CALLBACK,
            "state": "state-of-the-application",
            "scope": "photos,videos",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        present = {name: value for name, value in form.items() if value is not None}
        return Client().post(path + query, urlencode(present), FORM, secure=True, headers=headers)

    return request_link


@pytest.fixture
def link(request_link):
    url = request_link().content.decode()
    assert url.startswith("https://trove.example/add/")
    return urlsplit(url).path


def decide(browser, link, decision="allow"):
    """
    Continue without the service, and decide on the consent page.
    """
    consent = browser.post(link, {"skip": "1"}, secure=True).url
    page = browser.get(consent, secure=True)
    assert page.status_code == 200
    assert [name for name, _ in page.context["content_types"]] == ["photos", "videos"]
    form = {"decision": decision, "content_types": ["photos", "videos"]}
    return browser.post(page.context["action"], form, secure=True)


def test_the_application_receives_a_code(browser, link, flow):
    parameters = parse_parameters(decide(browser, link))
    assert parameters["state"] == "state-of-the-application"
    tokens = flow.exchange(parameters["code"])
    assert tokens.json()["scope"] == "photos videos"


def test_a_denial_is_reported_to_the_application(browser, link):
    parameters = parse_parameters(decide(browser, link, "deny"))
    assert parameters["error"] == "access_denied"


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_link_cannot_be_used_after_the_decision(browser, link, decision):
    """
    Replay.
    """
    decide(browser, link, decision)
    assert browser.get(link, secure=True).status_code == 400


def test_a_closed_browser_continues_with_the_consent_page(browser, link):
    consent = browser.post(link, {"skip": "1"}, secure=True).url
    assert browser.get(link, secure=True).url == consent


def test_an_expired_link_has_a_page_with_the_reason(browser, link):
    AddLink.objects.update(expires=timezone.now())
    assert b"has expired" in browser.get(link, secure=True).content


def test_the_link_belongs_to_the_first_user(browser, make_person, link):
    """
    Session fixation.
    """
    attacker = Client()
    attacker.force_login(make_person("mallory"))
    attacker.get(link, secure=True)
    assert browser.get(link, secure=True).status_code == 403


def test_csrf_tokens_are_required(person, link):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.post(link, {"skip": "1"}, secure=True).status_code == 403


def test_the_code_requires_the_verifier_of_the_challenge(browser, link, flow):
    code = parse_parameters(decide(browser, link))["code"]
    assert flow.exchange(code, code_verifier="w" * 64).status_code == 400
    assert not AuthorizationCode.objects.filter(access_token__isnull=False).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"scope": "everything"},
        {"redirect_url": "https://evil.example/"},
        {"redirect_url": "https://site.example/other/"},
        {"redirect_url": "https://site.example@evil.example/"},
    ],
)
def test_an_invalid_authorization_request_is_rejected_immediately(request_link, changes):
    """
    Open redirect, and attacks on the callback.
    """
    response = request_link(**changes)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not AddLink.objects.exists()


def test_the_redirect_url_may_be_omitted(request_link, browser):
    link = urlsplit(request_link(redirect_url=None).content.decode()).path
    assert "code" in parse_parameters(decide(browser, link))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "x"}, 401),
        ({"client_secret": None}, 401),
        ({"client_id": "x"}, 401),
        ({"client_id": None}, 401),
        ({"query": "?state=x", "state": None}, 400),
        ({"path": "/v2/services/orkut/login_and_auth/"}, 404),
    ],
)
def test_errors(request_link, changes, status):
    response = request_link(**changes)
    assert response.status_code == status
    assert response.json()["error"]
    assert not AddLink.objects.exists()


def test_a_basic_header_is_accepted(request_link, application):
    credentials = f"{application.key}:{application.secret}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}
    assert request_link(headers=headers, client_secret=None).status_code == 200


def test_closed_sign_up_is_reported_immediately(request_link, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "closed"}
    response = request_link()
    assert (response.status_code, response.json()["error"]) == (403, "sign_up_closed")


class TestPython030:
    """
    `login_and_auth_via_service`: GET with `client_id` and `redirect_url`, without a secret.
    """

    def get(self, application, path=PATH):
        parameters = {"client_id": application.key, "redirect_url": CALLBACK}
        return Client().get(path, parameters, secure=True, REMOTE_ADDR="203.0.114.7")

    @pytest.mark.parametrize("path", [PATH, PATH.rstrip("/"), f"/v2/{PATH.removeprefix('/v2')}"])
    def test_the_flag_permits_it(self, make_application, browser, path):
        application = make_application("Of 2011", allow_legacy_oauth2=True)
        link = urlsplit(self.get(application, path).content.decode()).path
        consent = browser.post(link, {"skip": "1"}, secure=True).url
        page = browser.get(consent, secure=True)
        form = {"decision": "allow", "content_types": ["photos"]}
        response = browser.post(page.context["action"], form, secure=True)
        assert "code" in parse_parameters(response)

    def test_other_applications_need_the_secret(self, application):
        assert self.get(application).status_code == 401

    def test_an_address_is_limited(self, make_application, settings):
        """
        Anyone can send the request, and each one stores a link.
        """
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"address": "2/d"}}
        application = make_application("Of 2011", allow_legacy_oauth2=True)
        statuses = [self.get(application).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
