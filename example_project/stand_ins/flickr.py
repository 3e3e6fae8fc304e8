"""
A stand-in for Flickr.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import quoteattr
from zlib import crc32

from .flickr_details import FULLNAME, NSID, SIZES, USERNAME, info, licenses, person, photo_id, sizes
from .library import Shot, drawn, shots
from .oauth1 import Leave, Problem, Provider
from .web import Answer, Request, StandIn, form, json_answer, page, redirect

__all__ = ["FULLNAME", "NSID", "SIZES", "USERNAME", "Flickr", "photo_id", "set_id"]

SEARCH_CAP = 4_000
ABSENT = {
    "flickr.photosets.getPhotos": (1, "Photoset not found"),
    "flickr.photos.getInfo": (1, "Photo not found (invalid ID)"),
    "flickr.photos.getSizes": (1, "Photo not found (invalid ID)"),
}


PUBLIC = frozenset(
    {
        "flickr.people.getInfo",
        "flickr.photos.getInfo",
        "flickr.photos.getSizes",
        "flickr.photos.licenses.getInfo",
    }
)
"""What anybody may ask who has a key."""


class Failed(Exception):
    """
    An error of the interface.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Flickr(StandIn):
    """
    One person's account, at `library`. Ids are 50,000,000,000 and the picture's number.
    """

    name = "flickr"
    KEY, SECRET = "flickr-key", "flickr-secret"

    def __init__(self, library: list[Shot] | None = None) -> None:
        super().__init__()
        self.library = shots(60) if library is None else library
        self.provider = Provider(self.KEY, self.SECRET)
        self.touched: dict[str, datetime] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """
        What a Trove has to know to ask this one.
        """
        return {
            "KEY": self.KEY,
            "SECRET": self.SECRET,
            "REQUEST_TOKEN_URL": f"{self.url}/services/oauth/request_token",
            "AUTHORIZE_URL": f"{self.url}/services/oauth/authorize",
            "ACCESS_TOKEN_URL": f"{self.url}/services/oauth/access_token",
            "API_URL": f"{self.url}/services/rest/",
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
        words = "<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests.\n"
        return Answer(status=429, body=words, type="text/html")

    @staticmethod
    def down() -> Answer:
        """
        Out of order, with a status of 200.
        """
        words = "Sorry, the Flickr API service is not currently available."
        return json_answer({"stat": "fail", "code": 201, "message": words})

    def is_call(self, request: Request) -> bool:
        return request.path.startswith("/services/rest")

    def answer(self, request: Request) -> Answer:
        path = request.path.rstrip("/")
        try:
            if path == "/services/oauth/request_token":
                return form(self.provider.request_token(request))
            if path == "/services/oauth/access_token":
                token = self.provider.access_token(request)
                person = {"fullname": FULLNAME, "user_nsid": NSID, "username": USERNAME}
                return form({**person, **token})
            if path == "/services/oauth/authorize":
                return self._authorize(request)
            if path == "/services/rest":
                return self._rest(request)
        except Problem as problem:
            status = 400 if problem.name == "parameter_absent" else 401
            words = f"oauth_problem={problem.name}&debug_sbs={request.method}&{request.url}"
            return Answer(status=status, body=words)
        return self._picture(path)

    def _authorize(self, request: Request) -> Answer:
        key = request.fields.get("oauth_token", "")
        if key not in self.provider.requested:
            return Answer(status=404, body="No such request.")
        if request.method != "POST":
            return page(
                "Flickr",
                f"<p>An application wants to read all that {FULLNAME} has here.</p>"
                "<form method=post>"
                f'<input type=hidden name=oauth_token value="{html.escape(key)}">'
                "<button name=say value=yes>OK, I'll authorize it</button> "
                "<button name=say value=no>No, thanks</button></form>",
            )
        if request.form.get("say") != "yes":
            return redirect(f"{self.url}/")  # Flickr sends nobody back who says no
        return redirect(self.provider.allow(key, request.fields))

    def _picture(self, path: str) -> Answer:
        name = path.rpartition("/")[2]
        number, _, size = name.removesuffix(".jpg").partition("_")
        if not number.isdigit():
            return page("Flickr", "<p>The home page.</p>")
        side = SIZES.get(size, 1600)
        picture = drawn(int(number) % 1_000_000, side, side * 3 // 4)
        return Answer(body=picture, type="image/jpeg")

    def _rest(self, request: Request) -> Answer:
        said = {**request.fields, **self.provider.parameters(request)}
        as_json = said.get("format") == "json"
        try:
            found = self._called(request, said)
        except Problem as problem:
            if problem.name != "token_rejected":
                raise
            failed = Failed(98, "Invalid auth token")
        except Failed as error:
            failed = error
        else:
            return json_answer({**found, "stat": "ok"}) if as_json else _xml(found)
        if as_json:
            return json_answer({"stat": "fail", "code": failed.code, "message": str(failed)})
        words = f'<err code="{failed.code}" msg={quoteattr(str(failed))} />'
        return Answer(body=f'<rsp stat="fail">{words}</rsp>', type="text/xml; charset=utf-8")

    def _called(self, request: Request, said: Mapping[str, str]) -> dict[str, Any]:
        leave: Leave | None = None
        if said.get("oauth_token"):
            leave = self.provider.leave_of(request)
        elif said.get("api_key", said.get("oauth_consumer_key")) != self.KEY:
            raise Failed(100, "Invalid API Key (Key has invalid format)")
        method = said.get("method", "")
        call = {
            "flickr.test.login": self._login,
            "flickr.auth.oauth.checkToken": self._token,
            "flickr.people.getInfo": self._person,
            "flickr.people.getPhotos": self._everything,
            "flickr.photos.search": self._searched,
            "flickr.photos.recentlyUpdated": self._updated,
            "flickr.photos.getNotInSet": self._loose,
            "flickr.photosets.getList": self._sets,
            "flickr.photosets.getPhotos": self._in_set,
            "flickr.photos.getInfo": self._info,
            "flickr.photos.getSizes": self._sizes,
            "flickr.photos.licenses.getInfo": lambda said: licenses(),
        }.get(method)
        if call is None:
            raise Failed(112, f'Method "{method}" not found')
        if leave is None and method not in PUBLIC:
            raise Failed(99, "Insufficient permissions. Method requires read privileges.")
        return call({**said, "owner": "yes" if leave else ""})

    def _login(self, said: Mapping[str, str]) -> dict[str, Any]:
        return {"user": {"id": NSID, "username": {"_content": USERNAME}}}

    def _token(self, said: Mapping[str, str]) -> dict[str, Any]:
        person = {"nsid": NSID, "username": USERNAME, "fullname": FULLNAME}
        token = {"_content": said.get("oauth_token")}
        return {"oauth": {"token": token, "perms": {"_content": "read"}, "user": person}}

    def _person(self, said: Mapping[str, str]) -> dict[str, Any]:
        if said.get("user_id") not in ("me", NSID):
            raise Failed(1, "User not found")
        return {"person": person(len(self.library))}

    def _everything(self, said: Mapping[str, str]) -> dict[str, Any]:
        if said.get("user_id") not in ("me", NSID):
            raise Failed(2, "Unknown user")
        return {"photos": self._page(said, self._newest(said))}

    def _newest(self, said: Mapping[str, str]) -> list[Shot]:
        until = int(said.get("max_upload_date") or 2**40)
        since = int(said.get("min_upload_date") or 0)
        chosen = (shot for shot in self.library if since <= _stamp(shot.uploaded) <= until)
        return sorted(chosen, key=lambda shot: (shot.uploaded, shot.number), reverse=True)

    def _searched(self, said: Mapping[str, str]) -> dict[str, Any]:
        return {"photos": self._page(said, self._newest(said), cap=SEARCH_CAP)}

    def _updated(self, said: Mapping[str, str]) -> dict[str, Any]:
        if not said.get("min_date"):
            raise Failed(1, "Required argument missing.")
        since = int(said["min_date"])
        chosen = (shot for shot in self.library if _stamp(shot.changed) >= since)
        newest = sorted(chosen, key=lambda shot: shot.changed, reverse=True)
        return {"photos": self._page(said, newest)}

    def _loose(self, said: Mapping[str, str]) -> dict[str, Any]:
        return {"photos": self._page(said, [shot for shot in self.library if not shot.album])}

    def _sets(self, said: Mapping[str, str]) -> dict[str, Any]:
        names = sorted({shot.album for shot in self.library if shot.album})
        listed = [
            {
                "id": set_id(name),
                "photos": sum(shot.album == name for shot in self.library),
                "title": {"_content": name},
                "description": {"_content": ""},
                "date_update": str(_stamp(self._touched(name))),
            }
            for name in names
        ]
        return {"photosets": {"page": 1, "pages": 1, "total": len(listed), "photoset": listed}}

    def _touched(self, name: str) -> datetime:
        first = datetime(2010, 1, 1, tzinfo=UTC)
        return self.touched.get(name, first)

    def _in_set(self, said: Mapping[str, str]) -> dict[str, Any]:
        wanted = said.get("photoset_id")
        inside = [shot for shot in self.library if shot.album and set_id(shot.album) == wanted]
        if not inside:
            raise Failed(*ABSENT["flickr.photosets.getPhotos"])
        listing = self._page({**said, "extras": ""}, inside)
        for record in listing["photo"]:
            del record["owner"]
        return {"photoset": {"id": wanted, "owner": NSID, "ownername": FULLNAME, **listing}}

    def _info(self, said: Mapping[str, str]) -> dict[str, Any]:
        return {"photo": info(self._one(said))}

    def _sizes(self, said: Mapping[str, str]) -> dict[str, Any]:
        return {"sizes": sizes(self._one(said), self.url)}

    def _one(self, said: Mapping[str, str]) -> Shot:
        """
        What others may not see is not there for them.
        """
        for shot in self.library:
            if photo_id(shot) == said.get("photo_id") and (shot.is_public or said["owner"]):
                return shot
        raise Failed(*ABSENT[said["method"]])

    def _page(
        self, said: Mapping[str, str], chosen: list[Shot], cap: int | None = None
    ) -> dict[str, Any]:
        """
        Beyond the last page comes the last page again.
        """
        size = min(int(said.get("per_page") or 100), 500)
        reached = chosen[:cap]
        pages = max(1, -(-len(reached) // size))
        number = min(max(1, int(said.get("page") or 1)), pages)
        part = reached[(number - 1) * size : number * size]
        extras = said.get("extras", "").split(",")
        return {
            "page": number,
            "pages": str(pages),  # now a text and now a number, as there
            "perpage": size,
            "total": str(len(chosen)),
            "photo": [_record(shot, extras, self.url) for shot in part],
        }


def set_id(name: str) -> str:
    return f"7215766{crc32(name.encode()):010}"


def _record(shot: Shot, extras: Iterable[str], url: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": photo_id(shot),
        "owner": NSID,
        "secret": "78f161da4d",
        "server": "65535",
        "farm": 66,
        "title": shot.title,
        "ispublic": int(shot.is_public),
        "isfriend": 0,
        "isfamily": 0,
    }
    more = _extras(shot, url)
    for extra in extras:
        record.update(more.get(extra.strip(), {}))
    return record


def _extras(shot: Shot, url: str) -> dict[str, dict[str, Any]]:
    latitude, longitude = shot.place or (0, 0)
    sizes = {
        f"url_{size}": {
            f"url_{size}": f"{url}/65535/{photo_id(shot)}_{size}.jpg",
            f"width_{size}": str(side),
            f"height_{size}": side * 3 // 4,
        }
        for size, side in SIZES.items()
    }
    return {
        **sizes,
        "url_o": _original(shot, url) if shot.is_public else {},
        "description": {"description": {"_content": shot.description}},
        "license": {"license": str(shot.license)},
        "date_upload": {"dateupload": str(_stamp(shot.uploaded))},
        "last_update": {"lastupdate": _stamp(shot.changed)},
        "date_taken": {
            "datetaken": f"{shot.taken:%Y-%m-%d %H:%M:%S}",
            "datetakengranularity": "0",
            "datetakenunknown": 0,
        },
        "owner_name": {"ownername": FULLNAME},
        "path_alias": {"pathalias": None},
        "tags": {"tags": " ".join(shot.tags)},
        "machine_tags": {"machine_tags": ""},
        "o_dims": {"o_width": str(shot.width), "o_height": str(shot.height)},
        "media": {"media": "video" if shot.is_video else "photo", "media_status": "ready"},
        "geo": {
            "latitude": latitude,
            "longitude": str(longitude) if shot.place else 0,
            "accuracy": "16" if shot.place else 0,
            "context": 0,
        },
    }


def _original(shot: Shot, url: str) -> dict[str, Any]:
    size = {"width_o": str(shot.width), "height_o": str(shot.height)}
    return {"url_o": f"{url}/65535/{photo_id(shot)}_o.jpg", **size}


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def _xml(found: Mapping[str, Any]) -> Answer:
    content = "".join(_element(name, value) for name, value in found.items())
    words = f'<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">{content}</rsp>'
    return Answer(body=words, type="text/xml; charset=utf-8")


def _element(name: str, value: Any) -> str:
    """
    JSON's "_content" is XML's text, its lists are elements, and all else is attributes.
    """
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{html.escape(str(value))}</{name}>"
    plain = {key: one for key, one in value.items() if not isinstance(one, (dict, list))}
    text = html.escape(str(plain.pop("_content", "")))
    attributes = "".join(
        f" {key}={quoteattr('' if one is None else str(one))}" for key, one in plain.items()
    )
    inside = "".join(
        _element(key, one) for key, one in value.items() if isinstance(one, (dict, list))
    )
    return f"<{name}{attributes}>{text}{inside}</{name}>"
