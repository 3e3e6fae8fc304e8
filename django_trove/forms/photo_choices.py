"""
Picking photos in a form: what was picked, and what there is to pick from.
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
    Return what a page needs to show a photo without asking its Trove, as JSON takes it.
    """
    return {
        "id": photo.trove_id,
        "title": photo.title,
        "urls": dict(photo.urls),
        "width": photo.width,
        "height": photo.height,
        "original_web_url": photo.original_web_url,
        "service": photo.service,
        "date": photo.date.isoformat() if photo.date else None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSelection:
    """
    What is picked, and how far somebody has looked.

    :param entries: a snapshot for each photo, or its `id` alone.
    :param search: the tags that were searched for.
    :param pages: how many pages are shown.
    :param browsing: the form was sent to see others, and not to be saved.
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
    Return the selection that a stored value means: an id or a snapshot, or a list of them.
    """
    if isinstance(value, PhotoSelection):
        return value
    if not value:
        return PhotoSelection()
    values = [value] if isinstance(value, (str, int, Mapping)) else value
    entries = (one if isinstance(one, Mapping) else {"id": str(one)} for one in values if one)
    return PhotoSelection(entries=tuple(entry for entry in entries if entry.get("id")))


class PhotoChoices:
    """
    A user's photos, to pick from.

    :param user: whose photos; None where the form has yet to say.
    :param filters: what else limits them: see `filters.query_from`.
    :param count: photos on a page.
    :raises QueryError: if a filter makes no sense.
    """

    def __init__(self, user: Any, filters: Mapping[str, Any], count: int) -> None:
        self.user = user
        self.filters = filters
        self._count = count
        self._query = build_query(**filters, count=count)

    def of(self, user: Any) -> PhotoChoices:
        """
        Return the same of another user's.
        """
        return PhotoChoices(user, self.filters, self._count)

    @cached_property
    def _trove(self) -> Trove:
        if self.user is None:
            raise ImproperlyConfigured(
                "A TrovePhotoField has no user: set form.fields[…].user = request.user."
            )
        return Trove(self.user)

    def shown_at_most(self, selection: PhotoSelection) -> int:
        """
        Return how many photos a form shows: with every page one more `count`, up to what a Trove
        gives at once.
        """
        return min(self._count * selection.pages, MAX_COUNT)

    def shown(self, selection: PhotoSelection) -> Result[Photo]:
        """
        Return the photos that a form shows; none, and the reason in `error`, where it can't.
        """
        try:
            return self._trove.photos(self._asked(selection))
        except TroveError as error:
            return Result(error=error)

    def photo(self, trove_id: str) -> Photo:
        """
        Return one photo.

        :raises NotFound: if it isn't the user's, or not among those that may be picked.
        :raises TroveError: if the Trove can't be asked.
        """
        try:
            photo = self._trove.photo(trove_id)
            if not self.filters:
                return photo
            same = self._trove.photos(replace(self._query, attributes={"id": photo.id}))
        except QueryError:
            raise NotFound("There is no such photo.") from None
        if trove_id not in [found.trove_id for found in same]:
            raise NotFound("This photo is not among those that may be picked.")
        return photo

    def find(self, trove_ids: Iterable[str], selection: PhotoSelection) -> dict[str, Photo]:
        """
        Return photos by their ids. The page that was picked from is asked for first, which the
        cache usually has: those that were on it cost nothing more.

        :raises NotFound: if one of them can't be picked.
        :raises TroveError: if the Trove can't be asked.
        """
        wanted = list(trove_ids)
        if len(wanted) == 1 and not self.filters:
            return {wanted[0]: self.photo(wanted[0])}
        page: Result[Photo] = self.shown(selection) if wanted else Result()
        if page.error and not isinstance(page.error, QueryError):
            raise page.error
        known = {photo.trove_id: photo for photo in page}
        return {one: known.get(one) or self.photo(one) for one in wanted}

    def _asked(self, selection: PhotoSelection) -> Query:
        searched = build_query(tags=selection.search).tags_required
        return replace(
            self._query,
            tags_required=[*self._query.tags_required, *searched],
            count=self.shown_at_most(selection),
        )
