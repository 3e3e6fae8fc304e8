"""
Two base URLs, and signatures for another host (protocol, sections 1.3 and 6.3).
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client, RequestFactory
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_PLAINTEXT
from oauthlib.oauth1 import Client as Signer

from django_trove.client.logs import suppress_secret_logging
from django_trove.server.accounts.add import add_folder
from django_trove.server.models import AccessToken, Nonce, RequestToken
from django_trove.server.sync.engine import sync
from django_trove.server.views.service_oauth import service_callback_url

from ..conftest import CALLBACK
from ..images import draw
from ..signed_requests import FORM, form_of

pytestmark = pytest.mark.django_db

WEB, API, OTHER = "https://trove.example", "https://site.example", "https://localhost"
USER, REQUEST_TOKEN = "/v1/oauth/user/", "/v1/oauth/request_token/?scope=photos"


@pytest.fixture
def two_urls(settings):
    settings.TROVE_SERVER = {"WEB_URL": WEB, "API_URL": API}


@pytest.fixture
def send(application, token):
    """
    Sign a request for one origin, and send it to a host.
    """

    def send(origin, host, path=USER, *, secure=True, headers=(), signing=None, with_token=True):
        keys = {"client_secret": application.secret, "signature_method": SIGNATURE_HMAC_SHA256}
        if with_token:
            keys |= {"resource_owner_key": token.key, "resource_owner_secret": token.secret}
        else:
            keys |= {"callback_uri": CALLBACK}
        signer = Signer(application.key, **{**keys, **(signing or {})})
        with suppress_secret_logging():
            uri, signed, _ = signer.sign(origin + path)
        headers = {"host": host, **dict(headers), "Authorization": signed["Authorization"]}
        return Client().get(uri.removeprefix(origin), headers=headers, secure=secure)

    return send


def get_error(response):
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize("origin", [WEB, API])
@pytest.mark.parametrize("host", ["trove.example", "site.example", "trove.example:443"])
def test_requests_may_be_sent_to_either_url(two_urls, send, origin, host):
    assert send(origin, host).status_code == 200
    response = send(origin, host, REQUEST_TOKEN, with_token=False)
    assert form_of(response)["oauth_callback_confirmed"] == "true"


def test_the_host_header_does_not_determine_the_signed_url(two_urls, send, settings):
    """
    A signature for the host of the request is invalid if the Trove has other URLs.
    """
    assert get_error(send(OTHER, "localhost")) == (401, "wrong_host")
    assert send(WEB, "localhost").status_code == 200  # a proxy that does not forward the host


@pytest.mark.parametrize(
    ("origin", "host", "headers"),
    [
        (OTHER, "localhost", {}),
        ("http://localhost", "localhost", {}),
        ("https://localhost:8443", "localhost:8443", {}),
        ("https://LOCALHOST", "localhost", {}),
        ("https://public.example", "trove.example", {"X-Forwarded-Host": "public.example, proxy"}),
        ("http://trove.example", "trove.example", {}),
    ],
)
def test_a_signature_for_another_host_is_reported(send, origin, host, headers):
    response = send(origin, host, headers=headers)
    assert get_error(response) == (401, "wrong_host")
    response = send(origin, host, REQUEST_TOKEN, headers=headers, with_token=False)
    assert form_of(response)["error"] == "wrong_host"
    assert not Nonce.objects.exists()
    assert not RequestToken.objects.exists()


def test_without_settings_the_host_that_a_proxy_reports_is_only_reported(send, settings):
    settings.TROVE_SERVER = {}
    headers = {"X-Forwarded-Host": "public.example"}
    response = send("https://public.example", "localhost", headers=headers)
    assert get_error(response) == (401, "wrong_host")
    assert send(OTHER, "localhost", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "x" * 32},
        {"resource_owner_secret": "x" * 32},
        {"resource_owner_key": "x" * 32},
        {"signature_method": SIGNATURE_PLAINTEXT},
    ],
)
def test_only_the_owner_of_the_secrets_learns_it(send, wrong):
    """
    Protocol, section 6.3: a response must not reveal which secret is wrong.
    """
    response = send(OTHER, "localhost", signing=wrong)
    assert response.json()["error"] != "wrong_host"
    secret = {"client_secret": "x" * 32}
    response = send(OTHER, "localhost", REQUEST_TOKEN, signing=secret, with_token=False)
    assert form_of(response)["error"] == "unauthorized"


@pytest.mark.parametrize(
    "host", ["trove.example:x", "trove.example:99999999", "[::1", "a b", "trove.example/", "ä"]
)
def test_an_invalid_forwarded_host_is_ignored(send, host):
    response = send(OTHER, "trove.example", headers={"X-Forwarded-Host": host})
    assert get_error(response) == (401, "unauthorized")


def test_a_revoked_token_is_not_reported_as_another_host(send, token):
    AccessToken.objects.revoke()
    assert get_error(send(OTHER, "localhost")) == (401, "unauthorized")


def test_misconfigured_applications_are_not_blocked_by_address(send, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"address": "1/d"}}
    codes = {send(OTHER, "localhost").json()["error"] for _ in range(4)}
    assert codes == {"wrong_host"}


def test_media_urls_and_links_have_their_base_url(settings, send, person, tmp_path):
    settings.TROVE_SERVER = {"WEB_URL": WEB, "API_URL": API, "FOLDER_ROOT": tmp_path}
    draw(tmp_path / "winter" / "snow.jpg")
    sync(add_folder(person, tmp_path / "winter")[0])
    for origin, host in ((WEB, "trove.example"), (API, "site.example")):
        photos = send(origin, host, "/v1/oauth/photos/").json()["results"]
        urls = [url for photo in photos for url in photo["urls"].values() if url]
        assert {url[: len(API)] for url in urls} == {API}
        link = send(origin, host, "/v2/services/folder/bounceback/").content.decode()
        assert link.startswith(f"{WEB}/add/")
        service = send(origin, host, "/v2/services/folder/").json()
        assert service["url"].startswith(API)
        assert service["service_icon"].startswith(API)


@pytest.mark.parametrize(("host", "origin"), [("trove.example", WEB), ("site.example", API)])
def test_metadata_and_responses_have_the_same_issuer(two_urls, browser, application, host, origin):
    """
    RFC 8414, section 3.3, and RFC 9207: the issuer is the URL that the application uses.
    """
    path = "/.well-known/oauth-authorization-server"
    metadata = Client().get(path, headers={"host": host}, secure=True).json()
    assert metadata["issuer"] == origin
    assert metadata["token_endpoint"] == f"{origin}/oauth2/access_token/"
    parameters = {
        "client_id": application.key,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "state": "s",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    url = f"/oauth2/authenticate/?{urlencode(parameters)}"
    response = browser.post(url, {"decision": "deny"}, headers={"host": host}, secure=True)
    assert urlencode({"iss": origin}) in response.url


def test_pages_for_services_have_the_web_url(two_urls, browser, application):
    """
    The operator registers one callback URL at a service.
    """
    request = RequestFactory().get("/", headers={"host": "site.example"}, secure=True)
    assert service_callback_url(request, "flickr") == f"{WEB}/services/flickr/callback/"


def test_secrets_require_https_at_the_url_of_the_request(settings, application):
    settings.TROVE_SERVER = {"WEB_URL": WEB, "API_URL": "http://site.example", "ALLOW_HTTP": True}
    form = urlencode({"app_key": application.key, "app_secret": application.secret})
    path, headers = "/v1/add/newtrove/service/folder", {"host": "site.example"}
    assert Client().post(path, form, FORM, headers=headers).status_code == 403
    headers = {"host": "trove.example"}
    response = Client().post(path, form, FORM, headers=headers)
    assert get_error(response) == (403, "sign_up_closed")
