"""
Connector for WebDAV servers, such as a NAS.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from ..authorization import Authorization
from ..entered import AccountField
from ..errors import AddressRefused, Misconfigured, RetryLater, Revoked, ServiceFailed
from ..http import read_start
from ..messages import Message as _
from ..remote import is_due
from ..remote_files.connector import RemoteFiles
from ..remote_files.entries import FileFailed, FolderListing, Listing, shorten_stamp
from ..remote_files.multistatus import InvalidMultistatus, parse_multistatus
from ..remote_files.walk import State, Walk
from .listings import PROPERTIES, PROPFIND, build_listing, build_tree, parse_resources
from .responses import find_authentication, get_error

MAX_CHALLENGE_BYTES = 65_536
TREE_INTERVAL = 7 * 86_400  # seconds after which a failed request for a tree is repeated

NOT_WEBDAV = _(
    "The address is not that of a WebDAV folder. Check it: it often ends with a path such as /dav."
)
INVALID_CHALLENGE = _("The server sends an invalid request for Digest authentication.")
FORBIDDEN = _(
    "The server does not permit access to this address. Check the address, the user name and the "
    "password."
)
NOT_ACCEPTED = _("The server rejected the user name or the password.")


class WebDav(RemoteFiles):
    """
    The folder at `settings["address"]`, with the account that the user entered.
    """

    name = "webdav"
    title = "WebDAV"
    description = _("The pictures in a folder of a NAS or another server that supports WebDAV.")
    fields = (
        AccountField(
            name="address",
            label=_("Address"),
            help_text=_(
                "The address of the folder with the pictures, for example "
                "https://nas.example.com/photo"
            ),
        ),
        AccountField(name="user", label=_("User name")),
        AccountField(name="password", label=_("Password"), is_secret=True),
    )

    _auth: AuthBase | None = None

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        """
        The first request is sent without the password, to detect the supported authentication.
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

    def list_files(self, state: State) -> Iterator[Listing]:
        """
        List the folders, after fetching their listings with one request if possible.

        :param state: also contains the number of "files", that of the "last" complete listing, and
            "no_tree", the time in seconds since 1970 at which such a request failed.
        """
        tree = self._fetch_tree(state)
        walk = Walk(lambda path: tree.get(path) or self.list_folder(path), state)
        for listing in walk.list_files():
            state["files"] = state.get("files", 0) + len(listing.files)
            yield listing

    def finish_listing(self, state: State) -> State:
        return {
            **super().finish_listing(state),
            "last": state.get("files", 0),
            "no_tree": state.get("no_tree", 0),
        }

    def list_folder(self, path: str) -> FolderListing:
        url = self.get_file_url(f"{path}/" if path else "")
        try:
            response = self._ask(url, "1", self.auth)
            if response.status_code != 207:
                raise self._get_error(path, response)
            return build_listing(path, parse_resources(response.content, f"{self._root}/{path}"))
        except InvalidMultistatus:
            raise FileFailed(
                _("The list of %(path)s is incomplete.", path=path or self.address)
            ) from None
        except (AddressRefused, FileFailed, Misconfigured, RetryLater, Revoked):
            raise
        except ServiceFailed as error:  # the list is too large, or redirected
            raise FileFailed(error.reason) from None

    def fetch_stamp(self, path: str) -> str:
        response = self._ask(self.get_file_url(path), "0", self.auth)
        self.check_file(path, response)
        try:
            resources = parse_resources(response.content, f"{self._root}/{path}")
        except InvalidMultistatus:
            raise FileFailed(
                _("The server sent an invalid entry of %(path)s.", path=path)
            ) from None
        return shorten_stamp(resources[""].stamp)

    def check_file(self, path: str, response: requests.Response) -> None:
        if response.status_code >= 400:
            raise self._get_error(path, response)

    def get_file_url(self, path: str) -> str:
        return f"{self.address}/{quote(path.encode(errors='surrogateescape'))}"

    @property
    def auth(self) -> AuthBase:
        """
        The authentication of this account. Digest authentication stores the server's nonce.
        """
        if self._auth is None:
            token = self.credentials.token
            scheme = str(self.settings.get("authentication", "basic"))
            self._auth = build_auth(scheme, token.get("user", ""), token.get("password", ""))
        return self._auth

    def _fetch_tree(self, state: State) -> Mapping[str, FolderListing]:
        """
        Fetch the listings of the folders, or nothing if that is not possible. A tree with fewer
        files than the last listing is not used, because it may be truncated. Folders without
        content are not included, because they may be unreadable.

        The first sync fetches no tree: it would be outdated when the last files are read. A server
        with etags of folders needs none.
        """
        now = int(time.time())
        is_possible = is_due(now, state.get("no_tree", 0), TREE_INTERVAL)
        if "last" not in state or state.get("etags") or not is_possible:
            return {}
        found = self._request_tree()
        if found is None:
            state["no_tree"] = now
            return {}
        tree, count = found
        return tree if count >= state["last"] else {}

    def _request_tree(self) -> tuple[Mapping[str, FolderListing], int] | None:
        """
        Return the result of `build_tree`. None if the server rejects the request, or the response
        is too slow, too large or incomplete.
        """
        try:
            response = self._ask(f"{self.address}/", "infinity", self.auth)
        except (AddressRefused, Misconfigured):
            raise
        except ServiceFailed:
            return None
        if response.status_code in (401, 429, 503):
            raise get_error(response, self.address)
        try:
            return build_tree(parse_resources(response.content, self._root))
        except InvalidMultistatus:
            return None

    def _get_error(self, path: str, response: requests.Response) -> ServiceFailed:
        """
        Some servers request a login with 401 also for one file that the user may not read.
        """
        error = get_error(response, path or self.address)
        if path and isinstance(error, Revoked) and self._is_password_accepted():
            return FileFailed(_("The server does not permit access to %(name)s.", name=path))
        return error

    def _is_password_accepted(self) -> bool:
        return self._ask(f"{self.address}/", "0", self.auth).status_code != 401

    @property
    def _root(self) -> str:
        return unquote(urlsplit(self.address).path)

    def _ask(self, url: str, depth: str, auth: AuthBase | None) -> requests.Response:
        headers = {"Depth": depth, "Content-Type": 'application/xml; charset="utf-8"'}
        return self.request("PROPFIND", url, data=PROPFIND, headers=headers, auth=auth)


