"""
Base class of services at an address entered by the user, such as WebDAV on a NAS.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar
from urllib.parse import urljoin

import requests

from django_trove.client.logs import suppress_secret_logging

from .addresses import describe_origin, is_same_origin, is_web_url, normalize_address
from .authorization import Authorization
from .errors import IncompleteResponse, Misconfigured, NoResponse, ServiceFailed
from .http import CHUNK, MAX_REDIRECTS, get_download_seconds, get_timeout
from .messages import Message
from .messages import Message as _
from .remote import RemoteConnector
from .sessions import AddressSession

TOO_MANY_REDIRECTS = _("The server sends too many redirects.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountField:
    """
    A field of the form to add an account.

    :param label: in English; it is translated, like `help_text`.
    :param is_secret: whether the value is entered in a password field.
    """

    name: str
    label: str
    help_text: str = ""
    is_secret: bool = False
    is_required: bool = True


class EnteredService(RemoteConnector):
    """
    An account at an address that the user enters. `settings["address"]` is the normalized address.
    Users can add it if `SERVICES` contains its name, even with an empty dict.

    `HOSTS` lists the hosts in private networks to which connections are allowed; `ALLOW_HTTP`
    allows addresses without https; `CA_FILE` has further trusted certificates.
    """

    keys = ()
    defaults: ClassVar[Mapping[str, Any]] = {"HOSTS": (), "ALLOW_HTTP": False, "CA_FILE": ""}

    fields: ClassVar[tuple[AccountField, ...]]
    """Fields of the form to add an account."""

    _session: AddressSession | None = None

    @abstractmethod
    def check_account(self, values: Mapping[str, str]) -> Authorization:
        """
        Connect with the values of the form.

        :param values: by field name.
        :returns: the account. `Authorization.settings` contains the "address", and `token` the
            credentials.
        :raises ServiceFailed: the form shows its reason.
        """

    @property
    def address(self) -> str:
        return str(self.settings["address"])

    @property
    def session(self) -> AddressSession:
        """
        The session of this connector, which keeps its connections open.

        :raises Misconfigured: if `CA_FILE` cannot be read.
        """
        if self._session is None:
            try:
                self._session = AddressSession(self.config["HOSTS"], str(self.config["CA_FILE"]))
            except OSError:
                raise Misconfigured(_("The file in the setting CA_FILE cannot be read.")) from None
        return self._session

    def normalize_address(self, text: str) -> str:
        """
        :raises AddressRefused: if the address is invalid or not allowed.
        """
        return normalize_address(text, allow_http=bool(self.config["ALLOW_HTTP"]))

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """
        Send a request. Redirects are followed on the same origin only.

        :raises ServiceFailed: for a redirect to another origin, or as `call`.
        """
        for __ in range(MAX_REDIRECTS):
            response = self.call(self.session, method, url, **options)
            if not response.is_redirect:
                return response
            url = self._get_redirect(url, response)
        raise ServiceFailed(TOO_MANY_REDIRECTS)

    def describe_missing_response(self, url: str) -> Message:
        return _(
            "The server at %(origin)s did not respond. Check the address, and whether the server "
            "is running.",
            origin=describe_origin(url),
        )

    def describe_missing_file(self) -> Message:
        return _("%(service)s did not send the file.", service=self.title)

    def download(self, url: str, target: BinaryIO, limit: int, **options: Any) -> requests.Response:
        """
        Fetch a file that may be large.

        :param target: receives the content of a successful response.
        :param limit: maximum number of bytes.
        :raises ServiceFailed: if the file is larger, or there is no response.
        """
        with self.open(url, **options) as response:
            try:
                if response.ok:
                    _copy_limited(response, target, limit)
            except (requests.RequestException, ValueError):
                raise IncompleteResponse(self.describe_missing_file()) from None
        return response

    def open(self, url: str, **options: Any) -> requests.Response:
        """
        Request a file that may be large. Redirects are followed on the same origin only.

        :returns: a response with an unread body; the caller must close it.
        :raises ServiceFailed: for a redirect to another origin, or if there is no response.
        """
        for __ in range(MAX_REDIRECTS):
            try:
                with suppress_secret_logging():
                    response = self.session.get(
                        url, timeout=get_timeout(), allow_redirects=False, stream=True, **options
                    )
            except (requests.RequestException, ValueError):
                raise NoResponse(self.describe_missing_file()) from None
            if not response.is_redirect:
                return response
            response.close()
            url = self._get_redirect(url, response)
        raise ServiceFailed(TOO_MANY_REDIRECTS)

    def _get_redirect(self, url: str, response: requests.Response) -> str:
        try:
            target = urljoin(url, response.headers["location"])
        except ValueError:
            target = ""
        if not is_web_url(target):
            raise ServiceFailed(_("The server sends an invalid redirect."))
        if not is_same_origin(url, target):
            raise ServiceFailed(
                _(
                    "The server redirects to %(address)s. Enter that address if it is "
                    "the right one.",
                    address=describe_origin(target),
                )
            )
        return target


def _copy_limited(response: requests.Response, target: BinaryIO, limit: int) -> None:
    """
    :raises ServiceFailed: if the body is longer than `limit`.
    :raises requests.Timeout: after `get_download_seconds`.
    """
    size, deadline = 0, time.monotonic() + get_download_seconds()
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > limit:
            raise ServiceFailed(
                _("The file is larger than %(limit)s MB.", limit=limit // 1_000_000)
            )
        if time.monotonic() > deadline:
            raise requests.Timeout
        target.write(chunk)
