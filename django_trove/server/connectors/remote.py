"""
Base classes of connectors for web services: authorization, HTTP requests and proxied pictures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urljoin

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from django_trove.client.logs import suppress_secret_logging

from .authorization import Credentials
from .base import Connector, Rendition
from .errors import IncompleteResponse, Misconfigured, NoResponse, RetryLater, ServiceFailed
from .http import (
    MAX_PICTURE_BYTES,
    MAX_REDIRECTS,
    MAX_RESPONSE_BYTES,
    TooLarge,
    get_timeout,
    read_limited,
)
from .messages import Message
from .messages import Message as _

MAX_CALLS = 500  # requests for one batch


class RemoteConnector(Connector):
    """
    An account at a web service. Every error is raised as `ServiceFailed` with a reason for the
    user.

    :param credentials: keys and the account's token.
    """

    keys: ClassVar[tuple[str, ...]]
    """Required settings that the operator gets from the service."""

    defaults: ClassVar[Mapping[str, Any]]
    """
    Optional settings, such as URLs. `MEDIA_HOSTS` are the allowed hosts of pictures.
    `CONTENT_TYPES` are the wanted content types, if they can be selected.
    """

    description: ClassVar[str] = ""
    """One or two sentences for users who add the service."""

    attribution: ClassVar[str] = ""
    """A text that the service requires wherever its pictures are displayed."""

    shares_tokens: ClassVar[bool] = True
    """Whether the revocation of a token may also revoke other tokens of the same account."""

    def __init__(self, settings: Mapping[str, Any], credentials: Credentials) -> None:
        super().__init__(settings)
        self.credentials = credentials
        self._calls = 0

    def start_batch(self) -> None:
        self._calls = 0

    @property
    def config(self) -> Mapping[str, Any]:
        """
        The settings of the service, with defaults.
        """
        return {**self.defaults, **self.credentials.config}

    @property
    def wanted_types(self) -> tuple[str, ...]:
        return tuple(self.config.get("CONTENT_TYPES", self.content_types))

    def revoke(self) -> None:
        """
        Revoke the token at the service, if it has an endpoint for that.

        :raises ServiceFailed: if the service is unavailable.
        """

    def parse_deletion_request(self, signed_request: str) -> str:
        """
        Verify a signed data deletion request of the service.

        :returns: the account's id at the service.
        :raises ValueError: if the request is invalid, or the service does not send any.
        """
        raise ValueError(f"{self.title} does not send deletion requests.")

    def call(
        self, session: requests.Session, method: str, url: str, **options: Any
    ) -> requests.Response:
        """
        Send one request, without redirects and with a limited response size.

        :raises NoResponse: if there is no response.
        :raises IncompleteResponse: if the body is incomplete.
        :raises RetryLater: after too many requests for one batch.
        :raises ServiceFailed: if the response is too large.
        """
        response: requests.Response | None = None
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise RetryLater(_("%(service)s required too many requests.", service=self.title))
        try:
            with (
                suppress_secret_logging(),
                session.request(
                    method,
                    url,
                    timeout=get_timeout(),
                    allow_redirects=False,
                    stream=True,
                    **options,
                ) as response,
            ):
                response._content = read_limited(response, MAX_RESPONSE_BYTES)
                return response
        except requests.RequestException:
            if response is None:
                raise NoResponse(self.describe_missing_response(url)) from None
            reason = _("%(service)s did not send the complete response.", service=self.title)
            raise IncompleteResponse(reason) from None
        except TooLarge:
            raise ServiceFailed(
                _("The response of %(service)s is too large.", service=self.title)
            ) from None
        except ValueError:  # a header cannot be encoded, or the URL of a redirect is invalid
            reason = _(
                "%(service)s sent an invalid response, or a value has invalid characters.",
                service=self.title,
            )
            raise ServiceFailed(reason) from None

    def describe_missing_response(self, url: str) -> Message:
        return _("%(service)s did not respond.", service=self.title)

    def parse_json(self, response: requests.Response) -> dict[str, Any]:
        """
        Return the JSON object of a response.

        :raises RetryLater: if it is not a JSON object; unavailable services send HTML pages.
        """
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            reason = _(
                "%(service)s sent an invalid response (status %(status)s).",
                service=self.title,
                status=response.status_code,
            )
            raise RetryLater(reason)
        return data

    def fetch(self, session: requests.Session, url: str, **options: Any) -> requests.Response:
        """
        Fetch a picture. Each URL, including redirects, must be on an allowed host, to prevent
        server-side request forgery.

        :raises ServiceFailed: if the host is not allowed, the picture is too large, or there is no
            response.
        """
        for __ in range(MAX_REDIRECTS):
            if not self.is_allowed_host(url):
                raise ServiceFailed(
                    _(
                        "The URL of the picture is not on an allowed host of %(service)s.",
                        service=self.title,
                    )
                )
            response: requests.Response | None = None
            try:
                with (
                    suppress_secret_logging(),
                    session.get(
                        url, timeout=get_timeout(), allow_redirects=False, stream=True, **options
                    ) as response,
                ):
                    response._content = read_limited(response, MAX_PICTURE_BYTES)
            except requests.RequestException:
                reason = _("%(service)s did not send the picture.", service=self.title)
                kind = NoResponse if response is None else IncompleteResponse
                raise kind(reason) from None
            except TooLarge:
                raise ServiceFailed(_("The picture is too large.")) from None
            except ValueError:  # the URL of a redirect is invalid
                raise ServiceFailed(
                    _("%(service)s sent an invalid response.", service=self.title)
                ) from None
            if not response.is_redirect:
                return response
            url = urljoin(url, response.headers["location"])
        raise ServiceFailed(_("The URL of the picture has too many redirects."))

    def to_rendition(self, response: requests.Response) -> Rendition:
        """
        Return the picture of a response.

        :raises ServiceFailed: if it is not a picture in a web format.
        """
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not response.ok or media_type not in (
            "image/jpeg",
            "image/png",
            "image/webp",
            "image/gif",
        ):
            raise ServiceFailed(
                _(
                    "%(service)s did not send a picture (status %(status)s).",
                    service=self.title,
                    status=response.status_code,
                )
            )
        if not response.content:
            raise ServiceFailed(_("%(service)s sent an empty picture.", service=self.title))
        return Rendition(response.content, media_type)

    def key(self, name: str) -> str:
        """
        Return a required setting.

        :raises Misconfigured: if it is missing.
        """
        value = self.config.get(name)
        if not value:
            raise Misconfigured(
                _("The setting %(name)s of %(service)s is missing.", name=name, service=self.title)
            )
        return str(value)

    def is_allowed_host(self, url: str) -> bool:
        """
        Return whether a URL is on a host of `MEDIA_HOSTS`, whose format is that of `ALLOWED_HOSTS`.
        The URL is parsed with urllib3, like requests does, so that both agree on the host. http and
        other ports are allowed only for hosts that are configured with a port, such as fake
        services.
        """
        try:
            parts = parse_url(url)
        except LocationParseError:
            return False
        hosts: tuple[str, ...] = tuple(self.config["MEDIA_HOSTS"])
        if parts.auth or not parts.host:
            return False
        if parts.port and parts.netloc in hosts:
            return parts.scheme in ("http", "https")
        allowed = any(
            parts.host.endswith(host) if host.startswith(".") else parts.host == host
            for host in hosts
        )
        return allowed and parts.scheme == "https" and parts.port in (None, 443)


def is_due(now: float, last: float, interval: float) -> bool:
    """
    Return whether an interval has passed since a time. A time in the future by more than the
    interval also counts: the clock was wrong.
    """
    return abs(now - last) >= interval
