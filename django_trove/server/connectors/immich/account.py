"""
The address of the API, and the permissions of a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urljoin

import requests

from ..addresses import is_same_origin, normalize_address
from ..errors import AddressRefused, ServiceFailed
from ..messages import Message as _
from ..values import as_list, as_text, dig
from .api import ALL, DOWNLOAD, REQUIRED_PERMISSIONS, KeyAuth, parse_response

NOT_FOUND = _("No Immich server was found at this address. Check it, including the port.")
Request = Callable[..., requests.Response]


def find_api(request: Request, address: str) -> str:
    """
    Return the URL of the API, which `/.well-known/immich` can specify.
    """
    response = request("GET", f"{address}/.well-known/immich")
    endpoint = "/api"
    if response.ok:
        with suppress(ValueError, RecursionError):  # other servers send a page
            endpoint = as_text(dig(json.loads(response.content), "api", "endpoint")) or "/api"
    default = f"{address}/api"
    for api in dict.fromkeys([_join(address, endpoint) or default, default]):
        if is_same_origin(api, address) and _is_api(request, api):
            return api
    raise ServiceFailed(NOT_FOUND)


def _join(address: str, endpoint: str) -> str:
    """
    Return the URL of an endpoint, or "" if it is invalid.
    """
    try:
        return normalize_address(urljoin(f"{address}/", endpoint), allow_http=True)
    except (ValueError, AddressRefused):
        return ""


def _is_api(request: Request, api: str) -> bool:
    response = request("GET", f"{api}/server/ping")
    try:
        return response.ok and dig(json.loads(response.content), "res") == "pong"
    except (ValueError, RecursionError):
        return False


def read_permissions(request: Request, api: str, auth: KeyAuth) -> list[str]:
    """
    Return the permissions of the key; the required ones if they are unknown: versions before 1.138
    have no such request, and a key without `apiKey.read` does not permit it.
    """
    response = request("GET", f"{api}/api-keys/me", auth=auth)
    if response.status_code in (400, 403, 404):
        return [*REQUIRED_PERMISSIONS]
    data = parse_response(response)
    permissions = dig(data, "permissions")
    return list(map(as_text, permissions)) if isinstance(permissions, list) else [ALL]


def can_download(request: Request, api: str, auth: KeyAuth) -> bool:
    """
    Return whether the key permits to download originals; false if that is unknown. Keys of versions
    before 1.138, which have no such request, have all permissions.
    """
    response = request("GET", f"{api}/api-keys/me", auth=auth)
    if response.status_code == 403:
        return False
    if response.status_code in (400, 404):
        return True
    permissions = as_list(dig(parse_response(response), "permissions"))
    return not {ALL, DOWNLOAD}.isdisjoint(map(as_text, permissions))
