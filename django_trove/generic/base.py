"""
Base classes of the views.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.mixins import AccessMixin
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView

from ..client import Query, TroveError
from ..connect.redirects import render_outage_page
from ..core.database import non_atomic_requests
from ..core.outages import SafeTemplateResponse, respond_to_outages
from ..filters import Filters, build_query
from ..pagination import TrovePaginator
from ..photos.context import (
    empty_result,
    gallery_context,
    get_page_urls,
    get_trove,
    show_public_only,
)
from ..photos.page_urls import PageUrls
from ..services import Trove

if TYPE_CHECKING:
    Listing = ListView[Any]
else:
    Listing = ListView


@method_decorator(
    [non_atomic_requests, never_cache, respond_to_outages(render_outage_page)], name="dispatch"
)
class TroveMixin(AccessMixin):
    """
    A view of a user's Trove. Its responses are not cached. While the database is unavailable, the
    response is a page with status 503.
    """

    request: Any
    requires_login: ClassVar[bool] = True
    """Whether visitors must sign in. If False, also override `get_trove`, and decorate the view
    with `login_not_required` if the project uses `LoginRequiredMiddleware`."""

    response_class: Any = SafeTemplateResponse

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.requires_login and not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

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


class TroveListView(TroveMixin, Listing):
    """
    A paginated list of content. The template context contains the `Result`, `page_obj`,
    `paginator` and `is_paginated` as in every `ListView`, `elided_page_range`, and the context of
    the gallery.

    If no Trove is connected, or it is unavailable, the same template displays a message.
    """

    content: ClassVar[str]
    """The name of a method of `Trove`, and of the template variable."""

    paginate_by = 24
    paginator_class = TrovePaginator

    filters: ClassVar[Filters] = {}
    """Fixed filters, as for `Trove.photos`."""

    total: ClassVar[bool] = True
    """Whether to request the total, and thus the number of pages."""

    def get_filters(self) -> Filters:
        """
        Return the filters that the user cannot change.
        """
        return self.filters

    def get_public(self) -> Any:
        return self.get_filters().get("public")

    def get_query(self) -> Query:
        """
        Return the query, without the page number.

        :raises QueryError: if a filter is invalid.
        """
        return replace(build_query(**self.get_filters()), total=self.total)

    def get_queryset(self) -> Any:
        """
        Return the object to paginate.
        """
        return self.trove

    def get_context_object_name(self, object_list: Any) -> str:
        return self.context_object_name or self.content

    def get_paginator(self, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        first = kwargs.get("allow_empty_first_page", True)
        return self.paginator_class(
            queryset,
            per_page,
            content=self.content,
            query=self.get_query(),
            allow_empty_first_page=first,
        )

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        """
        Return an empty page if the Trove is unavailable. A page that does not exist is a 404 error,
        as in Django.
        """
        paginator: Any
        page: Any
        try:
            paginator, page, _items, more = super().paginate_queryset(queryset, page_size)
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
        extra = {"elided_page_range": list(page_range), "page_urls": self.get_page_urls()}
        gallery = gallery_context(self.request, self.trove, page.result, name=self.content)
        return gallery | extra | context
