"""
Requests of the clients of 2010 (protocol, sections 2.8 and 8): no Authorization header, `scope` in
each request, no callback, no verifier, nonces of eight digits.
"""

import base64
import hashlib
import hmac
import random
import time
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.test import Client
from django.utils import timezone

from django_trove.client.content import Photo
from django_trove.server.models import AccessToken, RequestToken

pytestmark = pytest.mark.django_db

CALLBACK = "https://site.example/trove/callback/"


class Client2010:
    """
    The requests of release 0.1.8. Releases 0.1.1 to 0.1.3 omit `/v1`.
    """

    def __init__(self, application, base="/v1/oauth/", scope="photos"):
        self.application = application
        self.base = base
        self.scope = scope
        self.http = Client()
        self.timestamp = str(int(time.time()))

    def call(self, path, token=None, form=None, plain=False, **extra):
        """
        Sign a request with all parameters in the query string (GET) or the form (POST).
        """
        parameters = {
            "oauth_consumer_key": self.application.key,
            "oauth_nonce": f"{random.randrange(10**8):08}",
            "oauth_timestamp": self.timestamp,
            "oauth_version": "1.0",
            "oauth_signature_method": "PLAINTEXT" if plain else "HMAC-SHA1",
            "scope": self.scope,
            **({"oauth_token": token["oauth_token"]} if token else {}),
            **(form or {}),
            **extra,
        }
        method = "GET" if form is None else "POST"
        key = f"{self.application.secret}&{token['oauth_token_secret'] if token else ''}"
        parameters["oauth_signature"] = (
            key if plain else self.signature(method, path, parameters, key)
        )
        url = self.base + path
        if form is None:
            return self.http.get(f"{url}?{urlencode(parameters)}", secure=True)
        body = urlencode(parameters).replace("~", "%7E")
        content_type = "application/x-www-form-urlencoded"
        return self.http.post(url, body, content_type=content_type, secure=True)

    def signature(self, method, path, parameters, key):
        pairs = sorted((quote(name, "~"), quote(value, "~")) for name, value in parameters.items())
        normalized = "&".join(f"{name}={value}" for name, value in pairs)
        url = "https://trove.example" + self.base + path
        base = "&".join(quote(part, "~") for part in (method, url, normalized))
        return base64.b64encode(
            hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        ).decode()


def form_of(response):
    return dict(parse_qsl(response.content.decode()))


@pytest.fixture
def old(make_application):
    """
    An application with OAuth Core 1.0 enabled.
    """
    return make_application("Old", allow_oauth10=True)


def authorize(browser, token, **extra):
    form = {"oauth_token": token["oauth_token"], "decision": "allow", "content_types": "photos"}
    return browser.post("/v1/oauth/authorize/", form | extra, secure=True)


@pytest.mark.parametrize("base", ["/v1/oauth/", "/oauth/"])
@pytest.mark.parametrize("scope", ["photos", ""])
def test_the_flow_of_a_client_of_2010(old, browser, index, base, scope):
    """
    All requests have the same timestamp.
    """
    index(Photo(id="1", title="Snow"))
    client = Client2010(old, base, scope)
    response = client.call("request_token/", plain=True)
    token = form_of(response)
    assert (response.status_code, token["oauth_callback_confirmed"]) == (200, "true")
    url = f"{base}authorize/?oauth_token={token['oauth_token']}"
    anonymous = Client().get(url, secure=True)
    assert anonymous.url.startswith("/identity/login?next=")
    assert RequestToken.objects.undecided().count() == 1
    page = browser.get(url, secure=True)
    assert b"uses OAuth 1.0," in page.content
    response = authorize(browser, token)
    assert response.url == f"{CALLBACK}?oauth_token={token['oauth_token']}"
    access = form_of(client.call("access_token/", token))
    result = client.call("photos/", access).json()
    assert [photo["title"] for photo in result["results"]] == ["Snow"]
    result = client.call("photos/", access, form={"query": '{"tags-required": ["~ \\u00e9"]}'})
    assert result.json()["total_number_of_results"] == 0


OTHER_CALLBACK = "https://site.example/other/"


def open_consent(browser, token, callback):
    parameters = {"oauth_token": token["oauth_token"], "oauth_callback": callback}
    return browser.get("/v1/oauth/authorize/", parameters, secure=True)


