"""
Someone without a Trove signs up, adds a service and authorizes an application, by one link
(protocol, sections 3.7 and 9.2). The site, the Trove and its worker are processes of their own; the
fake services and the application are in this one.
"""

from __future__ import annotations

import re
import secrets
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from demo.processes import TROVE, run_command
from demo.workspace import USERNAME
from django_trove.client import TokenRejected, TroveAPI
from django_trove.client.oauth2 import OAuth2API

from .test_two_processes import BrowserlessUser

CALLBACK = "http://127.0.0.1:1/callback/"  # nothing responds there: redirects are not followed
PASSWORD = "a-long-pass-phrase"


@pytest.fixture(scope="module")
def keys(demo):
    made = run_command(demo, TROVE, "trove_add_application", "An app", "--callback", CALLBACK)
    return tuple(re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))


class Version(NamedTuple):
    """
    A client, and the names and values of the parameters of its callback.
    """

    client: type[TroveAPI]
    token: str
    verifier: str
    denial: tuple[str, str]


VERSIONS = {
    "1": Version(TroveAPI, "oauth_token", "oauth_verifier", ("oauth_problem", "user_refused")),
    "2": Version(OAuth2API, "state", "code", ("error", "access_denied")),
}


@pytest.fixture(params=VERSIONS)
def version(request):
    return VERSIONS[request.param]


@pytest.fixture
def api(version, demo, keys):
    content_types = ["photos", "videos"]
    return version.client(*keys, content_types, callback=CALLBACK, url=demo.trove_url)


@pytest.fixture
def visitor():
    with BrowserlessUser() as visitor:
        yield visitor


def sign_up(visitor, url):
    """
    Open a link without a session, and sign up. Return the page of the service.
    """
    sign_in_page = visitor.get(url, timeout=20)
    sign_up_url = re.search(r'href="(/identity/signup/[^"]*)"', sign_in_page.text)[1]
    parts = urlsplit(sign_in_page.url)
    name = f"new-{secrets.token_hex(4)}"
    return visitor.submit(
        f"{parts.scheme}://{parts.netloc}{unescape(sign_up_url)}",
        username=name,
        password1=PASSWORD,
        password2=PASSWORD,
    )


def authorize_at_service(visitor, page, decision="allow"):
    """
    Continue to the fake service and decide there. Return the page of the Trove that follows.
    """
    service = visitor.submit(page.url)
    fields = {**dict(parse_qsl(urlsplit(service.url).query)), "decision": decision}
    return visitor.post(service.url, fields, timeout=20)


def get_parameters(response):
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


@pytest.mark.parametrize("service", ["flickr", "facebook"])
def test_a_visitor_signs_up_adds_a_service_and_authorizes(version, api, visitor, service):
    request_token = api.get_request_token()
    url = api.get_url_for_new_trove(service, request_token)
    consent = authorize_at_service(visitor, sign_up(visitor, url))
    assert "An app" in consent.text
    back = visitor.submit(consent.url, follow=False, decision="allow", content_types="photos")
    parameters = get_parameters(back)
    verifier = parameters[version.verifier]
    assert parameters[version.token] == request_token.key
    api.get_access_token(request_token, verifier)
    assert [identity.service for identity in api.get_user_info().identities] == [service]
    assert api.get_photos().total_number_of_results == 5
    assert visitor.get(url, timeout=20).status_code == 400
    with pytest.raises(TokenRejected):
        api.get_access_token(request_token, verifier)


def test_the_application_receives_the_reason_of_a_denial(version, api, visitor):
    """
    The user denies the authorization at the service, continues without it, and denies the
    application.
    """
    request_token = api.get_request_token()
    url = api.get_url_for_new_trove("facebook", request_token)
    page = authorize_at_service(visitor, sign_up(visitor, url), decision="deny")
    assert page.url == url
    assert "You denied the authorization at Facebook. Nothing was added." in page.text
    consent = visitor.submit(page.url, skip="1")
    parameters = get_parameters(visitor.submit(consent.url, follow=False, decision="deny"))
    assert version.denial in parameters.items()
    assert visitor.get(url, timeout=20).status_code == 400


def test_a_user_of_the_site_gets_a_new_trove(demo, visitor):
    """
    The button of the site sends the name of a service.
    """
    visitor.submit(f"{demo.site_url}/sign-in/", username=USERNAME, password=USERNAME)
    token = visitor.cookies.get("photoblog_csrf")
    form = {"csrfmiddlewaretoken": token, "service": "flickr"}
    headers = {"Referer": demo.site_url}
    start = visitor.post(
        f"{demo.site_url}/trove/connect/",
        form,
        headers=headers,
        timeout=20,
        allow_redirects=False,
    )
    consent = authorize_at_service(visitor, sign_up(visitor, start.headers["Location"]))
    confirmation = visitor.submit(consent.url, decision="allow", content_types="photos")
    assert "You authorized the Trove of" in confirmation.text
    response = visitor.submit(confirmation.url, answer="confirm")
    assert "Your Trove is connected" in response.text
