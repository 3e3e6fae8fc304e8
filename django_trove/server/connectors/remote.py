"""
A service on the web, whatever it speaks: how its person's leave is got, and how it is called.
"""

from __future__ import annotations

import hashlib
import json
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from django_trove.client.content import Photo
from django_trove.client.logs import suppress_secret_logging

from .base import Connector, Misconfigured, Rendition, RetryLater, ServiceFailed
from .http import MAX_PICTURE_BYTES, MAX_REDIRECTS, MAX_RESPONSE_BYTES, TIMEOUT, read_limited
from .values import as_number


class AuthorizationDenied(Exception):
    """
    The person said no at the service.
    """


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """
    A person on the way to a service.

    :param url: where to send them.
    :param key: what comes back with them, and tells which flow it is: a request token, or a state.
    :param secret: what has to wait here meanwhile.
    """

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """
    A person's leave.

    :param token: what lets us in from now on, as JSON can hold it.
    :param service_id: the account's id there.
    :param name: what the person calls the account.
    :param url: the account's own page.
    :param settings: what the connector wants to know beside it; nothing secret.
    """

    token: Mapping[str, Any] = field(repr=False)
    service_id: str
    name: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Credentials:
    """
    What a service lets us in with.

    :param config: the service's part of this Trove's settings: keys, addresses and the like.
    :param token: what its person's leave came to; empty before there is one.
    """

    config: Mapping[str, Any] = field(repr=False)
    token: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def refresh(self, exchange: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """
        Trade the token for a fresh one. Where others do so at the same time, one good token is
        what everybody has in the end.

        :param exchange: gets the token, and returns the fresh one.
        :raises ServiceFailed: as `exchange` does.
        """
        self.token = exchange(self.token)


class RemoteConnector(Connector):
    """
    An account on the web. What goes wrong on the way is a `ServiceFailed`, with words for people.

    :param credentials: keys, and the account's token.
    """

    keys: ClassVar[tuple[str, ...]]
    """The settings that the operator gets from the service; without them it isn't offered."""

    defaults: ClassVar[Mapping[str, Any]]
    """All other settings: addresses first of all. `MEDIA_HOSTS` are hosts of pictures."""

    description: ClassVar[str] = ""
    """What people should know before they add it, in one or two sentences."""

    attribution: ClassVar[str] = ""
    """What the service wants to be said wherever its pictures are shown."""

    def __init__(self, settings: Mapping[str, Any], credentials: Credentials) -> None:
        super().__init__(settings)
        self.credentials = credentials

    @property
    def config(self) -> Mapping[str, Any]:
        """
        The operator's settings over the defaults.
        """
        return {**self.defaults, **self.credentials.config}

    @abstractmethod
    def start_authorization(self, callback: str) -> AuthorizationRequest:
        """
        Ask for a person's leave.

        :param callback: where the service sends them back to.
        :raises ServiceFailed: if it can't be asked.
        """

    @abstractmethod
    def finish_authorization(
        self, secret: str, callback_params: Mapping[str, str], callback: str
    ) -> Authorization:
        """
        Take a person's leave.

        :param secret: what waited (`Started.secret`).
        :param callback_params: the parameters that they came back with.
        :param callback: the same as at the start.
        :raises Denied: if they said no.
        :raises ServiceFailed: if the service gives nothing for it.
        """

    def revoke(self) -> None:
        """
        Tell the service that the leave isn't needed any more, where it can be told.

        :raises ServiceFailed: if it can't be told now.
        """

    def parse_deletion_request(self, signed_request: str) -> str:
        """
        Read a service's word that a person wants their data deleted.

        :returns: the account's id there.
        :raises ValueError: if it isn't the service's word, or this service doesn't send any.
        """
        raise ValueError(f"{self.title} sends no such requests.")

    def call(
        self, session: requests.Session, method: str, url: str, **options: Any
    ) -> requests.Response:
        """
        Call the service once. No redirect is followed, and no answer is read without end.

        :raises TryLater: if no answer comes.
        """
        try:
            with (
                suppress_secret_logging(),
                session.request(
                    method, url, timeout=TIMEOUT, allow_redirects=False, stream=True, **options
                ) as answer,
            ):
                answer._content = read_limited(answer, MAX_RESPONSE_BYTES)
                return answer
        except requests.RequestException:
            raise RetryLater(f"{self.title} doesn't answer.") from None
        except ValueError:
            raise ServiceFailed(f"{self.title} sent more than can be read.") from None

    def parse_json(self, answer: requests.Response) -> dict[str, Any]:
        """
        Read an answer.

        :raises TryLater: if it is no JSON object: so it is with services in trouble.
        """
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            words = f"{self.title} sent something that can't be read (status {answer.status_code})."
            raise RetryLater(words)
        return found

    @staticmethod
    def retry_after(answer: requests.Response) -> float | None:
        """
        Return for how many seconds a service wants to be left alone, where it says so (RFC 9110,
        section 10.2.3).
        """
        said = answer.headers.get("Retry-After", "")
        seconds = as_number(said)
        if seconds is None:
            try:
                seconds = parsedate_to_datetime(said).timestamp() - time.time()
            except (ValueError, TypeError, OverflowError):
                return None
        return max(0.0, seconds)

    def fetch(self, session: requests.Session, url: str, **options: Any) -> requests.Response:
        """
        Fetch a picture from one of the service's own hosts, and from nowhere else.

        :raises ServiceFailed: if it lies elsewhere, is too large, or doesn't come.
        """
        for _ in range(MAX_REDIRECTS):
            if not self.is_allowed_host(url):
                raise ServiceFailed(f"The picture doesn't lie at {self.title}.")
            try:
                with (
                    suppress_secret_logging(),
                    session.get(
                        url, timeout=TIMEOUT, allow_redirects=False, stream=True, **options
                    ) as answer,
                ):
                    answer._content = read_limited(answer, MAX_PICTURE_BYTES)
            except requests.RequestException:
                raise RetryLater(f"{self.title} doesn't send the picture.") from None
            except ValueError:
                raise ServiceFailed("The picture is too large.") from None
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise ServiceFailed("The picture is nowhere to be found.")

    def to_rendition(self, answer: requests.Response) -> Rendition:
        """
        Read a picture that was fetched.

        :raises ServiceFailed: if it is none that browsers show.
        """
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not answer.ok or kind not in ("image/jpeg", "image/png", "image/webp", "image/gif"):
            raise ServiceFailed(f"{self.title} sent no picture (status {answer.status_code}).")
        if not answer.content:
            raise ServiceFailed(f"{self.title} sent an empty picture.")
        return Rendition(answer.content, kind)

    def key(self, name: str) -> str:
        """
        Return one of the operator's keys.

        :raises Misconfigured: if it isn't there.
        """
        value = self.config.get(name)
        if not value:
            raise Misconfigured(f"This Trove has no {name} for {self.title}.")
        return str(value)

    def is_allowed_host(self, url: str) -> bool:
        """
        Return whether an address of a picture is one of the service's own hosts, as requests reads
        addresses. Hosts are written as `ALLOWED_HOSTS` are: ".example.org" is all below it. Another
        port, and plain http, go where the port is written: a stand-in on this machine.
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
        named = any(
            parts.host.endswith(host) if host.startswith(".") else parts.host == host
            for host in hosts
        )
        return named and parts.scheme == "https" and parts.port in (None, 443)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerSession:
    """
    A person picks at a service what comes into the Trove.

    :param id: of the session there.
    :param url: where they pick.
    :param seconds: how long to wait between two questions whether they are done.
    :param expires: when it is too late, in seconds since 1970.
    """

    id: str
    url: str
    seconds: float
    expires: float


class Picker(RemoteConnector):
    """
    A service that no program may list: its person picks. `settings["sessions"]` names the sessions
    that were begun; `pages` takes in what was picked in them.
    """

    @abstractmethod
    def start_picker_session(self) -> PickerSession:
        """
        Begin a session.

        :raises ServiceFailed: if there can be none now.
        """

    @abstractmethod
    def is_selection_complete(self, session_id: str) -> bool:
        """
        Return whether the person is done.

        :raises ServiceFailed: if the session is over, or can't be asked for.
        """


def compute_stamp(photo: Photo, *more: Any) -> str:
    """
    Return what changes whenever something that is said of an item does.

    :param more: what else counts.
    """
    said = json.dumps([asdict(photo) | {"urls": dict(photo.urls)}, *more], default=str)
    return hashlib.blake2s(said.encode(), digest_size=16).hexdigest()
