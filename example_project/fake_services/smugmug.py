"""
A fake SmugMug: OAuth, the API and the image host.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from .base import (
    FakeService,
    Request,
    Response,
    form_response,
    hidden_inputs,
    html_page,
    json_response,
    redirect,
)
from .oauth1 import OAuth1Provider, OAuthProblem, Token
from .photos import FakePhoto, make_jpeg, make_photos

NICKNAME, NAME = "ada", "Ada Lovelace"
MAX_COUNT = 1_000
SIZES = {"Tiny": 100, "Thumb": 150, "Small": 400, "Medium": 600, "Large": 800, "XLarge": 1024}
DEFAULT_ALBUM = "Unsorted"  # On SmugMug, each image is in an album.


class SmugMug(FakeService):
    """
    The account of one user. Private images are in the album "Private". The album "Favourites"
    contains images of other albums.
    """

    name = "smugmug"
    KEY, SECRET = "smugmug-key", "smugmug-secret"

    def __init__(self, photos: list[FakePhoto] | None = None) -> None:
        super().__init__()
        self.photos = make_photos(60, seed=2) if photos is None else photos
        self.provider = OAuth1Provider(self.KEY, self.SECRET)
        self.credentials = self.provider.credentials
        self.album_updates: dict[str, datetime] = {}
        self.favourites: list[FakePhoto] = self.photos[1:4]
        self.processing_numbers: set[int] = set()  # images that SmugMug still processes
        self.hidden_albums: set[str] = set()  # names of albums in a private folder
        self.remaining_calls = 100_000
        self.shuffles = False  # whether each response has another order

    @property
    def settings(self) -> dict[str, Any]:
        """
        The connector's settings for this service.
        """
        oauth = f"{self.url}/services/oauth/1.0a"
        return {
            "KEY": self.KEY,
            "SECRET": self.SECRET,
            "REQUEST_TOKEN_URL": f"{oauth}/getRequestToken",
            "AUTHORIZE_URL": f"{oauth}/authorize",
            "ACCESS_TOKEN_URL": f"{oauth}/getAccessToken",
            "API_URL": self.url,
            "MEDIA_HOSTS": (self.url.removeprefix("http://"),),
        }

    def revoke_all(self) -> None:
        self.provider.access_tokens.clear()

    @staticmethod
    def rate_limit_response() -> Response:
        return _error(429, "Too Many Requests", Retry_After="7")

    @staticmethod
    def unavailable_response() -> Response:
        return Response(status=503, body="<html>Back soon</html>", type="text/html")

    def is_api_call(self, request: Request) -> bool:
        return request.path.startswith("/api/")

    def handle(self, request: Request) -> Response:
        step = request.path.removeprefix("/services/oauth/1.0a/")
        try:
            if step == "getRequestToken":
                return form_response(self.provider.create_request_token(request))
            if step == "getAccessToken":
                return form_response(self.provider.create_access_token(request))
            if step == "authorize":
                return self._authorize(request)
            if request.path.startswith("/api/v2"):
                return self._handle_api_call(request)
            return self._serve_image(request)
        except OAuthProblem as problem:
            return _error(401, f"oauth_problem={problem.name}")

    def _authorize(self, request: Request) -> Response:
        key = request.fields.get("oauth_token", "")
        if key not in self.provider.request_tokens:
            return Response(status=404, body="Unknown request token.")
        if request.method != "POST":
            return html_page(
                "SmugMug",
                f"<p>An application requests read access to the galleries of {NAME}.</p>"
                f"<form method=post>{hidden_inputs(request.query)}"
                "<button name=decision value=allow>Authorize</button> "
                "<button name=decision value=deny>Cancel</button></form>",
            )
        if request.form.get("decision") != "allow":
            callback = self.provider.request_tokens.pop(key).callback
            return redirect(f"{callback}?oauth_token={key}")
        return redirect(self.provider.authorize(key, request.fields))

    def _serve_image(self, request: Request) -> Response:
        """
        Serve `/photos/i-KEY/0/SIZE/…`. A private image is empty if the request is not signed.
        """
        parts = request.path.split("/")
        photo = self._find_photo(parts[2].removeprefix("i-")) if len(parts) > 4 else None
        if photo is None:
            return html_page("SmugMug", "<p>Home page</p>")
        is_signed = "authorization" in request.headers and self.provider.authenticate(request)
        if not photo.is_public and not is_signed:
            return Response(type="image/jpeg")
        width = SIZES.get(parts[4], 1600)
        return Response(body=make_jpeg(photo.number, width, width * 3 // 4), type="image/jpeg")

    def _handle_api_call(self, request: Request) -> Response:
        token = self.provider.authenticate(request)
        if "application/json" not in request.headers.get("accept", ""):
            return Response(body="<html>SmugMug API</html>", type="text/html")
        path = request.path.removeprefix("/api/v2")
        if path == "!authuser":
            user = self._respond("User", self._user_record())
            return user if token else _error(401, "Unauthorized")
        if path == f"/user/{NICKNAME}!albums":
            albums = [self._album_record(name) for name in self._list_albums(token)]
            return self._list(request, "Album", albums)
        if path.startswith("/album/") and path.endswith("!images"):
            return self._list_images(request, path[7:-7], token)
        if path.startswith("/image/") and "-" not in path:
            return redirect(f"{request.path}-0")
        return _error(404, "Not Found")

    def _list_albums(self, token: Token | None) -> list[str]:
        names = sorted({_get_album(photo) for photo in self.photos} | {"Favourites"})
        has_full_access = token is not None and token.parameters.get("Access") == "Full"
        return [name for name in names if has_full_access or name != "Private"]

    def _get_album_photos(self, name: str) -> list[FakePhoto]:
        if name == "Favourites":
            return [photo for photo in self.favourites if photo in self.photos]
        return [photo for photo in self.photos if _get_album(photo) == name]

    def _list_images(self, request: Request, key: str, token: Token | None) -> Response:
        for name in self._list_albums(token):
            if album_key(name) == key:
                return self._list(request, "AlbumImage", self._get_album_photos(name), album=key)
        return _error(404, "Not Found")

    def _list(self, request: Request, locator: str, rows: list[Any], album: str = "") -> Response:
        """
        Return a page of rows under the name in `locator`, which is absent if the page is empty.
        """
        if self.shuffles:
            rows = random.sample(rows, len(rows))
        start = max(1, int(request.query.get("start") or 1))
        count = min(int(request.query.get("count") or 10), MAX_COUNT)
        part = rows[start - 1 : start - 1 + count]
        pages = {"Total": len(rows), "Start": start, "Count": len(part), "RequestedCount": count}
        if start - 1 + count < len(rows):
            query = "".join(
                f"&{name}={value}"
                for name, value in request.query.items()
                if name not in ("start", "count")
            )
            pages["NextPage"] = f"{request.path}?start={start + count}&count={count}{query}"
        expansions: dict[str, Any] = {}
        expand = request.query.get("_expand", "").split(",")
        if locator == "Album" and "Node" in expand:
            expansions = {row["Uris"]["Node"]["Uri"]: self._node_record(row) for row in part}
        if locator == "AlbumImage":
            for photo in part:
                expansions |= self._get_expansions(photo, expand)
            part = [self._image_record(photo, album) for photo in part]
        listing = {locator: part} if part else {}
        return self._respond(locator, listing, Pages=pages, expansions=expansions)

    def _respond(
        self, locator: str, data: dict[str, Any], expansions: Any = None, **details: Any
    ) -> Response:
        self.remaining_calls -= 1
        content = data if locator != "User" else {"User": data}
        body = {
            "Response": {"Locator": locator, "LocatorType": "Objects", **content, **details},
            "Code": 200,
            "Message": "Ok",
        }
        if expansions:
            body["Expansions"] = expansions
        return json_response(
            body,
            X_RateLimit_Remaining=str(self.remaining_calls),
            X_RateLimit_Reset=str(int(time.time()) + 3600),
        )

    def _user_record(self) -> dict[str, Any]:
        albums = {"Uri": f"/api/v2/user/{NICKNAME}!albums", "Locator": "Album"}
        return {
            "NickName": NICKNAME,
            "Name": NAME,
            "WebUri": f"https://{NICKNAME}.smugmug.com",
            "Uris": {"UserAlbums": albums},
        }

    def _album_record(self, name: str) -> dict[str, Any]:
        updated = self.album_updates.get(name, datetime(2010, 1, 1, tzinfo=UTC))
        return {
            "AlbumKey": album_key(name),
            "Name": name,
            "Title": name,
            "Privacy": "Private" if name == "Private" else "Public",
            "SecurityType": "Password" if name == "Private" else "None",
            "ImageCount": len(self._get_album_photos(name)),
            "LastUpdated": updated.isoformat(),
            "ImagesLastUpdated": updated.isoformat(),
            "WebUri": f"https://{NICKNAME}.smugmug.com/{name}",
            "Uris": {"Node": {"Uri": f"/api/v2/node/n{album_key(name)}", "Locator": "Node"}},
        }

    def _node_record(self, album: dict[str, Any]) -> dict[str, Any]:
        """
        Return an album's node, with the effective privacy of its folders.
        """
        is_hidden = album["Name"] in self.hidden_albums
        privacy = "Private" if is_hidden else album["Privacy"]
        effective = {"EffectivePrivacy": privacy, "EffectiveSecurityType": album["SecurityType"]}
        return {"Locator": "Node", "Node": {"Type": "Album", "Name": album["Name"], **effective}}

    def _image_record(self, photo: FakePhoto, album: str) -> dict[str, Any]:
        key = image_key(photo)
        latitude, longitude = photo.place or (0, 0)
        use_strings = photo.number % 2 == 0  # SmugMug's older records contain strings.
        return {
            "ImageKey": key,
            "Serial": 0,
            "Title": photo.title if photo.number % 11 else "",
            "FileName": f"DSC_{photo.number:04}.JPG",
            "Caption": photo.description,
            "Keywords": "; ".join(photo.tags),
            "KeywordArray": photo.tags,
            "Latitude": f"{latitude:.14f}" if use_strings else latitude,
            "Longitude": f"{longitude:.14f}" if use_strings else longitude,
            "Hidden": False,
            "Processing": photo.number in self.processing_numbers,
            "IsVideo": photo.is_video,
            "Format": "MP4" if photo.is_video else "JPG",
            "Date": photo.uploaded.isoformat(),
            "DateTimeUploaded": photo.uploaded.isoformat(),
            "LastUpdated": photo.changed.isoformat(),
            "OriginalWidth": photo.width,
            "OriginalHeight": photo.height,
            "ThumbnailUrl": f"{self.url}/photos/i-{key}/0/Thumb/i-{key}-Th.jpg",
            "ArchivedUri": f"{self.url}/photos/i-{key}/0/D/i-{key}-D.jpg",
            "WebUri": f"https://{NICKNAME}.smugmug.com/{album}/i-{key}",
            "Uris": {
                "ImageSizeDetails": {"Uri": f"/api/v2/image/{key}-0!sizedetails"},
                "ImageMetadata": {"Uri": f"/api/v2/image/{key}-0!metadata"},
                **({"LargestVideo": {"Uri": _video_uri(key)}} if photo.is_video else {}),
            },
        }

    def _get_expansions(self, photo: FakePhoto, expand: list[str]) -> dict[str, Any]:
        key, expansions = image_key(photo), {}
        if "ImageSizeDetails" in expand:
            sizes = {
                f"ImageSize{name}": {
                    "Url": f"{self.url}/photos/i-{key}/0/{name}/i-{key}.jpg",
                    "Width": width,
                    "Height": width * 3 // 4,
                }
                for name, width in SIZES.items()
            }
            expansions[f"/api/v2/image/{key}-0!sizedetails"] = {"ImageSizeDetails": sizes}
        if "ImageMetadata" in expand:
            expansions[f"/api/v2/image/{key}-0!metadata"] = {
                "ImageMetadata": {
                    "DateTimeCreated": f"{photo.taken:%Y-%m-%dT%H:%M:%S}",
                    "Make": "NIKON CORPORATION",
                    "Model": "NIKON D80",
                    "Lens": "18-70mm f/3.5-4.5",
                    "Exposure": "1/250",
                    "Aperture": "5.6",
                    "ISO": 200,
                    "FocalLength": "35.0 mm",
                }
            }
        if "LargestVideo" in expand and photo.is_video:
            url = f"{self.url}/photos/i-{key}/0/1280/i-{key}.mp4"
            expansions[_video_uri(key)] = {
                "LargestVideo": {"Url": url, "Ext": "mp4", "Duration": "12.5"}
            }
        return expansions

    def _find_photo(self, key: str) -> FakePhoto | None:
        return next((photo for photo in self.photos if image_key(photo) == key), None)


def album_key(name: str) -> str:
    return f"A{crc32(name.encode()):010}"


def image_key(photo: FakePhoto) -> str:
    return f"i{photo.number:06}"


def _video_uri(key: str) -> str:
    return f"/api/v2/image/{key}-0!largestvideo"


def _get_album(photo: FakePhoto) -> str:
    return (photo.album or DEFAULT_ALBUM) if photo.is_public else "Private"


def _error(status: int, message: str, **headers: str) -> Response:
    return json_response({"Code": status, "Message": message}, status, **headers)