@pytest.mark.parametrize("callback", [CALLBACK, OTHER_CALLBACK])
def test_a_registered_callback_at_authorize_is_used(make_application, browser, callback):
    old = make_application("Old", allow_oauth10=True, callbacks=[CALLBACK, OTHER_CALLBACK])
    token = form_of(Client2010(old).call("request_token/"))
    page = open_consent(browser, token, callback).content.decode()
    assert f'name="oauth_callback" value="{callback}"' in page
    response = authorize(browser, token, oauth_callback=callback)
    assert response.url == f"{callback}?oauth_token={token['oauth_token']}"


@pytest.mark.parametrize(
    "callback", ["https://evil.example/", "oob", f"{CALLBACK}x", "javascript:1"]
)
def test_another_callback_at_authorize_is_an_error_page(old, browser, callback):
    token = form_of(Client2010(old).call("request_token/"))
    for response in (
        open_consent(browser, token, callback),
        authorize(browser, token, oauth_callback=callback),
        authorize(browser, token, oauth_callback=callback, decision="deny"),
    ):
        assert response.status_code == 400
        assert "not registered for Old" in response.content.decode()
    assert RequestToken.objects.undecided().count() == 1


def test_a_callback_at_authorize_is_ignored_in_oauth10a(old, browser):
    client = Client2010(old)
    token = form_of(client.call("request_token/", oauth_callback=CALLBACK))
    response = authorize(browser, token, oauth_callback="https://evil.example/")
    assert response.url.startswith(f"{CALLBACK}?oauth_token=")


def test_the_out_of_band_page_has_no_code(make_application, browser):
    old = make_application("Old", allow_oauth10=True, allow_oob=True, callbacks=[])
    client = Client2010(old)
    token = form_of(client.call("request_token/"))
    page = authorize(browser, token).content.decode()
    assert "You need no code." in page
    assert '<div id="auth_response">' in page
    assert "<code" not in page
    assert client.call("access_token/", token).status_code == 200


def test_oauth10_is_disabled_by_default(make_application, browser):
    """
    The callback and the verifier are required.
    """
    client = Client2010(make_application("New"))
    response = client.call("request_token/")
    assert (response.status_code, form_of(response)["error"]) == (400, "invalid_request")
    token = form_of(client.call("request_token/", oauth_callback=CALLBACK))
    assert "oauth_verifier=" in authorize(browser, token).url
    response = client.call("access_token/", token)
    assert (response.status_code, form_of(response)["error"]) == (401, "unauthorized")
    assert not AccessToken.objects.exists()


def test_a_request_token_with_a_callback_requires_the_verifier(old, browser):
    client = Client2010(old)
    token = form_of(client.call("request_token/", oauth_callback=CALLBACK))
    verifier = dict(parse_qsl(urlsplit(authorize(browser, token).url).query))["oauth_verifier"]
    assert client.call("access_token/", token).status_code == 401
    assert client.call("access_token/", token, oauth_verifier=verifier).status_code == 200


def test_disabling_oauth10_invalidates_request_tokens(old, browser):
    client = Client2010(old)
    token = form_of(client.call("request_token/"))
    authorize(browser, token)
    old.allow_oauth10 = False
    old.save()
    assert client.call("access_token/", token).status_code == 401


def test_the_request_token_expires_after_five_minutes_and_is_used_once(old, browser):
    client = Client2010(old)
    token = form_of(client.call("request_token/"))
    lifetime = RequestToken.objects.get().expires - timezone.now()
    assert timedelta(seconds=290) < lifetime <= timedelta(seconds=300)
    assert client.call("access_token/", token).status_code == 401
    authorize(browser, token)
    assert client.call("access_token/", token).status_code == 200
    assert client.call("access_token/", token).status_code == 401
    assert AccessToken.objects.count() == 1


def test_errors_do_not_reveal_whether_oauth10_is_enabled(old, make_application):
    other = make_application("Other")
    responses = []
    for application in (old, other):
        application.secret = "wrong"
        responses.append(Client2010(application).call("request_token/"))
    assert [response.status_code for response in responses] == [401, 401]
    assert responses[0].content == responses[1].content


def test_authorize_redirects_to_the_sign_in_page_without_cookies(old, live_server, settings):
    """
    The old client requests authorize itself, and passes the final URL to the user.
    """
    settings.TROVE_SERVER = {"URL": "https://trove.example"}
    token = form_of(Client2010(old).call("request_token/"))
    url = f"{live_server.url}/v1/oauth/authorize/?oauth_token={token['oauth_token']}"
    with build_opener(HTTPCookieProcessor()).open(url, timeout=10) as page:
        assert page.status == 200
        url = page.url
    assert f"next=/v1/oauth/authorize/%3Foauth_token%3D{token['oauth_token']}" in url
    assert RequestToken.objects.undecided().count() == 1
