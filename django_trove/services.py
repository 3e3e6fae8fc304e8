"""
The API for views, template tags and the site's own code.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model

from .client import CallError, Person, Photo, Query, Result
from .conf import conf
from .filters import Filters, resolve_query
from .models import TroveAccount

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from .backends.base import Backend

__all__ = ["Trove"]


class Trove:
    """
    A user's Trove. Create an instance when you need one; it reads the user's account once.

    Each method has an asynchronous version with the prefix `a`. It runs in the thread that Django
    reserves for the request (`thread_sensitive`), so that database connections are closed at the
    end of the request. A slow Trove delays that request only, never the event loop. Concurrent
    calls of one request run one after the other.

    If `TROVE["BACKEND"]` is set to a Trove server in the same project, there is no account and no
    token, responses are not cached, and a user is connected once they have added a service.

    :param user: anonymous and inactive users are never connected.
    """

    def __init__(self, user: AbstractBaseUser | AnonymousUser | None) -> None:
        self.user = user

    @cached_property
    def backend(self) -> Backend:
        _check_user(self.user)
        backend: Backend = conf.backend(self.user)
        return backend

    @property
    def account(self) -> TroveAccount | None:
        """
        The user's account, or None if the user has no account or the backend needs none.
        """
        return self.backend.account

    @property
    def connected(self) -> bool:
        """
        Whether photos can be queried. False if the user must reconnect.
        """
        return self.backend.connected

    def photos(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Photo]:
        """
        Return one page of photos, from the cache if the cached response is fresh.

        :param query: the query, or instead
        :param filters: keyword filters: see `filters.build_query`.
        :returns: with `stale` set and the reason in `error` if the Trove is unavailable and this is
            its last successful response.
        :raises NotConnected: if the user has no account.
        :raises TokenRejected: if the user must reconnect.
        :raises QueryError: if the query is invalid.
        :raises TroveError: if the Trove is unavailable and no response is cached.
        """
        return self.backend.get_photos(resolve_query(query, filters))

    def iter_photos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Photo]:
        """
        Yield the photos of all pages. Pages are requested one at a time and are not cached.

        :raises TroveError: as `photos` does.
        """
        return self.backend.iter_photos(resolve_query(query, filters))

    def photo(self, trove_id: str) -> Photo:
        """
        Return one photo.

        :raises NotFound: if it does not exist or belongs to another user.
        :raises TroveError: as `photos` does.
        """
        return self.backend.get_photo(trove_id)

    def user_info(self) -> Person:
        """
        Return the user's name at the Trove and their accounts on services.

        :raises TroveError: as `photos` does.
        """
        return self.backend.get_user_info()

    def services(self) -> Mapping[str, str]:
        """
        Return the services that the user can add. The keys are the names that `add_service_url`
        accepts.

        :raises TroveError: as `photos` does.
        """
        return self.backend.get_services()

    def add_service_url(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time URL at which the user adds a service. Cached responses are deleted, so
        that the new photos are visible when the user returns.

        :param redirect_url: the URL to return to.
        :raises TroveError: as `photos` does.
        """
        return self.backend.get_url_for_service(service, redirect_url)

    def disconnect(self) -> None:
        """
        Delete the user's account, its token and its cached responses.

        :raises NotConnected: if the user has no account.
        """
        self.backend.disconnect()

    async def aaccount(self) -> TroveAccount | None:
        return await sync_to_async(lambda: self.account)()

    async def aconnected(self) -> bool:
        return await sync_to_async(lambda: self.connected)()

    async def aphotos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Result[Photo]:
        return await sync_to_async(self.photos)(query, **filters)

    async def aiter_photos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> AsyncIterator[Photo]:
        """
        Yield the photos of all pages. Each page takes one switch to the worker thread.
        """
        query = resolve_query(query, filters)
        photos = await sync_to_async(self.iter_photos)(query)
        next_page = sync_to_async(lambda: list(itertools.islice(photos, query.count)))
        while page := await next_page():
            for photo in page:
                yield photo

    async def aphoto(self, trove_id: str) -> Photo:
        return await sync_to_async(self.photo)(trove_id)

    async def auser_info(self) -> Person:
        return await sync_to_async(self.user_info)()

    async def aservices(self) -> Mapping[str, str]:
        return await sync_to_async(self.services)()

    async def aadd_service_url(self, service: str, redirect_url: str = "") -> str:
        return await sync_to_async(self.add_service_url)(service, redirect_url)

    async def adisconnect(self) -> None:
        await sync_to_async(self.disconnect)()


def _check_user(user: Any) -> None:
    """
    The primary key of another model could be the primary key of another user.
    """
    is_nobody = user is None or user == "" or getattr(user, "is_authenticated", None) is False
    if not is_nobody and not isinstance(user, get_user_model()):
        raise CallError(f"user must be a user of this site, not {type(user).__name__}.")
