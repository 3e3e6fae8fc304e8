"""
A Trove in this very project, asked in process: what `TROVE["BACKEND"]` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast

from django.utils.module_loading import import_string

from ..client import CallError, Person, Photo, Query, Result
from ..conf import conf


class TroveClient(Protocol):
    """
    What a site asks of a Trove: the client has it, and so has a backend.
    """

    def get_photos(self, query: Query | None = None) -> Result[Photo]: ...

    def get_photo(self, trove_id: str) -> Photo: ...

    def iter_photos(self, query: Query | None = None) -> Iterator[Photo]: ...

    def get_user_info(self) -> Person: ...

    def get_services(self) -> dict[str, str]: ...

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str: ...


class Backend(TroveClient, Protocol):
    """
    What a Trove in process has besides.
    """

    @property
    def connected(self) -> bool:
        """
        Whether the user is active and has added a service.
        """

    @property
    def home_url(self) -> str:
        """
        Where the user sees what they have there.
        """


def get_local_backend(user: Any) -> Backend | None:
    """
    Return a user's Trove in this project; None where the Trove is asked over HTTP.

    :raises CallError: if the settings name what can't be imported.
    """
    if not conf.backend:
        return None
    try:
        make = cast(Callable[[Any], Backend], import_string(conf.backend))
    except (ImportError, RuntimeError):  # the latter where its app isn't installed
        raise CallError(f"TROVE has a BACKEND that can't be imported: {conf.backend}") from None
    return make(user)
