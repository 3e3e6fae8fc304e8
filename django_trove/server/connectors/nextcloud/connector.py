"""
Connector for Nextcloud.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote, unquote

import requests
from requests.auth import AuthBase

from ..app_login import AppLogin, LoginRequest
from ..authorization import Authorization
from ..base import OriginalPart, Rendition
from ..entered import AccountField
from ..errors import RetryLater, ServiceFailed
from ..messages import Message as _
from ..picture.renditions import SIZES
from ..remote import is_due
from ..remote_files import FolderListing, Listing, RemoteFile, RemoteFiles, RemoteFolder
from ..remote_files.entries import shorten_stamp
from ..remote_files.walk import State, Walk
from ..values import as_text, dig
from .api import (
    INVALID_LOGIN,
    NOT_NEXTCLOUD,
    NextcloudApi,
    check_response,
    check_url,
    get_files_path,
    strip_page,
)
from .search import Entry, build_files, build_propfind, build_search, parse_entries

LOGIN_PATH = "/index.php/login/v2"
MAX_SEARCHES = 3  # if files change during the search
MAX_PAGES = 1000  # 500,000 files, whose entries take 0.6 GB of memory
MAX_TOKEN_LENGTH = 300
UNSUPPORTED_SEARCH = (400, 404, 405, 501)
XML = {"Content-Type": "text/xml; charset=utf-8"}


class Nextcloud(AppLogin, RemoteFiles):
    """
    The pictures and videos of a Nextcloud account. The id of an item is the file id, which does not
    change when the file is moved. `settings["user"]` is the user id.
    """

    name = "nextcloud"
    title = "Nextcloud"
    description = _(
        "You sign in at your Nextcloud, which creates a password for this Trove only. Your "
        "pictures and videos in all folders are imported."
    )
    fields = (
        AccountField(
            name="address",
            label=_("Address of your Nextcloud"),
            help_text=_(
                "The address that you enter in the browser, for example https://cloud.example.com"
            ),
        ),
    )

    defaults: ClassVar[Mapping[str, Any]] = {
        **RemoteFiles.defaults,
        "FULL_SYNC_INTERVAL": 86_400,
        "READ_FILES": False,
    }

    # Login Flow v2

    def start_login(self, values: Mapping[str, str], application: str) -> LoginRequest:
        address = strip_page(self.normalize_address(values["address"]))
        headers = {"User-Agent": " ".join(application.split()).encode()}
        response = self.request("POST", address + LOGIN_PATH, headers=headers)
        if response.status_code >= 500:
            check_response(response)
        if not response.ok:
            raise ServiceFailed(NOT_NEXTCLOUD)
        try:
            data = self.parse_json(response)
        except RetryLater:  # the response is a web page
            raise ServiceFailed(NOT_NEXTCLOUD) from None
        token = as_text(dig(data, "poll", "token"))
        if not 0 < len(token) <= MAX_TOKEN_LENGTH:
            raise ServiceFailed(INVALID_LOGIN)
        return LoginRequest(
            address=address,
            url=check_url(address, data.get("login")),
            endpoint=check_url(address, dig(data, "poll", "endpoint")),
            token=token,
        )

    def poll_login(self, login: LoginRequest) -> Authorization | None:
        response = self.request("POST", login.endpoint, data={"token": login.token})
        if response.status_code == requests.codes.not_found:
            return None
        check_response(response)
        if not response.ok:
            raise ServiceFailed(_("Nextcloud rejected the login. Start again."))
        data = self.parse_json(response)
        name, password = as_text(data.get("loginName")), as_text(data.get("appPassword"))
        if not name or not password:
            raise ServiceFailed(_("Nextcloud did not send a password. Start again."))
        return self._build_authorization(login.address, name, password)

    def _build_authorization(self, address: str, name: str, password: str) -> Authorization:
        api = NextcloudApi(self, address, name, password)
        try:
            user, title = api.get_user()
        except ServiceFailed as error:  # the password is sent once: the login cannot be continued
            with suppress(ServiceFailed):
                api.delete_app_password()
            raise ServiceFailed(error.reason) from None
        server = address.partition("://")[2]
        return Authorization(
            token={"name": name, "password": password},
            service_id=f"{user}@{server}",
            name=f"{title} ({server})",
            url=address,
            settings={"address": address, "user": user},
        )

    def revoke(self) -> None:
        self._api.delete_app_password()

    # Listing

    def list_files(self, state: State) -> Iterator[Listing]:
        """
        List nothing if the etag of the root has not changed, except once per `FULL_SYNC_INTERVAL`,
        because the etag does not change with tags. Otherwise search all files, and yield them by
        folder. An interrupted listing is continued if no file has changed since.
        """
        etag, now = self._get_root_etag(), int(time.time())
        is_old = is_due(now, state.get("searched", 0), self.config["FULL_SYNC_INTERVAL"])
        if etag and etag == state.get("etag") and not is_old:
            state["new"] = etag
            yield Listing(unlisted=("",))
            return
        state.setdefault("started", now)
        if state.get("new") != etag or "after" not in state:
            state |= {"new": etag, "after": None}
        folders, is_complete = self._find_folders(state)
        for folder in sorted(folders):
            if state["after"] is None or folder > state["after"]:
                state["after"] = folder
                yield Listing(files=tuple(folders[folder]))
        if not is_complete:
            state["new"] = ""
            yield Listing(unlisted=("",))

    def forget(self, state: State, path: str) -> None:
        state["failed"] = True

    def finish_listing(self, state: State) -> State:
        if state.get("failed"):
            return {}
        searched = state.get("started", state.get("searched", 0))
        return {"etag": state.get("new", ""), "searched": searched}

    def _find_folders(self, state: State) -> tuple[dict[str, list[RemoteFile]], bool]:
        """
        Return the files by folder, and whether they are all files. A change of a file during the
        search moves others to another page, so that some may be missing: the search is repeated.
        Of a file with several paths, such as in two shared folders, the first path is used.
        """
        for _attempt in range(MAX_SEARCHES):
            files, is_complete = self._search()
            etag = self._get_root_etag()
            if etag == state["new"]:
                break
            state |= {"new": etag, "after": None}
        else:
            is_complete = False
        files.sort(key=_get_path, reverse=True)
        folders: dict[str, list[RemoteFile]] = {}
        for file in {file.id: file for file in files}.values():
            folders.setdefault(file.path.rpartition("/")[0], []).append(file)
        return folders, is_complete

    def _search(self) -> tuple[list[RemoteFile], bool]:
        """
        Request pages until one is empty: the server may use smaller pages.

        :returns: the files, and whether they are all files.
        :raises ServiceFailed: if there are more than `MAX_PAGES`.
        """
        files: dict[str, RemoteFile] = {}
        position = count = failures = 0
        for _page in range(MAX_PAGES):
            self.start_batch()  # MAX_PAGES limits the requests
            self.renew_lease()
            body = build_search(self._user, position)
            response = self._api.send("SEARCH", "/remote.php/dav/", data=body, headers=XML)
            if response.status_code in UNSUPPORTED_SEARCH:
                return self._walk(), True
            check_response(response)
            entries = parse_entries(response.content)
            if not entries:
                return list(files.values()), len(files) == count and not failures
            failures += sum(not entry.resource.is_ok for entry in entries)
            found = self._build_files(entries)
            if files.keys() >= {file.path for file in found}:  # a page is repeated
                return list(files.values()), False
            files |= {file.path: file for file in found}
            position, count = position + len(entries), count + len(found)
        raise ServiceFailed(
            _("More than %(count)s files cannot be imported from a Nextcloud.", count=position)
        )

    def _walk(self) -> list[RemoteFile]:
        """
        List the files folder by folder, for a server without SEARCH.

        :raises RetryLater: if a folder cannot be listed: the ids do not show which items are in
            the folder.
        """
        files: list[RemoteFile] = []
        for listing in Walk(self.list_folder, {}).list_files():
            self.start_batch()  # the number of folders is not limited
            self.renew_lease()
            if listing.failures:
                failure = listing.failures[0]
                raise RetryLater(
                    _(
                        "The folder %(name)s could not be listed: %(reason)s",
                        name=failure.name,
                        reason=failure.reason,
                    )
                )
            if listing.seen:
                raise RetryLater(_("%(folder)s could not be listed.", folder=listing.seen[0]))
            files += listing.files
        return files

    def list_folder(self, path: str) -> FolderListing:
        entries = self._propfind(path, depth=1)
        return FolderListing(
            files=tuple(self._build_files(entries)),
            folders=tuple(
                RemoteFolder(path=entry.path)
                for entry in entries
                if entry.resource.is_folder and entry.path != path
            ),
            unlisted=tuple(entry.path for entry in entries if not entry.resource.is_ok),
        )

    def _build_files(self, entries: list[Entry]) -> list[RemoteFile]:
        return build_files(entries, reads_files=bool(self.config["READ_FILES"]))

    def _get_version(self) -> str:
        return f"{super()._get_version()}:{self.config['READ_FILES']}"

    def _get_root_etag(self) -> str:
        entries = self._propfind("", depth=0)
        return entries[0].resource.etag if entries else ""

    def _propfind(self, path: str, depth: int) -> list[Entry]:
        url = get_files_path(self._user) + quote(path)
        headers = XML | {"Depth": str(depth)}
        response = self._api.send("PROPFIND", url, data=build_propfind(), headers=headers)
        check_response(response)
        return parse_entries(response.content)

    # Files

    @property
    def auth(self) -> AuthBase:
        return self._api.auth

    def list_stamps(self, path: str, part: OriginalPart) -> Collection[str]:
        return {shorten_stamp(part.etag)}

    def fetch_stamp(self, path: str) -> str:
        entries = self._propfind(path, depth=0)
        return shorten_stamp(entries[0].resource.etag) if entries else ""

    def has_stamp(self, etag: str, stamp: str) -> bool:
        return bool(stamp) and etag.startswith(f"{stamp}-")

    def check_file(self, path: str, response: requests.Response) -> None:
        check_response(response)

    def get_file_url(self, path: str) -> str:
        return self._api.get_file_url(self._user, path)

    def get_path(self, service_id: str, urls: Mapping[str, str]) -> str:
        root = self.get_file_url("")
        return unquote(next(iter(urls.values()), root).removeprefix(root))

    def fetch_sizes(
        self, service_id: str, urls: Mapping[str, str], size: str
    ) -> Mapping[str, Rendition]:
        """
        Fetch Nextcloud's preview, or create the sizes if there is none.
        """
        side = SIZES.get(size, max(SIZES.values()))
        path = f"/index.php/core/preview?fileId={quote(service_id)}&x={side}&y={side}&a=1"
        response = self._api.send("GET", path)
        if response.ok:
            return {size: self.to_rendition(response)}
        if response.status_code not in (400, 403, 404):
            check_response(response)
        return super().fetch_sizes(service_id, urls, size)

    @property
    def _user(self) -> str:
        return str(self.settings["user"])

    @property
    def _api(self) -> NextcloudApi:
        token = self.credentials.token
        return NextcloudApi(
            self, self.address, as_text(token.get("name")), as_text(token.get("password"))
        )


def _get_path(file: RemoteFile) -> str:
    return file.path
