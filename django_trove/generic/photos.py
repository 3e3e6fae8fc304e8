"""
Views of photos.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from ..client import NotFound, Photo, Query, QueryError, Result, TroveError
from ..core.logs import log_unavailable
from ..filters import build_query
from ..forms import TroveFilterForm
from ..photos.context import connect_context, empty_result, gallery_context
from ..photos.neighbors import Neighbors, find_neighbors
from ..photos.shared_page import build_shared_page
from .base import TroveListView, TroveMixin

if TYPE_CHECKING:
    Detail = DetailView[Any]
else:
    Detail = DetailView

FormClass = Callable[..., Any] | None


class FilterFormMixin(TroveMixin):
    filter_form_class: ClassVar[FormClass] = None
    """A form with further filters, such as `TroveFilterForm`. It is called with `request.GET` and
    `trove`, and must have the attribute `filters`."""

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


class PhotoListView(FilterFormMixin, TroveListView):
    """
    A paginated list of photos, as `photos` in the template context, with the filter form as
    `filter_form`.
    """

    content = "photos"
    template_name = "django_trove/photo_list.html"

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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"filter_form": self.filter_form}


class PhotoMapView(FilterFormMixin, TemplateView):
    """
    A map of the photos that have a location. The template context contains `trove`, `filter_form`
    and the context of the connect button.
    """

    template_name = "django_trove/photo_map.html"
    filter_form_class = TroveFilterForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | connect_context(self.request, self.trove)
        return context | {
            "trove": self.trove,
            "filter_form": self.filter_form,
            "page_urls": self.get_page_urls(),
        }


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
        context = super().get_context_data(**kwargs)
        context |= {"page_urls": self.get_page_urls(), "neighbors": self.get_neighbors()}
        if self.object and self.object.public:
            context["shared_page"] = build_shared_page(self.request, self.object)
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
