"""
A stand-in for SmugMug.
"""

from __future__ import annotations

import html
import time
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from .library import Shot, drawn, shots
from .oauth1 import Leave, Problem, Provider
from .web import Answer, Request, StandIn, form, json_answer, page, redirect

__all__ = ["SmugMug", "album_key", "image_key"]

NICK, NAME = "ada", "Ada Lovelace"
MOST = 1_000
SIZES = {"Tiny": 100, "Thumb": 150, "Small": 400, "Medium": 600, "Large": 800, "XLarge": 1024}
LOOSE = "Unsorted"  # an image is always in an album


class SmugMug(StandIn):
    """
    One person's account. What isn't public is in the album "Private"; "Favourites" collects images
    of the other albums.
    """

    name = "smugmug"
    KEY, SECRET = "smugmug-key", "smugmug-secret"

    def __init__(self, library: list[Shot] | None = None) -> None:
        super().__init__()
        self.library = shots(60, seed=2) if library is None else library
        self.provider = Provider(self.KEY, self.SECRET)
        self.touched: dict[str, datetime] = {}
        self.favourites: list[Shot] = self.library[1:4]
        self.processing: set[int] = set()
        self.in_hidden_folder: set[str] = set()  # names of albums
        self.calls_left = 100_000

    @property
    def settings(self) -> dict[str, Any]:
        """
        What a Trove has to know to ask this one.
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

    def revoke_everything(self) -> None:
        """
        The person takes back what they allowed.
        """
        self.provider.granted.clear()

    @staticmethod
    def rate_limited() -> Answer:
        """
        Too many calls.
        """
        return _error(429, "Too Many Requests", Retry_After="7")

    @staticmethod
    def down() -> Answer:
        """
        Out of order, in HTML.
        """
        return Answer(status=503, body="<html>Back soon</html>", type="text/html")

    def is_call(self, request: Request) -> bool:
        return request.path.startswith("/api/")

    def answer(self, request: Request) -> Answer:
        step = request.path.removeprefix("/services/oauth/1.0a/")
        try:
            if step == "getRequestToken":
                return form(self.provider.request_token(request))
            if step == "getAccessToken":
                return form(self.provider.access_token(request))
            if step == "authorize":
                return self._authorize(request)
            if request.path.startswith("/api/v2"):
                return self._called(request)
            return self._picture(request)
        except Problem as problem:
            return _error(401, f"oauth_problem={problem.name}")

    def _authorize(self, request: Request) -> Answer:
        key = request.fields.get("oauth_token", "")
        if key not in self.provider.requested:
            return Answer(status=404, body="No such request.")
        if request.method != "POST":
            hidden = "".join(
                f'<input type=hidden name="{html.escape(n)}" value="{html.escape(v)}">'
                for n, v in request.query.items()
            )
            return page(
                "SmugMug",
                f"<p>An application wants to read {NAME}'s galleries.</p>"
                f"<form method=post>{hidden}<button name=say value=yes>Authorize</button> "
                "<button name=say value=no>Cancel</button></form>",
            )
        if request.form.get("say") != "yes":
            callback = self.provider.requested.pop(key).callback
            return redirect(f"{callback}?oauth_token={key}")
        return redirect(self.provider.allow(key, request.fields))

    def _picture(self, request: Request) -> Answer:
        """
        /photos/i-KEY/0/SIZE/…: what isn't public comes empty to those who don't sign.
        """
        parts = request.path.split("/")
        shot = self._shot(parts[2].removeprefix("i-")) if len(parts) > 4 else None
        if shot is None:
            return page("SmugMug", "<p>The home page.</p>")
        signed = "authorization" in request.headers and self.provider.leave_of(request)
        if not shot.is_public and not signed:
            return Answer(type="image/jpeg")
        side = SIZES.get(parts[4], 1600)
        return Answer(body=drawn(shot.number, side, side * 3 // 4), type="image/jpeg")

    def _called(self, request: Request) -> Answer:
        leave = self.provider.leave_of(request)
        if "application/json" not in request.headers.get("accept", ""):
            return Answer(body="<html>SmugMug API</html>", type="text/html")
        path = request.path.removeprefix("/api/v2")
        if path == "!authuser":
            return self._answered("User", self._user()) if leave else _error(401, "Unauthorized")
        if path == f"/user/{NICK}!albums":
            return self._list(request, "Album", [self._album(name) for name in self._names(leave)])
        if path.startswith("/album/") and path.endswith("!images"):
            return self._images(request, path[7:-7], leave)
        if path.startswith("/image/") and "-" not in path:
            return redirect(f"{request.path}-0")
        return _error(404, "Not Found")

    def _names(self, leave: Leave | None) -> list[str]:
        names = sorted({_album_of(shot) for shot in self.library} | {"Favourites"})
        everything = leave is not None and leave.asked.get("Access") == "Full"
        return [name for name in names if everything or name != "Private"]

    def _inside(self, name: str) -> list[Shot]:
        if name == "Favourites":
            return [shot for shot in self.favourites if shot in self.library]
        return [shot for shot in self.library if _album_of(shot) == name]

    def _images(self, request: Request, key: str, leave: Leave | None) -> Answer:
        for name in self._names(leave):
            if album_key(name) == key:
                return self._list(request, "AlbumImage", self._inside(name), album=key)
        return _error(404, "Not Found")

    def _list(self, request: Request, locator: str, rows: list[Any], album: str = "") -> Answer:
        """
        The list's name is the locator, and it is missing where the list is empty.
        """
        start = max(1, int(request.query.get("start") or 1))
        count = min(int(request.query.get("count") or 10), MOST)
        part = rows[start - 1 : start - 1 + count]
        pages = {"Total": len(rows), "Start": start, "Count": len(part), "RequestedCount": count}
        if start - 1 + count < len(rows):
            more = "".join(
                f"&{name}={value}"
                for name, value in request.query.items()
                if name not in ("start", "count")
            )
            pages["NextPage"] = f"{request.path}?start={start + count}&count={count}{more}"
        expansions: dict[str, Any] = {}
        wanted = request.query.get("_expand", "").split(",")
        if locator == "Album" and "Node" in wanted:
            expansions = {row["Uris"]["Node"]["Uri"]: self._node(row) for row in part}
        if locator == "AlbumImage":
            for shot in part:
                expansions |= self._expansions(shot, wanted)
            part = [self._image(shot, album) for shot in part]
        listing = {locator: part} if part else {}
        return self._answered(locator, listing, Pages=pages, expansions=expansions)

    def _answered(
        self, locator: str, found: dict[str, Any], expansions: Any = None, **more: Any
    ) -> Answer:
        self.calls_left -= 1
        said = found if locator != "User" else {"User": found}
        body = {
            "Response": {"Locator": locator, "LocatorType": "Objects", **said, **more},
            "Code": 200,
            "Message": "Ok",
        }
        if expansions:
            body["Expansions"] = expansions
        return json_answer(
            body,
            X_RateLimit_Remaining=str(self.calls_left),
            X_RateLimit_Reset=str(int(time.time()) + 3600),
        )

    def _user(self) -> dict[str, Any]:
        albums = {"Uri": f"/api/v2/user/{NICK}!albums", "Locator": "Album"}
        return {
            "NickName": NICK,
            "Name": NAME,
            "WebUri": f"https://{NICK}.smugmug.com",
            "Uris": {"UserAlbums": albums},
        }

    def _album(self, name: str) -> dict[str, Any]:
        updated = self.touched.get(name, datetime(2010, 1, 1, tzinfo=UTC))
        return {
            "AlbumKey": album_key(name),
            "Name": name,
            "Title": name,
            "Privacy": "Private" if name == "Private" else "Public",
            "SecurityType": "Password" if name == "Private" else "None",
            "ImageCount": len(self._inside(name)),
            "LastUpdated": updated.isoformat(),
            "ImagesLastUpdated": updated.isoformat(),
            "WebUri": f"https://{NICK}.smugmug.com/{name}",
            "Uris": {"Node": {"Uri": f"/api/v2/node/n{album_key(name)}", "Locator": "Node"}},
        }

    def _node(self, album: dict[str, Any]) -> dict[str, Any]:
        """
        What the folders around an album come to.
        """
        hidden = album["Name"] in self.in_hidden_folder
        privacy = "Private" if hidden else album["Privacy"]
        effective = {"EffectivePrivacy": privacy, "EffectiveSecurityType": album["SecurityType"]}
        return {"Locator": "Node", "Node": {"Type": "Album", "Name": album["Name"], **effective}}

    def _image(self, shot: Shot, album: str) -> dict[str, Any]:
        key = image_key(shot)
        latitude, longitude = shot.place or (0, 0)
        texts = shot.number % 2 == 0  # older records have texts for places
        return {
            "ImageKey": key,
            "Serial": 0,
            "Title": shot.title if shot.number % 11 else "",
            "FileName": f"DSC_{shot.number:04}.JPG",
            "Caption": shot.description,
            "Keywords": "; ".join(shot.tags),
            "KeywordArray": shot.tags,
            "Latitude": f"{latitude:.14f}" if texts else latitude,
            "Longitude": f"{longitude:.14f}" if texts else longitude,
            "Hidden": False,
            "Processing": shot.number in self.processing,
            "IsVideo": shot.is_video,
            "Format": "MP4" if shot.is_video else "JPG",
            "Date": shot.uploaded.isoformat(),
            "DateTimeUploaded": shot.uploaded.isoformat(),
            "LastUpdated": shot.changed.isoformat(),
            "OriginalWidth": shot.width,
            "OriginalHeight": shot.height,
            "ThumbnailUrl": f"{self.url}/photos/i-{key}/0/Thumb/i-{key}-Th.jpg",
            "ArchivedUri": f"{self.url}/photos/i-{key}/0/D/i-{key}-D.jpg",
            "WebUri": f"https://{NICK}.smugmug.com/{album}/i-{key}",
            "Uris": {
                "ImageSizeDetails": {"Uri": f"/api/v2/image/{key}-0!sizedetails"},
                "ImageMetadata": {"Uri": f"/api/v2/image/{key}-0!metadata"},
                **({"LargestVideo": {"Uri": _video(key)}} if shot.is_video else {}),
            },
        }

    def _expansions(self, shot: Shot, wanted: list[str]) -> dict[str, Any]:
        key, found = image_key(shot), {}
        if "ImageSizeDetails" in wanted:
            sizes = {
                f"ImageSize{name}": {
                    "Url": f"{self.url}/photos/i-{key}/0/{name}/i-{key}.jpg",
                    "Width": side,
                    "Height": side * 3 // 4,
                }
                for name, side in SIZES.items()
            }
            found[f"/api/v2/image/{key}-0!sizedetails"] = {"ImageSizeDetails": sizes}
        if "ImageMetadata" in wanted:
            taken = {"DateTimeCreated": f"{shot.taken:%Y-%m-%dT%H:%M:%S}"}
            found[f"/api/v2/image/{key}-0!metadata"] = {"ImageMetadata": taken}
        if "LargestVideo" in wanted and shot.is_video:
            url = f"{self.url}/photos/i-{key}/0/1280/i-{key}.mp4"
            found[_video(key)] = {"LargestVideo": {"Url": url, "Ext": "mp4", "Duration": "12.5"}}
        return found

    def _shot(self, key: str) -> Shot | None:
        return next((shot for shot in self.library if image_key(shot) == key), None)


def album_key(name: str) -> str:
    return f"A{crc32(name.encode()):010}"


def image_key(shot: Shot) -> str:
    return f"i{shot.number:06}"


def _video(key: str) -> str:
    return f"/api/v2/image/{key}-0!largestvideo"


def _album_of(shot: Shot) -> str:
    return (shot.album or LOOSE) if shot.is_public else "Private"


def _error(status: int, message: str, **headers: str) -> Answer:
    return json_answer({"Code": status, "Message": message}, status, **headers)
