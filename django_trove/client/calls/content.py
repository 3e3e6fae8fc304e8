"""
The calls for content (protocol, sections 3.2 to 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from .. import codec
from ..collections import Album, Cluster, Month, PlaceCount
from ..content import Checkin, Content, Friend, Photo, Status, Video
from ..errors import AccessDenied, CallError, NotFound, NotGranted
from ..query import Query
from ..result import Item_co, PushResult, Result
from .base import BaseAPI

MAX_PUSH = 1000


class ContentCalls(BaseAPI):
    content_path: ClassVar[str] = "/v1/oauth/{}/"
    push_path: ClassVar[str] = "/v1/oauth/push/"

    def get_content(self, content_type: str, query: Query | None = None) -> Result[Any]:
        """
        Return one page of a content type. Default: the newest 50 items.

        :param content_type: "photos", "videos", "status", "checkins", "friends", or a collection:
            "albums", "timeline", "places" or "clusters".
        :raises QueryError: if the query is invalid. The message contains the field.
        :raises NotGranted: if the user did not authorize the content type.
        :raises TokenRejected: if the user must reconnect.
        """
        check_content_type(content_type, with_collections=True)
        path = self.content_path.format(content_type)
        with detect_missing_grant(content_type):
            if query is None:
                response = self._request("GET", path)
            else:
                wire = codec.encode_json(codec.query_to_wire(query)).decode()
                response = self._request("POST", path, form={"query": wire})
        return codec.decode_result(response.body, query, content_type)

    def iter_content(self, content_type: str, query: Query | None = None) -> Iterator[Any]:
        """
        Yield the items of all pages, starting with the page of the query. Each item is yielded
        once, even if new items shift the pages in the meantime.
        """
        return iter_pages(lambda query: self.get_content(content_type, query), query or Query())

    def get_item(self, content_type: str, trove_id: str) -> Any:
        """
        Return one item of a content type.

        :raises NotFound: if it does not exist or belongs to another user.
        """
        if not trove_id:
            raise CallError("trove_id is empty.")
        for item in self.get_content(content_type, Query(trove_id=trove_id)):
            return item
        raise NotFound(f"{trove_id!r:.50} does not exist in {content_type}.")

    def get_photos(self, query: Query | None = None) -> Result[Photo]:
        return self.get_content("photos", query)

    def get_videos(self, query: Query | None = None) -> Result[Video]:
        return self.get_content("videos", query)

    def get_statuses(self, query: Query | None = None) -> Result[Status]:
        return self.get_content("status", query)

    def get_checkins(self, query: Query | None = None) -> Result[Checkin]:
        return self.get_content("checkins", query)

    def get_albums(self, query: Query | None = None) -> Result[Album]:
        """
        Return one page of albums, the newest first. The query supports `services`,
        `identities_by_id`, `albums`, `public`, `page` and `count`.
        """
        return self.get_content("albums", query)

    def get_timeline(self, query: Query | None = None) -> Result[Month]:
        """
        Return the number of photos and videos of each month, the newest first. The query supports
        `services`, `identities_by_id` and `public`.
        """
        return self.get_content("timeline", query)

    def get_places(self, query: Query | None = None) -> Result[PlaceCount]:
        """
        Return one page of the places of photos and videos, those with the most items first. The
        query supports `services`, `identities_by_id`, `public`, `page` and `count`.
        """
        return self.get_content("places", query)

    def get_clusters(self, query: Query | None = None) -> Result[Cluster]:
        """
        Return the photos of a map, near ones in clusters. The query should have a box and `zoom`;
        all of its filters are supported.
        """
        return self.get_content("clusters", query)

    def get_friends(self, query: Query | None = None) -> Result[Friend]:
        return self.get_content("friends", query)

    def iter_albums(self, query: Query | None = None) -> Iterator[Album]:
        return self.iter_content("albums", query)

    def iter_places(self, query: Query | None = None) -> Iterator[PlaceCount]:
        return self.iter_content("places", query)

    def iter_photos(self, query: Query | None = None) -> Iterator[Photo]:
        return self.iter_content("photos", query)

    def iter_videos(self, query: Query | None = None) -> Iterator[Video]:
        return self.iter_content("videos", query)

    def iter_statuses(self, query: Query | None = None) -> Iterator[Status]:
        return self.iter_content("status", query)

    def iter_checkins(self, query: Query | None = None) -> Iterator[Checkin]:
        return self.iter_content("checkins", query)

    def iter_friends(self, query: Query | None = None) -> Iterator[Friend]:
        return self.iter_content("friends", query)

    def get_photo(self, trove_id: str) -> Photo:
        photo: Photo = self.get_item("photos", trove_id)
        return photo

    def get_video(self, trove_id: str) -> Video:
        video: Video = self.get_item("videos", trove_id)
        return video

    def push(self, content_type: str, user_id: str, items: Sequence[Content]) -> PushResult:
        """
        Add content of the application to the user's Trove.

        :param content_type: as for `get_content`.
        :param user_id: the user's id in the application.
        :param items: at most 1,000 objects of the class of the content type.
        :raises NotGranted: if the user did not authorize the content type.
        """
        check_content_type(content_type)
        if len(items) > MAX_PUSH:
            raise CallError(f"{content_type} has {len(items)} items; the maximum is {MAX_PUSH}.")
        form = {
            "user_id": str(user_id),
            "content_type": content_type,
            "number_of_items": str(len(items)),
            "object_list": codec.encode_items(items).decode(),
        }
        path = self.push_path.format(content_type)
        with detect_missing_grant(content_type):
            response = self._request("POST", path, form=form, idempotent=False)
        return codec.object_from_wire(PushResult, codec.decode_json(response.body))

    def push_photos(self, user_id: str, photos: Sequence[Photo]) -> PushResult:
        return self.push("photos", user_id, photos)


def check_content_type(content_type: str, *, with_collections: bool = False) -> None:
    names = codec.RESULT_CLASSES if with_collections else codec.CONTENT_CLASSES
    if content_type not in names:
        raise CallError(f"content_type must be one of {', '.join(names)}.")


@contextmanager
def detect_missing_grant(content_type: str) -> Iterator[None]:
    try:
        yield
    except AccessDenied as error:
        if error.code != "not_granted":
            raise
        detail = f"The user did not authorize {content_type}. They must connect again."
        raise NotGranted(detail, content_type=content_type, status=error.status) from None


def iter_pages(get_page: Callable[[Query], Result[Item_co]], query: Query) -> Iterator[Item_co]:
    """
    Yield the items of all pages, as `ContentCalls.iter_content` does.

    :param get_page: returns one page.
    """
    seen: set[tuple[str, ...]] = set()
    received = (query.page - 1) * query.count
    while True:
        result = get_page(query)
        for item in result:
            key = (item.trove_id,) if item.trove_id else (item.service, item.id)
            if key not in seen:
                seen.add(key)
                yield item
        received += result.count
        has_more = result.count and received < (result.total_number_of_results or 0)
        if not (has_more if result.more is None else result.more):
            return
        total = query.total and not result.after  # the cursor makes the total unnecessary
        query = replace(query, page=query.page + 1, after=result.after, total=total)
