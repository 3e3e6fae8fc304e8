"""
A fake Flickr: OAuth, the REST API and the image host.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import quoteattr
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
from .flickr_data import (
    FULL_NAME,
    NSID,
    SIZES,
    USERNAME,
    get_info,
    get_licenses,
    get_person,
    get_sizes,
    make_contacts,
    photo_id,
    timestamp,
)
from .oauth1 import OAuth1Provider, OAuthProblem, Token
from .photos import FakePhoto, make_jpeg, make_photos

SEARCH_LIMIT = 4_000
MAX_PER_PAGE = 500
NOT_FOUND = {
    "flickr.photosets.getPhotos": (1, "Photoset not found"),
    "flickr.photos.getInfo": (1, "Photo not found (invalid ID)"),
    "flickr.photos.getSizes": (1, "Photo not found (invalid ID)"),
}
PUBLIC_METHODS = frozenset(
    {
        "flickr.people.getInfo",
        "flickr.photos.getInfo",
        "flickr.photos.getSizes",
        "flickr.photos.licenses.getInfo",
    }
)
"""Methods that require an API key but no token."""


class APIError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Flickr(FakeService):
    """
    The account of one user. A photo's id is 50,000,000,000 plus its number.
    """

    name = "flickr"
    KEY, SECRET = "flickr-key", "flickr-secret"

    def __init__(self, photos: list[FakePhoto] | None = None) -> None:
        super().__init__()
        self.photos = make_photos(60) if photos is None else photos
        self.provider = OAuth1Provider(self.KEY, self.SECRET)
        self.credentials = self.provider.credentials
        self.album_updates: dict[str, datetime] = {}
        self.omitted_numbers: set[int] = set()  # photos that are counted, but not listed
        self.contacts = make_contacts()
        self.rejects_contacts = False

    @property
    def settings(self) -> dict[str, Any]:
        """
        The connector's settings for this service.
        """
        return {
            "KEY": self.KEY,
            "SECRET": self.SECRET,
            "REQUEST_TOKEN_URL": f"{self.url}/services/oauth/request_token",
            "AUTHORIZE_URL": f"{self.url}/services/oauth/authorize",
            "ACCESS_TOKEN_URL": f"{self.url}/services/oauth/access_token",
            "API_URL": f"{self.url}/services/rest/",
            "MEDIA_HOSTS": (self.url.removeprefix("http://"),),
            "ICON_URL": f"{self.url}/{{server}}/buddyicons/{{nsid}}.jpg",
            **self.options,
        }

    def revoke_all(self) -> None:
        self.provider.access_tokens.clear()

    @staticmethod
    def rate_limit_response() -> Response:
        message = "<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests.\n"
        return Response(status=429, body=message, type="text/html")

    @staticmethod
    def unavailable_response() -> Response:
        message = "Sorry, the Flickr API service is not currently available."
        return json_response({"stat": "fail", "code": 201, "message": message})

    def is_api_call(self, request: Request) -> bool:
        return request.path.startswith("/services/rest")

    def handle(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        try:
            if path == "/services/oauth/request_token":
                return form_response(self.provider.create_request_token(request))
            if path == "/services/oauth/access_token":
                token = self.provider.create_access_token(request)
                user = {"fullname": FULL_NAME, "user_nsid": NSID, "username": USERNAME}
                return form_response({**user, **token})
            if path == "/services/oauth/authorize":
                return self._authorize(request)
            if path == "/services/rest":
                return self._handle_rest(request)
        except OAuthProblem as problem:
            status = 400 if problem.name == "parameter_absent" else 401
            body = f"oauth_problem={problem.name}&debug_sbs={request.method}&{request.url}"
            return Response(status=status, body=body)
        return self._serve_image(path)

    def _authorize(self, request: Request) -> Response:
        key = request.fields.get("oauth_token", "")
        if key not in self.provider.request_tokens:
            return Response(status=404, body="Unknown request token.")
        if request.method != "POST":
            return html_page(
                "Flickr",
                f"<p>An application requests read access to all photos of {FULL_NAME}.</p>"
                f"<form method=post>{hidden_inputs({'oauth_token': key})}"
                "<button name=decision value=allow>OK, I'll authorize it</button> "
                "<button name=decision value=deny>No, thanks</button></form>",
            )
        if request.form.get("decision") != "allow":
            return redirect(f"{self.url}/")  # After a denial Flickr does not use the callback.
        return redirect(self.provider.authorize(key, request.fields))

    def _serve_image(self, path: str) -> Response:
        name = path.rpartition("/")[2]
        if "/buddyicons/" in path:
            return Response(body=make_jpeg(crc32(name.encode()), 48, 48), type="image/jpeg")
        number, _, size = name.removesuffix(".jpg").partition("_")
        if not number.isdigit():
            return html_page("Flickr", "<p>Home page</p>")
        width = SIZES.get(size, 1600)
        image = make_jpeg(int(number) % 1_000_000, width, width * 3 // 4)
        return Response(body=image, type="image/jpeg")

    def _handle_rest(self, request: Request) -> Response:
        args = {**request.fields, **self.provider.get_parameters(request)}
        as_json = args.get("format") == "json"
        try:
            data = self._call_method(request, args)
        except OAuthProblem as problem:
            if problem.name != "token_rejected":
                raise
            error = APIError(98, "Invalid auth token")
        except APIError as api_error:
            error = api_error
        else:
            return json_response({**data, "stat": "ok"}) if as_json else _xml_response(data)
        if as_json:
            return json_response({"stat": "fail", "code": error.code, "message": str(error)})
        element = f'<err code="{error.code}" msg={quoteattr(str(error))} />'
        return Response(body=f'<rsp stat="fail">{element}</rsp>', type="text/xml; charset=utf-8")

    def _call_method(self, request: Request, args: Mapping[str, str]) -> dict[str, Any]:
        token: Token | None = None
        if args.get("oauth_token"):
            token = self.provider.authenticate(request)
        elif args.get("api_key", args.get("oauth_consumer_key")) != self.KEY:
            raise APIError(100, "Invalid API Key (Key has invalid format)")
        method = args.get("method", "")
        function = {
            "flickr.test.login": self._test_login,
            "flickr.auth.oauth.checkToken": self._check_token,
            "flickr.people.getInfo": self._get_person,
            "flickr.people.getPhotos": self._get_photos,
            "flickr.photos.search": self._search,
            "flickr.photos.recentlyUpdated": self._get_updated,
            "flickr.photos.getNotInSet": self._get_not_in_set,
            "flickr.photosets.getList": self._get_sets,
            "flickr.photosets.getPhotos": self._get_set_photos,
            "flickr.contacts.getList": self._get_contacts,
            "flickr.photos.getInfo": self._get_info,
            "flickr.photos.getSizes": self._get_sizes,
            "flickr.photos.licenses.getInfo": lambda args: get_licenses(),
        }.get(method)
        if function is None:
            raise APIError(112, f'Method "{method}" not found')
        if token is None and method not in PUBLIC_METHODS:
            raise APIError(99, "Insufficient permissions. Method requires read privileges.")
        return function({**args, "owner": "yes" if token else ""})

    def _test_login(self, args: Mapping[str, str]) -> dict[str, Any]:
        return {"user": {"id": NSID, "username": {"_content": USERNAME}}}

    def _check_token(self, args: Mapping[str, str]) -> dict[str, Any]:
        user = {"nsid": NSID, "username": USERNAME, "fullname": FULL_NAME}
        token = {"_content": args.get("oauth_token")}
        return {"oauth": {"token": token, "perms": {"_content": "read"}, "user": user}}

    def _get_person(self, args: Mapping[str, str]) -> dict[str, Any]:
        if args.get("user_id") not in ("me", NSID):
            raise APIError(1, "User not found")
        return {"person": get_person(len(self.photos))}

    def _get_photos(self, args: Mapping[str, str]) -> dict[str, Any]:
        if args.get("user_id") not in ("me", NSID):
            raise APIError(2, "Unknown user")
        return {"photos": self._page(args, self._sort_newest_first(args))}

    def _sort_newest_first(self, args: Mapping[str, str]) -> list[FakePhoto]:
        until = int(args.get("max_upload_date") or 2**40)
        since = int(args.get("min_upload_date") or 0)
        photos = (photo for photo in self.photos if since <= timestamp(photo.uploaded) <= until)
        return sorted(photos, key=lambda photo: (photo.uploaded, photo.number), reverse=True)

    def _search(self, args: Mapping[str, str]) -> dict[str, Any]:
        return {"photos": self._page(args, self._sort_newest_first(args), limit=SEARCH_LIMIT)}

    def _get_updated(self, args: Mapping[str, str]) -> dict[str, Any]:
        if not args.get("min_date"):
            raise APIError(1, "Required argument missing.")
        since = int(args["min_date"])
        photos = (photo for photo in self.photos if timestamp(photo.changed) >= since)
        newest = sorted(photos, key=lambda photo: photo.changed, reverse=True)
        return {"photos": self._page(args, newest)}

    def _get_not_in_set(self, args: Mapping[str, str]) -> dict[str, Any]:
        return {"photos": self._page(args, [photo for photo in self.photos if not photo.album])}

    def _get_sets(self, args: Mapping[str, str]) -> dict[str, Any]:
        names = sorted({photo.album for photo in self.photos if photo.album})
        sets = [
            {
                "id": set_id(name),
                "photos": sum(photo.album == name for photo in self.photos),
                "title": {"_content": name},
                "description": {"_content": ""},
                "date_update": str(timestamp(self._get_album_update(name))),
            }
            for name in names
        ]
        return {"photosets": {"page": 1, "pages": 1, "total": len(sets), "photoset": sets}}

    def _get_album_update(self, name: str) -> datetime:
        return self.album_updates.get(name, datetime(2010, 1, 1, tzinfo=UTC))

    def _get_set_photos(self, args: Mapping[str, str]) -> dict[str, Any]:
        photoset_id = args.get("photoset_id")
        photos = [
            photo for photo in self.photos if photo.album and set_id(photo.album) == photoset_id
        ]
        if not photos:
            raise APIError(*NOT_FOUND["flickr.photosets.getPhotos"])
        listing = self._page({**args, "extras": ""}, photos)
        for record in listing["photo"]:
            del record["owner"]
        return {"photoset": {"id": photoset_id, "owner": NSID, "ownername": FULL_NAME, **listing}}

    def _get_contacts(self, args: Mapping[str, str]) -> dict[str, Any]:
        if self.rejects_contacts:
            raise APIError(0, "Sorry, the Flickr API service is not currently available.")
        size = min(int(args.get("per_page") or 1000), 1000)
        page = max(1, int(args.get("page") or 1))
        listing = {"page": page, "pages": -(-len(self.contacts) // size), "per_page": size}
        records = self.contacts[(page - 1) * size : page * size]
        counts = {**listing, "perpage": size, "total": len(self.contacts)}
        return {"contacts": {**counts, **({"contact": records} if records else {})}}

    def _get_info(self, args: Mapping[str, str]) -> dict[str, Any]:
        return {"photo": get_info(self._find_photo(args))}

    def _get_sizes(self, args: Mapping[str, str]) -> dict[str, Any]:
        return {"sizes": get_sizes(self._find_photo(args), self.url)}

    def _find_photo(self, args: Mapping[str, str]) -> FakePhoto:
        """
        Return a photo. A private photo is not found without a token.
        """
        for photo in self.photos:
            if photo_id(photo) == args.get("photo_id") and (photo.is_public or args["owner"]):
                return photo
        raise APIError(*NOT_FOUND[args["method"]])

    def _page(
        self, args: Mapping[str, str], photos: list[FakePhoto], limit: int | None = None
    ) -> dict[str, Any]:
        """
        Return a page of photos. A page number beyond the end returns the last page.
        """
        size = min(int(args.get("per_page") or 100), MAX_PER_PAGE)
        reachable = photos[:limit]
        pages = max(1, -(-len(reachable) // size))
        number = min(max(1, int(args.get("page") or 1)), pages)
        records = reachable[(number - 1) * size : number * size]
        records = [photo for photo in records if photo.number not in self.omitted_numbers]
        extras = args.get("extras", "").split(",")
        return {
            "page": number,
            "pages": str(pages),  # Flickr returns strings and numbers.
            "perpage": size,
            "total": str(len(photos)),
            "photo": [_record(photo, extras, self.url) for photo in records],
        }


def set_id(name: str) -> str:
    return f"7215766{crc32(name.encode()):010}"


def _record(photo: FakePhoto, extras: Iterable[str], url: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": photo_id(photo),
        "owner": NSID,
        "secret": "78f161da4d",
        "server": "65535",
        "farm": 66,
        "title": photo.title,
        "ispublic": int(photo.is_public),
        "isfriend": 0,
        "isfamily": 0,
    }
    values = _get_extras(photo, url)
    for extra in extras:
        record.update(values.get(extra.strip(), {}))
    return record


def _get_extras(photo: FakePhoto, url: str) -> dict[str, dict[str, Any]]:
    latitude, longitude = photo.place or (0, 0)
    sizes = {
        f"url_{size}": {
            f"url_{size}": f"{url}/65535/{photo_id(photo)}_{size}.jpg",
            f"width_{size}": str(width),
            f"height_{size}": width * 3 // 4,
        }
        for size, width in SIZES.items()
    }
    return {
        **sizes,
        "url_o": _get_original(photo, url) if photo.is_public else {},
        "description": {"description": {"_content": photo.description}},
        "license": {"license": str(photo.license)},
        "date_upload": {"dateupload": str(timestamp(photo.uploaded))},
        "last_update": {"lastupdate": timestamp(photo.changed)},
        "date_taken": {
            "datetaken": f"{photo.taken:%Y-%m-%d %H:%M:%S}",
            "datetakengranularity": "0",
            "datetakenunknown": 0,
        },
        "owner_name": {"ownername": FULL_NAME},
        "path_alias": {"pathalias": None},
        "tags": {"tags": " ".join(photo.tags)},
        "machine_tags": {"machine_tags": ""},
        "o_dims": {"o_width": str(photo.width), "o_height": str(photo.height)},
        "media": {"media": "video" if photo.is_video else "photo", "media_status": "ready"},
        "geo": {
            "latitude": latitude,
            "longitude": str(longitude) if photo.place else 0,
            "accuracy": "16" if photo.place else 0,
            "context": 0,
        },
    }


def _get_original(photo: FakePhoto, url: str) -> dict[str, Any]:
    size = {"width_o": str(photo.width), "height_o": str(photo.height)}
    return {"url_o": f"{url}/65535/{photo_id(photo)}_o.jpg", **size}


def _xml_response(data: Mapping[str, Any]) -> Response:
    content = "".join(_element(name, value) for name, value in data.items())
    body = f'<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">{content}</rsp>'
    return Response(body=body, type="text/xml; charset=utf-8")


def _element(name: str, value: Any) -> str:
    """
    Convert JSON to XML: "_content" to text, lists and objects to elements, the rest to attributes.
    """
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if not isinstance(value, dict):
        return f"<{name}>{html.escape(str(value))}</{name}>"
    scalars = {key: item for key, item in value.items() if not isinstance(item, (dict, list))}
    text = html.escape(str(scalars.pop("_content", "")))
    attributes = "".join(
        f" {key}={quoteattr('' if item is None else str(item))}" for key, item in scalars.items()
    )
    children = "".join(
        _element(key, item) for key, item in value.items() if isinstance(item, (dict, list))
    )
    return f"<{name}{attributes}>{text}{children}</{name}>"
