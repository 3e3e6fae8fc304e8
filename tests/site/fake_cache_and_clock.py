"""
A small Trove over real HTTP: it checks every signature, and answers as the protocol says.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.client.fake_server import Asked, Reply, StandIn

JSON = {"Content-Type": "application/json"}
UNAUTHORIZED: Reply = (401, {"WWW-Authenticate": "OAuth"}, b'{"error": "unauthorized"}')
DOWN: Reply = (503, {"Retry-After": "60"}, b"")


def photo(number: int, **facts: object) -> dict[str, object]:
    """
    Return a photo's record.
    """
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
class PretendTrove:
    """
    What it knows, and what it was asked.

    :param app_secrets: of the sites that it knows, by their keys.
    :param fault: an answer that is given instead of any other.
    :param faults: the same for one path.
    """

    server: StandIn
    app_secrets: dict[str, str] = field(default_factory=lambda: {"app-key": "app-secret"})
    secrets: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    verifiers: dict[str, str] = field(default_factory=dict)
    callbacks: dict[str, str] = field(default_factory=dict)
    photos: list[dict[str, object]] = field(default_factory=lambda: [photo(n) for n in range(3)])
    identities: list[dict[str, str]] = field(default_factory=list)
    name: str = "Ann at the Trove"
    services: dict[str, str] = field(default_factory=lambda: {"flickr": "/v1/add/flickr/"})
    fault: Reply | None = None
    faults: dict[str, Reply] = field(default_factory=dict)
    confirmed: str = "true"
    next_token: str = ""
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.server.reply = self.reply

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def photo_calls(self) -> int:
        return self.asked["/v1/oauth/photos/"]

    def allow(self, authorize_url: str) -> str:
        """
        Say yes, as the person does in the browser.

        :returns: where they are sent back to.
        """
        key = urlsplit(authorize_url).query.removeprefix("oauth_token=")
        self.verifiers[key] = f"verifier-of-{key}"
        back = urlencode({"oauth_token": key, "oauth_verifier": self.verifiers[key]})
        return f"{self.callbacks[key]}?{back}"

    def deny(self, authorize_url: str) -> str:
        """
        Say no.
        """
        key = urlsplit(authorize_url).query.removeprefix("oauth_token=")
        back = urlencode({"oauth_token": key, "oauth_problem": "user_refused"})
        return f"{self.callbacks[key]}?{back}"

    def keep(self, browser: Client, back: str) -> HttpResponse:
        """
        Come back to the site, and say there that the Trove is one's own, where it asks.

        :param back: where the Trove sends the person back to.
        """
        response = browser.get(back)
        asks = response.status_code == 302 and "/confirm/" in response.url
        return browser.post(response.url, {"answer": "confirm"}) if asks else response

    def grant(self, key: str = "access-1", secret: str = "") -> tuple[str, str]:
        """
        Give out an access token without the dance.
        """
        self.secrets[key] = secret or f"secret-of-{key}"
        return key, self.secrets[key]

    def revoke(self) -> None:
        """
        Take every token back.
        """
        self.secrets.clear()

    def reply(self, asked: Asked) -> Reply:
        path = urlsplit(asked.url).path
        self.asked[path] += 1
        fault = self.fault or self.faults.get(path)
        if fault:
            return fault
        token = asked.oauth.get("oauth_token", "")
        app_key = asked.oauth["oauth_consumer_key"]
        known = not token or token in self.secrets
        theirs = known and self.owners.setdefault(token or app_key, app_key) == app_key
        app_secret = self.app_secrets.get(app_key, "")
        if not theirs or not asked.is_signed_with(app_secret, self.secrets.get(token, "")):
            return UNAUTHORIZED
        name = path.strip("/").replace("v1/", "").replace("/", "_")
        return getattr(self, name)(asked, token)

    def oauth_request_token(self, asked: Asked, token: str) -> Reply:
        key = self._issue("request")
        self.callbacks[key] = asked.oauth["oauth_callback"]
        return self._token(key, oauth_callback_confirmed=self.confirmed)

    def oauth_access_token(self, asked: Asked, token: str) -> Reply:
        if asked.oauth.get("oauth_verifier") != self.verifiers.pop(token, None):
            return UNAUTHORIZED
        del self.secrets[token]
        return self._token(self.next_token or self._issue("access"))

    def oauth_user(self, asked: Asked, token: str) -> Reply:
        person = {"name": self.name, "email": "", "identities": self.identities}
        return 200, JSON, json.dumps(person).encode()

    def oauth_photos(self, asked: Asked, token: str) -> Reply:
        query = json.loads(asked.form.get("query", "{}"))
        count, page = query.get("count", 50), query.get("page", 1)
        wanted = set(query.get("tags-required") or ())
        found = [
            p
            for p in self.photos
            if wanted <= set(p.get("tags", ()))
            and query.get("trove_id", p["trove_id"]) == p["trove_id"]
        ]
        shown = found[(page - 1) * count : page * count]
        answer = {
            "count": len(shown), "page": page, "total_number_of_results": len(found),
            "results": shown,
        }  # fmt: skip
        return 200, JSON, json.dumps(answer).encode()

    def oauth_get_add_urls_for_services(self, asked: Asked, token: str) -> Reply:
        return 200, JSON, json.dumps(self.services).encode()

    def add_flickr(self, asked: Asked, token: str) -> Reply:
        return 200, {}, b"/add/once/" + asked.form["redirect_url"].encode().hex().encode()

    def _issue(self, kind: str) -> str:
        key = f"{kind}-{len(self.secrets) + sum(self.asked.values())}"
        return self.grant(key)[0]

    def _token(self, key: str, **more: str) -> Reply:
        pair = {"oauth_token": key, "oauth_token_secret": self.secrets[key]}
        return 200, {}, urlencode(pair | more).encode()
