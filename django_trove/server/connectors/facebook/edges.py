"""
The lists of the Graph API that a sync reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from django_trove.client.content import Content, Friend, Photo
from django_trove.client.values import Urls

from ..base import FoundItem, to_service_id
from ..etags import compute_etag
from .graph import DAY
from .posts import FRIEND_FIELDS, POST_FIELDS, parse_friend, parse_post
from .records import PHOTO_FIELDS, VIDEO_FIELDS, parse_expiry, parse_photo, parse_video

PERMISSIONS = {
    "photos": "user_photos",
    "videos": "user_videos",
    "status": "user_posts",
    "checkins": "user_posts",
    "friends": "user_friends",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """
    A list of the user's items.

    :param name: its name in URLs, and in cursors.
    :param parse: converts a record to its items.
    :param content_types: the types of these items.
    :param parameters: further parameters of the request.
    :param prefixes: prefixes of the items' ids in the index. If there are any, an error does not
        stop the sync: the items are kept.
    :param is_newest_first: whether all items after a page without changes are unchanged.
    """

    name: str
    fields: str
    parse: Callable[[Mapping[str, Any]], Sequence[Content]]
    content_types: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    is_newest_first: bool = True


EDGES = (
    Edge(
        name="photos",
        fields=PHOTO_FIELDS,
        parse=lambda record: [parse_photo(record)],
        content_types=("photos",),
        parameters={"type": "uploaded"},
    ),
    Edge(
        name="videos",
        fields=VIDEO_FIELDS,
        parse=lambda record: [parse_video(record)],
        content_types=("videos",),
        parameters={"type": "uploaded"},
    ),
    Edge(
        name="posts",
        fields=POST_FIELDS,
        parse=parse_post,
        content_types=("status", "checkins"),
        prefixes=(to_service_id("status", ""), to_service_id("checkin", "")),
    ),
    Edge(
        name="friends",
        fields=FRIEND_FIELDS,
        parse=parse_friend,
        content_types=("friends",),
        prefixes=(to_service_id("friend", ""),),
        is_newest_first=False,
    ),
)


def to_item(content: Content) -> FoundItem:
    """
    The etag of a photo is independent of the URLs, which expire and are replaced. The URL of a
    friend's picture cannot be replaced when it is requested, so the etag contains the day on which
    it expires.
    """
    if isinstance(content, Friend):
        url = content.avatar_url
        day = int(parse_expiry(url) or 0) // DAY
        without_query = structs.replace(content, avatar_url=url.partition("?")[0])
        return FoundItem(content=content, etag=compute_etag(without_query, day))
    if not isinstance(content, Photo):
        return FoundItem(content=content, etag=compute_etag(content))
    without_urls = structs.replace(content, urls=Urls(dict.fromkeys(content.urls, "")))
    return FoundItem(content=content, etag=compute_etag(without_urls), proxied=True)
