"""
Signatures and parameters (RFC 5849; protocol, section 2.1).
"""

import json
import time
from urllib.parse import quote

import pytest
from django.test import Client
from oauthlib.oauth1 import (
    SIGNATURE_HMAC_SHA1,
    SIGNATURE_HMAC_SHA512,
    SIGNATURE_TYPE_BODY,
    SIGNATURE_TYPE_QUERY,
)

from django_trove.core.encryption import Ciphertext
from django_trove.server.models import AccessToken, Application, RequestToken

from ..conftest import CALLBACK
from ..signed_requests import FORM, Caller, form_of, header_with

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"


@pytest.mark.parametrize("place", ["AUTH_HEADER", SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_BODY])
@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, "HMAC-SHA256", SIGNATURE_HMAC_SHA512])
def test_a_signature_may_be_in_each_place(caller, method, place):
    """
    Header, query string and form; HMAC with SHA-1, SHA-256 and SHA-512.
    """
    options = {"signature_method": method, "signature_type": place}
    form = {"query": '{"tags-required": ["Schnee & Eis", "ä+ö"]}', "scope": ""}
    assert caller.post(PHOTOS, form, **options).status_code == 200


def test_rsa_sha1_is_rejected(caller):
    path, headers, _ = caller.sign("GET", PHOTOS)
    response = caller.send("GET", path, header_with(headers, oauth_signature_method="RSA-SHA1"))
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_signature_method"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/oauth/request_token/",
        "/v1/oauth/access_token/",
        PHOTOS,
        "/v1/oauth/user/",
        "/v1/oauth/get_add_urls_for_services/",
    ],
)
def test_plain_http_is_rejected(settings, application, token, path):
    settings.TROVE_SERVER = {}
    caller = Caller(application, token, callback_uri=CALLBACK)
    path, headers, _ = caller.sign("GET", path)
    response = Client().get(path, headers={**headers, "Host": "trove.example"})
    assert response.status_code == 403
    assert not RequestToken.objects.exists()


def test_plain_http_is_accepted_on_loopback(settings, application, dance):
    settings.TROVE_SERVER = {"URL": "http://127.0.0.1:8001"}
    from oauthlib.oauth1 import Client as Signer

    signer = Signer(application.key, application.secret, callback_uri=CALLBACK)
    _, headers, _ = signer.sign("http://127.0.0.1:8001/v1/oauth/request_token/")
    assert Client().get("/v1/oauth/request_token/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", [PHOTOS, "/v1/oauth/user/", "/v1/oauth/request_token/", "/oauth/no/"]
)
def test_responses_are_not_cached(caller, path):
    for response in (caller.get(path), Client().get(path), Client().put(path)):
        assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "change",
    [
        {"oauth_nonce": "n" * 10_000},
        {"oauth_nonce": "n" * 256},
        {"oauth_nonce": "a%0Ab"},
        {"oauth_timestamp": "soon"},
        {"oauth_timestamp": "%EF%BC%91" * 10},
        {"oauth_version": "2.0"},
        {"oauth_consumer_key": "k" * 1_000_000},
        {"oauth_consumer_key": "a%00b"},
        {"oauth_token": "%FF"},
    ],
)
def test_invalid_parameters_are_rejected(caller, change):
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", path, header_with(headers, **change)).status_code == 400


def test_too_many_parameters_and_too_large_bodies_are_rejected(caller):
    many = "&".join(f"p{number}=" for number in range(2000))
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", f"{path}?{many}", headers).status_code == 400
    large = b"query=" + b"a" * (10 * 1024 * 1024)
    response = caller.send("POST", path, {**headers, "Content-Type": FORM}, large)
    assert response.status_code == 413


def test_a_body_that_is_not_signed_is_rejected(caller):
    """
    JSON, and a form that cannot be decoded, which oauthlib omits from the signature.
    """
    path, headers, _ = caller.sign("POST", PHOTOS)
    for content_type, body, status in (
        ("application/json", '{"page": 2}', 400),
        (FORM, 'query={"page": 2}', 401),
    ):
        response = caller.send("POST", path, {**headers, "Content-Type": content_type}, body)
        assert response.status_code == status


def test_only_signed_parameters_are_used(caller):
    """
    An added parameter invalidates the signature.
    """
    path, headers, body = caller.sign("POST", PHOTOS, {"query": '{"count": 1}'})
    assert caller.send("POST", path + "?query=%7B%7D", headers, body).status_code == 401
    assert caller.send("POST", path, headers, body + "&query=%7B%7D").status_code == 401
    assert caller.send("POST", path, headers, body).status_code == 200


