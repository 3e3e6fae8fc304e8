"""
Class-based views of one's own photos, to mount as they are or to subclass.

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
from .filters import Filters, build_query
from .pagination import TrovePaginator
from .photos.context import empty_result, gallery_context, get_trove
from .services import Trove

if TYPE_CHECKING:
    Listing = ListView[Any]
    Detail = DetailView[Any]
else:
    Listing, Detail = ListView, DetailView

__all__ = ["PhotoDetailView", "PhotoListView", "TroveMixin"]


@method_decorator(never_cache, name="dispatch")
class TroveMixin(LoginRequiredMixin):
    """
    A view of a user's Trove. It asks for a sign-in as any with Django's `LoginRequiredMixin`, and
    nothing that it answers is kept for another user.
    """

    request: Any

    @cached_property
    def trove(self) -> Trove:
        return self.get_trove()

    def get_trove(self) -> Trove:
        """
        Return whose photos are shown: the visitor's own.
        """
        return get_trove(self.request, self.request.user)


class PhotoListView(TroveMixin, Listing):
    """
    Photos, page by page. In the template: `photos` (a `Result`), `page_obj`, `paginator` and
    `is_paginated` as from any `ListView`, `elided_page_range`, and what the gallery draws.

    Where no Trove is connected or it can't be asked, the same template says so, with no photos.
    """

    template_name = "django_trove/photo_list.html"
    context_object_name = "photos"
    paginate_by = 24
    paginator_class = TrovePaginator

    filters: ClassVar[Filters] = {}
    """What is shown at most, as for `Trove.photos`."""

    filter_form_class: ClassVar[Callable[..., Any] | None] = None
    """A form by which the visitor chooses among that. It is made of `request.GET` and `trove`, and
    has the choice in `filters` where it is valid."""

    total: ClassVar[bool] = True
    """Whether the number of pages is wanted; without it the Trove doesn't have to count."""

    def get_filters(self) -> Filters:
        """
        Return the filters that the visitor can't change.
        """
        return self.filters

    def get_filter_form(self) -> Any:
        """
        Return the visitor's form; None where the page has none.
        """
        if self.filter_form_class is None:
            return None
        return self.filter_form_class(self.request.GET, trove=self.trove)

    @cached_property
    def filter_form(self) -> Any:
        return self.get_filter_form()

    def get_query(self) -> Query:
        """
        Return what to ask for, whichever the page.

        :raises QueryError: if a filter makes no sense, or the visitor's form isn't valid.
        """
        chosen: dict[str, Any] = {}
        if self.filter_form is not None:
            if not self.filter_form.is_valid():
                raise QueryError(_("The filter can't be read."))
            chosen = self.filter_form.filters
        chosen |= self.get_filters()
        return replace(build_query(**chosen), total=self.total)

    def get_queryset(self) -> Any:
        """
        Return what is paginated: Django's name for it.
        """
        return self.trove

    def get_paginator(self, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        first = kwargs.get("allow_empty_first_page", True)
        return self.paginator_class(
            queryset, per_page, query=self.get_query(), allow_empty_first_page=first
        )

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        """
        As Django's, which answers 404 to a page that there isn't; with an empty page for a Trove
        that can't be asked.
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
        around = context["paginator"].get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        about = {"filter_form": self.filter_form, "elided_page_range": list(around)}
        return gallery_context(self.request, self.trove, page.result) | about | context


class PhotoDetailView(TroveMixin, Detail):
    """
    One photo, as `photo` in the template; 404 for one that isn't in this Trove. Where the Trove
    can't be asked, the same template says so without a photo, with the status 503.
    """

    template_name = "django_trove/photo_detail.html"
    context_object_name = "photo"

    photo_url_kwarg: ClassVar[str] = "trove_id"
    """The URL's argument with the photo's `trove_id`."""

    without: Result[Photo] = Result()

    def get_object(self, queryset: Any = None) -> Photo | None:
        """
        Return the photo; None where the Trove can't be asked.
        """
        try:
            return self.trove.photo(str(self.kwargs[self.photo_url_kwarg]))
        except (NotFound, QueryError):
            raise Http404(_("There is no such photo in this Trove.")) from None
        except TroveError as error:
            self.without = empty_result(error)
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return gallery_context(self.request, self.trove, self.without) | context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if context["note"] == "unavailable":
            kwargs.setdefault("status", 503)
        return super().render_to_response(context, **kwargs)
