"""
The widget of `TrovePhotoField`: thumbnails with checkboxes, a search by tags, and "Show more".

Without JavaScript, "Search" and "Show more" submit the form, which is rendered again with its data
and is not saved. The script sends the same requests in the background.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString, mark_safe

from ..client import NotConnected, Photo, QueryError, Result, TokenRejected, TroveError, Urls
from ..client.query import MAX_COUNT
from .photo_choices import PhotoChoices, PhotoSelection, parse_selection, photo_snapshot

MAX_IDS = 500
MAX_PAGES = 500
MAX_SEARCH_LENGTH = 500  # also the maximum length of an id


class TrovePhotoWidget(forms.Widget):
    """
    A list of thumbnails. The template is loaded by the site's template engine, not by the form
    renderer.
    """

    template_name = "django_trove/widgets/photos.html"
    use_fieldset = True
    multiple = False

    class Media:
        css = {"all": ["django_trove/trove-photo-field.css"]}
        js = [Script("django_trove/trove-photo-field.js", type="module")]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = PhotoChoices(None, {}, 1)  # the field replaces it

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        context = self.get_context(name, value, attrs)
        return mark_safe(render_to_string(self.template_name, context))  # noqa: S308 - rendered by a template

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        attrs = context["widget"]["attrs"]
        selection, disabled = parse_selection(value), bool(attrs.pop("disabled", False))
        attrs.pop("aria-invalid", None)  # not valid for a group
        required = bool(attrs.pop("required", False))
        visible: Result[Photo] = Result() if disabled else self.choices.visible(selection)
        context["widget"] |= {
            "type": "checkbox" if self.multiple else "radio",
            "required": required and not self.multiple,
            "is_required": required,
            "disabled": disabled,
            "selection": selection,
            "options": self._options(selection, visible),
            "note": _list_message(visible),
            "error": visible.error,
            "shown": len(visible),
            "total": visible.total_number_of_results,
            "more_pages": self._next_page_count(selection, visible),
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> PhotoSelection:
        """
        The Enter key in any field of the form triggers the first submit button, which is "Search".
        So the button is ignored if the search text did not change.
        """
        search = str(data.get(f"{name}-search", ""))[:MAX_SEARCH_LENGTH].strip()
        shown = str(data.get(f"{name}-shown", search))[:MAX_SEARCH_LENGTH].strip()
        more = _parse_page_count(data.get(f"{name}-more"))
        is_new_search = f"{name}-find" in data and search != shown
        ids = dict.fromkeys(
            item for item in _get_list(data, name) if 0 < len(item) <= MAX_SEARCH_LENGTH
        )
        return PhotoSelection(
            entries=tuple({"id": item} for item in list(ids)[:MAX_IDS]),
            search=search if is_new_search else shown,
            pages=1 if is_new_search else more or _parse_page_count(data.get(f"{name}-pages")) or 1,
            browsing=is_new_search or more is not None,
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-shown" not in data

    def id_for_label(self, id_: str, index: Any = None) -> str:
        """
        The label belongs to the group, not to one of its inputs.
        """
        return ""

    def _options(self, selection: PhotoSelection, visible: Result[Photo]) -> list[dict[str, Any]]:
        """
        Selected photos that are not visible come first.
        """
        listed = {photo.trove_id: photo_snapshot(photo) for photo in visible}
        selected = {str(entry["id"]): entry for entry in selection.entries}
        first = [
            self._complete(entry, visible)
            for trove_id, entry in selected.items()
            if trove_id not in listed
        ]
        return [
            _photo_option(entry, checked=str(entry["id"]) in selected)
            for entry in (*first, *listed.values())
        ]

    def _complete(self, entry: Mapping[str, Any], visible: Result[Photo]) -> Mapping[str, Any]:
        """
        Request the photo of an entry that contains an id only.
        """
        if "urls" in entry or visible.error:
            return entry
        try:
            return photo_snapshot(self.choices.photo(str(entry["id"])))
        except TroveError:
            return entry

    def _next_page_count(self, selection: PhotoSelection, visible: Result[Photo]) -> int | None:
        """
        Return the number of pages after "Show more", or None if there are no more photos.
        """
        at_limit = self.choices.visible_limit(selection) >= MAX_COUNT
        return None if at_limit or not visible.has_next else selection.pages + 1


def _photo_option(entry: Mapping[str, Any], *, checked: bool) -> dict[str, Any]:
    date = entry.get("local_date")
    return {
        "value": str(entry["id"]),
        "checked": checked,
        "title": entry.get("title") or "",
        "thumbnail": Urls(entry.get("urls") or {}).thumbnail,
        "date": parse_datetime(date) if isinstance(date, str) else None,
        "service": entry.get("service") or "",
    }


def _list_message(visible: Result[Photo]) -> str:
    """
    Return the name of the message to display with the list, or "".
    """
    error = visible.error
    if error is None:
        return ""
    if isinstance(error, (NotConnected, TokenRejected)):
        return "reconnect" if isinstance(error, TokenRejected) else "connect"
    if isinstance(error, QueryError):
        return "search"
    return "stale" if visible.stale else "unavailable"


def _get_list(data: Mapping[str, Any], name: str) -> list[str]:
    """
    Return all values of a field. The data may be a dictionary.
    """
    if hasattr(data, "getlist"):
        return [str(value) for value in data.getlist(name)]
    value = data.get(name)
    values = value if isinstance(value, (list, tuple)) else [value]
    return [str(item) for item in values if item is not None]


def _parse_page_count(value: Any) -> int | None:
    text = str(value)
    is_valid = text.isascii() and text.isdigit() and 0 < int(text[:4]) <= MAX_PAGES
    return int(text[:4]) if is_valid else None