@pytest.mark.parametrize("place", ["query", "body"])
def test_a_realm_outside_the_header_is_rejected(caller, place):
    path, headers, _ = caller.sign("POST", PHOTOS, {}, realm="Trove")
    if place == "query":
        response = caller.send("POST", path + "?realm=admin", headers)
    else:
        response = caller.send("POST", path, {**headers, "Content-Type": FORM}, "realm=admin")
    assert response.status_code == 400
    assert caller.get(PHOTOS, realm="Trove").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "a=1&a=2",
        "b=a+b&c=a%20b",
        "u=%C3%A4%E2%82%AC",
        "empty=&alone",
        "tilde=~&t=%7E",
        "s=a;b",
        "%5B%5D=1",
    ],
)
def test_unusual_parameters_verify(caller, query):
    assert caller.get(f"{PHOTOS}?{query}").status_code == 200


def test_the_example_of_the_rfc_verifies():
    """
    The base string of RFC 5849, section 3.4.1.3.2, from all three places.
    """
    from oauthlib.oauth1.rfc5849.signature import collect_parameters, normalize_parameters

    from django_trove.server.oauth.parameters import parse_parameters

    sent = parse_parameters(
        "b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        "c2&a3=2+q",
        'OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2",'
        ' oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1",'
        ' oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="djosJKDK%3D"',
    )
    pairs = collect_parameters(sent.query)
    assert normalize_parameters(pairs) == (
        "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2"
        "&oauth_nonce=7d8f3e4a&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201"
        "&oauth_token=kkk9d7dh3k39sjv7"
    )


@pytest.mark.parametrize(
    "nonce", ["chapoH", "walatlh", "1", "n" * 255, "YWJj+/8=", 'a b"c,d', "\u00e9\u4e2d"]
)
def test_a_nonce_has_1_to_255_printable_characters(caller, nonce):
    """
    The first two are the nonces of RFC 5849, section 1.2.
    """
    options = {"nonce": nonce, "timestamp": str(int(time.time()))}
    assert caller.get(PHOTOS, **options).status_code == 200
    assert caller.get(PHOTOS, **options).status_code == 401


def test_an_oauth_parameter_occurs_once(caller):
    """
    oauthlib itself accepts duplicates in the header, and uses the last one.
    """
    path, headers, _ = caller.sign("GET", PHOTOS)
    twice = {"Authorization": headers["Authorization"] + ', oauth_version="1.0"'}
    assert caller.send("GET", path, twice).status_code == 400
    response = caller.send("GET", path + "?oauth_token=x", headers)
    assert response.status_code == 400
    assert "twice" in response.json()["detail"]


def test_paths_without_a_version(caller):
    """
    Protocol, section 1.3.
    """
    assert caller.get("/oauth/photos/").status_code == 200
    assert caller.post("/oauth/user/").status_code == 200


def test_errors_have_a_code_and_a_detail(caller):
    """
    Protocol, section 6.1.
    """
    for response in (
        Client().get(PHOTOS),
        caller.get("/v1/oauth/nothing/"),
        Client().delete(PHOTOS),
    ):
        data = json.loads(response.content)
        assert data["error"]
        assert data["detail"].endswith(".")


def test_parameters_that_common_clients_send_are_accepted(caller):
    """
    npm's oauth sends "1.0A", mrjones/oauth sends other parameters in the header, and some clients
    send an empty token. Net::OAuth rejects unknown parameters in the response.
    """
    key = caller.keys[0]
    header = (
        f'OAuth oauth_consumer_key="{key}", oauth_nonce="{{}}",'
        f' oauth_signature="{caller.keys[1]}%26",'
        f' oauth_signature_method="PLAINTEXT", oauth_timestamp="{int(time.time())}",'
        f' oauth_callback="{quote(CALLBACK, safe="")}", {{}}'
    )
    for number, more in enumerate(
        ('oauth_version="1.0A"', 'scope="videos"', 'oauth_token=""', 'oauth_version=""')
    ):
        headers = {"Authorization": header.format(number, more)}
        response = caller.send("POST", "/v1/oauth/request_token/", headers)
        assert response.status_code == 200, response.content
    assert RequestToken.objects.filter(content_types=["videos"]).count() == 1


def test_an_access_token_response_has_two_parameters(dance, browser):
    response = dance.exchange(dance.allowed(browser))
    assert form_of(response).keys() == {"oauth_token", "oauth_token_secret"}


@pytest.mark.parametrize("model", [AccessToken, Application])
def test_a_secret_that_cannot_be_decrypted_is_rejected_and_logged(caller, caplog, model):
    model.objects.update(secret=Ciphertext("sealed:AAAA"))
    response = caller.get("/v1/oauth/photos/")
    assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
    name = model.__name__
    assert f"The secret of {name} {model.objects.get().pk} cannot be decrypted." in caplog.messages
