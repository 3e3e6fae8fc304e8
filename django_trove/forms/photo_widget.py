"""
The widget of `TrovePhotoField`: thumbnails to check, a search by tags, and "Show more".

It works without a script: searching and showing more send the form, which comes back with what was
filled in, unsaved. The script does the same in the background.
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
MAX_SEARCH_LENGTH = 500  # characters of an id or a search


class TrovePhotoWidget(forms.Widget):
    """
    A list of thumbnails. The template is looked up as every template of the site.
    """

    template_name = "django_trove/widgets/photos.html"
    use_fieldset = True
    multiple = False

    class Media:
        css = {"all": ["django_trove/trove-photo-field.css"]}
        js = [Script("django_trove/trove-photo-field.js", type="module")]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.offer = PhotoChoices(None, {}, 1)  # the field has the real one

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        context = self.get_context(name, value, attrs)
        return mark_safe(render_to_string(self.template_name, context))  # noqa: S308 - a template's

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        attrs = context["widget"]["attrs"]
        selection, disabled = parse_selection(value), bool(attrs.pop("disabled", False))
        attrs.pop("aria-invalid", None)  # not for a group
        required = bool(attrs.pop("required", False))
        offered: Result[Photo] = Result() if disabled else self.offer.shown(selection)
        context["widget"] |= {
            "type": "checkbox" if self.multiple else "radio",
            "required": required and not self.multiple,
            "is_required": required,
            "disabled": disabled,
            "selection": selection,
            "options": self._options(selection, offered),
            "note": _list_message(offered),
            "error": offered.error,
            "shown": len(offered),
            "total": offered.total_number_of_results,
            "more_pages": self._more(selection, offered),
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> PhotoSelection:
        """
        Read what was picked. Whoever presses Enter in another field presses the first button, which
        is "Search", so that counts for one only with another search.
        """
        search = str(data.get(f"{name}-search", ""))[:MAX_SEARCH_LENGTH].strip()
        shown = str(data.get(f"{name}-shown", search))[:MAX_SEARCH_LENGTH].strip()
        more = _parse_page_count(data.get(f"{name}-more"))
        anew = f"{name}-find" in data and search != shown
        ids = dict.fromkeys(
            one for one in _get_list(data, name) if 0 < len(one) <= MAX_SEARCH_LENGTH
        )
        return PhotoSelection(
            entries=tuple({"id": one} for one in list(ids)[:MAX_IDS]),
            search=search if anew else shown,
            pages=1 if anew else more or _parse_page_count(data.get(f"{name}-pages")) or 1,
            browsing=anew or more is not None,
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-shown" not in data

    def id_for_label(self, id_: str, index: Any = None) -> str:
        """
        A label for a whole group belongs to none of its inputs.
        """
        return ""

    def _options(self, selection: PhotoSelection, offered: Result[Photo]) -> list[dict[str, Any]]:
        """
        What is picked comes first where it isn't among those that are shown.
        """
        shown = {photo.trove_id: photo_snapshot(photo) for photo in offered}
        picked = {str(entry["id"]): entry for entry in selection.entries}
        first = [self._known(e, offered) for one, e in picked.items() if one not in shown]
        return [
            _photo_option(entry, checked=str(entry["id"]) in picked)
            for entry in (*first, *shown.values())
        ]

    def _known(self, entry: Mapping[str, Any], offered: Result[Photo]) -> Mapping[str, Any]:
        """
        Where only an id was kept, ask what it looks like, if that is of any use.
        """
        if "urls" in entry or offered.error:
            return entry
        try:
            return photo_snapshot(self.offer.photo(str(entry["id"])))
        except TroveError:
            return entry

    def _more(self, selection: PhotoSelection, offered: Result[Photo]) -> int | None:
        """
        Return how many pages "Show more" asks for; None where there are no more to show.
        """
        full = self.offer.shown_at_most(selection) >= MAX_COUNT
        return None if full or not offered.has_next else selection.pages + 1


def _photo_option(entry: Mapping[str, Any], *, checked: bool) -> dict[str, Any]:
    date = entry.get("date")
    return {
        "value": str(entry["id"]),
        "checked": checked,
        "title": entry.get("title") or "",
        "thumbnail": Urls(entry.get("urls") or {}).thumbnail,
        "date": parse_datetime(date) if isinstance(date, str) else None,
        "service": entry.get("service") or "",
    }


def _list_message(offered: Result[Photo]) -> str:
    """
    Return what the list has to say beside its photos: "" where all is well.
    """
    error = offered.error
    if error is None:
        return ""
    if isinstance(error, (NotConnected, TokenRejected)):
        return "reconnect" if isinstance(error, TokenRejected) else "connect"
    if isinstance(error, QueryError):
        return "search"
    return "stale" if offered.stale else "unavailable"


def _get_list(data: Mapping[str, Any], name: str) -> list[str]:
    """
    Return the values of a field, out of a form or a plain dictionary.
    """
    if hasattr(data, "getlist"):
        return [str(value) for value in data.getlist(name)]
    value = data.get(name)
    values = value if isinstance(value, (list, tuple)) else [value]
    return [str(one) for one in values if one is not None]


def _parse_page_count(value: Any) -> int | None:
    text = str(value)
    fits = text.isascii() and text.isdigit() and 0 < int(text[:4]) <= MAX_PAGES
    return int(text[:4]) if fits else None
