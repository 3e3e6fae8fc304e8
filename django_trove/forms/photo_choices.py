"""
The photos that a user can select in a form, and the selection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ..client import NotFound, Photo, Query, QueryError, Result, TroveError
from ..client.query import MAX_COUNT
from ..filters import build_query
from ..services import Trove


def photo_snapshot(photo: Photo) -> dict[str, Any]:
    """
    Return JSON-serializable data that is sufficient to render the photo without its Trove.
    """
    return {
        "id": photo.trove_id,
        "title": photo.title,
        "urls": dict(photo.pictures),
        "width": photo.width,
        "height": photo.height,
        "original_web_url": photo.original_web_url,
        "service": photo.service,
        "local_date": photo.local_date.isoformat() if photo.local_date else None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSelection:
    """
    The selected photos, and the state of the list.

    :param entries: for each photo a snapshot, or a dictionary with its `id`.
    :param search: the tags in the search field.
    :param pages: the number of displayed pages.
    :param browsing: the form was submitted to search or to show more photos, not to be saved.
    """

    entries: tuple[Mapping[str, Any], ...] = ()
    search: str = ""
    pages: int = 1
    browsing: bool = False

    @property
    def ids(self) -> list[str]:
        return [str(entry["id"]) for entry in self.entries]


def parse_selection(value: Any) -> PhotoSelection:
    """
    Convert a stored value: an id, a snapshot, or a list of them.
    """
    if isinstance(value, PhotoSelection):
        return value
    if not value:
        return PhotoSelection()
    values = [value] if isinstance(value, (str, int, Mapping)) else value
    entries = (item if isinstance(item, Mapping) else {"id": str(item)} for item in values if item)
    return PhotoSelection(entries=tuple(entry for entry in entries if entry.get("id")))


class PhotoChoices:
    """
    The photos that a user can select.

    :param user: None until the form sets it.
    :param count: the number of photos per page.
    :raises QueryError: if a filter is invalid.
    """

    def __init__(self, user: Any, filters: Mapping[str, Any], count: int) -> None:
        self.user = user
        self.filters = filters
        self._count = count
        self._query = build_query(**filters, count=count)

    def for_user(self, user: Any) -> PhotoChoices:
        return PhotoChoices(user, self.filters, self._count)

    @cached_property
    def _trove(self) -> Trove:
        if self.user is None:
            raise ImproperlyConfigured(
                "TrovePhotoField has no user. Set form.fields[…].user = request.user."
            )
        return Trove(self.user)

    def visible_limit(self, selection: PhotoSelection) -> int:
        """
        Return the maximum number of visible photos: `count` per page, up to the protocol's limit.
        """
        return min(self._count * selection.pages, MAX_COUNT)

    def visible(self, selection: PhotoSelection) -> Result[Photo]:
        """
        Return the visible photos, or an empty result with the reason in `error`.
        """
        try:
            return self._trove.photos(self._build_query(selection))
        except TroveError as error:
            return Result(error=error)

    def photo(self, trove_id: str) -> Photo:
        """
        Return one photo.

        :raises NotFound: if it belongs to another user or does not match the filters.
        :raises TroveError: if the Trove is unavailable.
        """
        try:
            photo = self._trove.photo(trove_id)
            if not self.filters:
                return photo
            matches = self._trove.photos(replace(self._query, attributes={"id": photo.id}))
        except QueryError:
            raise NotFound("The photo does not exist.") from None
        if trove_id not in [match.trove_id for match in matches]:
            raise NotFound("The photo does not match the filters of the field.")
        return photo

    def find(self, trove_ids: Iterable[str], selection: PhotoSelection) -> dict[str, Photo]:
        """
        Return photos by id. The visible page is requested first, because it is usually cached.

        :raises NotFound: if one of them cannot be selected.
        :raises TroveError: if the Trove is unavailable.
        """
        ids = list(trove_ids)
        if len(ids) == 1 and not self.filters:
            return {ids[0]: self.photo(ids[0])}
        page: Result[Photo] = self.visible(selection) if ids else Result()
        if page.error and not isinstance(page.error, QueryError):
            raise page.error
        visible = {photo.trove_id: photo for photo in page}
        return {trove_id: visible.get(trove_id) or self.photo(trove_id) for trove_id in ids}

    def _build_query(self, selection: PhotoSelection) -> Query:
        search = build_query(tags=selection.search).tags_required
        return replace(
            self._query,
            tags_required=[*self._query.tags_required, *search],
            count=self.visible_limit(selection),
        )
