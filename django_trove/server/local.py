"""
A backend that queries the Trove of the same project in process. The site selects it with
`TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host
from django.urls import reverse

from django_trove.client import (
    CallError,
    NotConnected,
    NotGranted,
    Person,
    QueryError,
    SignUpClosed,
    Token,
    TroveAPI,
    codec,
)
from django_trove.client.calls.content import check_content_type
from django_trove.client.query import Query
from django_trove.client.result import Result
from django_trove.core.redirects import safe_redirect_url
from django_trove.core.users import is_active

from .accounts.content_types import offered_content_types
from .accounts.profile import build_profile, service_paths
from .conf import conf
from .connectors.base import DEFAULT_CONTENT_TYPES
from .models import AddLink, Identity
from .search.collections import COUNTED_KINDS, search_collection
from .search.engine import search_content

__all__ = ["LocalTrove"]


class LocalTrove(TroveAPI):
    """
    `TroveAPI` without HTTP requests, tokens and signatures. Results and errors are the same.
    Methods that have no meaning in process, such as `push_photos`, raise `CallError`.

    :param user: the owner of the Trove.
    """

    uses_oauth: ClassVar[bool] = False
    account = None

    def __init__(self, user: Any) -> None:
        self.user = user
        self.access_token = None

    def __repr__(self) -> str:
        return f"<LocalTrove {self.user.pk}>"

    @cached_property
    def content_types(self) -> tuple[str, ...]:  # type: ignore[override]
        """
        The content types that the Trove offers.
        """
        return tuple(offered_content_types())

    @property
    def active(self) -> bool:
        """
        Whether the user may have a Trove: authenticated and not deactivated.
        """
        return is_active(self.user)

    @cached_property
    def connected(self) -> bool:
        """
        Whether the user has added a service.
        """
        return self.active and Identity.objects.of(self.user).exists()

    @property
    def home_url(self) -> str:
        """
        The URL of the Trove's home page.
        """
        return _get_url("home")

    def get_content(self, content_type: str, query: Query | None = None) -> Result[Any]:
        check_content_type(content_type, with_collections=True)
        query = query or Query()
        query.check()
        self._require_connected()
        if content_type in codec.COLLECTION_CLASSES:
            return search_collection(self.user, content_type, query, conf.api_origin, COUNTED_KINDS)
        if content_type not in DEFAULT_CONTENT_TYPES and content_type not in self.content_types:
            raise NotGranted(f"The Trove does not offer {content_type}.", content_type=content_type)
        return search_content(self.user, content_type, query, conf.api_origin)

    def get_user_info(self) -> Person:
        self._require_connected()
        return build_profile(self.user, with_email=True)

    def get_services(self) -> dict[str, str]:
        self._require_active()
        return service_paths()

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time link at which the user adds a service.

        :param redirect_url: a path, or a URL on a host of this project. The default is the home
            page of the Trove.
        :raises CallError: if the service cannot be added.
        :raises QueryError: if `redirect_url` is on another host.
        """
        return self._create_link(self.get_services(), service, redirect_url, user=self.user)

    def get_url_for_new_trove(
        self, service: str, request_token: Token | None = None, redirect_url: str = ""
    ) -> str:
        """
        Return a one-time link at which a new user signs up, and adds a service.

        :param request_token: not used.
        :param redirect_url: as for `get_url_for_service`.
        :raises SignUpClosed: if visitors cannot sign up.
        :raises CallError: as `get_url_for_service` does.
        :raises QueryError: as `get_url_for_service` does.
        """
        if conf.sign_up != "open":
            raise SignUpClosed("This Trove does not accept new users.")
        return self._create_link(service_paths(), service, redirect_url)

    def _create_link(
        self, services: Mapping[str, str], service: str, redirect_url: str, **fields: Any
    ) -> str:
        if service not in services:
            raise CallError(f"service must be one of {', '.join(sorted(services))}.")
        if redirect_url and not _is_local_url(redirect_url):
            raise QueryError("redirect_url is not on a host of this project.", field="redirect_url")
        link = AddLink.objects.issue(service=service, redirect_url=redirect_url, **fields)
        return _get_url("use_add_link", link)

    def get_request_token(self, callback: str | None = None) -> Any:
        raise CallError("A Trove in the same project is not connected with tokens.")

    def _request(self, method: str, path: str, **call: Any) -> Any:
        raise CallError(f"A Trove in the same project is not called over HTTP: {path}")

    def disconnect(self) -> None:
        raise NotConnected("A Trove in the same project has no connection.")

    def _require_connected(self) -> None:
        self._require_active()
        if not self.connected:
            raise NotConnected("The user has not added a service to the Trove.")

    def _require_active(self) -> None:
        if not self.active:
            raise NotConnected("The user has no Trove.")


def _get_url(name: str, *args: Any) -> str:
    return conf.web_origin + reverse(f"trove_server:{name}", args=args)


def _is_local_url(url: str) -> bool:
    """
    Return whether a URL is on a host of this project. It may be user input (open redirect).
    """
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return False
    host, _ = split_domain_port(netloc)
    hosts = {netloc} if netloc and validate_host(host, conf.hosts) else set()
    return bool(safe_redirect_url(url, hosts, require_https=False))
