"""
The photos before and after a photo in the list of all photos, the newest first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..client import Photo, Query, TroveError
from ..services import Trove

MAX_SIMULTANEOUS = 25
"""The number of photos of the same second among which a photo is found."""


@dataclass(frozen=True, slots=True)
class Neighbors:
    """
    :param newer: the previous photo of the list.
    :param older: the next photo of the list.
    """

    newer: Photo | None = None
    older: Photo | None = None


def find_neighbors(trove: Trove, photo: Photo) -> Neighbors:
    """
    Find the neighbors with two queries. There are none if the photo has no date, or if the Trove is
    unavailable. The neighbors of a video are photos and videos.
    """
    if photo.date is None:
        return Neighbors()
    query = Query(count=MAX_SIMULTANEOUS, total=False, videos=photo.object_type == "video")
    newer = replace(query, date_from=photo.date, order_by=["service_date"])
    older = replace(query, date_to=photo.date, order_by=["-service_date"])
    try:
        return Neighbors(_find_next(trove, newer, photo), _find_next(trove, older, photo))
    except TroveError:
        return Neighbors()


def _find_next(trove: Trove, query: Query, photo: Photo) -> Photo | None:
    """
    Return the photo that follows in the result of a query.
    """
    photos = iter(trove.photos(query))
    for other in photos:
        if other.trove_id == photo.trove_id:
            return next(photos, None)
    return None
