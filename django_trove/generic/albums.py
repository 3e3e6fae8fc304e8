"""
Views of albums.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _

from ..client import Album, NotFound, Query, QueryError
from .base import TroveListView
from .photos import PhotoListView


class AlbumListView(TroveListView):
    """
    A paginated list of albums, as `albums` in the template context.
    """

    content = "albums"
    template_name = "django_trove/album_list.html"


class AlbumDetailView(PhotoListView):
    """
    The photos of an album, or a 404 error. The template context contains `album`, which is None
    while the Trove is unavailable, and that of `PhotoListView`.
    """

    template_name = "django_trove/album_detail.html"

    album_url_kwarg: ClassVar[str] = "trove_id"
    """The URL argument that contains the album's `trove_id`."""

    album: Album | None = None

    def get_album(self) -> Album:
        """
        :raises Http404: if the album does not exist.
        :raises TroveError: if the Trove is unavailable.
        """
        try:
            return self.trove.album(str(self.kwargs[self.album_url_kwarg]))
        except (NotFound, QueryError):
            raise Http404(_("The album does not exist in this Trove.")) from None

    def get_query(self) -> Query:
        album = self.album = self.get_album()
        query = super().get_query()
        return replace(query, albums=[album.id], identities_by_id=[album.identity])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"album": self.album}
