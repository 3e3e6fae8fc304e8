"""
The Trove of this very project, asked in process: `TROVE = {"BACKEND": …}` of the site names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from django_trove.client import CallError, NotConnected, Person, QueryError, TroveAPI, codec
from django_trove.client.query import Query, Result

from .accounts.profile import build_profile, service_paths
from .conf import conf
from .models import AddLink, Identity
from .search.engine import search_content

__all__ = ["LocalTrove"]


class LocalTrove(TroveAPI):
    """
    The client's methods with the same results and errors, and no call, token or signature. There
    is nothing to connect, and nothing to push: what goes over the wire there is refused here.

    :param user: whose Trove is asked, and nobody else's.
    """

    uses_oauth: ClassVar[bool] = False
    account = None

    def __init__(self, user: Any) -> None:
        self.user = user
        self.content_types = tuple(codec.DECODERS)
        self.access_token = None

    def __repr__(self) -> str:
        return f"<LocalTrove {self.user.pk}>"

    @property
    def active(self) -> bool:
        """
        Whether the user may have a Trove: nobody who is anonymous or shut out does.
        """
        return getattr(self.user, "pk", None) is not None and self.user.is_active

    @cached_property
    def connected(self) -> bool:
        """
        Whether the user has added a service.
        """
        return self.active and Identity.objects.of(self.user).exists()

    @property
    def home_url(self) -> str:
        """
        Where the user sees what they have.
        """
        return _get_url("home")

    def get_content(self, content_type: str, query: Query | None = None) -> Result[Any]:
        if content_type not in codec.DECODERS:
            raise CallError(f"content_type is none of {', '.join(codec.DECODERS)}.")
        query = query or Query()
        self._require_connected()
        return search_content(self.user, content_type, query, _get_origin())

    def get_user_info(self) -> Person:
        self._require_connected()
        return build_profile(self.user, with_email=True)

    def get_services(self) -> dict[str, str]:
        self._require_active()
        return service_paths()

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time link at which the user adds a service.

        :param redirect_url: a path, or an address on a host of this project; the Trove's own home
            without it.
        :raises CallError: if this Trove doesn't offer that service.
        :raises QueryError: if `redirect_url` leads elsewhere.
        """
        return self._link(self.get_services(), service, redirect_url, user=self.user)

    def get_url_for_new_trove(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time link at which whoever signs in, or signs up, adds a service.

        :param redirect_url: as for `get_url_for_service`.
        :raises CallError: as `get_url_for_service` does.
        :raises QueryError: as `get_url_for_service` does.
        """
        return self._link(service_paths(), service, redirect_url)

    def _link(
        self, offered: Mapping[str, str], service: str, redirect_url: str, **whose: Any
    ) -> str:
        if service not in offered:
            raise CallError(f"service is none of those offered: {', '.join(sorted(offered))}.")
        if redirect_url and not _is_local_url(redirect_url):
            raise QueryError("redirect_url is not on a host of this project.", field="redirect_url")
        link = AddLink.objects.issue(service=service, redirect_url=redirect_url, **whose)
        return _get_url("add_link", link)

    def get_request_token(self, callback: str | None = None) -> Any:
        raise CallError("A Trove in the same project isn't connected by tokens.")

    def _request(self, method: str, path: str, **call: Any) -> Any:
        raise CallError(f"A Trove in the same project isn't called: {path}")

    def disconnect(self) -> None:
        raise NotConnected("There is no connection to a Trove in the same project.")

    def _require_connected(self) -> None:
        self._require_active()
        if not self.connected:
            raise NotConnected("The user has added no service to their Trove.")

    def _require_active(self) -> None:
        if not self.active:
            raise NotConnected("The user has no Trove.")


def _get_origin() -> str:
    """
    Return what addresses begin with; "" where the settings leave that to each request.
    """
    public = urlsplit(conf.url)
    return f"{public.scheme}://{public.netloc}" if conf.url else ""


def _get_url(name: str, *args: Any) -> str:
    return _get_origin() + reverse(f"trove_server:{name}", args=args)


def _is_local_url(url: str) -> bool:
    """
    Return whether an address leads to this project: a site may have it from a visitor.
    """
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return False
    host, _ = split_domain_port(netloc)
    known = not netloc or validate_host(host, conf.hosts)
    return known and url_has_allowed_host_and_scheme(url, {netloc} if netloc else None)