class DigestAuth(HTTPDigestAuth):
    """
    Reads only the start of the body of a challenge, which may be endless.

    :raises ServiceFailed: if the challenge is invalid.
    """

    def handle_401(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        if r.status_code == 401:
            r._content = read_start(r, MAX_CHALLENGE_BYTES)
        try:
            response: requests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]
        except KeyError:  # the realm or nonce is missing
            raise ServiceFailed(INVALID_CHALLENGE) from None
        return response


def build_auth(scheme: str, user: str, password: str) -> AuthBase:
    if scheme == "digest":
        return DigestAuth(user, password)
    return HTTPBasicAuth(user.encode(), password.encode())


def _check_folder(response: requests.Response) -> None:
    """
    :raises ServiceFailed: if the address is not that of a folder.
    """
    if response.status_code == 401:
        raise ServiceFailed(NOT_ACCEPTED)
    if response.status_code == 403:
        raise ServiceFailed(FORBIDDEN)
    if response.status_code in (404, 410):
        raise ServiceFailed(_("The server has no folder at this address. Check its path."))
    if response.status_code in (429, 503):
        raise get_error(response, response.url)
    try:
        resources = parse_multistatus(response.content, PROPERTIES)
    except InvalidMultistatus:
        resources = []
    if response.status_code != 207 or not resources:
        raise ServiceFailed(NOT_WEBDAV)
    if not resources[0].is_folder:
        raise ServiceFailed(_("This is the address of a file. Enter the address of its folder."))
