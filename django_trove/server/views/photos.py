"""
The user's photos: list with filters, and detail page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from django_trove.client.content import Photo, Video
from django_trove.client.query import MAX_LENGTHS, Query
from django_trove.core.durations import format_duration
from django_trove.core.exposure import format_exposure

from ..accounts.registry import get_attributions, get_service_titles
from ..search.engine import search_content
from .base import login_required_page, render_page
from .collections import get_page_number, services_of
from .photo_sequences import (
    PAGE_SIZE,
    albums_of_photo,
    find_sequence,
    month_of_photo,
    photos_of_month,
)

MAX_TAGS = MAX_LENGTHS["tags-required"]
SAFE_SCHEMES = ("https://", "http://", "/")


class PhotoFilterForm(forms.Form):
    type = forms.ChoiceField(
        choices=[("photos", _("Photos")), ("videos", _("Videos"))],
        required=False,
        widget=forms.HiddenInput,
    )
    services = forms.MultipleChoiceField(
        label=_("Services"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=500,
        help_text=_("Separated by commas. Photos must have all of them."),
    )
    since = forms.DateField(
        label=_("On or after"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("On or before"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, services: dict[str, str], *args: Any) -> None:
        super().__init__(*args)
        field: Any = self.fields["services"]
        field.choices = list(services.items())

    def clean_type(self) -> str:
        return self.cleaned_data["type"] or "photos"

    def clean_tags(self) -> list[str]:
        tags = [tag for tag in map(str.strip, self.cleaned_data["tags"].split(",")) if tag]
        if len(tags) > MAX_TAGS:
            raise forms.ValidationError(_("Enter at most %(count)s tags.") % {"count": MAX_TAGS})
        return tags

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("The end date must not be before the start date."))
        return data

    def build_query(self, after: str, page: int) -> Query:
        """
        Build a query. A day is a day in the local time of a photo.
        """
        data = self.cleaned_data
        return Query(
            services=data["services"] or None,
            tags_required=data["tags"],
            day_from=data["since"],
            day_to=data["until"],
            count=PAGE_SIZE,
            after=after,
            page=page,
        )


@require_safe
@login_required_page
def photo_list(request: HttpRequest) -> HttpResponse:
    titles = get_service_titles()
    services = {name: titles.get(name, name) for name in services_of(request.user)}
    form = PhotoFilterForm(services, request.GET or {})
    context: dict[str, Any] = {
        "section": "photos",
        "form": form,
        "services": services,
        "attributions": get_attributions(services),
    }
    if form.is_valid():
        query = form.build_query(request.GET.get("after", ""), get_page_number(request))
        content_type = form.cleaned_data.pop("type")
        context["result"] = search_content(request.user, content_type, query, "")
        context["is_filtered"] = any(form.cleaned_data.values())
        context["has_videos"] = content_type == "videos"
        context["page"] = content_type
    status = 200 if form.is_valid() else 400
    return render_page(request, "photo_list.html", context, status=status)


@require_safe
@login_required_page
def photo_detail(request: HttpRequest, trove_id: str) -> HttpResponse:
    for photo in _find_item(request.user, trove_id):
        sequence = find_sequence(request, photo)
        month = month_of_photo(photo)
        context = {
            "section": "photos",
            "photo": photo,
            "sequence": sequence,
            "newer": sequence.get_newer(request.user, photo),
            "older": sequence.get_older(request.user, photo),
            "albums": albums_of_photo(request.user, photo),
            "month_url": photos_of_month(month).url if month else "",
            "exposure": format_exposure(photo),
            "original_url": _safe_web_url(photo),
            "is_video": isinstance(photo, Video),
            "video_url": photo.file_url if isinstance(photo, Video) else "",
            "download_url": _find_download(photo),
            "duration": format_duration(getattr(photo, "duration", 0)),
            "service": get_service_titles().get(photo.service, photo.service),
            "attributions": get_attributions([photo.service]),
        }
        return render_page(request, "photo_detail.html", context)
    raise Http404


def _find_item(user: Any, trove_id: str) -> Iterator[Photo]:
    for content_type in ("photos", "videos"):
        yield from search_content(user, content_type, Query(trove_id=trove_id), "")


def _find_download(photo: Photo) -> str:
    """
    Return the URL of the original of a picture, or "". It must be served by this Trove, and there
    must be no link to it as the photo's page.
    """
    url = photo.urls.get("original", "")
    is_linked = isinstance(photo, Video) or url == photo.original_web_url
    return url if url.startswith("/") and not is_linked else ""


def _safe_web_url(photo: Photo) -> str:
    """
    Return the URL of the photo's page at its service, or "" if its scheme is not safe in a link.
    """
    return photo.original_web_url if photo.original_web_url.startswith(SAFE_SCHEMES) else ""
