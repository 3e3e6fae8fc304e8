"""
Albums, the timeline, places and clusters, and the queries that they support.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from .content import Content, Photo
from .errors import QueryError
from .query import Query
from .values import Count, Edges, Latitude, Longitude, Place


class PhotoGroup(Content, frozen=True, kw_only=True):
    """
    A group of photos and videos.
    """

    photos: Count = 0
    videos: Count = 0

    @property
    def count(self) -> int:
        """
        The number of photos and videos.
        """
        return self.photos + self.videos


class Album(PhotoGroup, frozen=True, kw_only=True):
    """
    An album of an account (protocol, section 5.6). A query of public photos counts these only.

    :param id: the id at the service, for `Query.albums`.
    :param identity: the id of the account, for `Query.identities_by_id`.
    :param cover: the newest photo, or the newest video of an album without photos.
    """

    object_type: ClassVar[str] = "album"

    identity: str = ""
    title: str = ""
    cover: Photo | None = None


class Month(PhotoGroup, frozen=True, kw_only=True):
    """
    The number of photos and videos of a month in local time (protocol, section 5.6).

    :param year: 0 for items without a date.
    :param month: from 1 to 12, or 0 for items without a date.
    """

    object_type: ClassVar[str] = "month"

    year: Count = 0
    month: Count = 0

    @property
    def first_day(self) -> date | None:
        """
        The first day of the month, or None for items without a date or an invalid month.
        """
        try:
            return date(self.year, self.month, 1)
        except (ValueError, OverflowError):
            return None


class PlaceCount(PhotoGroup, frozen=True, kw_only=True):
    """
    The number of photos and videos at a place (protocol, section 5.6).

    :param id: the full name, for `Query.place`.
    """

    object_type: ClassVar[str] = "place"

    name: str = ""
    region: str = ""
    country: str = ""

    @property
    def place(self) -> Place:
        return Place(name=self.name, region=self.region, country=self.country)


class Cluster(PhotoGroup, frozen=True, kw_only=True):
    """
    Photos, and videos if they are requested, that are near each other on a map (protocol, section
    5.6).

    :param latitude: that of the center.
    :param longitude: that of the center.
    :param box: south, west, north and east, in degrees. It contains all of the items.
    :param photo: one of the items.
    """

    object_type: ClassVar[str] = "cluster"

    latitude: Latitude = 0
    longitude: Longitude = 0
    box: Edges = (0, 0, 0, 0)
    photo: Photo | None = None


_FIELDS = frozenset({"services", "identities_by_id", "public", "videos", "force_update"})
COLLECTION_FIELDS = {
    "albums": _FIELDS | {"albums", "trove_id", "page", "count", "total"},
    "timeline": _FIELDS | {"total"},
    "places": _FIELDS | {"page", "count", "total"},
    "clusters": frozenset(Query.__slots__) - {"trove_id", "order_by", "page", "count", "after"},
}
"""The fields of a query that each collection supports (protocol, section 3.9)."""


def check_collection_query(name: str, query: Query) -> None:
    """
    :param name: the name of a collection.
    :raises QueryError: if the query is invalid, or the collection does not support a field of it.
    """
    query.check()
    default = Query()
    for attribute in Query.__slots__:
        is_set = getattr(query, attribute) != getattr(default, attribute)
        if is_set and attribute not in COLLECTION_FIELDS[name]:
            raise QueryError(f"{name} cannot be filtered by {attribute}.", field=attribute)
