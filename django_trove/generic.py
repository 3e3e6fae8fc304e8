"""
Class-based views of the user's photos.

    path("photos/", PhotoListView.as_view(), name="photos"),
    path("photos/<str:trove_id>/", PhotoDetailView.as_view(), name="photo"),
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, ListView

from .client import NotFound, Photo, Query, QueryError, Result, TroveError
from .connect.redirects import render_outage_page
from .core.database import non_atomic_requests
from .core.logs import log_unavailable
from .core.outages import SafeTemplateResponse, respond_to_outages
from .filters import Filters, build_query
from .pagination import TrovePaginator
from .photos.context import (
    empty_result,
    gallery_context,
    get_page_urls,
    get_trove,
    show_public_only,
)
from .photos.neighbors import Neighbors, find_neighbors
from .photos.page_urls import PageUrls
from .services import Trove

if TYPE_CHECKING:
    Listing = ListView[Any]
    Detail = DetailView[Any]
else:
    Listing, Detail = ListView, DetailView

__all__ = ["PhotoDetailView", "PhotoListView", "TroveMixin"]


@method_decorator(
    [non_atomic_requests, never_cache, respond_to_outages(render_outage_page)], name="dispatch"
)
class TroveMixin(LoginRequiredMixin):
    """
    A view of a user's Trove. It requires login, and its responses are not cached. While the
    database is unavailable, the response is a page with status 503.
    """

    request: Any
    response_class: Any = SafeTemplateResponse

    @cached_property
    def trove(self) -> Trove:
        """
        The Trove as the user may see it: public content only, if it belongs to another user.
        """
        return show_public_only(self.request, self.get_trove(), self.get_public())

    def get_public(self) -> Any:
        """
        Return "any" to show the private content of other users, too.
        """
        return ""

    def get_trove(self) -> Trove:
        """
        Return the Trove to display. Default: the Trove of the user.
        """
        return get_trove(self.request, self.request.user)

    def get_page_urls(self) -> PageUrls:
        """
        Return the URLs that the page links to. Default: those of the user's own pages.
        """
        return get_page_urls(self.request, self.trove)


class PhotoListView(TroveMixin, Listing):
    """
    A paginated list of photos. The template context contains `photos` (a `Result`), `page_obj`,
    `paginator` and `is_paginated` as in every `ListView`, `elided_page_range`, and the context of
    the gallery.

    If no Trove is connected, or it is unavailable, the same template displays a message.
    """

    template_name = "django_trove/photo_list.html"
    context_object_name = "photos"
    paginate_by = 24
    paginator_class = TrovePaginator

    filters: ClassVar[Filters] = {}
    """Fixed filters, as for `Trove.photos`."""

    filter_form_class: ClassVar[Callable[..., Any] | None] = None
    """A form with further filters, such as `TroveFilterForm`. It is called with `request.GET` and
    `trove`, and must have the attribute `filters`."""

    total: ClassVar[bool] = True
    """Whether to request the total, and thus the number of pages."""

    def get_filters(self) -> Filters:
        """
        Return the filters that the user cannot change.
        """
        return self.filters

    def get_public(self) -> Any:
        return self.get_filters().get("public")

    def get_filter_form(self) -> Any:
        """
        Return the filter form, or None.
        """
        if self.filter_form_class is None:
            return None
        return self.filter_form_class(self.request.GET, trove=self.trove)

    @cached_property
    def filter_form(self) -> Any:
        return self.get_filter_form()

    def get_query(self) -> Query:
        """
        Return the query, without the page number.

        :raises QueryError: if a filter or the form is invalid.
        """
        filters: dict[str, Any] = {}
        if self.filter_form is not None:
            if not self.filter_form.is_valid():
                raise QueryError(_("The filter is invalid."))
            filters = self.filter_form.filters
        filters |= self.get_filters()
        return replace(build_query(**filters), total=self.total)

    def get_queryset(self) -> Any:
        """
        Return the object to paginate.
        """
        return self.trove

    def get_paginator(self, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        first = kwargs.get("allow_empty_first_page", True)
        return self.paginator_class(
            queryset, per_page, query=self.get_query(), allow_empty_first_page=first
        )

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        """
        Return an empty page if the Trove is unavailable. A page that does not exist is a 404 error,
        as in Django.
        """
        paginator: Any
        page: Any
        try:
            paginator, page, _photos, more = super().paginate_queryset(queryset, page_size)
        except TroveError as error:
            paginator = self.paginator_class(queryset, page_size)
            page, more = paginator.empty_page(empty_result(error)), False
        return paginator, page, page.result, more

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        page_range = context["paginator"].get_elided_page_range(
            page.number, on_each_side=1, on_ends=1
        )
        extra = {
            "filter_form": self.filter_form,
            "elided_page_range": list(page_range),
            "page_urls": self.get_page_urls(),
        }
        return gallery_context(self.request, self.trove, page.result) | extra | context


class PhotoDetailView(TroveMixin, Detail):
    """
    One photo or video, as `photo` in the template context, or a 404 error. `neighbors` contains the
    previous and the next photo, as `newer` and `older`. If the Trove is unavailable, the same
    template displays a message, with status 503.
    """

    template_name = "django_trove/photo_detail.html"
    context_object_name = "photo"

    photo_url_kwarg: ClassVar[str] = "trove_id"
    """The URL argument that contains the photo's `trove_id`."""

    public: ClassVar[str] = ""
    """"any" shows private photos of other users, too."""

    error_result: Result[Photo] = Result()

    def get_public(self) -> Any:
        return self.public

    def get_object(self, queryset: Any = None) -> Photo | None:
        """
        Return the photo, or None if the Trove is unavailable.
        """
        try:
            return self.trove.photo(str(self.kwargs[self.photo_url_kwarg]), videos=True)
        except (NotFound, QueryError):
            raise Http404(_("The photo does not exist in this Trove.")) from None
        except TroveError as error:
            self.error_result = empty_result(error)
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"page_urls": self.get_page_urls()}
        context["neighbors"] = self.get_neighbors()
        return gallery_context(self.request, self.trove, self.error_result) | context

    def get_neighbors(self) -> Neighbors:
        """
        Return the previous and the next photo in the list of all photos.
        """
        return find_neighbors(self.trove, self.object) if self.object else Neighbors()

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        unavailable = context["note"] == "unavailable"
        if unavailable:
            kwargs.setdefault("status", 503)
        response = super().render_to_response(context, **kwargs)
        if unavailable:
            log_unavailable(self.request, response)
        return response
