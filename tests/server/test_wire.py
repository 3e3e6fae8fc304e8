"""
Every call of versions 1 and 2 over HTTP, as docs/protocol.md lists them. A row of a table is a
call; its section is that of the protocol. Rules and errors are tested in the other directories.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from oauthlib.oauth1 import (
    SIGNATURE_HMAC_SHA1,
    SIGNATURE_PLAINTEXT,
    SIGNATURE_TYPE_AUTH_HEADER,
    SIGNATURE_TYPE_BODY,
    SIGNATURE_TYPE_QUERY,
    Client,
)

from django_trove.client import Photo
from django_trove.client.logs import suppress_secret_logging
from django_trove.server.models import AuthorizationCode, RefreshToken, RequestToken
from django_trove.server.models.oauth2 import issue_token

from .conftest import CALLBACK
from .signed_requests import FORM

pytestmark = pytest.mark.django_db(transaction=True)

PHOTO = {
    "object_type": "photo",
    "id": "7",
    "title": "Pushed",
    "urls": {"original": "https://site.example/7.jpg"},
}
PUSH = {
    "user_id": "42",
    "content_type": "photos",
    "number_of_items": "1",
    "object_list": json.dumps([PHOTO]),
}
QUERY = {"query": json.dumps({"tags-required": ["snow"], "count": 50, "attributes": {}})}
FLAT = {"tags": "snow", "page": "1", "count": "50"}
TYPES = ("photos", "videos", "status", "checkins", "friends")
CODE_VERIFIER = "v" * 64
CODE_CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(CODE_VERIFIER.encode()).digest()).decode().rstrip("=")
)

USER = {"name", "first_name", "email", "identities"}
RESULT = {"count", "page", "total_number_of_results", "results"}
PUSHED = {"received", "created", "updated", "rejected"}
SERVICE = {"object_type", "id", "name", "slug", "description", "url", "service_icon"}


class Call(NamedTuple):
    """
    :param parameters: in the query string of a GET, in the form of a POST. "{…}" is replaced.
    :param keys: of the response: a JSON object, a form, or the first item of a list. A string is
        the beginning of the body.
    """

    section: str
    method: str
    path: str
    parameters: dict[str, str]
    keys: set[str] | str


V1_TOKENS = [
    Call("2.3", "GET", "/oauth/request_token/", {"scope": "photos"}, {"oauth_token_secret"}),
    Call("2.3", "POST", "/oauth/request_token/", {"scope": "photos,videos"}, {"oauth_token"}),
    Call("2.5", "GET", "/oauth/access_token/", {"scope": ""}, {"oauth_token_secret"}),
    Call("2.5", "POST", "/oauth/access_token/", {}, {"oauth_token"}),
]
V1_CONTENT = [
    Call("3.1", "POST", "/oauth/user/", {"scope": ""}, USER),
    Call("3.1", "GET", "/oauth/user/", {}, USER),
    Call("3.2", "GET", "/oauth/photos/", {"scope": "photos"}, RESULT),
    *(Call("3.2", "GET", f"/oauth/{name}/", {}, RESULT) for name in TYPES[1:]),
    *(Call("3.2", "POST", f"/oauth/{name}/", {"scope": "", **QUERY}, RESULT) for name in TYPES),
    Call("3.2", "GET", "/oauth/photos/", QUERY, RESULT),
    Call("3.4", "POST", "/oauth/push/", PUSH, PUSHED),
    Call("3.5", "POST", "/oauth/get_add_urls_for_services/", {"scope": ""}, {"folder"}),
    Call("3.6", "POST", "/add/service/folder/", {"redirect_url": CALLBACK}, "/add/"),
    Call("3.6", "POST", "/add/service/folder/", {"scope": ""}, "/add/"),
]
NEW_TROVE = {"app_key": "{key}", "app_secret": "{secret}", "oauth_token": "{request_token}"}
V1_NEW_TROVE = [
    Call("3.7", "POST", "/add/newtrove/service/folder", NEW_TROVE, "/add/"),
    Call("3.7", "POST", "/add/newtrove/service/folder/", NEW_TROVE, "/add/"),
]
V2_CONTENT = [
    *(
        Call("9.2", method, path, {}, USER)
        for method in ("GET", "POST")
        for path in ("user/", "user")
    ),
    *(Call("9.2", "POST", f"content/{name}/", QUERY, RESULT) for name in TYPES),
    *(Call("9.2", "GET", f"content/{name}/", FLAT, RESULT) for name in TYPES),
    Call("9.2", "GET", "content/photos", QUERY, RESULT),
    Call("9.2", "GET", "content/photos", {"services": "facebook", "page": "2"}, RESULT),
    Call("9.2", "POST", "content/photos/", FLAT, RESULT),
    Call("9.2", "POST", "content/photos/", PUSH, PUSHED),
    Call("9.2", "GET", "services/", {}, SERVICE),
    Call("9.2", "GET", "services", {}, SERVICE),
    Call("9.2", "GET", "services/folder/", {}, SERVICE),
    Call("9.2", "GET", "services/folder", {}, SERVICE),
    Call("9.2", "GET", "services/folder/bounceback/", {"redirect_url": CALLBACK}, "{url}/add/"),
    Call("9.2", "GET", "services/folder/bounceback", {}, "{url}/add/"),
]
CLIENT = {"client_id": "{key}", "client_secret": "{secret}"}
EXCHANGE = {
    **CLIENT,
    "grant_type": "authorization_code",
    "redirect_uri": CALLBACK,
    "code": "{code}",
    "code_verifier": CODE_VERIFIER,
}
REFRESH = {**CLIENT, "grant_type": "refresh_token", "refresh_token": "{refresh_token}"}
TOKENS = {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
LOGIN_AND_AUTH = {
    **CLIENT,
    "redirect_url": CALLBACK,
    "scope": "photos",
    "state": "s",
    "code_challenge": CODE_CHALLENGE,
    "code_challenge_method": "S256",
}
V2_TOKENS = [
    Call("9.1", "POST", "/oauth2/access_token/", EXCHANGE, TOKENS),
    Call("9.1", "POST", "/oauth2/access_token", EXCHANGE, TOKENS),
    Call("9.1", "POST", "/oauth2/access_token/", REFRESH, TOKENS),
    Call("9.1", "POST", "/oauth2/revoke/", {**CLIENT, "token": "{refresh_token}"}, ""),
    Call("9.1", "GET", "/.well-known/oauth-authorization-server", {}, {"issuer", "token_endpoint"}),
    Call("9.4", "POST", "/v2/services/folder/login_and_auth/", LOGIN_AND_AUTH, "{url}/add/"),
    Call("9.4", "POST", "/v2/services/folder/login_and_auth", LOGIN_AND_AUTH, "{url}/add/"),
]
LEGACY_TOKENS = [
    Call("9.3", "GET", "/oauth2/access_token/", EXCHANGE, TOKENS),
    Call("9.3", "GET", "/oauth2/access_token", EXCHANGE, TOKENS),
    Call(
        "9.4",
        "GET",
        "/v2/services/folder/login_and_auth/",
        {"client_id": "{key}", "redirect_url": CALLBACK},
        "{url}/add/",
    ),
]
UNKNOWN_PATHS = [
    "/v1/",
    "/v1/nothing/",
    "/v1/oauth/nothing/",
    "/oauth/nothing/",
    "/v2/",
    "/v2//nothing/",
    "/v2/content/nothing/",
    "/v2/services/folder/nothing/",
    "/oauth2/",
    "/oauth2/nothing/",
]
PLACES = {
    "header": SIGNATURE_TYPE_AUTH_HEADER,
    "query": SIGNATURE_TYPE_QUERY,
    "form": SIGNATURE_TYPE_BODY,
}


def name_call(value: Any) -> str | None:
    if not isinstance(value, Call):
        return None
    names = ",".join(value.parameters)
    return f"{value.section} {value.method} {value.path} {names}"


class Wire:
    """
    Sends the calls of one application and user.
    """

    def __init__(self, url: str, application: Any, token: Any) -> None:
        self.url, self.application, self.token = url, application, token
        self.values: dict[str, str] = {
            "{url}": url,
            "{key}": application.key,
            "{secret}": application.secret,
        }

    def fill(self, value: str) -> str:
        for name, text in self.values.items():
            value = value.replace(name, text)
        return value

    def send(self, call: Call, **parameters: str) -> requests.Response:
        return self._request(call.method, self.url + call.path, self._parameters(call, parameters))

    def send_signed(
        self, call: Call, place: str = "header", method: str = SIGNATURE_HMAC_SHA1, **signing: Any
    ) -> requests.Response:
        """
        Send a call, signed with 8 decimal digits as nonce.
        """
        keys = {"resource_owner_key": self.token.key, "resource_owner_secret": self.token.secret}
        signer = Client(
            self.application.key,
            client_secret=self.application.secret,
            signature_method=method,
            signature_type=PLACES[place],
            nonce=str(secrets.randbelow(10**8)).zfill(8),
            **(signing or keys),
        )
        url, headers, body = self.url + call.path, {}, None
        parameters = urlencode(self._parameters(call, {}))
        if call.method == "POST":
            headers, body = {"Content-Type": FORM}, parameters
        elif parameters:
            url += f"?{parameters}"
        with suppress_secret_logging():
            url, headers, body = signer.sign(url, call.method, body, headers)
        return requests.request(
            call.method, url, headers=headers, data=body, timeout=20, allow_redirects=False
        )

    def send_bearer(self, call: Call, place: str = "header") -> requests.Response:
        token = f"{self.token.key}.{self.token.secret}"
        if place == "header":
            headers = {"Authorization": f"Bearer {token}"}
            return self._request(
                call.method, self.url + call.path, self._parameters(call, {}), headers
            )
        return self.send(call, access_token=token)

    def _parameters(self, call: Call, more: dict[str, str]) -> dict[str, str]:
        return {name: self.fill(value) for name, value in {**call.parameters, **more}.items()}

    def _request(
        self,
        method: str,
        url: str,
        parameters: dict[str, str],
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        name = "params" if method == "GET" else "data"
        arguments: dict[str, Any] = {name: parameters, "headers": headers}
        return requests.request(method, url, timeout=20, allow_redirects=False, **arguments)

    def check(self, call: Call, response: requests.Response) -> None:
        assert response.status_code == 200, response.text
        assert response.headers["Cache-Control"] == "no-store, private"
        if isinstance(call.keys, str):
            assert response.text.startswith(self.fill(call.keys))
            return
        if response.headers["Content-Type"] == FORM:
            data: Any = dict(parse_qsl(response.text))
        else:
            data = response.json()
        record = data[0] if isinstance(data, list) else data
        assert call.keys <= set(record)


@pytest.fixture
def token(make_application, make_token):
    application = make_application("Wire", allow_oob=True)
    return make_token(to=application, content_types=TYPES)


@pytest.fixture
def wire(live_server, settings, tmp_path, token, index) -> Wire:
    settings.TROVE_SERVER = {
        "URL": live_server.url,
        "FOLDER_ROOT": tmp_path,
        "SIGN_UP": "open",
        "CONTENT_TYPES": ["status", "checkins", "friends"],
        "RATE_LIMITS": {"address": None},
    }
    index(Photo(id="1", tags=("snow",)), Photo(id="2"))
    return Wire(live_server.url, token.application, token)


@pytest.fixture
def legacy(wire) -> Wire:
    """
    With the flag for clients of 2011.
    """
    wire.application.allow_legacy_oauth2 = True
    wire.application.save()
    return wire


@pytest.fixture
def version2(wire) -> Wire:
    wire.token.version = 2
    wire.token.save()
    return wire


@pytest.fixture
def credentials(wire, person) -> Iterator[None]:
    """
    An undecided request token, a code and a refresh token.
    """
    expires = wire.token.created.replace(year=wire.token.created.year + 1)
    fields = {"application": wire.application, "user": person, "content_types": ["photos"]}
    code, refresh_token = issue_token(), issue_token()
    request_token = RequestToken.objects.create(
        key="r" * 32,
        secret="s" * 32,
        application=wire.application,
        callback=CALLBACK,
        content_types=["photos"],
        expires=expires,
    )
    AuthorizationCode.from_token(
        code, **fields, redirect_uri=CALLBACK, code_challenge=CODE_CHALLENGE, expires=expires
    )
    wire.token.version = 2
    wire.token.save()
    RefreshToken.from_token(refresh_token, access_token=wire.token, expires=expires)
    wire.values |= {
        "{request_token}": request_token.key,
        "{code}": code,
        "{refresh_token}": refresh_token,
    }


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("call", V1_CONTENT, ids=name_call)
def test_content_calls_of_version_1(wire, call, prefix):
    """
    With and without /v1, and with OAuth parameters in the header and, as old clients send them, in
    the query string of a GET or the form of a POST.
    """
    call = call._replace(path=prefix + call.path)
    for place in ("header", "form" if call.method == "POST" else "query"):
        wire.check(call, wire.send_signed(call, place))


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("signature_method", [SIGNATURE_PLAINTEXT, SIGNATURE_HMAC_SHA1])
@pytest.mark.parametrize("calls", [V1_TOKENS[0::2], V1_TOKENS[1::2]], ids=["GET", "POST"])
def test_the_token_calls_of_version_1(wire, browser, prefix, signature_method, calls):
    """
    Request token, consent page and access token.
    """
    request, exchange = (call._replace(path=prefix + call.path) for call in calls)
    place = "form" if request.method == "POST" else "query"
    issued = wire.send_signed(request, place, signature_method, callback_uri=CALLBACK)
    wire.check(request, issued)
    token = dict(parse_qsl(issued.text))
    _check_authorize_redirect(wire, prefix, token["oauth_token"])
    form = {"oauth_token": token["oauth_token"], "decision": "allow", "content_types": "photos"}
    back = browser.post(f"{prefix}/oauth/authorize/", form)
    signing = {
        "resource_owner_key": token["oauth_token"],
        "resource_owner_secret": token["oauth_token_secret"],
        "verifier": dict(parse_qsl(urlsplit(back.url).query))["oauth_verifier"],
    }
    wire.check(exchange, wire.send_signed(exchange, place, signature_method, **signing))


def _check_authorize_redirect(wire, prefix, key):
    """
    Section 2.4: without cookies, the response is a redirect to the sign-in page, with `next`.
    """
    for path in (f"{prefix}/oauth/authorize/", "/v1/oauth/authorize/"):
        response = requests.get(f"{wire.url}{path}?oauth_token={key}", timeout=20)
        assert response.status_code == 200
        expected = f"{wire.url}/identity/login?next={path}%3Foauth_token%3D{key}"
        assert response.url == expected
        assert f'name="next" value="{path}?oauth_token={key}"' in response.text


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("call", V1_NEW_TROVE, ids=name_call)
def test_new_trove_of_version_1(wire, credentials, call, prefix):
    call = call._replace(path=prefix + call.path)
    wire.check(call, wire.send(call))


@pytest.mark.parametrize("prefix", ["/v2/", "/v2//"])
@pytest.mark.parametrize("call", V2_CONTENT, ids=name_call)
def test_content_calls_of_version_2(version2, call, prefix):
    """
    With one or two slashes, and with the token in the header or in a form.
    """
    call = call._replace(path=prefix + call.path)
    version2.check(call, version2.send_bearer(call))
    if call.method == "POST":
        version2.check(call, version2.send_bearer(call, "form"))


@pytest.mark.parametrize("call", V2_CONTENT, ids=name_call)
def test_content_calls_of_clients_of_2011(legacy, call):
    """
    With the token in the query string (Python 0.3.0 and PHP), or signed with version 1 and
    PLAINTEXT (Ruby).
    """
    call = call._replace(path=f"/v2/{call.path}")
    for place in ("header", "form" if call.method == "POST" else "query"):
        legacy.check(call, legacy.send_signed(call, place, SIGNATURE_PLAINTEXT))
        legacy.check(call, legacy.send_signed(call, place))
    legacy.token.version = 2
    legacy.token.save()
    legacy.check(call, legacy.send_bearer(call, "query"))


@pytest.mark.parametrize("call", V2_TOKENS, ids=name_call)
def test_token_calls_of_version_2(wire, credentials, call):
    wire.check(call, wire.send(call))


@pytest.mark.parametrize("call", LEGACY_TOKENS, ids=name_call)
def test_token_calls_of_clients_of_2011(legacy, credentials, call):
    legacy.check(call, legacy.send(call))


@pytest.mark.parametrize("path", ["/oauth2/authenticate/", "/oauth2/authenticate"])
def test_the_consent_page_of_version_2(wire, path):
    query = urlencode({"client_id": wire.application.key, "response_type": "code"})
    response = requests.get(f"{wire.url}{path}?{query}", timeout=20)
    assert response.status_code == 200
    assert urlsplit(response.url).path == django_settings.LOGIN_URL
    assert response.url.startswith(f"{wire.url}/identity/login?next={path}%3Fclient_id%3D")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_unknown_paths(wire, path, method):
    response = requests.request(method, wire.url + path, timeout=20)
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"
