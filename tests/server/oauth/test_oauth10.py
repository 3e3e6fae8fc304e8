"""
The clients of 2010, as they are on the wire (protocol, "Version 1"): no Authorization header, every
call with `scope`, no callback at the request token, no verifier, nonces of eight digits.
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
    What release 0.1.8 sends; 0.1.1 to 0.1.3 leave `/v1` out.
    """

    def __init__(self, application, base="/v1/oauth/", scope="photos"):
        self.application = application
        self.base = base
        self.scope = scope
        self.http = Client()
        self.timestamp = str(int(time.time()))

    def call(self, path, token=None, form=None, plain=False, **more):
        """
        Sign by hand, and put everything into the query string of a GET, or the form of a POST.
        """
        sent = {
            "oauth_consumer_key": self.application.key,
            "oauth_nonce": f"{random.randrange(10**8):08}",
            "oauth_timestamp": self.timestamp,
            "oauth_version": "1.0",
            "oauth_signature_method": "PLAINTEXT" if plain else "HMAC-SHA1",
            "scope": self.scope,
            **({"oauth_token": token["oauth_token"]} if token else {}),
            **(form or {}),
            **more,
        }
        method = "GET" if form is None else "POST"
        key = f"{self.application.secret}&{token['oauth_token_secret'] if token else ''}"
        sent["oauth_signature"] = key if plain else self.signature(method, path, sent, key)
        address = self.base + path
        if form is None:
            return self.http.get(f"{address}?{urlencode(sent)}", secure=True)
        body = urlencode(sent).replace("~", "%7E")
        kind = "application/x-www-form-urlencoded"
        return self.http.post(address, body, content_type=kind, secure=True)

    def signature(self, method, path, sent, key):
        pairs = sorted((quote(name, "~"), quote(value, "~")) for name, value in sent.items())
        parameters = "&".join(f"{name}={value}" for name, value in pairs)
        url = "https://trove.example" + self.base + path
        base = "&".join(quote(part, "~") for part in (method, url, parameters))
        return base64.b64encode(
            hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        ).decode()


def form_of(response):
    return dict(parse_qsl(response.content.decode()))


@pytest.fixture
def old(make_application):
    """
    An application that may come so.
    """
    return make_application("Old", allow_oauth10=True)


def say_yes(browser, token, **more):
    form = {"oauth_token": token["oauth_token"], "decision": "allow", "content_types": "photos"}
    return browser.post("/v1/oauth/authorize/", form | more, secure=True)


@pytest.mark.parametrize("base", ["/v1/oauth/", "/oauth/"])
@pytest.mark.parametrize("scope", ["photos", ""])
def test_a_client_of_2010_goes_the_whole_way(old, browser, index, base, scope):
    """
    One time-stamp for the life of the object, a callback named at authorize and not believed.
    """
    index(Photo(id="1", title="Snow"))
    client = Client2010(old, base, scope)
    answer = client.call("request_token/", plain=True)
    token = form_of(answer)
    assert (answer.status_code, token["oauth_callback_confirmed"]) == (200, "true")
    evil = (
        f"{base}authorize/?oauth_token={token['oauth_token']}&oauth_callback=https://evil.example"
    )
    anonymous = Client().get(evil, secure=True)
    assert anonymous.url.startswith("/identity/login?next=")
    assert RequestToken.objects.undecided().count() == 1
    page = browser.get(evil, secure=True)
    assert b"in the way of 2010" in page.content
    back = say_yes(browser, token)
    assert back.url == f"{CALLBACK}?oauth_token={token['oauth_token']}"
    access = form_of(client.call("access_token/", token))
    result = client.call("photos/", access).json()
    assert [photo["title"] for photo in result["results"]] == ["Snow"]
    asked = client.call("photos/", access, form={"query": '{"tags-required": ["~ \\u00e9"]}'})
    assert asked.json()["total_number_of_results"] == 0


def test_nobody_else_may_come_so(make_application, browser):
    """
    Neither without a callback nor, with a token of 1.0a, without its verifier.
    """
    client = Client2010(make_application("New"))
    refused = client.call("request_token/")
    assert (refused.status_code, form_of(refused)["error"]) == (400, "invalid_request")
    token = form_of(client.call("request_token/", oauth_callback=CALLBACK))
    assert "oauth_verifier=" in say_yes(browser, token).url
    refused = client.call("access_token/", token)
    assert (refused.status_code, form_of(refused)["error"]) == (401, "unauthorized")
    assert not AccessToken.objects.exists()


def test_a_flagged_application_that_names_a_callback_needs_its_verifier(old, browser):
    """
    The flag opens the old way; it doesn't take the proof out of the new one.
    """
    client = Client2010(old)
    token = form_of(client.call("request_token/", oauth_callback=CALLBACK))
    proof = dict(parse_qsl(urlsplit(say_yes(browser, token).url).query))["oauth_verifier"]
    assert client.call("access_token/", token).status_code == 401
    assert client.call("access_token/", token, oauth_verifier=proof).status_code == 200


def test_a_flag_that_was_taken_back_opens_nothing_any_more(old, browser):
    client = Client2010(old)
    token = form_of(client.call("request_token/"))
    say_yes(browser, token)
    old.allow_oauth10 = False
    old.save()
    assert client.call("access_token/", token).status_code == 401


def test_its_request_token_lives_five_minutes_and_is_used_once(old, browser):
    """
    P29
    """
    client = Client2010(old)
    token = form_of(client.call("request_token/"))
    left = RequestToken.objects.get().expires - timezone.now()
    assert timedelta(seconds=290) < left <= timedelta(seconds=300)
    assert client.call("access_token/", token).status_code == 401
    say_yes(browser, token)
    assert client.call("access_token/", token).status_code == 200
    assert client.call("access_token/", token).status_code == 401
    assert AccessToken.objects.count() == 1


def test_a_wrong_secret_is_told_like_anybody_elses(old, make_application):
    """
    Whether an application is flagged shows to nobody who lacks its secret.
    """
    stranger = make_application("Stranger")
    answers = []
    for application in (old, stranger):
        application.secret = "wrong"
        answers.append(Client2010(application).call("request_token/"))
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content


def test_the_address_of_the_sign_in_page_is_found_without_cookies(old, live_server, settings):
    """
    The old client fetches authorize itself, follows, and hands the final address to the person.
    """
    settings.TROVE_SERVER = {"URL": "https://trove.example"}
    token = form_of(Client2010(old).call("request_token/"))
    url = f"{live_server.url}/v1/oauth/authorize/?oauth_token={token['oauth_token']}"
    with build_opener(HTTPCookieProcessor()).open(url, timeout=10) as page:
        assert page.status == 200
        final = page.url
    assert f"next=/v1/oauth/authorize/%3Foauth_token%3D{token['oauth_token']}" in final
    assert RequestToken.objects.undecided().count() == 1
