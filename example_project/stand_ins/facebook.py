"""
A stand-in for Facebook's login, its Graph API, and the host of the pictures.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import time
from typing import Any
from urllib.parse import urlencode

import requests

from .library import Shot, drawn, shots
from .oauth2 import Grant, Provider
from .web import Answer, Request, StandIn, json_answer, page, redirect

__all__ = ["Facebook", "photo_id"]

PERSON = {"id": "10158000000000001", "name": "Ada Lovelace"}
LASTS = 7 * 86_400  # seconds that a picture's address does
LONG = 5_183_944  # seconds that a long-lived token does
SIDES = (130, 320, 720, 960, 2048)
MOST = 100
VERSIONED = re.compile(r"/v\d+\.\d+/(.+)")


class Facebook(StandIn):
    """
    One person's timeline. The third page of a listing is empty, and not the last one.
    """

    name = "facebook"
    CLIENT_ID, CLIENT_SECRET = "1234567890", "facebook-secret"

    def __init__(self, library: list[Shot] | None = None) -> None:
        super().__init__()
        self.library = shots(60, seed=4) if library is None else library
        self.clock = 0.0  # seconds that it is fast
        self.provider = Provider(
            self.CLIENT_ID, self.CLIENT_SECRET, pkce=False, seconds=5400, now=self.now
        )
        self.wants_proof = True
        self.too_much = 10_000  # records that are too many at once
        self.usage = 1

    def now(self) -> float:
        """
        The time here.
        """
        return time.time() + self.clock

    @property
    def settings(self) -> dict[str, Any]:
        """
        What a Trove has to know to ask this one.
        """
        return {
            "CLIENT_ID": self.CLIENT_ID,
            "CLIENT_SECRET": self.CLIENT_SECRET,
            "DIALOG_URL": self.url,
            "GRAPH_URL": self.url,
            "MEDIA_HOSTS": (self.url.removeprefix("http://"),),
        }

    def revoke_everything(self) -> None:
        """
        The person removes the application.
        """
        self.provider.revoke_everything()

    @staticmethod
    def rate_limited() -> Answer:
        """
        Too many calls.
        """
        words = "(#4) Application request limit reached"
        return _error(403, 4, words, is_transient=True)

    @staticmethod
    def down() -> Answer:
        """
        Out of order.
        """
        return _error(500, 2, "Service temporarily unavailable", is_transient=True)

    def send_deletion(self, url: str) -> requests.Response:
        """
        Tell an application that the person wants their data deleted.
        """
        said = {"user_id": PERSON["id"], "algorithm": "HMAC-SHA256", "issued_at": int(self.now())}
        payload = _encoded(json.dumps(said).encode())
        key = self.CLIENT_SECRET.encode()
        signature = _encoded(hmac.new(key, payload.encode(), hashlib.sha256).digest())
        return requests.post(url, data={"signed_request": f"{signature}.{payload}"}, timeout=10)

    def is_call(self, request: Request) -> bool:
        return VERSIONED.fullmatch(request.path) is not None and "oauth" not in request.path

    def answer(self, request: Request) -> Answer:
        versioned = VERSIONED.fullmatch(request.path)
        if versioned is None:
            return self._picture(request)
        if versioned[1] == "dialog/oauth":
            return self._dialog(request)
        if versioned[1] == "oauth/access_token":
            return self._token(request)
        return self._called(request, versioned[1])

    def _dialog(self, request: Request) -> Answer:
        said = request.fields
        if request.method == "POST":
            if said.get("say") != "yes":
                return redirect(self.provider.deny(request))
            scopes = said.get("scope", "").replace(",", " ").split()
            kept = [s for s in scopes if said.get(s, "on") == "on"]
            return redirect(self.provider.allow(request, kept) + "#_=_")
        hidden = "".join(
            f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in said.items()
        )
        boxes = "".join(
            f"<input type=hidden name={scope} value=off><p><label><input type=checkbox "
            f"name={scope} value=on checked> {scope}</label></p>"
            for scope in ("user_photos", "user_videos")
        )
        return page(
            "Facebook",
            f"<p>An application wants to see, {PERSON['name']}:</p><form method=post>{hidden}"
            f"{boxes}<button name=say value=yes>Continue as {PERSON['name'].split()[0]}</button> "
            "<button name=say value=no>Not now</button></form>",
        )

    def _token(self, request: Request) -> Answer:
        said = request.fields
        if said.get("grant_type") != "fb_exchange_token":
            answer = self.provider.token(request)
            token = json.loads(answer.body)
            token.pop("refresh_token", None)  # Facebook knows none
            return json_answer(token, answer.status)
        if said.get("client_secret") != self.CLIENT_SECRET:
            return _error(400, 1, "Error validating client secret.")
        grant = self.provider.grants.get(said.get("fb_exchange_token", ""))
        if grant is None or grant.ends < self.now():
            return _expired()
        token = f"EAA{hashlib.sha256(said['fb_exchange_token'].encode()).hexdigest()}"
        self.provider.grants[token] = Grant(list(grant.scopes), self.now() + LONG)
        return json_answer({"access_token": token, "token_type": "bearer", "expires_in": LONG})

    def _called(self, request: Request, path: str) -> Answer:
        token = _token_of(request)
        if path == "debug_token" and token == f"{self.CLIENT_ID}|{self.CLIENT_SECRET}":
            return self._debug(request.query.get("input_token", ""))
        grant = self.provider.grants.get(token)
        if grant is None:
            words = "The user has not authorized application 1234567890."
            return _error(400, 190, f"Error validating access token: {words}", error_subcode=458)
        if grant.ends < self.now():
            return _expired()
        proof = hmac.new(self.CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if self.wants_proof and request.fields.get("appsecret_proof") != proof:
            words = "API calls from the server require an appsecret_proof argument"
            return _error(400, 100, words)
        answer = self._found(request, path, grant)
        usage = {"call_count": self.usage, "total_time": 1, "total_cputime": 1}
        answer.headers["X-App-Usage"] = json.dumps(usage)
        return answer

    def _debug(self, token: str) -> Answer:
        grant = self.provider.grants.get(token)
        said = {"app_id": self.CLIENT_ID, "type": "USER", "application": "Trove"}
        if grant is None or grant.ends < self.now():
            return json_answer({"data": {**said, "is_valid": False, "scopes": []}})
        more = {"expires_at": int(grant.ends), "user_id": PERSON["id"], "scopes": grant.scopes}
        return json_answer({"data": {**said, "is_valid": True, **more}})

    def _found(self, request: Request, path: str, grant: Grant) -> Answer:
        if path == "me/permissions" and request.method == "DELETE":
            self.revoke_everything()
            return json_answer({"success": True})
        if path == "me/permissions":
            rows = [{"permission": scope, "status": "granted"} for scope in grant.scopes]
            return json_answer({"data": rows})
        if path in ("me", PERSON["id"]):
            return json_answer(PERSON)
        who, _, edge = path.rpartition("/")
        if who in ("me", PERSON["id"]) and edge in ("photos", "videos"):
            return self._edge(request, edge, grant)
        return self._node(request, path)

    def _node(self, request: Request, path: str) -> Answer:
        fields = request.fields.get("fields", "id,name,created_time")
        for shot in self.library:
            if photo_id(shot) == path:
                if ("images" in fields) == shot.is_video:
                    return _error(400, 100, "(#100) Tried accessing nonexisting field")
                return json_answer(self._record(shot, fields))
        return _error(400, 100, "Unsupported get request. Object does not exist.")

    def _edge(self, request: Request, edge: str, grant: Grant) -> Answer:
        """
        Without the permission a list is empty, and says nothing.
        """
        limit = min(int(request.fields.get("limit") or 25), MOST)
        if limit > self.too_much:
            words = "Please reduce the amount of data you're asking for, then retry your request"
            return _error(500, 1, words)
        mine = request.fields.get("type") == "uploaded" and f"user_{edge}" in grant.scopes
        chosen = [s for s in self.library if mine and s.is_video == (edge == "videos")]
        chosen.sort(key=lambda shot: shot.uploaded, reverse=True)
        after = request.fields.get("after", "")
        if after and not after.startswith("at-"):
            return _error(400, 100, "(#100) The after cursor specified is not valid")
        start, _, empty = after.removeprefix("at-").partition("-")
        begin = int(start or 0)
        if begin == 2 * limit and not empty:  # a page with nothing on it
            return self._page(request, [], f"at-{begin}-e")
        fields = request.fields.get("fields", "id,name,created_time")
        part = [self._record(shot, fields) for shot in chosen[begin : begin + limit]]
        further = begin + limit < len(chosen)
        return self._page(request, part, f"at-{begin + limit}" if further else "")

    def _page(self, request: Request, part: list[Any], further: str) -> Answer:
        cursors = {"before": "x", "after": further or "at-999999"}
        paging: dict[str, Any] = {"cursors": cursors}
        if further:
            asked = {k: v for k, v in request.query.items() if k != "appsecret_proof"}
            said = {**asked, "access_token": _token_of(request), "after": further}
            paging["next"] = f"{self.url}{request.path}?{urlencode(said)}"
        return json_answer({"data": part, "paging": paging} if part or further else {"data": []})

    def _record(self, shot: Shot, fields: str) -> dict[str, Any]:
        names = re.sub(r"\{[^}]*\}", "", fields).split(",")
        whole = self._video(shot) if shot.is_video else self._photo(shot)
        return {name: whole[name] for name in {"id", *names} if name in whole}

    def _photo(self, shot: Shot) -> dict[str, Any]:
        tags = " ".join(f"#{tag}" for tag in shot.tags)
        record: dict[str, Any] = {
            "id": photo_id(shot),
            "name": f"{shot.title} {tags}",
            "created_time": f"{shot.uploaded:%Y-%m-%dT%H:%M:%S%z}",
            "updated_time": f"{shot.changed:%Y-%m-%dT%H:%M:%S%z}",
            "from": PERSON,
            "link": f"https://www.facebook.com/photo.php?fbid={photo_id(shot)}",
            "images": [
                {"height": side * 3 // 4, "width": side, "source": self._source(shot, side)}
                for side in reversed(SIDES)
            ],
            "height": shot.height,
            "width": shot.width,
        }
        if shot.number % 2:
            record["backdated_time"] = f"{shot.taken:%Y-%m-%dT%H:%M:%S}+0000"
        if shot.album:
            privacy = "everyone" if shot.is_public else "friends"
            record["album"] = {"id": f"a{shot.album}", "name": shot.album, "privacy": privacy}
        if shot.place:
            latitude, longitude = shot.place
            location = {"latitude": latitude, "longitude": longitude}
            record["place"] = {"id": "1", "name": "Somewhere", "location": location}
        return record

    def _video(self, shot: Shot) -> dict[str, Any]:
        return {
            "id": photo_id(shot),
            "title": shot.title,
            "description": " ".join(f"#{tag}" for tag in shot.tags),
            "created_time": f"{shot.uploaded:%Y-%m-%dT%H:%M:%S%z}",
            "updated_time": f"{shot.changed:%Y-%m-%dT%H:%M:%S%z}",
            "length": 12.5,
            "picture": self._source(shot, 130),
            "format": [
                {"filter": f"{side}", "width": side, "height": side, "picture": url}
                for side, url in ((side, self._source(shot, side)) for side in (130, 720))
            ],
            "permalink_url": f"/ada/videos/{photo_id(shot)}/",
            "from": PERSON,
            "privacy": {"value": "EVERYONE" if shot.is_public else "SELF"},
        }

    def _source(self, shot: Shot, side: int) -> str:
        ends = f"{int(self.now() + LASTS):X}"
        return f"{self.url}/cdn/{shot.number}_{side}.jpg?_nc_cat=1&oh=0af0&oe={ends}"

    def _picture(self, request: Request) -> Answer:
        name = request.path.removeprefix("/cdn/").removesuffix(".jpg")
        number, _, side = name.partition("_")
        if not number.isdigit():
            return page("Facebook", "<p>The home page.</p>")
        if int(request.query.get("oe", "0"), 16) < self.now():
            return Answer(status=403, body="URL signature expired")
        picture = drawn(int(number), int(side), int(side) * 3 // 4)
        return Answer(body=picture, type="image/jpeg")


def photo_id(shot: Shot) -> str:
    return str(336_000_000_000_000 + shot.number)


def _token_of(request: Request) -> str:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    return token or request.fields.get("access_token", "")


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _expired() -> Answer:
    words = "Error validating access token: Session has expired."
    return _error(400, 190, words, error_subcode=463)


def _error(status: int, code: int, message: str, **more: Any) -> Answer:
    said = {"message": message, "type": "OAuthException", "code": code, **more}
    return json_answer({"error": said}, status)
