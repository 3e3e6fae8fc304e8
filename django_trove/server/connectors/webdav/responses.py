"""
Errors of WebDAV servers.
"""

from __future__ import annotations

import re

import requests

from ..errors import NoResponse, Revoked, ServiceFailed
from ..http import find_outage
from ..messages import Message as _
from ..remote_files.entries import FileFailed


def get_error(response: requests.Response, name: str) -> ServiceFailed:
    """
    Return the exception for a response without the expected status.

    :param name: the path of the file or folder.
    """
    status = response.status_code
    if status == 401:
        return Revoked(
            _("The server no longer accepts the user name and password. Reconnect the account.")
        )
    outage = find_outage(response, _("The server"))
    if outage and status in (429, 503):
        return outage
    if status in (502, 504):
        return NoResponse(_("The server is unavailable (status %(status)s).", status=status))
    if status in (404, 410):
        return FileFailed(_("The server does not have %(name)s.", name=name), is_missing=True)
    if status == 403:
        return FileFailed(_("The server does not permit access to %(name)s.", name=name))
    return FileFailed(
        _("The server does not send %(name)s (status %(status)s).", name=name, status=status)
    )


def find_authentication(response: requests.Response) -> str:
    """
    Return the scheme to use after a response with the status 401: "basic", "digest", or "" if the
    server supports neither. Digest is preferred without https, because it hides the password.
    """
    challenge = response.headers.get("www-authenticate", "").lower()
    offered = [name for name in ("basic", "digest") if re.search(rf"\b{name}\b", challenge)]
    if "digest" in offered and response.url.startswith("http:"):
        return "digest"
    return offered[0] if offered else ""
