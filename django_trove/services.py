"""
What views, tags and a site's own code call.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model

from .backends.base import Backend, TroveClient, get_local_backend
from .backends.cache import CachedResponse, ResponseCache, clear_responses
from .backends.remote import disconnect, record_outcome
from .client import CallError, NotConnected, Person, Photo, Query, Result, TokenRejected
from .client.codec import query_to_wire
from .filters import Filters, build_query
from .models import TroveAccount

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

__all__ = ["Trove", "resolve_query"]

T = TypeVar("T")


class Trove:
    """
    A user's Trove. Make one where it is needed: it reads the account once and keeps it.

    Each method has a form with an `a` before its name, to await. Those run in the thread that
    Django keeps for the request (`thread_sensitive`), where its database connections are closed
    in the end; a Trove that is slow holds up that one request, and never the event loop. Several
    that one request gathers run one after the other.

    With a `BACKEND` in the settings the Trove is in this project: there is no account and no token
    then, nothing is kept, and the user is connected once they have added a service.

    :param user: whose it is; anonymous and inactive users have none.
    """

    def __init__(self, user: AbstractBaseUser | AnonymousUser | None) -> None:
        self.user = user

    @cached_property
    def _local(self) -> Backend | None:
        """
        The user's Trove in this project; None where it is asked over HTTP.
        """
        _check_user(self.user)
        return get_local_backend(self.user)

    @cached_property
    def account(self) -> TroveAccount | None:
        """
        The user's account; None for a user who has none, and where none is needed.
        """
        if self._local:
            return None
        return TroveAccount.objects.of(self.user)

    @property
    def connected(self) -> bool:
        """
        Whether photos can be asked for. An account that needs to be connected again doesn't count.
        """
        if self._local:
            return self._local.connected
        return self.account is not None and not self.account.needs_reconnect

    def photos(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Photo]:
        """
        Return one page of photos, from the cache where there is a fresh answer.

        :param query: what to ask for; or instead
        :param filters: the same as keywords: see `filters.query_from`.
        :returns: with `stale` set and the reason in `error`, if the Trove can't be asked now and
            this is its last good answer.
        :raises NotConnected: if the user has no account.
        :raises TokenRejected: if they have to connect again.
        :raises QueryError: if the query makes no sense.
        :raises TroveError: if the Trove can't be asked and no answer is kept.
        """
        query = resolve_query(query, filters)
        renew = query.force_update
        question = "photos " + _query_key(query)
        answer = self._ask(question, lambda api: api.get_photos(query), force_refresh=renew)
        stale = answer.error is not None
        return replace(answer.value, query=query, stale=stale, error=answer.error)

    def iter_photos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Photo]:
        """
        Yield the photos of every page, asking for each when it is reached. Nothing is kept.

        :raises TroveError: as `photos` does.
        """
        query = resolve_query(query, filters)
        if self._local:
            yield from self._usable_here(self._local).iter_photos(query)
            return
        account = self._usable()
        with record_outcome(account):
            yield from account.api().iter_photos(query)

    def photo(self, trove_id: str) -> Photo:
        """
        Return one photo.

        :raises NotFound: if there is none, or it is another person's.
        :raises TroveError: as `photos` does.
        """
        query = Query(trove_id=trove_id)
        question = "photo " + _query_key(query)
        return self._ask(question, lambda api: api.get_photo(query.trove_id)).value

    def user_info(self) -> Person:
        """
        Return who the user is at the Trove, with their accounts on services.

        :raises TroveError: as `photos` does.
        """
        return self._ask("user", lambda api: api.get_user_info()).value

    def services(self) -> Mapping[str, str]:
        """
        Return the services that the user could add: a name, and what `add_service_url` needs.

        :raises TroveError: as `photos` does.
        """
        if self._local:
            return self._local.get_services()
        return self._ask("services", lambda api: api.get_services()).value

    def add_service_url(self, service: str, redirect_url: str = "") -> str:
        """
        Return an address, good once, where the user adds a service to their Trove. What was kept
        is dropped, so that they see what it brings when they come back.

        :param redirect_url: where they are sent back to.
        :raises TroveError: as `photos` does.
        """
        if self._local:
            return self._local.get_url_for_service(service, redirect_url)
        account = self._usable()
        url = self._call(account, lambda api: api.get_url_for_service(service, redirect_url))
        clear_responses(account)
        return url

    def disconnect(self) -> None:
        """
        Give up the user's account, its token and every answer that was kept.

        :raises NotConnected: if there is none.
        """
        if self.account is None:
            raise NotConnected("The user has no Trove connected.")
        disconnect(self.account)
        self.__dict__.pop("account", None)

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
        Yield the photos of every page. A page of them takes one change of threads.
        """
        query = resolve_query(query, filters)
        photos = self.iter_photos(query)
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

    def _ask(
        self, question: str, call: Callable[[TroveClient], T], *, force_refresh: bool = False
    ) -> CachedResponse[T]:
        if self._local:
            return CachedResponse(call(self._usable_here(self._local)), time.time())
        account = self._usable()
        return ResponseCache(account).get(
            question, partial(self._call, account, call), force_refresh=force_refresh
        )

    def _call(self, account: TroveAccount, call: Callable[[TroveClient], T]) -> T:
        with record_outcome(account):
            return call(account.api())

    def _usable_here(self, local: Backend) -> Backend:
        if not local.connected:
            raise NotConnected("The user has added no service to their Trove.")
        return local

    def _usable(self) -> TroveAccount:
        if self.account is None:
            raise NotConnected("The user has no Trove connected.")
        if self.account.state != TroveAccount.State.ACTIVE or not self.account.has_valid_app_key:
            raise TokenRejected("The Trove has to be connected again.")
        return self.account


def _check_user(user: Any) -> None:
    """
    Refuse what is no user of this site: the key of something else may be the key of another user.
    """
    nobody = user is None or user == "" or getattr(user, "is_authenticated", None) is False
    if not nobody and not isinstance(user, get_user_model()):
        raise CallError(f"user is a {type(user).__name__}, not a user of this site.")


def resolve_query(query: Query | None, filters: Filters) -> Query:
    if query is not None and filters:
        raise CallError("Give a query or filters, not both.")
    return build_query(**filters) if query is None else query


def _query_key(query: Query) -> str:
    """
    Two queries that ask the same are the same text, whether or not they ask to renew it.
    """
    return json.dumps(query_to_wire(replace(query, force_update=False)), sort_keys=True)
