"""
Requests to a Nextcloud server.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import HTTPBasicAuth

from django_trove.client.responses import parse_retry_after

from ..addresses import describe_origin, get_origin, is_same_origin
from ..entered import EnteredService
from ..errors import RetryLater, Revoked, ServiceFailed
from ..http import find_outage
from ..messages import Message as _
from ..remote_files import FileFailed
from ..values import as_text, as_web_url

NOT_NEXTCLOUD = _("The server is not a Nextcloud. Check the address.")
INVALID_LOGIN = _("The server sent an invalid response. Check that it is a Nextcloud.")
PAGE = re.compile(
    r"/(?:(?:index\.php|remote\.php|apps|login|s)(?:/.*)?"
    r"|settings/(?:admin|apps|user|users)(?:/.*)?"
    r"|f/\d+|call/[^/]+|u/[^/]+)/?$"
)
"""The path of a page, at the end of an address."""
MAX_URL_LENGTH = 500


def strip_page(address: str) -> str:
    """
    Return the address of the server from the address of one of its pages.
    """
    scheme, __, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{PAGE.sub('', slash + path).rstrip('/')}"


def check_response(response: requests.Response) -> None:
    """
    :raises ServiceFailed: if the response is an error.
    """
    status = response.status_code
    if status == requests.codes.unauthorized:
        raise Revoked(_("Nextcloud no longer accepts the app password. Reconnect the account."))
    if response.headers.get("X-Nextcloud-Maintenance-Mode") == "1":
        raise RetryLater(
            _("Nextcloud is in maintenance mode."), parse_retry_after(response.headers)
        )
    if outage := find_outage(response, "Nextcloud"):
        raise outage
    if status == requests.codes.not_found:
        raise FileFailed(_("Nextcloud no longer has the file."), is_missing=True)
    if status in (requests.codes.forbidden, requests.codes.locked):
        raise FileFailed(_("Nextcloud does not permit access to the file."))


def check_url(address: str, value: Any) -> str:
    """
    Return a URL in a response of the server, which must be on the same server.

    :raises ServiceFailed: if it is not.
    """
    url = as_web_url(value)
    if not url or len(url) > MAX_URL_LENGTH or "@" in url.split("/")[2]:
        raise ServiceFailed(INVALID_LOGIN)
    is_upgraded = url.startswith("https://") and get_origin(url)[1] == get_origin(address)[1]
    if not is_same_origin(address, url) and not is_upgraded:
        raise ServiceFailed(
            _(
                "The configuration of the server contains the address %(address)s. Enter that "
                "address, or ask the server's administrator to correct overwrite.cli.url and "
                "overwriteprotocol.",
                address=describe_origin(url),
            )
        )
    return url


class NextcloudApi:
    """
    :param name: login name.
    """

    def __init__(self, service: EnteredService, address: str, name: str, password: str) -> None:
        self._service, self._address = service, address
        self.auth = HTTPBasicAuth(name.encode(), password.encode())

    def get_user(self) -> tuple[str, str]:
        """
        Return the user id, which can differ from the login name, and the display name.
        """
        response = self.send("GET", "/ocs/v2.php/cloud/user?format=json", headers=OCS_HEADERS)
        check_response(response)
        data = self._service.parse_json(response).get("ocs")
        user = data.get("data") if isinstance(data, dict) else None
        user = user if isinstance(user, dict) else {}
        user_id = as_text(user.get("id"))
        if not user_id:
            raise ServiceFailed(_("Nextcloud did not send the name of the user."))
        return user_id, as_text(user.get("display-name")) or user_id

    def delete_app_password(self) -> None:
        response = self.send("DELETE", "/ocs/v2.php/core/apppassword", headers=OCS_HEADERS)
        is_deleted = response.ok or response.status_code == requests.codes.unauthorized
        if not is_deleted:
            raise RetryLater(
                _(
                    "%(service)s is unavailable (status %(status)s).",
                    service="Nextcloud",
                    status=response.status_code,
                )
            )

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._service.request(method, self._address + path, auth=self.auth, **options)

    def get_file_url(self, user: str, path: str) -> str:
        return f"{self._address}{get_files_path(user)}{quote(path)}"


OCS_HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json"}


def get_files_path(user: str) -> str:
    return f"/remote.php/dav/files/{quote(user, safe='')}/"
