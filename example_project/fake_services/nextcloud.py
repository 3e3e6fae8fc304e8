"""
A fake Nextcloud: Login Flow v2, WebDAV files with SEARCH, previews and app passwords.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from PIL import Image

from .base import Request, Response, file_response, json_response
from .file_tree import FileTree, Node, guess_type
from .nextcloud_dav import (
    BadSearch,
    Search,
    build_multistatus,
    build_response,
    parse_properties,
)
from .nextcloud_login import LOGIN_PATH, LoginFlow
from .nextcloud_metadata import read_metadata
from .photos import FakePhoto, make_photo_file, make_photos

DAV_PATH = "/remote.php/dav"
OCS_PATH = re.compile(r"/ocs/v[12]\.php/(.*)")


class Nextcloud(LoginFlow):
    """
    `has_search` and `has_previews`: whether the server supports SEARCH and makes previews.
    """

    name = "nextcloud"
    INSTANCE = "ocfake1"

    def __init__(self, photos: list[FakePhoto] | None = None) -> None:
        super().__init__()
        self.tree = FileTree()
        self.revoked_passwords: list[str] = []
        self.requests: list[Request] = []
        self.has_search = self.has_previews = True
        self.is_in_maintenance = False
        for photo in make_photos(12) if photos is None else photos:
            self.add_photo(photo)

    @property
    def settings(self) -> dict[str, Any]:
        return {"HOSTS": ("127.0.0.1",), "ALLOW_HTTP": True, **self.options}

    @property
    def dav_requests(self) -> list[tuple[str, str]]:
        """
        Method and path of the requests below the WebDAV path, without the user's prefix.
        """
        prefix = f"{DAV_PATH}/files/{self.USER}/"
        return [
            (request.method, unquote(request.path).removeprefix(prefix))
            for request in self.requests
            if request.path.startswith(DAV_PATH)
        ]

    def add_photo(self, photo: FakePhoto) -> Node:
        """
        Put the file of a photo into the folder of its album.
        """
        folder = f"Photos/{photo.album}" if photo.album else "Photos"
        path = f"{folder}/IMG_{photo.number:04}.jpg"
        return self.tree.put(path, make_photo_file(photo), photo.changed)

    def read_metadata(self) -> None:
        """
        Read the metadata of all files, as the background job does.
        """
        for node in self.tree.files.values():
            node.metadata = read_metadata(node.content or b"")

    def revoke_all(self) -> None:
        self.app_passwords.clear()

    def is_api_call(self, request: Request) -> bool:
        return not LOGIN_PATH.fullmatch(request.path)

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if self.is_in_maintenance:
            headers = {"X-Nextcloud-Maintenance-Mode": "1", "Retry-After": "120"}
            return Response(status=503, body="Maintenance", headers=headers)
        if match := LOGIN_PATH.fullmatch(request.path):
            return self.handle_login(request, match[1] or "")
        user = self._authenticate(request)
        if not user:
            return self._reject()
        if match := OCS_PATH.fullmatch(request.path):
            return self._handle_ocs(request, match[1], user)
        if request.path == "/index.php/core/preview":
            return self._serve_preview(request)
        return self._handle_dav(request)

    # OCS

    def _authenticate(self, request: Request) -> str:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        is_user = scheme == "Basic" and name in (self.USER, self.LOGIN_NAME)
        return self.app_passwords.get(password, "") if is_user else ""

    @staticmethod
    def _reject() -> Response:
        body = '<?xml version="1.0"?><d:error xmlns:d="DAV:"/>'
        headers = {"WWW-Authenticate": 'Basic realm="Nextcloud", charset="UTF-8"'}
        return Response(status=401, body=body, type="application/xml", headers=headers)

    def _handle_ocs(self, request: Request, path: str, user: str) -> Response:
        if "ocs-apirequest" not in request.headers:
            return _ocs_response({"message": "CSRF check failed"}, 412)
        if path == "core/apppassword" and request.method == "DELETE":
            password = base64.b64decode(request.headers["authorization"].partition(" ")[2])
            revoked = password.decode().partition(":")[2]
            del self.app_passwords[revoked]
            self.revoked_passwords.append(revoked)
            return _ocs_response([])
        if path == "cloud/user":
            return _ocs_response({"id": user, "display-name": self.DISPLAY_NAME})
        if path == "cloud/capabilities":
            version = {"major": 32, "minor": 0, "micro": 2, "string": "32.0.2", "edition": ""}
            return _ocs_response({"version": version, "capabilities": {"dav": {"chunking": "1.0"}}})
        return _ocs_response([], 404)

    # Files

    def _serve_preview(self, request: Request) -> Response:
        nodes = [n for n in self.tree.files.values() if str(n.id) == request.query.get("fileId")]
        if not nodes or not self.has_previews:
            return json_response([], 404)
        with Image.open(io.BytesIO(nodes[0].content or b"")) as image:
            image.thumbnail((int(request.query["x"]), int(request.query["y"])))
            preview = io.BytesIO()
            image.save(preview, "JPEG")
        return Response(body=preview.getvalue(), type="image/jpeg")

    def _handle_dav(self, request: Request) -> Response:
        if request.method == "SEARCH":
            return self._search(request)
        prefix = f"{DAV_PATH}/files/{self.USER}"
        path = unquote(request.path).removeprefix(prefix).strip("/")
        if request.method in ("MKCOL", "PUT"):
            return self._create(request, path)
        node = self.tree.nodes.get(path)
        if node is None or not request.path.startswith(prefix):
            return Response(status=404, body='<d:error xmlns:d="DAV:"/>', type="application/xml")
        if request.method == "PROPFIND":
            return self._list(request, path)
        if request.method in ("DELETE", "MOVE"):
            return self._remove(request, path, prefix)
        return self._download(request, path, node)

    def _remove(self, request: Request, path: str, prefix: str) -> Response:
        if request.method == "DELETE":
            self.tree.delete(path)
            return Response(status=204)
        target = unquote(urlsplit(request.headers["destination"]).path)
        path_after = target.removeprefix(prefix).strip("/")
        self.tree.move(path, path_after)
        return self._report(self.tree.nodes[path_after])

    def _create(self, request: Request, path: str) -> Response:
        if request.method == "MKCOL":
            self.tree.create_folder(path)
            return Response(status=201)
        node = self.tree.put(path, request.content)
        return self._report(node)

    def _report(self, node: Node) -> Response:
        headers = {"OC-FileId": f"{node.id:08d}{self.INSTANCE}", "OC-Etag": f'"{node.etag}"'}
        return Response(status=201, headers=headers)

    def _list(self, request: Request, path: str) -> Response:
        names = parse_properties(request.body)
        depth = request.headers.get("depth", "1")
        paths = [path] if depth == "0" else [path, *self.tree.list_children(path)]
        return self._build_multistatus([(name, self.tree.nodes[name]) for name in paths], names)

    def _search(self, request: Request) -> Response:
        if not self.has_search:
            return Response(status=501)
        try:
            search = Search(request.body)
            scope = search.scope.removeprefix(f"/files/{self.USER}").strip("/")
            nodes = {
                path: node
                for path, node in self.tree.nodes.items()
                if path and (not scope or path.startswith(f"{scope}/"))
            }
            found = search.select(nodes)
        except BadSearch as error:
            return Response(status=400, body=str(error))
        return self._build_multistatus(found, search.properties)

    def _build_multistatus(self, nodes: list[tuple[str, Node]], names: list[str]) -> Response:
        prefix = f"{DAV_PATH}/files/{self.USER}/"
        body = build_multistatus(
            build_response(
                prefix + path + ("/" if node.is_folder and path else ""),
                path,
                node,
                names,
                self.INSTANCE,
            )
            for path, node in nodes
        )
        return Response(status=207, body=body, type="application/xml; charset=utf-8")

    @staticmethod
    def _download(request: Request, path: str, node: Node) -> Response:
        headers = {"ETag": f'"{node.etag}"', "OC-ETag": node.etag}
        return file_response(request, node.content or b"", guess_type(path), headers)


def _ocs_response(data: Any, status: int = 200) -> Response:
    meta = {"status": "ok" if status == 200 else "failure", "statuscode": status, "message": "OK"}
    return json_response({"ocs": {"meta": meta, "data": data}}, status)
