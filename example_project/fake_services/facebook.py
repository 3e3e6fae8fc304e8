"""
A fake Facebook: the login dialog, the Graph API and the image host.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from typing import Any
from urllib.parse import urlencode

import requests

from .base import FakeService, Request, Response, hidden_inputs, html_page, json_response, redirect
from .facebook_data import FakeFriend, FakePost, make_friends, make_posts, post_record
from .oauth2 import Grant, OAuth2Provider
from .photos import FakePhoto, make_jpeg, make_photos

USER = {"id": "10158000000000001", "name": "Ada Lovelace"}
IMAGE_URL_TTL = 7 * 86_400  # seconds
LONG_LIVED_TOKEN_TTL = 5_183_944  # seconds
IMAGE_WIDTHS = (130, 320, 720, 960, 2048)
MAX_LIMIT = 100
API_PATH = re.compile(r"/v\d+\.\d+/(.+)")


class Facebook(FakeService):
    """
    The account of one user. The third page of a listing is empty, but more pages follow.
    `rejected_edges` are lists for which an error is returned, such as "friends".
    """

    name = "facebook"
    CLIENT_ID, CLIENT_SECRET = "1234567890", "facebook-secret"

    def __init__(
        self, photos: list[FakePhoto] | None = None, posts: list[FakePost] | None = None
    ) -> None:
        super().__init__()
        self.photos = make_photos(60, seed=4) if photos is None else photos
        self.posts = make_posts(30) if posts is None else posts
        self.friends = make_friends()
        self.rejected_edges: set[str] = set()
        self.clock_offset = 0.0  # seconds
        self.provider = OAuth2Provider(
            self.CLIENT_ID, self.CLIENT_SECRET, requires_pkce=False, expires_in=5400, now=self.now
        )
        self.credentials = self.provider.credentials
        self.requires_proof = True
        self.max_records = 10_000  # per page
        self.call_count = 1
        self.sends_cursors = True  # in addition to the URL of the next page
        self.sends_after = True  # in the URL of the next page

    def now(self) -> float:
        return time.time() + self.clock_offset

    @property
    def settings(self) -> dict[str, Any]:
        """
        The connector's settings for this service.
        """
        return {
            "CLIENT_ID": self.CLIENT_ID,
            "CLIENT_SECRET": self.CLIENT_SECRET,
            "DIALOG_URL": self.url,
            "GRAPH_URL": self.url,
            "MEDIA_HOSTS": (self.url.removeprefix("http://"),),
            **self.options,
        }

    def revoke_all(self) -> None:
        self.provider.revoke_all()

    @staticmethod
    def rate_limit_response() -> Response:
        message = "(#4) Application request limit reached"
        return _error(403, 4, message, is_transient=True)

    @staticmethod
    def unavailable_response() -> Response:
        return _error(500, 2, "Service temporarily unavailable", is_transient=True)

    def send_deletion_request(self, url: str) -> requests.Response:
        """
        Send a data deletion request to an application.
        """
        data = {"user_id": USER["id"], "algorithm": "HMAC-SHA256", "issued_at": int(self.now())}
        payload = _base64url(json.dumps(data).encode())
        key = self.CLIENT_SECRET.encode()
        signature = _base64url(hmac.new(key, payload.encode(), hashlib.sha256).digest())
        return requests.post(url, data={"signed_request": f"{signature}.{payload}"}, timeout=10)

    def is_api_call(self, request: Request) -> bool:
        return API_PATH.fullmatch(request.path) is not None and "oauth" not in request.path

    def handle(self, request: Request) -> Response:
        match = API_PATH.fullmatch(request.path)
        if match is None:
            return self._serve_image(request)
        if match[1] == "dialog/oauth":
            return self._show_dialog(request)
        if match[1] == "oauth/access_token":
            return self._issue_token(request)
        return self._handle_api_call(request, match[1])

    def _show_dialog(self, request: Request) -> Response:
        fields = request.fields
        if request.method == "POST":
            if fields.get("decision") != "allow":
                return redirect(self.provider.deny(request))
            scopes = fields.get("scope", "").replace(",", " ").split()
            granted = [scope for scope in scopes if fields.get(scope, "on") == "on"]
            return redirect(self.provider.authorize(request, granted) + "#_=_")
        checkboxes = "".join(
            f"<input type=hidden name={scope} value=off><p><label><input type=checkbox "
            f"name={scope} value=on checked> {scope}</label></p>"
            for scope in fields.get("scope", "").replace(",", " ").split()
            if scope != "public_profile"
        )
        return html_page(
            "Facebook",
            f"<p>{USER['name']}, an application requests access to:</p>"
            f"<form method=post>{hidden_inputs(fields)}{checkboxes}"
            f"<button name=decision value=allow>Continue as {USER['name'].split()[0]}</button> "
            "<button name=decision value=deny>Not now</button></form>",
        )

    def _issue_token(self, request: Request) -> Response:
        fields = request.fields
        if fields.get("grant_type") != "fb_exchange_token":
            response = self.provider.create_token_response(request)
            data = json.loads(response.body)
            data.pop("refresh_token", None)  # Facebook does not issue refresh tokens.
            return json_response(data, response.status)
        if fields.get("client_secret") != self.CLIENT_SECRET:
            return _error(400, 1, "Error validating client secret.")
        grant = self.provider.grants.get(fields.get("fb_exchange_token", ""))
        if grant is None or grant.expires_at < self.now():
            return _token_expired()
        token = f"EAA{hashlib.sha256(fields['fb_exchange_token'].encode()).hexdigest()}"
        self.provider.grants[token] = Grant(list(grant.scopes), self.now() + LONG_LIVED_TOKEN_TTL)
        return json_response(
            {"access_token": token, "token_type": "bearer", "expires_in": LONG_LIVED_TOKEN_TTL}
        )

    def _handle_api_call(self, request: Request, path: str) -> Response:
        token = _get_token(request)
        if path == "debug_token" and token == f"{self.CLIENT_ID}|{self.CLIENT_SECRET}":
            return self._debug_token(request.query.get("input_token", ""))
        grant = self.provider.grants.get(token)
        if grant is None:
            message = "The user has not authorized application 1234567890."
            return _error(400, 190, f"Error validating access token: {message}", error_subcode=458)
        if grant.expires_at < self.now():
            return _token_expired()
        proof = hmac.new(self.CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if self.requires_proof and request.fields.get("appsecret_proof") != proof:
            message = "API calls from the server require an appsecret_proof argument"
            return _error(400, 100, message)
        response = self._get_resource(request, path, grant)
        usage = {"call_count": self.call_count, "total_time": 1, "total_cputime": 1}
        response.headers["X-App-Usage"] = json.dumps(usage)
        return response

    def _debug_token(self, token: str) -> Response:
        grant = self.provider.grants.get(token)
        data = {"app_id": self.CLIENT_ID, "type": "USER", "application": "Trove"}
        if grant is None or grant.expires_at < self.now():
            return json_response({"data": {**data, "is_valid": False, "scopes": []}})
        details = {
            "expires_at": int(grant.expires_at),
            "user_id": USER["id"],
            "scopes": grant.scopes,
        }
        return json_response({"data": {**data, "is_valid": True, **details}})

    def _get_resource(self, request: Request, path: str, grant: Grant) -> Response:
        if path == "me/permissions" and request.method == "DELETE":
            self.revoke_all()
            return json_response({"success": True})
        if path == "me/permissions":
            rows = [{"permission": scope, "status": "granted"} for scope in grant.scopes]
            return json_response({"data": rows})
        if path in ("me", USER["id"]):
            return json_response(USER)
        owner, _, edge = path.rpartition("/")
        if owner not in ("me", USER["id"]):
            return self._get_photo(request, path)
        list_edge = {
            "photos": self._list_photos,
            "videos": self._list_photos,
            "posts": self._list_posts,
            "friends": self._list_friends,
        }.get(edge, self._reject_edge)
        if edge in self.rejected_edges:
            list_edge = self._reject_edge
        return list_edge(request, edge, grant)

    def _get_photo(self, request: Request, path: str) -> Response:
        fields = request.fields.get("fields", "id,name,created_time")
        for photo in self.photos:
            if photo_id(photo) == path:
                if ("images" in fields) == photo.is_video:
                    return _error(400, 100, "(#100) Tried accessing nonexisting field")
                return json_response(self._record(photo, fields))
        return _error(400, 100, "Unsupported get request. Object does not exist.")

    def _reject_edge(self, request: Request, edge: str, grant: Grant) -> Response:
        return _error(500, 1, "An unknown error occurred.")

    def _list_photos(self, request: Request, edge: str, grant: Grant) -> Response:
        """
        List photos or videos. Without the permission the list is empty.
        """
        limit = min(int(request.fields.get("limit") or 25), MAX_LIMIT)
        if limit > self.max_records:
            message = "Please reduce the amount of data you're asking for, then retry your request"
            return _error(500, 1, message)
        visible = request.fields.get("type") == "uploaded" and f"user_{edge}" in grant.scopes
        photos = [p for p in self.photos if visible and p.is_video == (edge == "videos")]
        photos.sort(key=lambda photo: photo.uploaded, reverse=True)
        after = request.fields.get("after", "")
        if after and not after.startswith("at-"):
            return _error(400, 100, "(#100) The after cursor specified is not valid")
        start, _, was_empty = after.removeprefix("at-").partition("-")
        begin = int(start or 0)
        if begin == 2 * limit and not was_empty:  # the empty page
            return self._page(request, [], f"at-{begin}-e")
        fields = request.fields.get("fields", "id,name,created_time")
        records = [self._record(photo, fields) for photo in photos[begin : begin + limit]]
        has_next = begin + limit < len(photos)
        return self._page(request, records, f"at-{begin + limit}" if has_next else "")

    def _list_posts(self, request: Request, edge: str, grant: Grant) -> Response:
        """
        List posts, newest first. The pages are positions in time. Without the permission the list
        is empty.
        """
        fields = request.fields
        limit = min(int(fields.get("limit") or 25), MAX_LIMIT)
        until = float(fields.get("until") or 2**40)
        listed = [
            post
            for post in sorted(self.posts, key=lambda post: post.created, reverse=True)
            if "user_posts" in grant.scopes and post.created.timestamp() <= until
        ]
        token = fields.get("__paging_token", "")
        ids = [post.id for post in listed]
        start = ids.index(token) + 1 if token in ids else 0
        page = listed[start : start + limit]
        if not page:
            return json_response({"data": []})
        names = fields.get("fields", "id,message,story,created_time")
        records = [_select_fields(post_record(post, USER), names) for post in page]
        return json_response({"data": records, "paging": self._time_paging(request, edge, page)})

    def _time_paging(self, request: Request, edge: str, page: list[FakePost]) -> dict[str, str]:
        query = {k: v for k, v in request.query.items() if k != "appsecret_proof"}
        query |= {"access_token": _get_token(request)}
        url = f"{self.url}{request.path.rpartition('/')[0]}/{edge}"
        first, last = page[0], page[-1]
        newer = {"since": int(first.created.timestamp()), "__paging_token": first.id}
        older = {"until": int(last.created.timestamp()), "__paging_token": last.id}
        return {
            "previous": f"{url}?{urlencode({**query, 'until': '', **newer, '__previous': 1})}",
            "next": f"{url}?{urlencode({**query, 'since': '', **older})}",
        }

    def _list_friends(self, request: Request, edge: str, grant: Grant) -> Response:
        """
        List the friends who use the application, too. Without the permission the list is empty.
        """
        if "user_friends" not in grant.scopes:
            return json_response({"data": []})
        names = request.fields.get("fields", "id,name")
        records = [_select_fields(self._friend_record(friend), names) for friend in self.friends]
        return json_response({"data": records, "summary": {"total_count": len(records) + 7}})

    def _friend_record(self, friend: FakeFriend) -> dict[str, Any]:
        expires = f"{int(self.now() + IMAGE_URL_TTL):X}"
        number = int(friend.id) % 1000
        url = f"{self.url}/cdn/{number}_50.jpg?_nc_cat=1&oh=0af0&oe={expires}"
        picture = {"data": {"height": 50, "width": 50, "is_silhouette": False, "url": url}}
        return {"id": friend.id, "name": friend.name, "picture": picture}

    def _page(self, request: Request, records: list[Any], after: str) -> Response:
        paging: dict[str, Any] = {}
        if self.sends_cursors:
            paging["cursors"] = {"before": "x", "after": after or "at-999999"}
        if after:
            query = {k: v for k, v in request.query.items() if k != "appsecret_proof"}
            query |= {"access_token": _get_token(request)}
            query |= {"after": after} if self.sends_after else {}
            paging["next"] = f"{self.url}{request.path}?{urlencode(query)}"
        if not records and not after:
            return json_response({"data": []})
        return json_response({"data": records, "paging": paging})

    def _record(self, photo: FakePhoto, fields: str) -> dict[str, Any]:
        record = self._video_record(photo) if photo.is_video else self._photo_record(photo)
        return _select_fields(record, fields)

    def _photo_record(self, photo: FakePhoto) -> dict[str, Any]:
        tags = " ".join(f"#{tag}" for tag in photo.tags)
        record: dict[str, Any] = {
            "id": photo_id(photo),
            "name": f"{photo.title} {tags}",
            "created_time": f"{photo.uploaded:%Y-%m-%dT%H:%M:%S%z}",
            "updated_time": f"{photo.changed:%Y-%m-%dT%H:%M:%S%z}",
            "from": USER,
            "link": f"https://www.facebook.com/photo.php?fbid={photo_id(photo)}",
            "images": [
                {"height": width * 3 // 4, "width": width, "source": self._image_url(photo, width)}
                for width in reversed(IMAGE_WIDTHS)
            ],
            "height": photo.height,
            "width": photo.width,
        }
        if photo.number % 2:
            record["backdated_time"] = f"{photo.taken:%Y-%m-%dT%H:%M:%S}+0000"
        if photo.album:
            privacy = "everyone" if photo.is_public else "friends"
            record["album"] = {"id": f"a{photo.album}", "name": photo.album, "privacy": privacy}
        if photo.place:
            latitude, longitude = photo.place
            location = {"latitude": latitude, "longitude": longitude}
            record["place"] = {"id": "1", "name": "Somewhere", "location": location}
        return record

    def _video_record(self, photo: FakePhoto) -> dict[str, Any]:
        return {
            "id": photo_id(photo),
            "title": photo.title,
            "description": " ".join(f"#{tag}" for tag in photo.tags),
            "created_time": f"{photo.uploaded:%Y-%m-%dT%H:%M:%S%z}",
            "updated_time": f"{photo.changed:%Y-%m-%dT%H:%M:%S%z}",
            "length": 12.5,
            "picture": self._image_url(photo, 130),
            "format": [
                {"filter": f"{width}", "width": width, "height": width, "picture": url}
                for width, url in ((width, self._image_url(photo, width)) for width in (130, 720))
            ],
            "permalink_url": f"/ada/videos/{photo_id(photo)}/",
            "from": USER,
            "privacy": {"value": "EVERYONE" if photo.is_public else "SELF"},
        }

    def _image_url(self, photo: FakePhoto, width: int) -> str:
        expires = f"{int(self.now() + IMAGE_URL_TTL):X}"
        return f"{self.url}/cdn/{photo.number}_{width}.jpg?_nc_cat=1&oh=0af0&oe={expires}"

    def _serve_image(self, request: Request) -> Response:
        name = request.path.removeprefix("/cdn/").removesuffix(".jpg")
        number, _, width = name.partition("_")
        if not number.isdigit():
            return html_page("Facebook", "<p>Home page</p>")
        if int(request.query.get("oe", "0"), 16) < self.now():
            return Response(status=403, body="URL signature expired")
        image = make_jpeg(int(number), int(width), int(width) * 3 // 4)
        return Response(body=image, type="image/jpeg")


def _select_fields(record: dict[str, Any], fields: str) -> dict[str, Any]:
    names = re.sub(r"\{[^}]*\}", "", fields).split(",")
    return {name: record[name] for name in {"id", *names} if name in record}


def photo_id(photo: FakePhoto) -> str:
    return str(336_000_000_000_000 + photo.number)


def _get_token(request: Request) -> str:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    return token or request.fields.get("access_token", "")


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _token_expired() -> Response:
    message = "Error validating access token: Session has expired."
    return _error(400, 190, message, error_subcode=463)


def _error(status: int, code: int, message: str, **details: Any) -> Response:
    error = {"message": message, "type": "OAuthException", "code": code, **details}
    return json_response({"error": error}, status)
