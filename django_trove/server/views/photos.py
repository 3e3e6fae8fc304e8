"""
My photos, asked for as applications do, and in process.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from django_trove.client.content import Photo
from django_trove.client.errors import QueryError
from django_trove.client.query import Query

from ..accounts.registry import get_attributions, get_service_titles
from ..models import Identity
from ..search.engine import search
from .base import login_required_page, render_page

PAGE_SIZE = 60
SAFE_SCHEMES = ("https://", "http://", "/")


class PhotoFilterForm(forms.Form):
    """
    What to show; it is in the address, so that a page can be kept and sent.
    """

    services = forms.MultipleChoiceField(
        label=_("Services"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=500, help_text=_("All of them, with commas.")
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, services: dict[str, str], *args: Any) -> None:
        super().__init__(*args)
        choices: Any = self.fields["services"]
        choices.choices = list(services.items())

    def clean(self) -> dict[str, Any]:
        """
        Refuse days in the wrong order.
        """
        said: dict[str, Any] = super().clean() or {}
        if said.get("since") and said.get("until") and said["since"] > said["until"]:
            self.add_error("until", _("That is before the first day."))
        return said

    def query(self, after: str, page: int) -> Query:
        """
        Return the question. A day goes from midnight to midnight in UTC, as dates are kept.
        """
        said = self.cleaned_data
        since, until = said["since"], said["until"]
        tags = [tag for tag in map(str.strip, said["tags"].split(",")) if tag]
        return Query(
            services=said["services"] or None,
            tags_required=tags,
            date_from=datetime.combine(since, time.min, UTC) if since else None,
            date_to=datetime.combine(until, time.max, UTC) if until else None,
            count=PAGE_SIZE,
            after=after,
            page=page,
        )


@require_safe
@login_required_page
def photo_list(request: HttpRequest) -> HttpResponse:
    """
    Show my photos, page by page.
    """
    titled = get_service_titles()
    mine = Identity.objects.of(request.user).order_by("service").values_list("service", flat=True)
    services = {name: titled.get(name, name) for name in dict.fromkeys(mine)}
    form = PhotoFilterForm(services, request.GET or {})
    words: dict[str, Any] = {"here": "photos", "form": form, "services": services}
    words["credits"] = get_attributions(services)
    if form.is_valid():
        try:
            found = search(
                request.user, form.query(request.GET.get("after", ""), _page_number(request)), ""
            )
        except QueryError:
            raise Http404 from None
        words["found"] = found
        words["filtered"] = any(form.cleaned_data.values())
    return render_page(request, "photos.html", words, status=200 if form.is_valid() else 400)


@require_safe
@login_required_page
def photo_detail(request: HttpRequest, trove_id: str) -> HttpResponse:
    """
    Show one of my photos with all that is known of it.
    """
    for one in search(request.user, Query(trove_id=trove_id), ""):
        words = {
            "photo": one,
            "page_there": _safe_web_url(one),
            "service": get_service_titles().get(one.service, one.service),
            "credits": get_attributions([one.service]),
        }
        return render_page(request, "photo.html", {"here": "photos", **words})
    raise Http404


def _page_number(request: HttpRequest) -> int:
    page = request.GET.get("page", "")
    return int(page) if page.isascii() and page.isdigit() and 0 < int(page[:8]) == int(page) else 1


def _safe_web_url(one: Photo) -> str:
    """
    Return the photo's page at its service, if that is an address that a link may have.
    """
    return one.original_web_url if one.original_web_url.startswith(SAFE_SCHEMES) else ""
