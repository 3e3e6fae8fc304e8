"""
The API for views, template tags and the site's own code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from asgiref.sync import sync_to_async

from .client import (
    Album,
    CallError,
    Checkin,
    Cluster,
    Friend,
    Month,
    NotFound,
    NotGranted,
    Person,
    Photo,
    PlaceCount,
    Query,
    Result,
    Status,
    Video,
)
from .client.codec import COLLECTION_CLASSES
from .conf import conf
from .core.async_calls import as_async, as_async_iterator
from .core.users import check_user, is_same_user
from .filters import Filters, resolve_query
from .models import TroveAccount

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from .backends.base import Backend

__all__ = ["Trove"]


PUBLIC_TYPES = ("photos", "videos", "status", *COLLECTION_CLASSES)
"""The content types whose items are public or private, and the collections of such items."""


def get_page_size(query: Query | None = None, **filters: Unpack[Filters]) -> int:
    return resolve_query(query, filters).count


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
    :param public_only: whether the content is limited to public photos, videos and status updates.
        Check-ins and friends have no such flag and are then never returned.
    """

    def __init__(
        self, user: AbstractBaseUser | AnonymousUser | None, *, public_only: bool = False
    ) -> None:
        self.user = user
        self.public_only = public_only

    def as_seen_by(self, viewer: Any) -> Trove:
        """
        Return this Trove if the viewer is its owner, or otherwise one with public content only.
        """
        if self.public_only or is_same_user(viewer, self.user):
            return self
        return Trove(self.user, public_only=True)

    @cached_property
    def backend(self) -> Backend:
        check_user(self.user)
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
        return self._get_content("photos", query, filters)

    def videos(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Video]:
        """
        Return one page of videos, as `photos` does.

        :raises NotGranted: if the user did not authorize videos; likewise for the other types.
        """
        return self._get_content("videos", query, filters)

    def statuses(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Status]:
        """
        Return one page of status updates, as `photos` does.
        """
        return self._get_content("status", query, filters)

    def checkins(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Checkin]:
        """
        Return one page of check-ins, as `photos` does.
        """
        return self._get_content("checkins", query, filters)

    def friends(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Friend]:
        """
        Return one page of friends, as `photos` does.
        """
        return self._get_content("friends", query, filters)

    def albums(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Album]:
        """
        Return one page of albums, the newest first, as `photos` does. The filters are `services`,
        `identities`, `album`, `public`, `page` and `count`.
        """
        return self._get_content("albums", query, filters)

    def album(self, trove_id: str) -> Album:
        """
        Return one album.

        :raises NotFound: if it does not exist, belongs to another user or must not be shown.
        :raises TroveError: as `photos` does.
        """
        for album in self.albums(Query(trove_id=trove_id)):
            return album
        raise NotFound("The album does not exist.")

    def timeline(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Month]:
        """
        Return the number of photos and videos of each month, the newest first, as `photos` does.
        The filters are `services`, `identities` and `public`.
        """
        return self._get_content("timeline", query, filters)

    def places(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[PlaceCount]:
        """
        Return one page of the places of photos and videos, those with the most items first, as
        `photos` does. The filters are `services`, `identities`, `public`, `page` and `count`.
        """
        return self._get_content("places", query, filters)

    def clusters(self, query: Query | None = None, **filters: Unpack[Filters]) -> Result[Cluster]:
        """
        Return the photos of a map, near ones in clusters, as `photos` does. The filters should
        contain `box` and `zoom`.

        :returns: with `has_next` if only the newest 500 matching photos are counted: with filters
            other than `box`, `services`, `identities`, `public` and `videos`.
        """
        return self._get_content("clusters", query, filters)

    def iter_photos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Photo]:
        """
        Yield the photos of all pages. Pages are requested one at a time and are not cached.

        :raises TroveError: as `photos` does.
        """
        return self._iter_content("photos", query, filters)

    def iter_videos(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Video]:
        return self._iter_content("videos", query, filters)

    def iter_statuses(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Status]:
        return self._iter_content("status", query, filters)

    def iter_checkins(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Checkin]:
        return self._iter_content("checkins", query, filters)

    def iter_friends(
        self, query: Query | None = None, **filters: Unpack[Filters]
    ) -> Iterator[Friend]:
        return self._iter_content("friends", query, filters)

    def photo(self, trove_id: str, *, videos: bool = False) -> Photo:
        """
        Return one photo.

        :param videos: whether it may also be a video.
        :raises NotFound: if it does not exist, belongs to another user or must not be shown.
        :raises TroveError: as `photos` does.
        """
        try:
            photo: Photo = self._get_item("photos", trove_id)
        except NotFound:
            if videos:
                with suppress(CallError, NotFound, NotGranted):
                    return self.video(trove_id)
            raise
        return photo

    def video(self, trove_id: str) -> Video:
        """
        Return one video, as `photo` does.
        """
        video: Video = self._get_item("videos", trove_id)
        return video

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

    aphotos = as_async(photos)
    aalbums = as_async(albums)
    aalbum = as_async(album)
    atimeline = as_async(timeline)
    aplaces = as_async(places)
    aclusters = as_async(clusters)
    avideos = as_async(videos)
    astatuses = as_async(statuses)
    acheckins = as_async(checkins)
    afriends = as_async(friends)
    aphoto = as_async(photo)
    avideo = as_async(video)
    auser_info = as_async(user_info)
    aservices = as_async(services)
    aadd_service_url = as_async(add_service_url)
    adisconnect = as_async(disconnect)
    aiter_photos = as_async_iterator(iter_photos, get_page_size)
    aiter_videos = as_async_iterator(iter_videos, get_page_size)
    aiter_statuses = as_async_iterator(iter_statuses, get_page_size)
    aiter_checkins = as_async_iterator(iter_checkins, get_page_size)
    aiter_friends = as_async_iterator(iter_friends, get_page_size)

    def _get_content(self, content_type: str, query: Query | None, filters: Filters) -> Result[Any]:
        query = resolve_query(query, filters)
        if self._is_empty(content_type, query):
            return Result(query=query)
        if not self._is_public_only(query):
            return self.backend.get_content(content_type, query)
        result = self.backend.get_content(content_type, replace(query, public=True))
        return replace(result, results=tuple(filter(is_public, result)), query=query)

    def _iter_content(
        self, content_type: str, query: Query | None, filters: Filters
    ) -> Iterator[Any]:
        query = resolve_query(query, filters)
        if self._is_empty(content_type, query):
            return iter(())
        if not self._is_public_only(query):
            return self.backend.iter_content(content_type, query)
        return filter(
            is_public, self.backend.iter_content(content_type, replace(query, public=True))
        )

    def _is_public_only(self, query: Query) -> bool:
        """
        Return whether every item must be public. The items are checked, too, because a Trove may
        ignore a field of the query that it does not know.
        """
        return self.public_only or query.public is True

    def _is_empty(self, content_type: str, query: Query) -> bool:
        return self.public_only and (content_type not in PUBLIC_TYPES or query.public is False)

    def _get_item(self, content_type: str, trove_id: str) -> Any:
        item = self.backend.get_item(content_type, trove_id)
        if self.public_only and not is_public(item):
            raise NotFound("The item is not public.")
        return item


def is_public(item: Any) -> bool:
    if isinstance(item, (Month, PlaceCount)):  # their counts are those of the query
        return True
    if isinstance(item, Cluster):
        return item.photo is None or item.photo.public
    if isinstance(item, Album):
        return item.cover is None or item.cover.public
    return bool(getattr(item, "public", False))
