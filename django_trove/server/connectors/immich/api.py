"""
Requests to an Immich server, and its errors.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.auth import AuthBase

from ..errors import RetryLater, Revoked, ServiceFailed
from ..http import find_outage, read_start
from ..messages import Message
from ..messages import Message as _
from ..values import as_list, as_text

REQUIRED_PERMISSIONS = (
    "asset.read",
    "asset.view",
    "album.read",
    "tag.read",
    "user.read",
    "asset.statistics",
)
DOWNLOAD = "asset.download"
OPTIONAL_PERMISSIONS = ("apiKey.read", DOWNLOAD)
ALL = "all"
MAX_ERROR_BYTES = 65_536
MISSING_PERMISSION = re.compile(r"[Mm]issing required permission:? ([A-Za-z.]+)")
REJECTED = _("Immich rejected the API key. Create a new one, and reconnect the account.")


class KeyAuth(AuthBase):
    """
    Adds the API key to a request. A dictionary of headers would be visible in error reports.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["x-api-key"] = self._key
        return request


class PermissionMissing(Revoked):
    """
    The key lacks the permission for a request.
    """


class AssetMissing(ServiceFailed):
    """
    The asset was deleted, or belongs to another user.
    """


def find_missing_permissions(permissions: Iterable[str]) -> list[str]:
    granted = set(permissions)
    return [] if ALL in granted else [p for p in REQUIRED_PERMISSIONS if p not in granted]


def find_excess_permissions(permissions: Iterable[str]) -> list[str]:
    """
    Return the permissions of a key that this Trove does not use.
    """
    return sorted(set(permissions) - {*REQUIRED_PERMISSIONS, *OPTIONAL_PERMISSIONS})


def describe_missing(permissions: Iterable[str]) -> Message:
    return _(
        "The API key lacks permissions: %(permissions)s. Create a key with them in "
        "Immich, under Account settings, API keys.",
        permissions=", ".join(permissions),
    )


def parse_response(response: requests.Response) -> Any:
    """
    Return the JSON data of a response.

    :raises ServiceFailed: preferably a subclass, for an error response.
    """
    if not response.ok:
        raise get_error(response)
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        raise RetryLater(_("%(service)s sent an invalid response.", service="Immich")) from None


def get_error(response: requests.Response) -> ServiceFailed:
    status = response.status_code
    if status == 401:
        return Revoked(REJECTED)
    if status == 403:
        match = MISSING_PERMISSION.search(_get_message(response))
        return PermissionMissing(describe_missing([match[1]]) if match else REJECTED)
    if outage := find_outage(response, "Immich"):
        return outage
    return ServiceFailed(_("Immich rejected a request (status %(status)s).", status=status))


def check_file(response: requests.Response) -> None:
    """
    Read the body of an error, which is short.
    """
    if response.ok:
        return
    if response.status_code in (400, 404):
        raise AssetMissing(_("Immich does not have the file."))
    response._content = read_start(response, MAX_ERROR_BYTES)
    raise get_error(response)


def get_server_time(response: requests.Response) -> int:
    """
    Return the server's time in seconds since 1970; this computer's time if it is unknown.
    """
    try:
        return int(parsedate_to_datetime(response.headers["date"]).timestamp())
    except (KeyError, ValueError, TypeError, OverflowError):
        return int(time.time())


def _get_message(response: requests.Response) -> str:
    try:
        data = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    message = data.get("message") if isinstance(data, Mapping) else ""
    return " ".join(map(as_text, as_list(message))) or as_text(message)
