"""
A fake Trove as an HTTP server. It verifies signatures and stores users, tokens and photos.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.client.fake_server import FakeServer, RecordedRequest, Response

JSON = {"Content-Type": "application/json"}
UNAUTHORIZED: Response = (401, {"WWW-Authenticate": "OAuth"}, b'{"error": "unauthorized"}')
NOT_GRANTED: Response = (403, JSON, b'{"error": "not_granted", "detail": "It is not granted."}')
OTHER_TYPES = ("videos", "status", "checkins", "friends", "places")
DOWN: Response = (503, {"Retry-After": "60"}, b"")


def photo(number: int, **facts: object) -> dict[str, object]:
    return {
        "object_type": "photo", "trove_id": f"t{number}", "service": "flickr", "id": str(number),
        "title": f"Snow {number}", "owner": "ann", "description": "",
        "urls": {
            "original": f"https://photos.example/{number}.jpg",
            "thumbnail": f"https://photos.example/{number}_t.jpg",
        },
        "tags": ["snow"], "date": "2007-03-04 T 21:08:12", "album_id": "", "license": "",
        "height": 600, "width": 800, "public": True,
        "original_web_url": f"https://flickr.example/ann/{number}",
    } | facts  # fmt: skip


@dataclass
class FakeTroveServer:
    """
    :param app_secrets: application secrets by application key.
    :param owners: application keys by access token.
    :param error_response: the response to all requests, if set.
    :param path_errors: responses to the requests of one path.
    :param others: records by content type, except photos. Other types are not granted.
    :param request_counts: the number of requests by path.
    """

    server: FakeServer
    app_secrets: dict[str, str] = field(default_factory=lambda: {"app-key": "app-secret"})
    secrets: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    verifiers: dict[str, str] = field(default_factory=dict)
    callbacks: dict[str, str] = field(default_factory=dict)
    photos: list[dict[str, object]] = field(default_factory=lambda: [photo(n) for n in range(3)])
    others: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    identities: list[dict[str, str]] = field(default_factory=list)
    name: str = "Ann at the Trove"
    services: dict[str, str] = field(default_factory=lambda: {"flickr": "/v1/add/flickr/"})
    error_response: Response | None = None
    path_errors: dict[str, Response] = field(default_factory=dict)
    callback_confirmed: str = "true"
    next_token: str = ""
    request_counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.server.respond = self.respond

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def photo_calls(self) -> int:
        return self.request_counts["/v1/oauth/photos/"]

    def allow(self, authorize_url: str) -> str:
        """
        Authorize the site and return the callback URL.
        """
        key = urlsplit(authorize_url).query.removeprefix("oauth_token=")
        self.verifiers[key] = f"verifier-of-{key}"
        parameters = urlencode({"oauth_token": key, "oauth_verifier": self.verifiers[key]})
        return f"{self.callbacks[key]}?{parameters}"

    def deny(self, authorize_url: str) -> str:
        """
        Deny access and return the callback URL.
        """
        key = urlsplit(authorize_url).query.removeprefix("oauth_token=")
        parameters = urlencode({"oauth_token": key, "oauth_problem": "user_refused"})
        return f"{self.callbacks[key]}?{parameters}"

    def follow_callback(self, browser: Client, callback_url: str) -> HttpResponse:
        """
        Open the callback URL, and confirm the account if the site asks for it.
        """
        response = browser.get(callback_url)
        if response.status_code == 302 and "/confirm/" in response.url:
            return browser.post(response.url, {"answer": "confirm"})
        return response

    def grant(self, key: str = "access-1", secret: str = "") -> tuple[str, str]:
        """
        Issue an access token without the OAuth flow.
        """
        self.secrets[key] = secret or f"secret-of-{key}"
        return key, self.secrets[key]

    def revoke(self) -> None:
        self.secrets.clear()

    def respond(self, request: RecordedRequest) -> Response:
        path = urlsplit(request.url).path
        self.request_counts[path] += 1
        error_response = self.error_response or self.path_errors.get(path)
        if error_response:
            return error_response
        token = request.oauth.get("oauth_token", "")
        app_key = request.oauth["oauth_consumer_key"]
        is_known = not token or token in self.secrets
        is_owner = is_known and self.owners.setdefault(token or app_key, app_key) == app_key
        app_secret = self.app_secrets.get(app_key, "")
        if not is_owner or not request.is_signed_with(app_secret, self.secrets.get(token, "")):
            return UNAUTHORIZED
        name = path.strip("/").replace("v1/", "").replace("/", "_")
        if (content_type := name.removeprefix("oauth_")) in OTHER_TYPES:
            return self._content(request, self.others.get(content_type))
        return getattr(self, name)(request, token)

    def oauth_request_token(self, request: RecordedRequest, token: str) -> Response:
        key = self._issue("request")
        self.callbacks[key] = request.oauth["oauth_callback"]
        return self._token(key, oauth_callback_confirmed=self.callback_confirmed)

    def oauth_access_token(self, request: RecordedRequest, token: str) -> Response:
        if request.oauth.get("oauth_verifier") != self.verifiers.pop(token, None):
            return UNAUTHORIZED
        del self.secrets[token]
        return self._token(self.next_token or self._issue("access"))

    def oauth_user(self, request: RecordedRequest, token: str) -> Response:
        person = {"name": self.name, "email": "", "identities": self.identities}
        return 200, JSON, json.dumps(person).encode()

    def oauth_photos(self, request: RecordedRequest, token: str) -> Response:
        return self._content(request, self.photos)

    def _content(
        self, request: RecordedRequest, records: list[dict[str, object]] | None
    ) -> Response:
        if records is None:
            return NOT_GRANTED
        query = json.loads(request.form.get("query", "{}"))
        count, page = query.get("count", 50), query.get("page", 1)
        required_tags = set(query.get("tags-required") or ())
        matches = [
            p
            for p in records
            if required_tags <= set(p.get("tags", ()))
            and query.get("trove_id", p["trove_id"]) == p["trove_id"]
        ]
        results = matches[(page - 1) * count : page * count]
        data = {
            "count": len(results), "page": page, "total_number_of_results": len(matches),
            "results": results,
        }  # fmt: skip
        return 200, JSON, json.dumps(data).encode()

    def oauth_get_add_urls_for_services(self, request: RecordedRequest, token: str) -> Response:
        return 200, JSON, json.dumps(self.services).encode()

    def add_flickr(self, request: RecordedRequest, token: str) -> Response:
        return 200, {}, b"/add/once/" + request.form["redirect_url"].encode().hex().encode()

    def _issue(self, kind: str) -> str:
        key = f"{kind}-{len(self.secrets) + sum(self.request_counts.values())}"
        return self.grant(key)[0]

    def _token(self, key: str, **more: str) -> Response:
        pair = {"oauth_token": key, "oauth_token_secret": self.secrets[key]}
        return 200, {}, urlencode(pair | more).encode()
