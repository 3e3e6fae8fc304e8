"""
Connector for WebDAV servers, such as a NAS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from ..base import RetryLater, Revoked, ServiceFailed
from ..entered import AccountField
from ..http import read_start
from ..remote import Authorization
from ..remote_files.connector import RemoteFiles
from ..remote_files.entries import (
    FileFailed,
    FolderListing,
    RemoteFile,
    RemoteFolder,
    shorten_stamp,
)
from .multistatus import InvalidMultistatus, Resource, find_child_name, parse_multistatus
from .responses import find_authentication, get_error

PROPERTIES = b"""<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>
<d:resourcetype/><d:getetag/><d:getcontentlength/><d:getlastmodified/><oc:fileid/>
</d:prop></d:propfind>"""

MAX_CHALLENGE_BYTES = 65_536

NOT_WEBDAV = (
    "The address is not that of a WebDAV folder. Check it: it often ends with a path such as /dav."
)
NOT_ACCEPTED = "The server does not accept the user name or the password."


class WebDav(RemoteFiles):
    """
    The folder at `settings["address"]`, with the account that the user entered.
    """

    name = "webdav"
    title = "WebDAV"
    description = "The pictures in a folder of a NAS or another server that supports WebDAV."
    fields = (
        AccountField(
            name="address",
            label="Address",
            help_text="Of the folder with the pictures, such as https://nas.example.com/photo",
        ),
        AccountField(name="user", label="User name"),
        AccountField(name="password", label="Password", is_secret=True),
    )

    _auth: AuthBase | None = None

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        """
        The first request is sent without the password, to learn which authentication is supported.
        """
        address = self.normalize_address(values["address"])
        user, password = values["user"].strip(), values["password"]
        challenge = self._ask(f"{address}/", "0", None)
        scheme = find_authentication(challenge) or "basic"
        response = self._ask(f"{address}/", "0", build_auth(scheme, user, password))
        _check_folder(response)
        address = response.url.rstrip("/")
        place = f"{urlsplit(address).netloc}{unquote(urlsplit(address).path)}"
        return Authorization(
            token={"user": user, "password": password},
            service_id=f"{user} {address}",
            name=place,
            settings={"address": address, "user": user, "authentication": scheme},
        )

    def list_folder(self, path: str) -> FolderListing:
        url = self.get_file_url(f"{path}/" if path else "")
        try:
            response = self._ask(url, "1", self.auth)
            if response.status_code != 207:
                raise get_error(response, path or self.address)
            resources = parse_multistatus(response.content)
        except InvalidMultistatus:
            raise FileFailed(f"The list of {path or self.address} is incomplete.") from None
        except (FileFailed, RetryLater, Revoked):
            raise
        except ServiceFailed as error:  # the list is too large, or redirected
            raise FileFailed(error.reason) from None
        return self._build_listing(path, resources)

    def check_file(self, path: str, response: requests.Response) -> None:
        if response.status_code >= 400:
            raise get_error(response, path)

    def get_file_url(self, path: str) -> str:
        return f"{self.address}/{quote(path.encode(errors='surrogateescape'))}"

    @property
    def auth(self) -> AuthBase:
        """
        The authentication of this account. That of Digest stores the server's nonce.
        """
        if self._auth is None:
            token = self.credentials.token
            scheme = str(self.settings.get("authentication", "basic"))
            self._auth = build_auth(scheme, token.get("user", ""), token.get("password", ""))
        return self._auth

    def _ask(self, url: str, depth: str, auth: AuthBase | None) -> requests.Response:
        headers = {"Depth": depth, "Content-Type": 'application/xml; charset="utf-8"'}
        return self.request("PROPFIND", url, data=PROPERTIES, headers=headers, auth=auth)

    def _build_listing(self, path: str, resources: list[Resource]) -> FolderListing:
        root = unquote(urlsplit(self.address).path)
        parts = [part for part in f"{root}/{path}".split("/") if part]
        found = {find_child_name(parts, resource.href): resource for resource in resources}
        found.pop(None, None)
        own = found.pop("", None)
        if own is None:
            raise FileFailed(f"The list of {path or self.address} is that of another folder.")
        prefix = f"{path}/" if path else ""
        children = {f"{prefix}{name}": child for name, child in found.items()}
        return FolderListing(
            files=tuple(_build_files(children)),
            folders=tuple(_build_folders(children)),
            etag=own.covering_etag,
            unlisted=tuple(name for name, child in children.items() if not child.is_ok),
        )


class DigestAuth(HTTPDigestAuth):
    """
    Reads only the start of the body of a challenge, which may be endless.
    """

    def handle_401(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code == 401:
            r._content = read_start(r, MAX_CHALLENGE_BYTES)
        response: requests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]
        return response


def build_auth(scheme: str, user: str, password: str) -> AuthBase:
    if scheme == "digest":
        return DigestAuth(user, password)
    return HTTPBasicAuth(user.encode(), password.encode())


def _check_folder(response: requests.Response) -> None:
    """
    :raises ServiceFailed: if the response to the form is not that of a folder.
    """
    if response.status_code in (401, 403):
        raise ServiceFailed(NOT_ACCEPTED)
    if response.status_code in (404, 410):
        raise ServiceFailed("The server has no folder at this address. Check its path.")
    if response.status_code in (429, 503):
        raise get_error(response, response.url)
    try:
        if response.status_code != 207 or not parse_multistatus(response.content):
            raise ServiceFailed(NOT_WEBDAV)
    except InvalidMultistatus:
        raise ServiceFailed(NOT_WEBDAV) from None


def _build_files(children: Mapping[str, Resource]) -> Iterator[RemoteFile]:
    for path, child in children.items():
        if child.is_ok and not child.is_folder:
            yield RemoteFile(path=path, stamp=shorten_stamp(child.stamp), size=child.size)


def _build_folders(children: Mapping[str, Resource]) -> Iterator[RemoteFolder]:
    for path, child in children.items():
        if child.is_ok and child.is_folder:
            yield RemoteFolder(path=path, etag=child.covering_etag)
